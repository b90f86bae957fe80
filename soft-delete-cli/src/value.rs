//! Values of columns whose type is known only at run time: shown, and read from the command line.

use chrono::{DateTime, FixedOffset, Local, NaiveDate, NaiveTime, Utc};
use sea_orm::{
    ColumnType, DbBackend, QueryResult, Value,
    sea_query::{ArrayType, Expr, ExprTrait as _},
};
use serde::{Serialize, Serializer};
use uuid::Uuid;

use super::time::point_in_time;
use soft_delete_core::{
    ColumnMeta, EntityMeta, Error,
    engine_api::{
        rows::{column, is_integer},
        value::{is_known, read},
    },
};

/// A value of a row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shown(pub(super) Value);

impl Shown {
    pub(super) fn is_null(&self) -> bool {
        self.0 == self.0.as_null()
    }

    /// As the command line would take it.
    pub(super) fn text(&self) -> String {
        match &self.0 {
            Value::String(Some(text)) => text.clone(),
            Value::Char(Some(character)) => character.to_string(),
            Value::Uuid(Some(id)) => id.to_string(),
            Value::Bool(Some(flag)) => flag.to_string(),
            Value::Bytes(Some(bytes)) => hex(bytes),
            Value::ChronoDateTimeUtc(Some(at)) => instant(*at),
            Value::ChronoDateTimeLocal(Some(at)) => instant(at.to_utc()),
            Value::ChronoDateTimeWithTimeZone(Some(at)) => instant(at.to_utc()),
            _ if self.is_null() => "NULL".to_owned(),
            value => value.to_string().trim_matches('\'').to_owned(),
        }
    }
}

/// UTC, to the microsecond where there are such.
fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S%.fZ").to_string()
}

/// UTC, to the second: for lists that need not be exact.
pub(super) fn second(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%SZ").to_string()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Numbers and truth values as JSON has them, times as RFC 3339 has them, everything else as text.
impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
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
pub(super) fn readable(meta: &EntityMeta, of: &ColumnMeta, backend: DbBackend) -> Expr {
    let expression = column(meta, &of.name);
    if is_plain(of) {
        return expression;
    }
    expression.cast_as(match backend {
        DbBackend::MySql => "char",
        _ => "text",
    })
}

/// Reads what [`readable`] selected.
pub(super) fn read_readable(
    row: &QueryResult,
    meta: &EntityMeta,
    of: &ColumnMeta,
    selected_as: &str,
) -> Result<Shown, Error> {
    if is_plain(of) {
        return Ok(Shown(read(row, meta, &of.name, selected_as)?));
    }
    Ok(Shown(
        row.try_get::<Option<String>>("", selected_as)?.into(),
    ))
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

/// Reads a value for a column from the command line. The error says what is wanted.
pub(super) fn parse(of: &ColumnMeta, text: &str) -> Result<Value, String> {
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
    let instant =
        || point_in_time(text).map_err(|_| "a time, such as `2026-01-31 18:00:00`".to_owned());
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
        ArrayType::ChronoDateTime => instant().map(|at| at.naive_utc().into()),
        ArrayType::ChronoDateTimeUtc => instant().map(Value::from),
        ArrayType::ChronoDateTimeLocal => instant().map(|at| at.with_timezone(&Local).into()),
        ArrayType::ChronoDateTimeWithTimeZone => {
            instant().map(|at| DateTime::<FixedOffset>::from(at).into())
        }
        _ => Err("of a type that the command line can't take".to_owned()),
    }
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
