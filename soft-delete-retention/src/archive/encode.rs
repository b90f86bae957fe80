//! Rows and their values as JSON, written by the database itself.
//!
//! Every value has one text, and it is the same whether it is read from the row, from the row's entry in the archive, or made of
//! a value that is bound. By it rows are compared with entries.

use sea_orm::sea_query::Expr;

use super::table::{DATA, ROW_KEY};
use crate::dialect::{Dialect, Member};
use soft_delete_schema::schema_api::catalog::{Column, Table};

/// The columns of a table that an entry holds: all that aren't generated.
pub(crate) fn stored_columns(table: &Table) -> impl Iterator<Item = &Column> {
    let columns = table.columns.iter();
    columns.filter(|column| column.generated.is_none())
}

/// The row as a JSON object.
pub(crate) fn row_as_json(dialect: &dyn Dialect, table: &Table, called: &str) -> String {
    let columns: Vec<_> = stored_columns(table).collect();
    dialect.row_as_json(&columns, &dialect.quote(called))
}

/// A JSON array of texts: what a key is known by.
pub(crate) fn array(dialect: &dyn Dialect, texts: &[String]) -> String {
    dialect.json_array(&texts.join(", "))
}

/// The values of these columns of a row.
pub(crate) fn key_of_row(
    dialect: &dyn Dialect,
    table: Option<&Table>,
    called: &str,
    columns: &[String],
) -> Expr {
    Expr::cust(array(
        dialect,
        &texts_of_row(dialect, table, called, columns),
    ))
}

/// The texts of these columns of a row.
pub(crate) fn texts_of_row(
    dialect: &dyn Dialect,
    table: Option<&Table>,
    called: &str,
    columns: &[String],
) -> Vec<String> {
    let called = dialect.quote(called);
    columns
        .iter()
        .map(|name| {
            let value = format!("{called}.{}", dialect.quote(name));
            text_of(dialect, table, name, &value)
        })
        .collect()
}

/// The text of a value of that column.
pub(crate) fn text_of(
    dialect: &dyn Dialect,
    table: Option<&Table>,
    column: &str,
    value: &str,
) -> String {
    dialect.value_as_text(type_of(table, column), value)
}

/// The same key for values that are given as such texts.
pub(crate) fn key_of_texts(dialect: &dyn Dialect, texts: &[String]) -> Expr {
    let places: Vec<_> = (1..=texts.len())
        .map(|number| dialect.text_placeholder(number))
        .collect();
    Expr::cust_with_values(array(dialect, &places), texts.iter().cloned())
}

/// The texts of the key of a row in the archive.
pub(crate) fn texts_of_row_key(dialect: &dyn Dialect, columns: usize) -> Vec<String> {
    let key = dialect.quote(ROW_KEY);
    (0..columns)
        .map(|place| dialect.array_item(&key, place))
        .collect()
}

/// The texts of these columns of a row in the archive. NULL where the entry has no such column.
pub(crate) fn texts_of_entry(
    dialect: &dyn Dialect,
    table: Option<&Table>,
    columns: &[String],
) -> Vec<String> {
    members(dialect, table, columns, |member| {
        dialect.member_as_text(member)
    })
}

/// The value of a column of a row in the archive, of the column's type where texts and numbers don't compare.
pub(crate) fn value_of_entry(dialect: &dyn Dialect, table: Option<&Table>, column: &str) -> String {
    let member = Member {
        data: &dialect.quote(DATA),
        name: name_in_entry(table, column),
    };
    dialect.member_value(&member, type_of(table, column))
}

/// Whether an entry has values, or NULLs, of all these columns.
pub(crate) fn has_columns(
    dialect: &dyn Dialect,
    table: Option<&Table>,
    columns: &[String],
) -> Expr {
    let have = members(dialect, table, columns, |member| dialect.has_member(member));
    Expr::cust(format!("({})", have.join(" AND ")))
}

fn members(
    dialect: &dyn Dialect,
    table: Option<&Table>,
    columns: &[String],
    sql: impl Fn(&Member<'_>) -> String,
) -> Vec<String> {
    let data = dialect.quote(DATA);
    let names = columns.iter().map(|name| name_in_entry(table, name));
    names
        .map(|name| sql(&Member { data: &data, name }))
        .collect()
}

fn name_in_entry<'n>(table: Option<&'n Table>, name: &'n str) -> &'n str {
    let column = table.and_then(|table| table.column(name));
    column.map_or(name, |column| &column.name)
}

fn type_of<'t>(table: Option<&'t Table>, column: &str) -> &'t str {
    table
        .and_then(|table| table.column(column))
        .map_or("", |column| column.type_name.as_str())
}

/// Changes with the names and types of the columns that an entry holds.
pub(crate) fn fingerprint(table: &Table) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    for column in stored_columns(table) {
        for text in [&column.name, &column.type_name] {
            hash = fnv1a(hash, text.as_bytes());
            hash = fnv1a(hash, &[0]);
        }
    }
    format!("{hash:016x}")
}

/// The same from one build to the next.
fn fnv1a(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
