//! Reading what [`select_value`](super::select_value) selects.

use chrono::SecondsFormat;
use sea_orm::{DbErr, QueryResult, Value, sea_query::ArrayType};

use super::form::Form;
use crate::model::{EntityMeta, Error};

/// Reads the named columns of a row.
pub fn read_all(
    row: &QueryResult,
    meta: &EntityMeta,
    names: &[String],
    prefix: &str,
) -> Result<Vec<Value>, Error> {
    names
        .iter()
        .map(|name| read(row, meta, name, &format!("{prefix}{name}")))
        .collect()
}

/// Reads one column of a row.
///
/// What SQLite has stored in another form than the column's type is given as what is stored, so that it can be bound again: a
/// decimal is a number, a time that another program wrote a text.
pub fn read(
    row: &QueryResult,
    meta: &EntityMeta,
    name: &str,
    selected_as: &str,
) -> Result<Value, Error> {
    let Some(column) = meta.column(name) else {
        return Err(Error::Db(DbErr::Type(format!(
            "relation names a column `{name}` that the entity of `{}` does not have",
            meta.table
        ))));
    };
    let read = match Form::of(meta, name) {
        Form::Plain | Form::Padded => read_plain(row, &column.value_type, selected_as),
        _ => row
            .try_get::<Option<String>>("", selected_as)
            .map(Value::from),
    };
    match read {
        Ok(value) => Ok(as_stored(row, value, selected_as)),
        Err(error) => read_stored(row, selected_as).ok_or(error.into()),
    }
}

fn read_plain(
    row: &QueryResult,
    value_type: &ArrayType,
    selected_as: &str,
) -> Result<Value, DbErr> {
    macro_rules! get {
        ($type:ty) => {
            row.try_get::<Option<$type>>("", selected_as)?.into()
        };
    }
    Ok(match value_type {
        ArrayType::Bool => get!(bool),
        ArrayType::TinyInt => get!(i8),
        ArrayType::SmallInt => get!(i16),
        ArrayType::Int => get!(i32),
        ArrayType::BigInt => get!(i64),
        ArrayType::TinyUnsigned => get!(u8),
        ArrayType::SmallUnsigned => get!(u16),
        ArrayType::Unsigned => get!(u32),
        ArrayType::BigUnsigned => get!(u64),
        ArrayType::Float => get!(f32),
        ArrayType::Double => get!(f64),
        ArrayType::Bytes => get!(Vec<u8>),
        ArrayType::Uuid => get!(uuid::Uuid),
        ArrayType::ChronoDate => get!(chrono::NaiveDate),
        ArrayType::ChronoTime => get!(chrono::NaiveTime),
        ArrayType::ChronoDateTime => get!(chrono::NaiveDateTime),
        ArrayType::ChronoDateTimeUtc => get!(chrono::DateTime<chrono::Utc>),
        ArrayType::ChronoDateTimeLocal => get!(chrono::DateTime<chrono::Local>),
        ArrayType::ChronoDateTimeWithTimeZone => get!(chrono::DateTime<chrono::FixedOffset>),
        #[cfg(feature = "time")]
        ArrayType::TimeDate => get!(time::Date),
        #[cfg(feature = "time")]
        ArrayType::TimeTime => get!(time::Time),
        #[cfg(feature = "time")]
        ArrayType::TimeDateTime => get!(time::PrimitiveDateTime),
        #[cfg(feature = "time")]
        ArrayType::TimeDateTimeWithTimeZone => get!(time::OffsetDateTime),
        _ => get!(String),
    })
}

/// The value as it is stored, if it is SQLite's and another than this one would be written as.
fn as_stored(row: &QueryResult, value: Value, selected_as: &str) -> Value {
    if let Value::Float(Some(single)) = value {
        return match row.try_get::<f64>("", selected_as) {
            Ok(double) if double != f64::from(single) => double.into(),
            _ => value,
        };
    }
    let Some(own) = text_of_time(&value) else {
        return value;
    };
    // Only SQLite gives times as texts.
    match row.try_get::<String>("", selected_as) {
        Ok(stored) if own != stored => stored.into(),
        _ => value,
    }
}

/// A value of whatever type SQLite has stored it in.
fn read_stored(row: &QueryResult, selected_as: &str) -> Option<Value> {
    macro_rules! get {
        ($type:ty) => {
            row.try_get::<Option<$type>>("", selected_as)
                .map(Value::from)
        };
    }
    get!(i64)
        .or_else(|_| get!(f64))
        .or_else(|_| get!(String))
        .or_else(|_| get!(Vec<u8>))
        .ok()
}

/// As the driver writes a time to SQLite.
fn text_of_time(value: &Value) -> Option<String> {
    match value {
        Value::ChronoDate(Some(date)) => Some(date.format("%F").to_string()),
        Value::ChronoTime(Some(time)) => Some(time.format("%T%.f").to_string()),
        Value::ChronoDateTime(Some(at)) => Some(at.format("%F %T%.f").to_string()),
        Value::ChronoDateTimeUtc(Some(at)) => {
            Some(at.to_rfc3339_opts(SecondsFormat::AutoSi, false))
        }
        Value::ChronoDateTimeLocal(Some(at)) => {
            Some(at.to_rfc3339_opts(SecondsFormat::AutoSi, false))
        }
        Value::ChronoDateTimeWithTimeZone(Some(at)) => {
            Some(at.to_rfc3339_opts(SecondsFormat::AutoSi, false))
        }
        #[cfg(feature = "time")]
        Value::TimeDate(Some(date)) => Some(date.to_string()),
        #[cfg(feature = "time")]
        Value::TimeTime(Some(time)) => Some(of_day(*time, "0")),
        #[cfg(feature = "time")]
        Value::TimeDateTime(Some(at)) => Some(format!("{} {}", at.date(), of_day(at.time(), "0"))),
        #[cfg(feature = "time")]
        Value::TimeDateTimeWithTimeZone(Some(at)) => {
            let (hours, minutes, _) = at.offset().as_hms();
            let zone = match (hours, minutes) {
                (0, 0) => "Z".to_owned(),
                _ => {
                    let sign = if at.offset().is_negative() { '-' } else { '+' };
                    format!("{sign}{:02}:{:02}", hours.abs(), minutes.abs())
                }
            };
            Some(format!("{}T{}{zone}", at.date(), of_day(at.time(), "")))
        }
        _ => None,
    }
}

/// With all digits of the fraction but zeros at the end, or with `none`.
#[cfg(feature = "time")]
fn of_day(time: time::Time, none: &str) -> String {
    let (hour, minute, second, nanosecond) = time.as_hms_nano();
    let fraction = format!("{nanosecond:09}");
    let fraction = match fraction.trim_end_matches('0') {
        "" => none,
        digits => digits,
    };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{hour:02}:{minute:02}:{second:02}{point}{fraction}")
}
