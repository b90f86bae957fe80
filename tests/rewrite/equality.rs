//! What "no leak" means: a statement on a scoped connection sees in the whole database what the statement itself would see
//! in one from which the deleted rows were removed.

use std::{cell::Cell, fmt::Write as _};

use futures_util::TryStreamExt as _;
use proptest::{
    prelude::*,
    test_runner::{Config, TestError, TestRunner},
};
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseBackend, DatabaseConnection, DbErr,
    Statement, StreamTrait as _,
};
use soft_delete::rewrite::Reason;
use tokio::{runtime::Handle, task::block_in_place};

use crate::{active, quote};
use support::{self, Kind, TestDb};

const SCHEMA: &[&str] = &[
    "CREATE TABLE author (id BIGINT, name VARCHAR(10))",
    "CREATE TABLE post (id BIGINT, author_id BIGINT, deleted_at BIGINT)",
    "CREATE TABLE comment (id BIGINT, post_id BIGINT, deleted_at BIGINT)",
    "CREATE TABLE tag (id BIGINT, post_id BIGINT, removed_at BIGINT)",
    "INSERT INTO author VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd')",
    "INSERT INTO post VALUES (1, 1, NULL), (2, 1, 9), (3, 2, NULL), (4, 3, 9), (5, 2, NULL), (2, 4, NULL)",
    "INSERT INTO comment VALUES (1, 1, NULL), (2, 2, NULL), (3, 3, 9), (4, 1, 9), (6, 6, NULL), (3, 5, NULL)",
    "INSERT INTO tag VALUES (1, 3, 9), (2, 2, NULL), (4, 4, NULL), (6, 1, 9), (3, 1, NULL)",
];

const REMOVAL: &[&str] = &[
    "DELETE FROM post WHERE deleted_at IS NOT NULL",
    "DELETE FROM comment WHERE deleted_at IS NOT NULL",
    "DELETE FROM tag WHERE removed_at IS NOT NULL",
];

/// More rows than this are not compared.
const MOST_ROWS: usize = 2000;

support::on_backends! {
    [sqlite SqliteMemory Pool, postgres Postgres Pool, mariadb MariaDb Pool]
    async fn scoped_selects_see_what_they_would_without_deleted_rows(db: &TestDb) {
        let whole = db.connection();
        run(&whole, SCHEMA).await?;
        let cleaned = without_deleted_rows(db).await?;
        let compared = block_in_place(|| compare_many(&whole, &cleaned));
        if db.kind() == Kind::MariaDb {
            run(&whole, &[&format!("DROP DATABASE {}", cleaned_name(db))]).await?;
        }
        compared?;
    }
}

async fn run(db: &DatabaseConnection, statements: &[&str]) -> Result<(), DbErr> {
    for statement in statements {
        db.execute_unprepared(statement).await?;
    }
    Ok(())
}

/// Another database with the same tables.
async fn without_deleted_rows(db: &TestDb) -> Result<DatabaseConnection, DbErr> {
    let mut options = match db.kind() {
        Kind::Postgres => {
            db.execute_unprepared("CREATE SCHEMA cleaned").await?;
            let mut options = ConnectOptions::new(db.url());
            options.set_schema_search_path("cleaned");
            options
        }
        Kind::MariaDb => {
            let name = cleaned_name(db);
            db.execute_unprepared(&format!("CREATE DATABASE {name}"))
                .await?;
            ConnectOptions::new(db.url().replace(&name.replace(CLEANED, ""), &name))
        }
        _ => ConnectOptions::new("sqlite::memory:"),
    };
    options.max_connections(1).sqlx_logging(false);
    let cleaned = Database::connect(options).await?;
    run(&cleaned, SCHEMA).await?;
    run(&cleaned, REMOVAL).await?;
    if db.kind() == Kind::Postgres {
        // Some joins of random tables are large.
        run(&cleaned, &["SET statement_timeout = '1s'"]).await?;
    }
    Ok(cleaned)
}

const CLEANED: &str = "_cleaned";

/// The second database of MariaDB.
fn cleaned_name(db: &TestDb) -> String {
    let name = db.url().rsplit('/').next().unwrap_or_default();
    format!("{}{CLEANED}", name.split('?').next().unwrap_or_default())
}

fn compare_many(
    whole: &DatabaseConnection,
    cleaned: &DatabaseConnection,
) -> Result<(), TestError<Vec<u8>>> {
    let compared = Cell::new(0);
    let config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    let cases = config.cases;
    TestRunner::new(config).run(&prop::collection::vec(any::<u8>(), 20..120), |choices| {
        let mut writer = Writer {
            choices: choices.iter(),
            names: 0,
            tables: 0,
            backend: whole.get_database_backend(),
            bases: Vec::new(),
        };
        let sql = writer.select(2, &[]);
        let makes_table = writer.choose(4) == 0 && writer.backend != DatabaseBackend::MySql;
        let sql = sql.replace('"', quote(whole.get_database_backend()));
        let is_compared = Handle::current().block_on(async {
            match makes_table {
                true => is_the_same_table(&sql, whole, cleaned).await,
                false => is_the_same(&sql, whole, cleaned).await,
            }
        });
        compared.set(compared.get() + u32::from(is_compared));
        Ok(())
    })?;
    // A generator that writes nonsense proves nothing.
    assert!(
        compared.get() > cases / 3,
        "only {} compared",
        compared.get()
    );
    Ok(())
}

/// Compares the two, if the database takes the statement and it is not too large.
async fn is_the_same(sql: &str, whole: &DatabaseConnection, cleaned: &DatabaseConnection) -> bool {
    let Ok(Some(expected)) = rows(cleaned, sql).await else {
        return false;
    };
    let backend = whole.get_database_backend();
    let scoped = match active(backend, sql) {
        Ok(scoped) => scoped,
        // `((post))` is more than the parser takes, of `(post p)` SQLite may lose the alias, and of joined tables with an alias it
        // shows the names inside.
        Err(refused)
            if matches!(
                refused.reason(),
                Reason::Unparsable(_)
                    | Reason::Ambiguous(_)
                    | Reason::Unreliable("an alias in parentheses of its own")
            ) =>
        {
            return false;
        }
        Err(refused) => panic!("{sql}\n{refused}"),
    };
    match rows(whole, &scoped).await {
        Ok(None) => return false,
        Ok(Some(found)) => assert_eq!(found, expected, "\n{sql}\n{scoped}"),
        Err(error) => panic!("{error}\n{sql}\n{scoped}"),
    }
    assert_eq!(active(backend, &scoped).as_deref(), Ok(scoped.as_ref()));
    true
}

/// The same of a table that is made of the query.
async fn is_the_same_table(
    sql: &str,
    whole: &DatabaseConnection,
    cleaned: &DatabaseConnection,
) -> bool {
    // The query's own columns may have one name.
    let sql = format!("CREATE TABLE copied AS SELECT count(*) AS id FROM ({sql}) AS counted");
    let Ok(expected) = rows_of_table(cleaned, &sql).await else {
        return false;
    };
    let Ok(scoped) = active(whole.get_database_backend(), &sql) else {
        return false;
    };
    let found = rows_of_table(whole, &scoped).await;
    let found = found.unwrap_or_else(|error| panic!("{error}\n{sql}\n{scoped}"));
    assert_eq!(found, expected, "\n{sql}\n{scoped}");
    true
}

/// What the table has that the statement makes, which is dropped again.
async fn rows_of_table(
    db: &DatabaseConnection,
    sql: &str,
) -> Result<Option<Vec<Vec<Option<i64>>>>, DbErr> {
    db.execute_unprepared(sql).await?;
    let found = rows(db, "SELECT id FROM copied").await;
    db.execute_unprepared("DROP TABLE copied").await?;
    found
}

/// The rows in an order of ours, or `None` if there are too many.
async fn rows(db: &DatabaseConnection, sql: &str) -> Result<Option<Vec<Vec<Option<i64>>>>, DbErr> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let mut stream = db.stream_raw(statement).await?;
    let mut found = Vec::new();
    while let Some(row) = stream.try_next().await? {
        if found.len() == MOST_ROWS {
            return Ok(None);
        }
        let columns = 0..row.column_names().len();
        let values: Result<Vec<_>, _> =
            columns.map(|column| row.try_get_by_index(column)).collect();
        found.push(values?);
    }
    found.sort_unstable();
    Ok(Some(found))
}

/// The column that tells its deleted rows.
fn marker(table: &str) -> Option<&'static str> {
    match table.trim_matches('"') {
        "author" => None,
        "tag" => Some("removed_at"),
        _ => Some("deleted_at"),
    }
}

/// Writes random selects.
struct Writer<'r> {
    choices: std::slice::Iter<'r, u8>,
    names: usize,
    tables: usize,
    backend: DatabaseBackend,
    /// The tables by the names that they were given.
    bases: Vec<(String, &'static str)>,
}

impl Writer<'_> {
    fn choose(&mut self, count: usize) -> usize {
        usize::from(self.choices.next().copied().unwrap_or_default()) % count
    }

    fn pick<'w>(&mut self, words: &[&'w str]) -> &'w str {
        words[self.choose(words.len())]
    }

    /// A select with a column `id`; `outer` are the names that it may refer to.
    fn select(&mut self, depth: usize, outer: &[String]) -> String {
        let mut names = Vec::new();
        let mut from = self.chain(depth, &mut names);
        if self.choose(4) == 0 {
            let _ = write!(from, ", {}", self.chain(depth, &mut names));
        }
        let mut visible = outer.to_vec();
        visible.extend(names.clone());
        let mut filter = match self.choose(3) {
            0 => String::new(),
            _ => format!(" WHERE {}", self.condition(depth, &visible)),
        };
        if let Some(marker) = self.condition_on_marker(&from, &names) {
            filter = match filter.strip_prefix(" WHERE ") {
                Some(condition) => format!(" WHERE ({condition}) AND {marker}"),
                None => format!(" WHERE {marker}"),
            };
        }
        let first = &names[self.choose(names.len())];
        let second = &names[self.choose(names.len())];
        let select = match self.choose(7) {
            6 if self.backend == DatabaseBackend::MySql => format!(
                "SELECT {first}.id AS id, {second}.id + 1 AS deleted_at FROM {from}{filter} HAVING deleted_at > 0"
            ),
            // Elsewhere the name in HAVING is the table's, whatever the result is called.
            5 if self.backend != DatabaseBackend::MySql && names.len() == 1 => {
                match self.bases.iter().rev().find(|(base, _)| base == first) {
                    Some((_, table)) if marker(table).is_some() => {
                        let marker = marker(table).unwrap_or_default();
                        format!(
                            "SELECT {first}.id AS id, {first}.id + 1 AS {marker} FROM {from}{filter} GROUP BY {first}.id, {first}.{marker} HAVING {marker} IS NULL"
                        )
                    }
                    _ => format!("SELECT {first}.id AS id FROM {from}{filter}"),
                }
            }
            0 => format!("SELECT count(*) AS id FROM {from}{filter}"),
            1 => format!(
                "SELECT {first}.id AS id, count(*) FROM {from}{filter} GROUP BY {first}.id HAVING count(*) < 3"
            ),
            _ => format!("SELECT {first}.id AS id, {second}.id FROM {from}{filter}"),
        };
        match self.choose(8) {
            0 if depth > 0 && select.contains(", ") => {
                format!(
                    "{select} {} SELECT id, id FROM {}",
                    self.pick(&["UNION", "UNION ALL", "EXCEPT", "INTERSECT"]),
                    self.table()
                )
            }
            1 if depth > 0 => {
                let name = self.pick(&["post", "x", "comment"]);
                let cte = self.select(depth - 1, &[]);
                format!(
                    "WITH {name} AS ({}) {select}",
                    cte.replace(&format!(" {name} "), " author ")
                )
            }
            _ => select,
        }
    }

    /// A condition that keeps to the active rows of one table, where nothing makes that table's rows NULL.
    fn condition_on_marker(&mut self, from: &str, names: &[String]) -> Option<String> {
        let is_outer = ["LEFT", "RIGHT", "FULL", "NATURAL"]
            .iter()
            .any(|join| from.contains(join));
        let name = &names[self.choose(names.len())];
        if is_outer || self.choose(3) != 0 {
            return None;
        }
        let (_, table) = self.bases.iter().rev().find(|(base, _)| base == name)?;
        Some(format!("{name}.{} IS NULL", marker(table)?))
    }

    /// Joined tables with an alias, whose names inside are also names outside.
    fn aliased(&mut self, names: &mut Vec<String>) -> String {
        let alias = format!("j{}", self.names);
        let inside = names.first().cloned().unwrap_or_else(|| "i".to_owned());
        let table = self.table();
        let joined = match (self.choose(2), marker(table)) {
            (0, Some(marker)) => format!(
                "({table} {inside} JOIN (SELECT 1 AS one) AS o ON {inside}.{marker} IS NULL) AS {alias}"
            ),
            _ => format!(
                "({table} {inside} JOIN {} o USING (id)) AS {alias}",
                self.table()
            ),
        };
        names.push(alias);
        joined
    }

    /// Joins of more tables than this may take a database very long.
    fn has_enough(&self) -> bool {
        self.tables >= 7
    }

    fn table(&mut self) -> &'static str {
        self.tables += 1;
        self.pick(&[
            "post",
            "comment",
            "tag",
            "author",
            "post",
            "\"comment\"",
            "\"post\"",
            "tag",
        ])
    }

    fn chain(&mut self, depth: usize, names: &mut Vec<String>) -> String {
        let mut chain = self.factor(depth, names);
        for _ in 0..self.choose(3) {
            if self.has_enough() {
                break;
            }
            let known = names.clone();
            let join = self.pick(&[
                "JOIN",
                "LEFT JOIN",
                "RIGHT JOIN",
                "FULL JOIN",
                "LEFT OUTER JOIN",
                "INNER JOIN",
                "CROSS JOIN",
                "NATURAL LEFT JOIN",
                "NATURAL JOIN",
                "LEFT JOIN",
                "RIGHT JOIN",
            ]);
            let factor = self.factor(depth, names);
            let constraint = match join {
                "CROSS JOIN" | "NATURAL LEFT JOIN" | "NATURAL JOIN" => String::new(),
                _ if self.choose(5) == 0 => " USING (id)".to_owned(),
                _ => {
                    let mut visible = names.clone();
                    visible.extend(known);
                    format!(" ON {}", self.condition(depth.saturating_sub(1), &visible))
                }
            };
            let _ = write!(chain, " {join} {factor}{constraint}");
        }
        chain
    }

    fn factor(&mut self, depth: usize, names: &mut Vec<String>) -> String {
        self.names += 1;
        let name = match self.choose(12) {
            // A name that shadows a table's.
            0 if !names.iter().any(|name| name == "post") => "post".to_owned(),
            1 if !names.iter().any(|name| name == "comment") => "comment".to_owned(),
            2 | 3 if self.backend == DatabaseBackend::MySql && !names.is_empty() => {
                names[names.len() - 1].to_uppercase()
            }
            // In quotes PostgreSQL tells them apart.
            2 | 3 if self.backend == DatabaseBackend::Postgres && !names.is_empty() => {
                format!(
                    "\"{}\"",
                    names[names.len() - 1].trim_matches('"').to_uppercase()
                )
            }
            _ => format!("n{}", self.names),
        };
        match self.choose(9) {
            0 if depth > 0 => {
                let select = self.select(depth - 1, &[]);
                names.push(name.clone());
                format!("({select}) AS {name}")
            }
            1 if depth > 0 => format!("({})", self.chain(depth - 1, names)),
            2 if self.backend != DatabaseBackend::MySql && self.tables < 4 => self.aliased(names),
            _ => {
                let table = self.table();
                self.bases.push((name.clone(), table));
                names.push(name.clone());
                format!("{table}{}{name}", self.pick(&[" AS ", " "]))
            }
        }
    }

    fn condition(&mut self, depth: usize, visible: &[String]) -> String {
        let left = &visible[self.choose(visible.len())];
        let right = &visible[visible.len() - 1 - self.choose(visible.len())];
        match self.choose(9) {
            0 if depth > 0 && !self.has_enough() => {
                format!("EXISTS ({})", self.select(depth - 1, visible))
            }
            1 if depth > 0 && !self.has_enough() => format!(
                "{left}.id IN (SELECT id FROM {} WHERE {left}.id < 5)",
                self.table()
            ),
            2 => format!("{left}.id = 1 OR {}", self.condition(depth, visible)),
            3 => format!("NOT {left}.id = 2 AND {}", self.condition(depth, visible)),
            4 => format!("{left}.id IS NULL"),
            _ => format!("{left}.id = {right}.id"),
        }
    }
}
