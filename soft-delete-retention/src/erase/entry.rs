//! An entry of the archive as the row that it was: its key, and conditions on its columns.

use sea_orm::{
    Value,
    sea_query::{Alias, Expr, ExprTrait as _, Query, SelectStatement},
};
use serde_json::Value as Json;

use crate::{
    archive::{ArchiveTable, Comparisons, FOREIGN_KEYS, ID, array, text_of, value_of_entry},
    dialect::{Comparison, Dialect},
};
use soft_delete_core::{
    EntityMeta, ForeignKeyMeta,
    engine_api::{rows::iden, value::bind},
};
use soft_delete_schema::schema_api::catalog::Table;

/// The name of an entry in a condition on its columns.
pub(super) const ENTRY: &str = "soft_delete_entry";

/// Values that are given, under these names.
const GIVEN: &str = "soft_delete_given";

/// The texts in the forms in which they are compared.
pub(super) fn forms<'c>(
    dialect: &dyn Dialect,
    texts: &[String],
    compared: &'c [Comparison],
) -> Vec<(String, &'c Comparison)> {
    let pairs = texts.iter().zip(compared);
    pairs
        .map(|(text, comparison)| (comparison.form(dialect, text), comparison))
        .collect()
}

/// Selects the primary key that a user has given, in the forms in which it is compared.
pub(super) fn key_of_values(
    dialect: &dyn Dialect,
    meta: &EntityMeta,
    table: Option<&Table>,
    compared: &[Comparison],
    key: &[Value],
    selected_as: &'static str,
) -> SelectStatement {
    let mut given = Query::select();
    let mut texts = Vec::new();
    for (place, (name, value)) in meta.primary_key.iter().zip(key).enumerate() {
        let column = table.and_then(|table| table.column(name));
        let type_name = column.map_or("", |column| column.type_name.as_str());
        let called = format!("value_{place}_{}", type_of(value));
        let value = as_stored(dialect, meta, name, value, type_name);
        given.expr_as(value, Alias::new(called.clone()));
        let given = format!("{GIVEN}.{}", dialect.quote(&called));
        texts.push(text_of(dialect, table, name, &given));
    }
    let forms: Vec<_> = forms(dialect, &texts, compared)
        .into_iter()
        .map(|(form, _)| form)
        .collect();
    Query::select()
        .expr_as(Expr::cust(array(dialect, &forms)), selected_as)
        .from_subquery(given, GIVEN)
        .to_owned()
}

/// The name of a value's type. sqlx keeps a prepared statement by its text, for the types of the values that came first: nothing else
/// in the text tells those of one key from those of another.
fn type_of(value: &Value) -> String {
    let null = format!("{:?}", value.as_null());
    let name = null.split('(').next().unwrap_or_default();
    name.to_lowercase()
}

/// A value as a column of that type would hold it.
fn as_stored(
    dialect: &dyn Dialect,
    meta: &EntityMeta,
    name: &str,
    value: &Value,
    type_name: &str,
) -> Expr {
    let bound = bind(meta, name, value, dialect.backend());
    dialect.as_stored(bound, value, type_name)
}

/// The columns of an entity that a condition speaks of.
pub(super) fn column_references(
    dialect: &dyn Dialect,
    meta: &EntityMeta,
    condition: Option<&Expr>,
) -> Vec<String> {
    let Some(condition) = condition else {
        return Vec::new();
    };
    let sql = dialect
        .backend()
        .build(&Query::select().expr(condition.clone()).to_owned())
        .sql;
    let columns = meta.columns.iter();
    let columns = columns.filter(|column| sql.contains(&dialect.quote(&column.name)));
    columns.map(|column| column.name.clone()).collect()
}

/// Whether an entry meets a condition on the columns of its row.
///
/// ```sql
/// id IN (SELECT id FROM (SELECT id, CAST(data ->> 'owner_type' AS text) AS owner_type FROM soft_delete_archive
///                        WHERE table_name = 'comment') AS soft_delete_entry WHERE <condition>)
/// ```
pub(super) fn meets(
    archive: &ArchiveTable,
    dialect: &dyn Dialect,
    meta: &EntityMeta,
    table: Option<&Table>,
    comparisons: &Comparisons,
    condition: Expr,
) -> Expr {
    let mut entries = Query::select();
    entries
        .column(iden(ID))
        .from(archive.table().to_ref())
        .and_where(ArchiveTable::is_of_table(&meta.table.to_string()));
    for name in column_references(dialect, meta, Some(&condition)) {
        let value = value_of_entry(dialect, table, &name);
        let value = comparisons.of_column(&name).collated(&value);
        entries.expr_as(Expr::cust(value), iden(&name));
    }
    let met = Query::select()
        .column((ENTRY, iden(ID)))
        .from_subquery(entries, ENTRY)
        .and_where(condition)
        .to_owned();
    Expr::col(iden(ID)).in_subquery(met)
}

/// A key as entries have recorded it whose table had other names for its columns.
#[derive(Clone, Debug)]
pub(super) struct OldKey {
    pub(super) columns: Vec<String>,
    /// Whether an entry is of these.
    pub(super) is_it: Expr,
}

impl OldKey {
    /// It is the same key if it had the same relation, or else the same parent, and it was the only one of the table to it, as the key
    /// is now.
    pub(super) fn of(recorded: Option<&str>, key: &ForeignKeyMeta, lacks: &Expr) -> Option<Self> {
        let text = recorded?;
        let keys: Vec<Json> = serde_json::from_str(text).ok()?;
        let parent = key.parent.to_string();
        let is_to_parent = |old: &&Json| old["parent"] == parent.as_str();
        let to_parent: Vec<_> = keys.iter().filter(is_to_parent).collect();
        let same_relation = |old: &&&Json| old["relation"] == key.relation.as_str();
        let old = to_parent
            .iter()
            .find(same_relation)
            .or(match &to_parent[..] {
                [only] => Some(only),
                _ => None,
            })?;
        let columns: Vec<String> = serde_json::from_value(old["columns"].clone()).ok()?;
        let is_recorded = Expr::col(iden(FOREIGN_KEYS)).eq(text);
        (columns.len() == key.matching().len()).then(|| Self {
            columns,
            is_it: is_recorded.and(lacks.clone()),
        })
    }
}
