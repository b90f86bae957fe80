//! Rows that an index to be created would refuse.

use sea_orm::{ConnectionTrait, Statement};

use super::{
    Duplicate, SchemaError, change::refused, dialect::Dialect, marked::Marked, sql::quote_all,
};
use soft_delete_core::{Error, Scope, TableName};

/// So many are told of.
const SHOWN: u64 = 10;

/// Columns of a table that are to be unique among rows of a scope.
pub(crate) struct Key<'k> {
    pub(crate) table: &'k TableName,
    pub(crate) columns: &'k [String],
    pub(crate) marked: &'k Marked,
}

/// Fails if rows of the scope have equal values.
pub(crate) async fn check<C: ConnectionTrait>(
    db: &C,
    dialect: &dyn Dialect,
    key: &Key<'_>,
    among: Scope,
) -> Result<(), Error> {
    let query = query(dialect, key, among, "");
    let duplicates = read(db, key, query).await?;
    if duplicates.is_empty() {
        return Ok(());
    }
    Err(SchemaError::duplicates(key.table.clone(), key.columns.to_vec(), among, duplicates).into())
}

/// [`check`] for a look at a live database: finds what the first active rows tell.
pub(crate) async fn find_some<C: ConnectionTrait>(
    db: &C,
    dialect: &dyn Dialect,
    key: &Key<'_>,
) -> Result<Vec<Duplicate>, Error> {
    /// So many rows are read.
    const READ: u64 = 100_000;

    let query = query(dialect, key, Scope::Active, &format!(" LIMIT {READ}"));
    read(db, key, query).await
}

async fn read<C: ConnectionTrait>(
    db: &C,
    key: &Key<'_>,
    query: String,
) -> Result<Vec<Duplicate>, Error> {
    let statement = Statement::from_string(db.get_database_backend(), query);
    let rows = db
        .query_all_raw(statement)
        .await
        .map_err(|error| refused(&format!("read the rows of `{}`", key.table), error))?;
    let mut duplicates = Vec::new();
    for row in &rows {
        let values = (0..key.columns.len())
            .map(|place| {
                Ok(row
                    .try_get_by_index::<Option<String>>(place)?
                    .unwrap_or_default())
            })
            .collect::<Result<_, Error>>()?;
        let rows: i64 = row.try_get_by_index(key.columns.len())?;
        duplicates.push(Duplicate {
            values,
            rows: rows.unsigned_abs(),
        });
    }
    Ok(duplicates)
}

/// Finds the first of the values that more than one row of the scope has.
fn query(dialect: &dyn Dialect, key: &Key<'_>, among: Scope, limit: &str) -> String {
    let Key {
        table,
        columns,
        marked,
    } = key;
    let text = dialect.text_type();
    let shown: Vec<_> = columns
        .iter()
        .map(|column| format!("CAST({} AS {text})", dialect.quote(column)))
        .collect();
    let not_null = columns
        .iter()
        .map(|column| format!("{} IS NOT NULL", dialect.quote(column)));
    // Naming `deleted_at` in every scope tells a scoped connection which rows are meant.
    let scope = marked.sql(dialect, among, "");
    let conditions: Vec<_> = not_null.chain([scope]).collect();
    let quoted = quote_all(dialect, columns);
    format!(
        "SELECT {}, COUNT(*) FROM (SELECT {quoted} FROM {} WHERE {}{limit}) AS r \
         GROUP BY {quoted} HAVING COUNT(*) > 1 LIMIT {SHOWN}",
        shown.join(", "),
        dialect.quote_table(table),
        conditions.join(" AND "),
    )
}
