//! Whether two values of a column are equal to the database, told by their texts in the archive.
//!
//! A row is found by `id = 'ab'` as its column compares: without regard to case, to blanks at the end, to zeros behind a point, to
//! the zone that a time is written in. An entry of that row is found alike.

use sea_orm::{
    ConnectionTrait, Statement,
    sea_query::{Alias, Expr, Query},
};

use super::encode::texts_of_row_key;
use crate::{
    dialect::{self, Comparison, Dialect},
    removal::padded,
};
use soft_delete_core::{Error, Registry, TableName};
use soft_delete_schema::schema_api::catalog::{Catalog, Table};

/// Values that are given, under this name.
const GIVEN: &str = "soft_delete_given";

/// Whether texts have one of these keys: `(left, …) IN (($1, …), …)`. Both are in the forms of the comparisons.
pub(crate) fn is_one_of(
    dialect: &dyn Dialect,
    left: &[(String, &Comparison)],
    keys: &[Vec<String>],
) -> Expr {
    if keys.is_empty() {
        return Expr::cust("1 = 0");
    }
    let left: Vec<_> = left
        .iter()
        .map(|(text, comparison)| match &comparison.collation {
            Some(collation) => format!("({text}) COLLATE {collation}"),
            None => text.clone(),
        })
        .collect();
    let keys = padded(keys);
    let mut number = 0;
    let rows: Vec<_> = keys
        .iter()
        .map(|key| {
            let places: Vec<_> = key
                .iter()
                .map(|_| {
                    number += 1;
                    dialect.custom_placeholder(number)
                })
                .collect();
            match left.len() {
                1 => places.join(", "),
                _ => format!("({})", places.join(", ")),
            }
        })
        .collect();
    let values = match left.len() {
        2.. => dialect.rows_in(&rows.join(", ")),
        _ => rows.join(", "),
    };
    let left = match &left[..] {
        [only] => only.clone(),
        several => format!("({})", several.join(", ")),
    };
    Expr::cust_with_values(format!("{left} IN ({values})"), keys.into_iter().flatten())
}

/// The condition on entries of a table whose key equals this one to the database, though it may be written in another way. `None` if only
/// the same texts are equal, or the table is not there any more.
pub(crate) async fn equals_key<C: ConnectionTrait>(
    db: &C,
    table: &TableName,
    key: &[String],
) -> Result<Option<Expr>, Error> {
    let catalog = Catalog::of_table(db, table).await?;
    let dialect = dialect::of(db.get_database_backend())?;
    let Some(found) = catalog.find(table) else {
        return Ok(None);
    };
    let mut entities = Registry::global().entities();
    let columns = match entities.find(|meta| meta.table == *table) {
        Some(meta) => meta.primary_key.clone(),
        None => found.primary_key(),
    };
    let own = Comparisons::of_table(db, found).await?;
    let own: Vec<_> = columns.iter().map(|name| own.of_column(name)).collect();
    if own.len() != key.len() || own.iter().all(Comparison::is_of_bytes) {
        return Ok(None);
    }
    let mut given = Query::select();
    let mut forms = Vec::new();
    for (place, (text, comparison)) in key.iter().zip(&own).enumerate() {
        let called = format!("value_{place}");
        given.expr_as(dialect.bound_text(text), Alias::new(called.clone()));
        let value = format!("{GIVEN}.{}", dialect.quote(&called));
        forms.push(comparison.form(dialect, &value));
    }
    let select = Query::select()
        .exprs(forms.into_iter().map(Expr::cust))
        .from_subquery(given, GIVEN)
        .to_owned();
    let Some(row) = db.query_one(&select).await? else {
        return Ok(None);
    };
    let forms: Result<Vec<String>, _> = (0..own.len())
        .map(|place| row.try_get_by_index(place))
        .collect();
    let texts = texts_of_row_key(dialect, own.len());
    let left: Vec<_> = texts
        .iter()
        .zip(&own)
        .map(|(text, comparison)| (comparison.form(dialect, text), comparison))
        .collect();
    Ok(Some(is_one_of(dialect, &left, &[forms?])))
}

/// How the columns of a table are compared.
#[derive(Clone, Debug, Default)]
pub(crate) struct Comparisons(Vec<(String, Comparison)>);

impl Comparisons {
    /// Reads them from the catalog.
    pub(crate) async fn of_table<C: ConnectionTrait>(db: &C, table: &Table) -> Result<Self, Error> {
        let dialect = dialect::of(db.get_database_backend())?;
        let collations = collations(db, dialect, table).await?;
        let of_column = |name: &str| {
            let mut own = collations.iter();
            own.find(|(column, ..)| column == name)
                .map(|(_, charset, collation)| (charset.as_str(), collation.as_str()))
        };
        let columns = table.columns.iter().map(|column| {
            let collation = of_column(&column.name);
            let comparison = dialect.comparison(&column.type_name, collation);
            (column.name.clone(), comparison)
        });
        Ok(Self(columns.collect()))
    }

    pub(crate) fn of_column(&self, name: &str) -> Comparison {
        let mut exact = self.0.iter();
        let mut alike = self.0.iter();
        exact
            .find(|(column, _)| column == name)
            .or_else(|| alike.find(|(column, _)| column.eq_ignore_ascii_case(name)))
            .map(|(_, comparison)| comparison.clone())
            .unwrap_or_default()
    }
}

/// Column, character set and collation, of columns that don't compare by their bytes.
async fn collations<C: ConnectionTrait>(
    db: &C,
    dialect: &dyn Dialect,
    table: &Table,
) -> Result<Vec<(String, String, String)>, Error> {
    let (sql, values) = dialect.collations(table);
    let statement = Statement::from_sql_and_values(dialect.backend(), sql, values);
    let mut collations = Vec::new();
    for row in db.query_all_raw(statement).await? {
        collations.push((
            row.try_get_by_index(0)?,
            row.try_get_by_index(1)?,
            dialect.written_collation(row.try_get_by_index(2)?),
        ));
    }
    Ok(collations)
}
