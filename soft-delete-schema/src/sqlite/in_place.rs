//! Changes a table of SQLite in place, within the caller's transaction.
//!
//! SQLite has no statement that drops a constraint. Copying the table into a new one needs DROP TABLE, which deletes
//! its rows first where foreign keys are enforced, and thereby the rows that refer to them with ON DELETE CASCADE.
//! Enforcement can't be switched off within a transaction. So the text in `sqlite_schema` is edited.
//!
//! After an error, the caller must roll back.

mod shape;

use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement, Value};

use super::create_table::{CreateTable, same_columns};
use shape::{Index, Shape};

/// Drops every UNIQUE constraint over these columns, whatever their order, and gives the columns of each as
/// `CREATE INDEX` spells them.
///
/// Columns that are the primary key are refused: they stay unique. An `ON CONFLICT` of the constraint goes with it.
/// An index of `CREATE UNIQUE INDEX` is none of its business.
pub(crate) async fn drop_unique<C: ConnectionTrait>(
    db: &C,
    table: &str,
    columns: &[&str],
) -> Result<Vec<String>, DbErr> {
    let entry = Entry::find(db, table).await?;
    let before = Shape::read(db, &entry.name).await?;
    if same_columns(&before.primary_key(), columns) {
        return Err(entry.error("these columns are its primary key"));
    }
    let missing = || entry.error("it has no UNIQUE constraint over these columns");
    let edited = entry
        .parsed()?
        .without_unique(columns)
        .ok_or_else(missing)?;
    let (dropped, expected, renamed) = entry.renumbered(&before, columns)?;
    if dropped.is_empty() {
        return Err(missing());
    }
    entry.rename_statistics(db, &renamed).await?;
    entry.write(db, &edited, &renamed).await?;
    entry.expect(db, &expected).await?;
    for index in &dropped {
        db.execute_unprepared(&format!("DROP INDEX main.{}", quoted(&index.name)))
            .await?;
    }
    let mut expected = expected.without_pages();
    expected
        .indexes
        .retain(|index| dropped.iter().all(|dropped| dropped.name != index.name));
    entry.check(db, expected).await?;
    entry.check_references(db, columns).await?;
    Ok(dropped
        .iter()
        .map(|index| index.spelled.join(", "))
        .collect())
}

/// Gives the foreign keys from these columns to this parent another action for `ON DELETE`, as SQL spells it.
pub(crate) async fn set_on_delete<C: ConnectionTrait>(
    db: &C,
    table: &str,
    columns: &[&str],
    parent: &str,
    action: &str,
) -> Result<(), DbErr> {
    let entry = Entry::find(db, table).await?;
    let edited = entry.parsed()?.with_on_delete(columns, parent, action);
    let edited = edited.ok_or_else(|| entry.error("it has no such foreign key"))?;
    let mut expected = Shape::read(db, &entry.name).await?;
    for key in &mut expected.foreign_keys {
        if key.parent.eq_ignore_ascii_case(parent) && same_columns(&key.columns, columns) {
            action.clone_into(&mut key.on_delete);
        }
    }
    entry.write(db, &edited, &[]).await?;
    entry.check(db, expected).await
}

/// Lets a column hold NULL. Refuses a column of the primary key.
pub(crate) async fn drop_not_null<C: ConnectionTrait>(
    db: &C,
    table: &str,
    column: &str,
) -> Result<(), DbErr> {
    let entry = Entry::find(db, table).await?;
    let edited = entry.parsed()?.without_not_null(column);
    let edited = edited.ok_or_else(|| entry.error("the column has no NOT NULL"))?;
    let mut expected = Shape::read(db, &entry.name).await?;
    for found in &mut expected.columns {
        if found.name.eq_ignore_ascii_case(column) {
            if found.in_primary_key {
                return Err(entry.error("the column belongs to its primary key"));
            }
            found.not_null = false;
        }
    }
    entry.write(db, &edited, &[]).await?;
    entry.check(db, expected).await
}

/// Drops the DEFAULT of a column.
pub(crate) async fn drop_default<C: ConnectionTrait>(
    db: &C,
    table: &str,
    column: &str,
) -> Result<(), DbErr> {
    let entry = Entry::find(db, table).await?;
    let edited = entry.parsed()?.without_default(column);
    let edited = edited.ok_or_else(|| entry.error("the column has no DEFAULT"))?;
    let mut expected = Shape::read(db, &entry.name).await?;
    for found in &mut expected.columns {
        if found.name.eq_ignore_ascii_case(column) {
            found.default = None;
        }
    }
    entry.write(db, &edited, &[]).await?;
    entry.check(db, expected).await
}

/// A table's row in `sqlite_schema`.
struct Entry {
    /// Its rowid.
    row: i64,
    /// The table's name, in its own case.
    name: String,
    /// Its CREATE TABLE.
    sql: String,
}

/// An automatic index that gets another name, and SQL if it becomes an ordinary one.
struct Renamed {
    /// The index as it was.
    from: Index,
    /// Its new name.
    to: String,
    /// Its CREATE INDEX.
    sql: Option<String>,
}

impl Entry {
    /// Finds it, whatever the case of its name.
    async fn find<C: ConnectionTrait>(db: &C, table: &str) -> Result<Self, DbErr> {
        let sql = "SELECT rowid, name, sql FROM main.sqlite_schema
            WHERE type = 'table' AND name = ? COLLATE NOCASE AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
        let rows = query(db, sql, [table.into()]).await?;
        let found = rows.first();
        let row = found.ok_or_else(|| error(table, "there is no such table"))?;
        Ok(Self {
            row: row.try_get_by_index(0)?,
            name: row.try_get_by_index(1)?,
            sql: row.try_get_by_index(2)?,
        })
    }

    /// Its text, to be edited.
    fn parsed(&self) -> Result<CreateTable<'_>, DbErr> {
        CreateTable::parse(&self.sql).ok_or_else(|| self.error("its CREATE TABLE can't be read"))
    }

    /// The indexes to drop, the table as it is before they are, and what gets a new name for that.
    ///
    /// SQLite numbers the automatic indexes in the order of their constraints, and finds them by that number.
    fn renumbered(
        &self,
        before: &Shape,
        columns: &[&str],
    ) -> Result<(Vec<Index>, Shape, Vec<Renamed>), DbErr> {
        let mut expected = before.clone();
        let mut automatic: Vec<_> = expected
            .indexes
            .iter_mut()
            .filter(|index| index.origin != "c")
            .collect();
        automatic.sort_by_key(|index| number(&index.name));
        let names: Vec<_> = automatic.iter().map(|index| index.name.clone()).collect();
        if !names
            .iter()
            .map(|name| number(name))
            .eq((1..=names.len()).map(Some))
        {
            return Err(self.error("its automatic indexes are not numbered as expected"));
        }
        let (mut dropped, mut renamed, mut names) = (Vec::new(), Vec::new(), names.into_iter());
        for index in automatic {
            let from = index.clone();
            if index.origin == "u" && same_columns(&index.columns, columns) {
                let name = format!("{}_to_drop", index.name.trim_start_matches("sqlite_"));
                let sql = index.make_ordinary(name, &self.name);
                renamed.push(Renamed {
                    from,
                    to: index.name.clone(),
                    sql: Some(sql),
                });
                dropped.push(index.clone());
            } else if let Some(name) = names.next().filter(|name| *name != index.name) {
                index.name.clone_from(&name);
                renamed.push(Renamed {
                    from,
                    to: name,
                    sql: None,
                });
            }
        }
        expected.sort();
        Ok((dropped, expected, renamed))
    }

    /// ANALYZE keeps what it counted under the index's name.
    async fn rename_statistics<C: ConnectionTrait>(
        &self,
        db: &C,
        renamed: &[Renamed],
    ) -> Result<(), DbErr> {
        let sql =
            "SELECT name FROM main.sqlite_schema WHERE name IN ('sqlite_stat1', 'sqlite_stat4')";
        for statistics in query(db, sql, []).await? {
            let statistics: String = statistics.try_get_by_index(0)?;
            let sql = format!("UPDATE main.{statistics} SET idx = ? WHERE tbl = ? AND idx = ?");
            for Renamed { from, to, .. } in renamed {
                let names = [to.as_str(), &self.name, &from.name].map(Value::from);
                execute(db, &sql, names).await?;
            }
        }
        Ok(())
    }

    /// Writes the edited text and the renamed indexes, and makes every connection read them.
    async fn write<C: ConnectionTrait>(
        &self,
        db: &C,
        edited: &str,
        renamed: &[Renamed],
    ) -> Result<(), DbErr> {
        let version = query(db, "PRAGMA main.schema_version", []).await?;
        let version = version
            .first()
            .ok_or_else(|| self.error("SQLite tells no schema version"))?;
        let next = version.try_get_by_index::<i32>(0)?.wrapping_add(1);
        db.execute_unprepared("PRAGMA writable_schema = ON").await?;
        let written = self.write_rows(db, edited, renamed).await;
        db.execute_unprepared("PRAGMA writable_schema = OFF")
            .await?;
        written?;
        // Makes this and every other connection read the schema again. Unlike `writable_schema = RESET`, it also
        // tells SQLite that a rollback must forget what was read.
        db.execute_unprepared(&format!("PRAGMA main.schema_version = {next}"))
            .await?;
        query(db, "SELECT 1 FROM main.sqlite_schema LIMIT 1", []).await?;
        Ok(())
    }

    /// Writes while `writable_schema` is ON.
    async fn write_rows<C: ConnectionTrait>(
        &self,
        db: &C,
        edited: &str,
        renamed: &[Renamed],
    ) -> Result<(), DbErr> {
        let sql = "UPDATE main.sqlite_schema SET sql = ? WHERE rowid = ? AND sql = ?";
        self.write_row(
            db,
            sql,
            [edited.into(), self.row.into(), self.sql.as_str().into()],
        )
        .await?;
        for Renamed { from, to, sql } in renamed {
            // The primary key of a table WITHOUT ROWID is numbered, but has no row.
            let Some(row) = from.row else { continue };
            let update = "UPDATE main.sqlite_schema SET name = ?, sql = ?
                WHERE rowid = ? AND type = 'index' AND name = ?";
            let values = [
                to.into(),
                sql.clone().into(),
                row.into(),
                from.name.as_str().into(),
            ];
            self.write_row(db, update, values).await?;
        }
        Ok(())
    }

    /// Writes the one row that the statement must find.
    async fn write_row<C: ConnectionTrait, const N: usize>(
        &self,
        db: &C,
        sql: &str,
        values: [Value; N],
    ) -> Result<(), DbErr> {
        match execute(db, sql, values).await? {
            1 => Ok(()),
            _ => Err(self.error("its row in sqlite_schema was not found again")),
        }
    }

    /// Compares the table, and its rows with its indexes and constraints.
    ///
    /// The comparison first: an index over another's b-tree must not be read.
    async fn check<C: ConnectionTrait>(&self, db: &C, expected: Shape) -> Result<(), DbErr> {
        self.expect(db, &expected.without_pages()).await?;
        let table = quoted(&self.name);
        let problems = query(db, &format!("PRAGMA main.integrity_check({table})"), []).await?;
        let problem: Option<String> = problems
            .first()
            .map(|row| row.try_get_by_index(0))
            .transpose()?;
        if problem.as_deref() != Some("ok") {
            return Err(self.error(&problem.unwrap_or_default()));
        }
        Ok(())
    }

    /// Compiles the foreign keys that refer to these columns, which fails if they are not unique any more.
    async fn check_references<C: ConnectionTrait>(
        &self,
        db: &C,
        columns: &[&str],
    ) -> Result<(), DbErr> {
        let same = columns
            .iter()
            .map(|column| format!("{0} = {0}", quoted(column)));
        let same = same.collect::<Vec<_>>().join(", ");
        let update = format!("EXPLAIN UPDATE main.{} SET {same}", quoted(&self.name));
        query(db, &update, []).await?;
        Ok(())
    }

    /// Compares the table as SQLite reads it now.
    async fn expect<C: ConnectionTrait>(&self, db: &C, expected: &Shape) -> Result<(), DbErr> {
        let found = Shape::read(db, &self.name).await?;
        let pages = expected
            .indexes
            .iter()
            .any(|index| index.rootpage.is_some());
        let found = if pages { found } else { found.without_pages() };
        (found == *expected)
            .then_some(())
            .ok_or_else(|| self.error("the edited schema is not read as expected"))
    }

    /// An error about this table.
    fn error(&self, problem: &str) -> DbErr {
        error(&self.name, problem)
    }
}

/// What went wrong with a table.
fn error(table: &str, problem: &str) -> DbErr {
    DbErr::Custom(format!("`{table}` can't be changed in place: {problem}"))
}

/// The number at the end of the name of an automatic index.
fn number(name: &str) -> Option<usize> {
    name.strip_prefix("sqlite_autoindex_")?
        .rsplit('_')
        .next()?
        .parse()
        .ok()
}

/// An identifier.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The rows of a query.
async fn query<C: ConnectionTrait, const N: usize>(
    db: &C,
    sql: &str,
    values: [Value; N],
) -> Result<Vec<QueryResult>, DbErr> {
    db.query_all_raw(Statement::from_sql_and_values(
        db.get_database_backend(),
        sql,
        values,
    ))
    .await
}

/// The number of rows that a statement changed.
async fn execute<C: ConnectionTrait, const N: usize>(
    db: &C,
    sql: &str,
    values: [Value; N],
) -> Result<u64, DbErr> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(db.execute_raw(statement).await?.rows_affected())
}
