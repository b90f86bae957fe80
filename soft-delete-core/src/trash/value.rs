//! Values of columns whose type is known only at run time: selected for people, shown, and read from texts.

use sea_orm::{
    DbBackend, QueryResult, Value,
    sea_query::{Expr, ExprTrait as _},
};

use crate::{
    dialect,
    engine::{
        cascade::rows::column,
        value::{self, is_plain, parse_value},
    },
    model::{ColumnMeta, EntityMeta, Error},
};

/// A value of a row, to be shown: as a text, or with the feature `serde` as JSON.
///
/// A column of a type that no driver gives as a plain value is the text that the database writes for it.
#[derive(Clone, Debug, PartialEq)]
pub struct RowValue(pub Value);

impl RowValue {
    /// Whether it is NULL.
    pub fn is_null(&self) -> bool {
        self.0 == self.0.as_null()
    }

    /// As a text without quotes: bytes in hexadecimal, times in UTC, `NULL`. Of a key's values, [`Trash::key`](super::Trash::key) reads
    /// it again.
    pub fn text(&self) -> String {
        value::text_of(&self.0)
    }
}

impl From<Value> for RowValue {
    fn from(value: Value) -> Self {
        Self(value)
    }
}

/// Numbers and truth values as JSON has them, times as RFC 3339 has them, everything else as text.
#[cfg(feature = "serde")]
impl serde::Serialize for RowValue {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Value::Bool(Some(flag)) => serializer.serialize_bool(*flag),
            Value::TinyInt(Some(number)) => serializer.serialize_i8(*number),
            Value::SmallInt(Some(number)) => serializer.serialize_i16(*number),
            Value::Int(Some(number)) => serializer.serialize_i32(*number),
            Value::BigInt(Some(number)) => serializer.serialize_i64(*number),
            Value::TinyUnsigned(Some(number)) => serializer.serialize_u8(*number),
            Value::SmallUnsigned(Some(number)) => serializer.serialize_u16(*number),
            Value::Unsigned(Some(number)) => serializer.serialize_u32(*number),
            Value::BigUnsigned(Some(number)) => serializer.serialize_u64(*number),
            Value::Float(Some(number)) => serializer.serialize_f32(*number),
            Value::Double(Some(number)) => serializer.serialize_f64(*number),
            Value::ChronoDateTimeUtc(Some(at)) => at.serialize(serializer),
            Value::ChronoDateTimeLocal(Some(at)) => at.to_utc().serialize(serializer),
            Value::ChronoDateTimeWithTimeZone(Some(at)) => at.to_utc().serialize(serializer),
            _ if self.is_null() => serializer.serialize_none(),
            _ => serializer.serialize_str(&self.text()),
        }
    }
}

/// A column in a SELECT for people: what no driver gives as a plain value is cast to text by the database.
pub(super) fn select(meta: &EntityMeta, of: &ColumnMeta, backend: DbBackend) -> Expr {
    let expression = column(meta, &of.name);
    match is_plain(of) {
        true => expression,
        false => expression.cast_as(dialect::text_type(backend)),
    }
}

/// Reads what [`select`] selected.
pub(super) fn read(
    row: &QueryResult,
    meta: &EntityMeta,
    of: &ColumnMeta,
    selected_as: &str,
) -> Result<RowValue, Error> {
    if is_plain(of) {
        return Ok(RowValue(value::read(row, meta, &of.name, selected_as)?));
    }
    let text = row.try_get::<Option<String>>("", selected_as)?;
    Ok(RowValue(text.into()))
}

/// Reads a value of a key's column from a text.
pub(super) fn parse(meta: &EntityMeta, name: &str, text: &str) -> Result<Value, Error> {
    let invalid = |wanted: String| Error::InvalidKey {
        table: meta.table.clone(),
        problem: format!("`{text}` is not a value of `{name}`, which is {wanted}"),
    };
    let Some(column) = meta.column(name) else {
        return Err(invalid("no column of the entity".to_owned()));
    };
    parse_value(column, text).map_err(invalid)
}
