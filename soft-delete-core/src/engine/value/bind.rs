//! Values as expressions that equal the columns that they belong to.

use sea_orm::{
    ColumnType, DbBackend, Value,
    sea_query::{Alias, Expr, ExprTrait as _},
};

use super::form::Form;
use crate::{
    dialect,
    engine::cascade::rows::{all, column, row_value},
    model::EntityMeta,
};

/// The digits of a decimal on MySQL, and the most of them behind the point on MariaDB, which has eight more than MySQL.
const DECIMAL_DIGITS: usize = 65;
const DECIMAL_SCALE: usize = 38;

/// A value of a column, to be compared with the column or written to it: one that was [read](super::read_all), or that the user has
/// given.
///
/// ```sql
/// $1
/// CAST($1 AS "mood")                      -- PostgreSQL: an enum
/// CAST(CAST($1 AS text) AS numeric)       -- a decimal that was read
/// CAST($1 AS bpchar)                      -- char(n), with its blanks or without
/// CAST(? AS DECIMAL(65, 2))               -- MySQL and MariaDB, which would compare 0.1 with a floating-point number
/// ```
///
/// Of other types, arrays and addresses say, the text is read by PostgreSQL as a value of the table's column. A text of these
/// statements always takes values of one type: the driver prepares it once.
pub fn bind(meta: &EntityMeta, name: &str, value: &Value, backend: DbBackend) -> Expr {
    let form = Form::of(meta, name);
    let plain = Expr::val(value.clone());
    if dialect::has_typed_parameters(backend) {
        return bind_typed(meta, name, value, form);
    }
    match (form, value) {
        (Form::Decimal, Value::String(Some(text)))
            if dialect::compares_decimals_as_floats(backend) =>
        {
            match scale(text) {
                Some(scale) => {
                    plain.cast_as(Alias::new(format!("DECIMAL({DECIMAL_DIGITS}, {scale})")))
                }
                None => plain,
            }
        }
        _ => plain,
    }
}

fn bind_typed(meta: &EntityMeta, name: &str, value: &Value, form: Form) -> Expr {
    let plain = Expr::val(value.clone());
    let is_text = matches!(value, Value::String(_));
    let cast = |of: Expr, to: &str| of.cast_as(Alias::new(to));
    let cast_text = |to: &str| match is_text {
        true => cast(cast(plain.clone(), "text"), to),
        false => cast(plain.clone(), to),
    };
    match form {
        Form::Plain => match value {
            Value::String(Some(text)) if text.ends_with(' ') => perhaps_padded(meta, name, value),
            _ => plain,
        },
        Form::Padded => cast(plain, "bpchar"),
        Form::Decimal => cast_text("numeric"),
        Form::Json => cast_text("jsonb"),
        // SeaQuery casts its own.
        Form::Enum if matches!(value, Value::Enum(_)) => plain,
        Form::Enum => match meta.column(name).map(|column| &column.column_type) {
            Some(ColumnType::Enum { name, .. }) => plain.as_enum(name.clone()),
            _ => plain,
        },
        Form::Text => as_column(meta, name, value, is_text),
    }
}

/// A text that ends with blanks. If the column is a `char(n)`, though the entity doesn't say so, they are its padding, and
/// PostgreSQL takes them off the column when it compares it with a text.
fn perhaps_padded(meta: &EntityMeta, name: &str, value: &Value) -> Expr {
    Expr::cust_with_values(
        format!(
            "CASE WHEN pg_typeof({}) = CAST('bpchar' AS regtype) THEN rtrim($1, ' ') ELSE $2 END",
            null_of(meta, name)
        ),
        [value.clone(), value.clone()],
    )
}

/// A value as one of the table's column, whatever its type is.
///
/// ```sql
/// (json_populate_record(NULL::"post", json_build_object('tags', $1::text)))."tags"
/// ```
fn as_column(meta: &EntityMeta, name: &str, value: &Value, is_text: bool) -> Expr {
    let text = if is_text { "::text" } else { "" };
    let key = name.replace('\'', "''");
    Expr::cust_with_values(
        format!(
            "(json_populate_record(NULL::{}, json_build_object('{key}', $1{text}))).{}",
            table(meta),
            quote(name)
        ),
        [value.clone()],
    )
}

/// NULL, of the column's type.
fn null_of(meta: &EntityMeta, name: &str) -> String {
    format!("(NULL::{}).{}", table(meta), quote(name))
}

fn table(meta: &EntityMeta) -> String {
    let name = quote(&meta.table.name);
    match meta.table.in_schema() {
        Some(schema) => format!("{}.{name}", quote(schema)),
        None => name,
    }
}

fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// How many digits a decimal number has behind its point. `None` if the text is no such number.
fn scale(text: &str) -> Option<usize> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = !whole.is_empty()
        && [whole, fraction]
            .iter()
            .all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let fits = fraction.len() <= DECIMAL_SCALE && whole.len() + fraction.len() <= DECIMAL_DIGITS;
    (is_number && fits).then_some(fraction.len())
}

/// Several values.
fn bind_all(
    meta: &EntityMeta,
    names: &[String],
    values: &[Value],
    backend: DbBackend,
) -> Vec<Expr> {
    let pairs = names.iter().zip(values);
    pairs
        .map(|(name, value)| bind(meta, name, value, backend))
        .collect()
}

/// Whether columns of the entity's table have these values: `post.id = $1 AND post.day = $2`.
pub fn equals(meta: &EntityMeta, names: &[String], values: &[Value], backend: DbBackend) -> Expr {
    let values = bind_all(meta, names, values, backend);
    all(names
        .iter()
        .zip(values)
        .map(|(name, value)| column(meta, name).eq(value)))
}

/// Whether columns of the entity, under whatever name of the table, have one of these rows of values: `left IN ($1, …)`.
///
/// The text grows with the number of rows: a caller bounds it. Of no rows none is meant.
pub fn is_one_of<'v>(
    left: Vec<Expr>,
    meta: &EntityMeta,
    names: &[String],
    rows: impl IntoIterator<Item = &'v Vec<Value>>,
    backend: DbBackend,
) -> Expr {
    let rows = rows.into_iter();
    let rows: Vec<_> = rows
        .map(|values| row_value(bind_all(meta, names, values, backend)))
        .collect();
    match rows.is_empty() {
        true => Expr::cust("1 = 0"),
        false => row_value(left).is_in(rows),
    }
}
