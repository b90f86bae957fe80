//! Values of columns whose type is known only at run time: shown, and read from the command line.

use chrono::{DateTime, FixedOffset, Local, Utc};
use sea_orm::{Value, sea_query::ArrayType};
use soft_delete_core::{ColumnMeta, engine_api::parse_value};

use super::time::point_in_time;

/// UTC, to the second: for lists that need not be exact.
pub(super) fn second(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// Reads a value for a column from the command line. The error says what is wanted.
pub(super) fn parse(of: &ColumnMeta, text: &str) -> Result<Value, String> {
    // People may write times in more ways than programs do.
    let at = || point_in_time(text).map_err(|_| "a time, such as `2026-01-31 18:00:00`".to_owned());
    match &of.value_type {
        ArrayType::ChronoDateTime => at().map(|at| at.naive_utc().into()),
        ArrayType::ChronoDateTimeUtc => at().map(Value::from),
        ArrayType::ChronoDateTimeLocal => at().map(|at| at.with_timezone(&Local).into()),
        ArrayType::ChronoDateTimeWithTimeZone => {
            at().map(|at| DateTime::<FixedOffset>::from(at).into())
        }
        _ => parse_value(of, text),
    }
}
