//! DDL as text: SeaQuery has no generated columns that are invisible, no views and no triggers, and leaves the schema out of
//! index statements. It quotes the identifiers and writes the types.

use sea_orm::{
    DbBackend,
    sea_query::{
        ColumnType, Expr, IntoIden as _, MysqlQueryBuilder, PostgresQueryBuilder, Query,
        QuotedBuilder as _, SqliteQueryBuilder, TableBuilder as _,
    },
};

use soft_delete_core::TableName;

/// An identifier in the backend's quotes.
pub fn quote(backend: DbBackend, name: &str) -> String {
    let mut sql = String::new();
    let name = name.to_owned().into_iden();
    match backend {
        DbBackend::MySql => MysqlQueryBuilder.prepare_iden(&name, &mut sql),
        DbBackend::Postgres => PostgresQueryBuilder.prepare_iden(&name, &mut sql),
        _ => SqliteQueryBuilder.prepare_iden(&name, &mut sql),
    }
    sql
}

/// Several of them, with commas.
pub fn quote_all<S: AsRef<str>>(backend: DbBackend, names: &[S]) -> String {
    let quoted: Vec<_> = names
        .iter()
        .map(|name| quote(backend, name.as_ref()))
        .collect();
    quoted.join(", ")
}

/// A table, or whatever else lives in the table's schema.
pub(crate) fn quote_in(backend: DbBackend, schema: Option<&str>, name: &str) -> String {
    let name = quote(backend, name);
    match schema {
        Some(schema) => format!("{}.{name}", quote(backend, schema)),
        None => name,
    }
}

/// The name of a table, quoted, with its schema.
pub fn quote_table(backend: DbBackend, table: &TableName) -> String {
    quote_in(backend, table.schema.as_deref(), &table.name)
}

/// A string literal. For what DDL takes no bound values in: the texts of triggers.
pub fn literal(backend: DbBackend, text: &str) -> String {
    let text = text.replace('\'', "''");
    match backend {
        DbBackend::MySql => format!("'{}'", text.replace('\\', "\\\\")),
        _ => format!("'{text}'"),
    }
}

/// An expression with its values as literals, for statements that take no bound ones.
pub(crate) fn to_sql(backend: DbBackend, expression: Expr) -> String {
    let select = Query::select().expr(expression).to_owned();
    let sql = match backend {
        DbBackend::MySql => select.to_string(MysqlQueryBuilder),
        DbBackend::Postgres => select.to_string(PostgresQueryBuilder),
        _ => select.to_string(SqliteQueryBuilder),
    };
    sql.trim_start_matches("SELECT ").to_owned()
}

/// A column's type, times with microseconds.
pub fn column_type(backend: DbBackend, column_type: &ColumnType) -> String {
    let mut sql = String::new();
    match backend {
        DbBackend::MySql => match column_type {
            ColumnType::Timestamp | ColumnType::TimestampWithTimeZone => {
                sql.push_str("timestamp(6)");
            }
            ColumnType::DateTime => sql.push_str("datetime(6)"),
            other => MysqlQueryBuilder.prepare_column_type(other, &mut sql),
        },
        DbBackend::Postgres => PostgresQueryBuilder.prepare_column_type(column_type, &mut sql),
        _ => SqliteQueryBuilder.prepare_column_type(column_type, &mut sql),
    }
    sql
}

/// The type of `deleted_at`. A TIMESTAMP of MySQL and MariaDB ends in January 2038; what lies beyond becomes NULL, and the row
/// active.
pub(crate) fn time_type(backend: DbBackend, of_type: &ColumnType) -> String {
    match backend {
        DbBackend::MySql => "datetime(6)".to_owned(),
        _ => column_type(backend, of_type),
    }
}

/// A name for an index, a trigger or a function: `prefix_table_columns_suffix`, with a hash for what is too long for the
/// backend, so that two long names that begin alike stay two.
pub fn object_name(prefix: &str, table: &str, columns: &[String], suffix: &str) -> String {
    /// PostgreSQL cuts names at 63 bytes, MySQL refuses more than 64 characters.
    const LONGEST: usize = 63;

    let parts: Vec<_> = [prefix, table]
        .into_iter()
        .chain(columns.iter().map(String::as_str))
        .chain([suffix])
        .filter(|part| !part.is_empty())
        .collect();
    let name = parts.join("_");
    if name.len() <= LONGEST {
        return name;
    }
    let hash = format!("_{:08x}", fnv1a(name.as_bytes()));
    let mut end = LONGEST - hash.len();
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{hash}", &name[..end])
}

/// A hash that stays the same from one build to the next, as a name in a database must.
fn fnv1a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_in_an_identifier_ends_nothing() {
        assert_eq!(quote(DbBackend::Postgres, r#"a"b"#), r#""a""b""#);
        assert_eq!(quote(DbBackend::Sqlite, r#"a"b"#), r#""a""b""#);
        assert_eq!(quote(DbBackend::MySql, "a`b"), "`a``b`");
    }

    #[test]
    fn a_quote_in_a_text_ends_nothing() {
        assert_eq!(literal(DbBackend::Postgres, r"it's \"), r"'it''s \'");
        assert_eq!(literal(DbBackend::MySql, r"it's \"), r"'it''s \\'");
    }

    #[test]
    fn names_that_are_too_long_stay_apart() {
        let long = "x".repeat(60);
        let names =
            ["a", "b"].map(|column| object_name("idx", &long, &[column.to_owned()], "active"));
        assert!(names.iter().all(|name| name.len() == 63));
        assert_ne!(names[0], names[1]);
        assert!(object_name("idx", &"ü".repeat(60), &[], "purge").len() <= 63);
    }
}
