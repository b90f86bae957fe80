//! Values of columns whose type is known only at run time: selected for people, shown, and read from texts.

use chrono::{DateTime, FixedOffset, Local, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use sea_orm::{
    ColumnType, DbBackend, QueryResult, Value,
    sea_query::{ArrayType, Expr, ExprTrait as _},
};
use uuid::Uuid;

use crate::{
    dialect,
    engine::{
        cascade::rows::{column, is_integer},
        value::{self, is_known},
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
        match &self.0 {
            Value::String(Some(text)) => text.clone(),
            Value::Char(Some(character)) => character.to_string(),
            Value::Uuid(Some(id)) => id.to_string(),
            Value::Bool(Some(flag)) => flag.to_string(),
            Value::Bytes(Some(bytes)) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            Value::ChronoDateTimeUtc(Some(at)) => instant(*at),
            Value::ChronoDateTimeLocal(Some(at)) => instant(at.to_utc()),
            Value::ChronoDateTimeWithTimeZone(Some(at)) => instant(at.to_utc()),
            _ if self.is_null() => "NULL".to_owned(),
            value => value.to_string().trim_matches('\'').to_owned(),
        }
    }
}

impl From<Value> for RowValue {
    fn from(value: Value) -> Self {
        Self(value)
    }
}

/// UTC, to the microsecond where there are such.
fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S%.fZ").to_string()
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

fn is_plain(of: &ColumnMeta) -> bool {
    let has_plain_type = is_integer(&of.column_type)
        || matches!(
            of.column_type,
            ColumnType::Char(_)
                | ColumnType::String(_)
                | ColumnType::Text
                | ColumnType::Blob
                | ColumnType::Float
                | ColumnType::Double
                | ColumnType::DateTime
                | ColumnType::Timestamp
                | ColumnType::TimestampWithTimeZone
                | ColumnType::Time
                | ColumnType::Date
                | ColumnType::Binary(_)
                | ColumnType::VarBinary(_)
                | ColumnType::Boolean
                | ColumnType::Uuid
        );
    has_plain_type && is_known(&of.value_type)
}

/// Reads a value of a key's column from a text.
pub(super) fn parse(meta: &EntityMeta, name: &str, text: &str) -> Result<Value, Error> {
    let invalid = |wanted: String| Error::InvalidKey {
        table: meta.table.clone(),
        problem: format!("`{text}` is no value of `{name}`, which is {wanted}"),
    };
    let Some(column) = meta.column(name) else {
        return Err(invalid("no column of the entity".to_owned()));
    };
    parse_value(column, text).map_err(invalid)
}

/// Reads a value of a column from a text. The error says what is wanted.
pub fn parse_value(of: &ColumnMeta, text: &str) -> Result<Value, String> {
    macro_rules! number {
        ($type:ty) => {
            text.parse::<$type>()
                .map(Value::from)
                .map_err(|_| match text.parse::<i128>() {
                    Ok(_) => format!("a number from {} to {}", <$type>::MIN, <$type>::MAX),
                    Err(_) => "a whole number".to_owned(),
                })
        };
    }
    macro_rules! of_form {
        ($value:expr, $form:literal) => {
            $value.map(Value::from).map_err(|_| $form.to_owned())
        };
    }
    let at =
        || point_in_time(text).ok_or_else(|| "a time, such as `2026-01-31T18:00:00Z`".to_owned());
    match &of.value_type {
        ArrayType::TinyInt => number!(i8),
        ArrayType::SmallInt => number!(i16),
        ArrayType::Int => number!(i32),
        ArrayType::BigInt => number!(i64),
        ArrayType::TinyUnsigned => number!(u8),
        ArrayType::SmallUnsigned => number!(u16),
        ArrayType::Unsigned => number!(u32),
        ArrayType::BigUnsigned => number!(u64),
        ArrayType::Float => of_form!(text.parse::<f32>(), "a number"),
        ArrayType::Double => of_form!(text.parse::<f64>(), "a number"),
        ArrayType::Bool => of_form!(text.parse::<bool>(), "`true` or `false`"),
        ArrayType::String => Ok(text.into()),
        ArrayType::Char => of_form!(text.parse::<char>(), "one character"),
        ArrayType::Bytes => of_form!(
            from_hex(text).ok_or(()),
            "bytes in hexadecimal, such as `01ff`"
        ),
        ArrayType::Uuid => of_form!(text.parse::<Uuid>(), "a UUID"),
        ArrayType::ChronoDate => {
            of_form!(text.parse::<NaiveDate>(), "a date, such as `2026-01-31`")
        }
        ArrayType::ChronoTime => of_form!(
            text.parse::<NaiveTime>(),
            "a time of day, such as `18:00:00`"
        ),
        ArrayType::ChronoDateTime => at().map(|at| at.naive_utc().into()),
        ArrayType::ChronoDateTimeUtc => at().map(Value::from),
        ArrayType::ChronoDateTimeLocal => at().map(|at| at.with_timezone(&Local).into()),
        ArrayType::ChronoDateTimeWithTimeZone => {
            at().map(|at| DateTime::<FixedOffset>::from(at).into())
        }
        // Their texts are what the database writes and reads.
        _ if !is_plain(of) => Ok(text.into()),
        _ => Err("of a type that can't be read from a text".to_owned()),
    }
}

/// RFC 3339, also with a space for the `T`; without a zone it is UTC.
fn point_in_time(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.to_utc());
    }
    let text = text.strip_suffix('Z').unwrap_or(text);
    let forms = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"];
    let read = |form| NaiveDateTime::parse_from_str(text, form).ok();
    forms.into_iter().find_map(read).map(|at| at.and_utc())
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}
