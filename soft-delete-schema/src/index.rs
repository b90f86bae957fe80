//! What indexes are for, told from their shape: their names are anyone's.

use sea_orm::{DbBackend, DbErr};

use super::{
    dialect::{self, Dialect},
    marked::Marked,
    predicate::{Predicate, references_column},
    table::{Index, Key, Table},
    written,
};

/// Whether the index keeps the columns unique among active rows.
pub(crate) fn is_unique_active(
    table: &Table,
    index: &Index,
    columns: &[String],
    marked: &Marked,
    dialect: &dyn Dialect,
) -> bool {
    if !index.unique || !index.valid {
        return false;
    }
    match &index.predicate {
        Some(text) => {
            written::is_active_only(table, text, columns, marked, dialect)
                && !index.has_expressions()
                && table.same_columns(index.columns(), columns)
        }
        None => {
            let (markers, keys): (Vec<_>, Vec<_>) = index.keys.iter().partition(|key| {
                let is_marker = |name: &str| table.same_column(name, marked.column());
                let is_part = matches!(key, Key::Column(name) if is_marker(name));
                is_part && marked.is_part_of_keys() || tells_active(table, key, marked.column())
            });
            let names = keys.iter().map(|key| match key {
                Key::Column(name) => name.as_str(),
                Key::Expression(_) => "",
            });
            markers.len() == 1 && table.same_columns(names, columns)
        }
    }
}

/// The columns that some index keeps unique among active rows.
pub fn unique_among_active(
    table: &Table,
    deleted_at: &str,
    backend: DbBackend,
) -> Result<Vec<Vec<String>>, DbErr> {
    let (marked, dialect) = (Marked::by(deleted_at), dialect::of_backend(backend)?);
    let mut found: Vec<Vec<String>> = Vec::new();
    for index in &table.indexes {
        let is_generated = |name: &str| {
            let column = table.column(name);
            column.is_some_and(|column| column.generated.is_some())
        };
        let columns = index
            .columns()
            .filter(|name| index.predicate.is_some() || !is_generated(name));
        let columns: Vec<_> = columns.map(ToOwned::to_owned).collect();
        if is_unique_active(table, index, &columns, &marked, dialect) && !found.contains(&columns) {
            found.push(columns);
        }
    }
    Ok(found)
}

/// Whether a part of a key is generated from `deleted_at`, as it is where there are no partial indexes.
fn tells_active(table: &Table, key: &Key, deleted_at: &str) -> bool {
    let expression = match key {
        Key::Column(name) => table
            .column(name)
            .and_then(|column| column.generated.as_deref()),
        Key::Expression(expression) => Some(expression.as_str()),
    };
    // One that asks another column as well tells some of the active rows. SQLite gives the whole table's definition.
    let is_of_table = |expression: &str| {
        expression
            .trim_start()
            .get(..6)
            .is_some_and(|start| start.eq_ignore_ascii_case("create"))
    };
    let asks_another = |expression: &str| {
        let mut others = table.columns.iter();
        others.any(|column| {
            !table.same_column(&column.name, deleted_at)
                && references_column(expression, &column.name)
        })
    };
    expression.is_some_and(|expression| {
        references_column(expression, deleted_at)
            && (is_of_table(expression) || !asks_another(expression))
    })
}

/// Whether the index keeps exactly these columns unique among all rows, deleted ones included.
pub(crate) fn is_plain_unique(table: &Table, index: &Index, columns: &[String]) -> bool {
    let is_of_all = index.unique
        && !index.primary
        && !index.has_expressions()
        && match &index.predicate {
            None => true,
            Some(text) => written::is_not_null_only(table, text, columns),
        };
    is_of_all && table.same_columns(index.columns(), columns)
}

/// Whether the index is unique over columns of all rows, and not the primary key.
pub(crate) fn is_plain(index: &Index) -> bool {
    index.unique && !index.primary && index.predicate.is_none() && !index.has_expressions()
}

/// Whether a search by the columns among active rows can go by the index: they come first in it, in any order.
pub(crate) fn leads_to(table: &Table, index: &Index, columns: &[String], deleted_at: &str) -> bool {
    let covers_active = index
        .predicate
        .as_ref()
        .is_none_or(|text| Predicate::of_index(text, deleted_at) == Predicate::Active);
    let first: Vec<_> = index
        .keys
        .iter()
        .take(columns.len())
        .filter_map(|key| match key {
            Key::Column(name) => Some(name.as_str()),
            Key::Expression(_) => None,
        })
        .collect();
    covers_active && index.valid && table.same_columns(first, columns)
}

/// Whether rows deleted before some time can be found by the index.
pub fn leads_to_deleted(table: &Table, index: &Index, deleted_at: &str) -> bool {
    let covers_deleted = index
        .predicate
        .as_ref()
        .is_none_or(|text| Predicate::of_index(text, deleted_at) == Predicate::Deleted);
    let is_first = matches!(
        index.keys.first(),
        Some(Key::Column(name)) if table.same_column(name, deleted_at)
    );
    covers_deleted && index.valid && is_first
}
