//! Reading values of columns whose type is known only at run time: keys, and the values that conflict.

use sea_orm::{DbErr, QueryResult, Value, sea_query::ArrayType};

use crate::{EntityMeta, Error};

/// Reads the named columns of a row.
pub(crate) fn read_all(
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

/// Whether values of this type are read as what they are. Others are read as text.
#[cfg(feature = "purge")]
pub(crate) fn is_known(value_type: &ArrayType) -> bool {
    use ArrayType as T;

    let is_times = {
        #[cfg(feature = "time")]
        {
            matches!(
                value_type,
                T::TimeDate | T::TimeTime | T::TimeDateTime | T::TimeDateTimeWithTimeZone
            )
        }
        #[cfg(not(feature = "time"))]
        {
            false
        }
    };
    is_times
        || matches!(
            value_type,
            T::Bool
                | T::TinyInt
                | T::SmallInt
                | T::Int
                | T::BigInt
                | T::TinyUnsigned
                | T::SmallUnsigned
                | T::Unsigned
                | T::BigUnsigned
                | T::Float
                | T::Double
                | T::String
                | T::Bytes
                | T::Uuid
                | T::ChronoDate
                | T::ChronoTime
                | T::ChronoDateTime
                | T::ChronoDateTimeUtc
                | T::ChronoDateTimeLocal
                | T::ChronoDateTimeWithTimeZone
        )
}

/// Reads one column of a row.
pub(crate) fn read(
    row: &QueryResult,
    meta: &EntityMeta,
    name: &str,
    selected_as: &str,
) -> Result<Value, Error> {
    macro_rules! get {
        ($type:ty) => {
            row.try_get::<Option<$type>>("", selected_as)?.into()
        };
    }
    let Some(column) = meta.column(name) else {
        return Err(Error::Db(DbErr::Type(format!(
            "relation names a column `{name}` that the entity of `{}` does not have",
            meta.table
        ))));
    };
    Ok(match &column.value_type {
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
        ArrayType::String => get!(String),
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
        // Enums of PostgreSQL, decimals and the like: as text where the driver gives it.
        _ => get!(String),
    })
}

/// A value as a text without quotes.
#[cfg(feature = "purge")]
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::String(Some(text)) => text.clone(),
        other => display(other),
    }
}

/// A value as a reader of a message expects it.
pub(crate) fn display(value: &Value) -> String {
    match value {
        Value::String(Some(text)) => format!("\"{text}\""),
        Value::Uuid(Some(id)) => id.to_string(),
        value if *value == value.as_null() => "NULL".to_owned(),
        value => value.to_string(),
    }
}

/// `1`, or `(1, "a")` for a composite key.
pub(crate) fn display_key(key: &[Value]) -> String {
    match key {
        [value] => display(value),
        values => {
            let values: Vec<_> = values.iter().map(display).collect();
            format!("({})", values.join(", "))
        }
    }
}
