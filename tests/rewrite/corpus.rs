//! Files of SQL through the rewriter: what it refuses, and whether what it lets through sees what it would see in a database that
//! lacks the deleted rows.
//!
//! The files are those of `tests/rewrite/corpus`, or of the folder that `REWRITE_CORPUS` names. `schema.sql` makes the tables and
//! their rows; every table of it with a `deleted_at` is registered. In the other files a statement ends with a semicolon at
//! the end of a line. A statement that the database doesn't take is skipped.

use std::{
    collections::BTreeMap,
    env, fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
};

use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbErr,
    FromQueryResult as _, JsonValue, Statement,
};
use sqlparser::{ast, dialect::GenericDialect, parser::Parser};

use crate::rewrite;
use soft_delete::{Scope, rewrite::Tables};
use support::{self, Kind, TestDb};

/// More rows than this are not compared.
const MOST_ROWS: usize = 10_000;

struct Corpus {
    schema: Vec<String>,
    statements: Vec<String>,
    tables: Tables,
    removal: Vec<String>,
}

impl Corpus {
    fn read() -> Self {
        let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("rewrite/corpus");
        let folder = env::var_os("REWRITE_CORPUS").map_or(own, PathBuf::from);
        let mut files: Vec<_> = fs::read_dir(&folder)
            .expect("a folder")
            .map(|file| file.expect("a file").path())
            .filter(|file| file.extension().is_some_and(|ending| ending == "sql"))
            .collect();
        files.sort_unstable();
        let mut statements = Vec::new();
        let mut schema = Vec::new();
        for file in files {
            let text = fs::read(&file).expect("a text");
            let found = split(&String::from_utf8_lossy(&text));
            match file.ends_with("schema.sql") {
                true => schema = found,
                false => statements.extend(found),
            }
        }
        let names: Vec<_> = schema.iter().filter_map(|sql| soft_deleted(sql)).collect();
        let tables = names.iter().fold(Tables::new(), |tables, name| {
            tables.with(None, name, "deleted_at")
        });
        let removal = names
            .iter()
            .map(|name| format!("DELETE FROM {name} WHERE deleted_at IS NOT NULL"))
            .collect();
        Self {
            schema,
            statements,
            tables,
            removal,
        }
    }
}

fn split(text: &str) -> Vec<String> {
    text.split_inclusive(";\n")
        .map(|statement| statement.trim().trim_end_matches(';').to_owned())
        .filter(|statement| !statement.is_empty())
        .collect()
}

/// The name of the table that a statement creates, if it has a `deleted_at`.
fn soft_deleted(sql: &str) -> Option<String> {
    let statements = Parser::parse_sql(&GenericDialect {}, sql).ok()?;
    let Some(ast::Statement::CreateTable(table)) = statements.into_iter().next() else {
        return None;
    };
    let is_marked = |column: &ast::ColumnDef| column.name.value.eq_ignore_ascii_case("deleted_at");
    let name = table.name.0.last()?.as_ident()?.value.clone();
    table.columns.iter().any(is_marked).then_some(name)
}

support::on_backends! {
    [sqlite SqliteMemory Pool, postgres Postgres Pool, mariadb MariaDb Pool]
    async fn files_of_sql_see_what_they_would_without_deleted_rows(db: &TestDb) {
        let corpus = Corpus::read();
        let whole = db.connection();
        run(&whole, &corpus.schema).await?;
        let (mut same, mut skipped) = (0, 0);
        let mut refused: BTreeMap<String, usize> = BTreeMap::new();
        let mut changed = Vec::new();
        // The rows are read before and after the deleted ones are gone.
        for sql in &corpus.statements {
            let read = || rewrite(db.backend(), sql, &corpus.tables, Scope::Active);
            let scoped = catch_unwind(AssertUnwindSafe(read));
            let scoped = scoped.unwrap_or_else(|_| panic!("panics at {sql}"));
            match scoped {
                Err(reason) => *refused.entry(reason.reason().to_string()).or_default() += 1,
                Ok(scoped) => {
                    let again = rewrite(db.backend(), &scoped, &corpus.tables, Scope::Active);
                    assert_eq!(again.as_ref(), Ok(&scoped), "{sql}");
                    changed.push((sql, scoped.into_owned()));
                }
            }
        }
        let other = cleaned(db, &corpus).await?;
        for (sql, scoped) in &changed {
            let (Ok(expected), found) = (rows(&other, sql).await, rows(&whole, scoped).await) else {
                skipped += 1;
                continue;
            };
            let found = found.unwrap_or_else(|error| panic!("{error}\n{sql}\n{scoped}"));
            assert_eq!(found, expected, "\n{sql}\n{scoped}");
            same += 1;
        }
        println!("{:?}: {same} the same, {skipped} skipped, refused: {refused:#?}", db.kind());
        assert!(same > 0 || env::var_os("REWRITE_CORPUS").is_some());
        if db.kind() == Kind::MariaDb {
            run(&whole, &[format!("DROP DATABASE {}", name(db))]).await?;
        }
    }
}

async fn run(db: &DatabaseConnection, statements: &[String]) -> Result<(), DbErr> {
    for statement in statements {
        db.execute_unprepared(statement).await?;
    }
    Ok(())
}

/// The second database of MariaDB, the second schema of PostgreSQL.
fn name(db: &TestDb) -> String {
    let own = db.url().rsplit('/').next().unwrap_or_default();
    format!("{}_cleaned", own.split('?').next().unwrap_or_default())
}

/// Another database with the same tables, from which the deleted rows were removed.
async fn cleaned(db: &TestDb, corpus: &Corpus) -> Result<DatabaseConnection, DbErr> {
    let mut options = match db.kind() {
        Kind::Postgres => {
            db.execute_unprepared("CREATE SCHEMA cleaned").await?;
            let mut options = ConnectOptions::new(db.url());
            options.set_schema_search_path("cleaned");
            options
        }
        Kind::MariaDb => {
            let name = name(db);
            db.execute_unprepared(&format!("CREATE DATABASE {name}"))
                .await?;
            let own = name.strip_suffix("_cleaned").unwrap_or_default();
            ConnectOptions::new(db.url().replace(own, &name))
        }
        _ => ConnectOptions::new("sqlite::memory:"),
    };
    options.max_connections(1).sqlx_logging(false);
    let other = Database::connect(options).await?;
    run(&other, &corpus.schema).await?;
    run(&other, &corpus.removal).await?;
    Ok(other)
}

/// The rows in an order of ours.
async fn rows(db: &DatabaseConnection, sql: &str) -> Result<Vec<String>, DbErr> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = JsonValue::find_by_statement(statement).all(db).await?;
    let mut rows: Vec<_> = rows
        .iter()
        .take(MOST_ROWS)
        .map(JsonValue::to_string)
        .collect();
    rows.sort_unstable();
    Ok(rows)
}
