//! The types of columns, as databases write them.

use sea_orm::{
    ColumnType, DbBackend,
    sea_query::{Alias, ArrayType, IntoIden as _, StringLen},
};
use soft_delete_core::TimeKind;

/// How values of a column are read and written. A type that is not known here is read and written as text.
pub(super) fn column_type(backend: DbBackend, type_name: &str) -> (ColumnType, ArrayType) {
    let known = match backend {
        DbBackend::Postgres => postgres(type_name),
        DbBackend::MySql => mysql(type_name),
        DbBackend::Sqlite => sqlite(type_name),
        _ => None,
    };
    known.unwrap_or_else(|| {
        (
            ColumnType::Custom(Alias::new(type_name).into_iden()),
            ArrayType::String,
        )
    })
}

/// As what a `deleted_at` of that type is read and written. `None` if it holds no times.
pub(super) fn time_kind(backend: DbBackend, type_name: &str) -> Option<(ColumnType, TimeKind)> {
    let with_zone = (ColumnType::TimestampWithTimeZone, TimeKind::ChronoUtc);
    let without = (ColumnType::DateTime, TimeKind::ChronoNaive);
    match backend {
        DbBackend::Postgres if type_name.starts_with("timestamp") => {
            match type_name.ends_with("with time zone") {
                true => Some(with_zone),
                false => Some(without),
            }
        }
        DbBackend::MySql if type_name.starts_with("timestamp") => Some(with_zone),
        DbBackend::MySql if type_name.starts_with("datetime") => Some(without),
        DbBackend::Sqlite => {
            let is_number = ["int", "real", "floa", "doub", "bool", "blob", "num", "dec"]
                .iter()
                .any(|part| type_name.contains(part));
            match type_name {
                _ if is_number => None,
                "datetime_text" => Some(without),
                _ => Some(with_zone),
            }
        }
        _ => None,
    }
}

/// Whether it holds ids of deletions.
pub(super) fn holds_uuid(backend: DbBackend, type_name: &str) -> bool {
    match backend {
        DbBackend::Sqlite => type_name.contains("uuid") || type_name.contains("blob"),
        _ => matches!(
            column_type(backend, type_name),
            (ColumnType::Uuid, ArrayType::Uuid)
        ),
    }
}

fn postgres(type_name: &str) -> Option<(ColumnType, ArrayType)> {
    // Without the length: `character varying(20)`.
    let plain = type_name.split('(').next().unwrap_or_default().trim();
    Some(match plain {
        "smallint" => (ColumnType::SmallInteger, ArrayType::SmallInt),
        "integer" => (ColumnType::Integer, ArrayType::Int),
        "bigint" => (ColumnType::BigInteger, ArrayType::BigInt),
        "boolean" => (ColumnType::Boolean, ArrayType::Bool),
        "real" => (ColumnType::Float, ArrayType::Float),
        "double precision" => (ColumnType::Double, ArrayType::Double),
        "uuid" => (ColumnType::Uuid, ArrayType::Uuid),
        "text" => (ColumnType::Text, ArrayType::String),
        "character varying" => (ColumnType::String(StringLen::None), ArrayType::String),
        "character" => (ColumnType::Char(None), ArrayType::String),
        "bytea" => (ColumnType::VarBinary(StringLen::None), ArrayType::Bytes),
        "date" => (ColumnType::Date, ArrayType::ChronoDate),
        "timestamp with time zone" => (
            ColumnType::TimestampWithTimeZone,
            ArrayType::ChronoDateTimeUtc,
        ),
        "timestamp without time zone" => (ColumnType::DateTime, ArrayType::ChronoDateTime),
        _ => return None,
    })
}

fn mysql(type_name: &str) -> Option<(ColumnType, ArrayType)> {
    let plain = type_name.split('(').next().unwrap_or_default().trim();
    let plain = plain.split(' ').next().unwrap_or_default();
    let is_unsigned = type_name.contains("unsigned");
    Some(match (plain, is_unsigned) {
        ("tinyint", false) => (ColumnType::TinyInteger, ArrayType::TinyInt),
        ("tinyint", true) => (ColumnType::TinyUnsigned, ArrayType::TinyUnsigned),
        ("smallint", false) => (ColumnType::SmallInteger, ArrayType::SmallInt),
        ("smallint", true) => (ColumnType::SmallUnsigned, ArrayType::SmallUnsigned),
        ("int" | "mediumint", false) => (ColumnType::Integer, ArrayType::Int),
        ("int" | "mediumint", true) => (ColumnType::Unsigned, ArrayType::Unsigned),
        ("bigint", false) => (ColumnType::BigInteger, ArrayType::BigInt),
        ("bigint", true) => (ColumnType::BigUnsigned, ArrayType::BigUnsigned),
        ("float", _) => (ColumnType::Float, ArrayType::Float),
        ("double", _) => (ColumnType::Double, ArrayType::Double),
        // As SeaORM and others keep a UUID.
        ("binary", _) if type_name == "binary(16)" => (ColumnType::Uuid, ArrayType::Uuid),
        ("binary" | "varbinary", _) => (ColumnType::VarBinary(StringLen::None), ArrayType::Bytes),
        ("varchar" | "char", _) => (ColumnType::String(StringLen::None), ArrayType::String),
        ("text" | "tinytext" | "mediumtext" | "longtext", _) => {
            (ColumnType::Text, ArrayType::String)
        }
        ("date", _) => (ColumnType::Date, ArrayType::ChronoDate),
        ("datetime", _) => (ColumnType::DateTime, ArrayType::ChronoDateTime),
        ("timestamp", _) => (ColumnType::Timestamp, ArrayType::ChronoDateTimeUtc),
        _ => return None,
    })
}

/// By the rules that SQLite itself finds a column's affinity by.
fn sqlite(type_name: &str) -> Option<(ColumnType, ArrayType)> {
    let has = |part: &str| type_name.contains(part);
    Some(if has("uuid") {
        (ColumnType::Uuid, ArrayType::Uuid)
    } else if has("bool") {
        (ColumnType::Boolean, ArrayType::Bool)
    } else if has("int") {
        (ColumnType::BigInteger, ArrayType::BigInt)
    } else if has("char") || has("clob") || has("text") {
        (ColumnType::Text, ArrayType::String)
    } else if has("blob") || has("binary") {
        (ColumnType::VarBinary(StringLen::None), ArrayType::Bytes)
    } else if has("real") || has("floa") || has("doub") {
        (ColumnType::Double, ArrayType::Double)
    } else {
        return None;
    })
}
