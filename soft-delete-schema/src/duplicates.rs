//! Rows that an index to be created would refuse.

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::{
    Duplicate, SchemaError,
    change::refused,
    sql::{quote, quote_all, quote_table},
};
use soft_delete_core::{Error, Scope, TableName};

/// So many are told of.
const SHOWN: u64 = 10;

/// Fails if rows of the scope have equal values.
pub(crate) async fn check<C: ConnectionTrait>(
    db: &C,
    table: &TableName,
    columns: &[String],
    deleted_at: &str,
    among: Scope,
) -> Result<(), Error> {
    let duplicates = read(db, table, columns, deleted_at, among, "").await?;
    if duplicates.is_empty() {
        return Ok(());
    }
    Err(SchemaError::Duplicates {
        table: table.clone(),
        columns: columns.to_vec(),
        among,
        duplicates,
    }
    .into())
}

/// [`check`] for a look at a live database: finds what the first rows tell.
pub(crate) async fn find_some<C: ConnectionTrait>(
    db: &C,
    table: &TableName,
    columns: &[String],
    deleted_at: &str,
    among: Scope,
) -> Result<Vec<Duplicate>, Error> {
    /// So many rows are read.
    const READ: u64 = 100_000;

    let limit = format!(" LIMIT {READ}");
    read(db, table, columns, deleted_at, among, &limit).await
}

/// The first of the values that more than one row of the scope has.
async fn read<C: ConnectionTrait>(
    db: &C,
    table: &TableName,
    columns: &[String],
    deleted_at: &str,
    among: Scope,
    limit: &str,
) -> Result<Vec<Duplicate>, Error> {
    let backend = db.get_database_backend();
    let sql = query(backend, table, columns, deleted_at, among, limit);
    let rows = db
        .query_all_raw(Statement::from_string(backend, sql))
        .await
        .map_err(|error| refused(&format!("read the rows of `{table}`"), error))?;
    let mut duplicates = Vec::new();
    for row in &rows {
        let values = (0..columns.len())
            .map(|place| {
                Ok(row
                    .try_get_by_index::<Option<String>>(place)?
                    .unwrap_or_default())
            })
            .collect::<Result<_, Error>>()?;
        let rows: i64 = row.try_get_by_index(columns.len())?;
        duplicates.push(Duplicate {
            values,
            rows: rows.unsigned_abs(),
        });
    }
    Ok(duplicates)
}

fn query(
    backend: DbBackend,
    table: &TableName,
    columns: &[String],
    deleted_at: &str,
    among: Scope,
    limit: &str,
) -> String {
    let text = match backend {
        DbBackend::MySql => "CHAR",
        _ => "TEXT",
    };
    let shown: Vec<_> = columns
        .iter()
        .map(|column| format!("CAST({} AS {text})", quote(backend, column)))
        .collect();
    let not_null = columns
        .iter()
        .map(|column| format!("{} IS NOT NULL", quote(backend, column)));
    // Naming `deleted_at` in every scope tells a scoped connection which rows are meant.
    let deleted_at = quote(backend, deleted_at);
    let scope = match among {
        Scope::Active => format!("{deleted_at} IS NULL"),
        Scope::OnlyDeleted => format!("{deleted_at} IS NOT NULL"),
        _ => format!("({deleted_at} IS NULL OR TRUE)"),
    };
    let conditions: Vec<_> = not_null.chain([scope]).collect();
    let quoted = quote_all(backend, columns);
    format!(
        "SELECT {}, COUNT(*) FROM (SELECT {quoted} FROM {} WHERE {}{limit}) AS r \
         GROUP BY {quoted} HAVING COUNT(*) > 1 LIMIT {SHOWN}",
        shown.join(", "),
        quote_table(backend, table),
        conditions.join(" AND "),
    )
}
