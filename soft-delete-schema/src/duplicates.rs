//! Rows that an index to be created would refuse.

use sea_orm::{ConnectionTrait, Statement};

use super::{
    Duplicate, SchemaError, change::refused, dialect::Dialect, key::Compared, marked::Marked,
    sql::quote_all,
};
use soft_delete_core::{Error, Scope, TableName};

/// So many are told of.
const SHOWN: u64 = 10;

/// Columns of a table that are to be unique among rows of a scope.
pub(crate) struct Key<'k> {
    pub(crate) table: &'k TableName,
    pub(crate) columns: &'k [String],
    pub(crate) marked: &'k Marked,
    /// What is compared, where that isn't the columns among all rows of the scope.
    pub(crate) compared: Option<Compared>,
}

impl Key<'_> {
    /// How many values are compared.
    fn len(&self) -> usize {
        let compared = self.compared.as_ref();
        compared.map_or(self.columns.len(), |compared| compared.parts.len())
    }
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
        let values = (0..key.len())
            .map(|place| {
                Ok(row
                    .try_get_by_index::<Option<String>>(place)?
                    .unwrap_or_default())
            })
            .collect::<Result<_, Error>>()?;
        let rows: i64 = row.try_get_by_index(key.len())?;
        duplicates.push(Duplicate {
            values,
            rows: rows.unsigned_abs(),
        });
    }
    Ok(duplicates)
}

/// Finds the first of the values that more than one row of the scope has.
fn query(dialect: &dyn Dialect, key: &Key<'_>, among: Scope, limit: &str) -> String {
    if let Some(compared) = &key.compared {
        return query_compared(dialect, key, compared, among, limit);
    }
    let Key {
        table,
        columns,
        marked,
        ..
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

/// The same of expressions.
fn query_compared(
    dialect: &dyn Dialect,
    key: &Key<'_>,
    compared: &Compared,
    among: Scope,
    limit: &str,
) -> String {
    let text = dialect.text_type();
    let names: Vec<_> = (0..compared.parts.len())
        .map(|place| dialect.quote(&format!("part_{place}")))
        .collect();
    let parts = compared.parts.iter().zip(&names);
    let parts: Vec<_> = parts
        .map(|(part, name)| format!("{part} AS {name}"))
        .collect();
    let shown = names.iter().map(|name| format!("CAST({name} AS {text})"));
    let shown: Vec<_> = shown.collect();
    let not_null = compared
        .parts
        .iter()
        .filter(|_| !compared.nulls_not_distinct)
        .map(|part| format!("{part} IS NOT NULL"));
    let conditions = not_null.chain(compared.condition.clone());
    let scope = key.marked.sql(dialect, among, "");
    let conditions: Vec<_> = conditions.chain([scope]).collect();
    format!(
        "SELECT {}, COUNT(*) FROM (SELECT {} FROM {} WHERE {}{limit}) AS r \
         GROUP BY {} HAVING COUNT(*) > 1 LIMIT {SHOWN}",
        shown.join(", "),
        parts.join(", "),
        dialect.quote_table(key.table),
        conditions.join(" AND "),
        names.join(", "),
    )
}
