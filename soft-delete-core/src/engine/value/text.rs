//! Values as texts, and back.

use chrono::{DateTime, FixedOffset, Local, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use sea_orm::{Value, sea_query::ArrayType};
use uuid::Uuid;

use super::form::is_plain;
use crate::model::ColumnMeta;

/// A value without quotes: bytes in hexadecimal, times in UTC, `NULL`. [`parse_value`] reads it again.
pub(crate) fn text_of(value: &Value) -> String {
    match value {
        Value::String(Some(text)) => text.clone(),
        Value::Char(Some(character)) => character.to_string(),
        Value::Uuid(Some(id)) => id.to_string(),
        Value::Bool(Some(flag)) => flag.to_string(),
        Value::Bytes(Some(bytes)) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        Value::ChronoDateTime(Some(at)) => at.format("%Y-%m-%d %H:%M:%S%.f").to_string(),
        Value::ChronoTime(Some(time)) => time.format("%H:%M:%S%.f").to_string(),
        Value::ChronoDateTimeUtc(Some(at)) => instant(*at),
        Value::ChronoDateTimeLocal(Some(at)) => instant(at.to_utc()),
        Value::ChronoDateTimeWithTimeZone(Some(at)) => instant(at.to_utc()),
        _ if *value == value.as_null() => "NULL".to_owned(),
        value => value.to_string().trim_matches('\'').to_owned(),
    }
}

/// UTC, to the microsecond where there are such.
fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S%.fZ").to_string()
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
