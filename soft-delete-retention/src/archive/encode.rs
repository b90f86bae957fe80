//! Rows and their values as JSON, written by the database itself.
//!
//! Every value has one text, and it is the same whether it is read from the row, from the row's entry in the archive, or made of
//! a value that is bound. By it rows are compared with entries.

use sea_orm::{DbBackend, sea_query::Expr};

use super::table::{DATA, ROW_KEY};
use soft_delete_schema::schema_api::{
    catalog::{Column, Table},
    sql::{literal, quote},
};

/// How the values of a column are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// As JSON has it.
    Plain,
    /// As the text that the database reads again.
    Text,
    /// MySQL's numbers with single precision, of which it shows six digits if not told otherwise.
    Float,
    /// MySQL's `bit`.
    Bits,
    /// MySQL's strings of bytes.
    Bytes,
    /// SQLite's columns, which hold values of any type.
    Any,
}

impl Form {
    fn of(backend: DbBackend, column_type: &str) -> Self {
        let word = column_type.split(['(', ' ']).next().unwrap_or_default();
        match backend {
            DbBackend::Postgres => {
                let is_plain = matches!(
                    word,
                    "smallint"
                        | "integer"
                        | "bigint"
                        | "boolean"
                        | "text"
                        | "character"
                        | "uuid"
                        | "date"
                        | "time"
                        | "timestamp"
                );
                if is_plain && !column_type.ends_with("[]") {
                    Self::Plain
                } else {
                    Self::Text
                }
            }
            DbBackend::MySql => match word {
                "tinyint" | "smallint" | "mediumint" | "int" | "bigint" | "year" => Self::Plain,
                "float" => Self::Float,
                "bit" => Self::Bits,
                "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob"
                | "geometry" | "point" | "linestring" | "polygon" | "multipoint"
                | "multilinestring" | "multipolygon" | "geometrycollection" | "geomcollection"
                | "vector" => Self::Bytes,
                _ => Self::Text,
            },
            _ => Self::Any,
        }
    }
}

/// The columns of a table that an entry holds: all that aren't generated.
pub(crate) fn stored_columns(table: &Table) -> impl Iterator<Item = &Column> {
    let columns = table.columns.iter();
    columns.filter(|column| column.generated.is_none())
}

/// The row as a JSON object.
pub(crate) fn row_as_json(backend: DbBackend, table: &Table, called: &str) -> String {
    let called = quote(backend, called);
    let column = |column: &Column| format!("{called}.{}", quote(backend, &column.name));
    match backend {
        DbBackend::Postgres => {
            // `json_build_object` takes a hundred arguments, and a row any number of columns.
            let columns: Vec<_> = stored_columns(table)
                .map(|one| {
                    let value = match Form::of(backend, &one.type_name) {
                        Form::Plain => column(one),
                        _ => format!("{}::text", column(one)),
                    };
                    format!("{value} AS {}", quote(backend, &one.name))
                })
                .collect();
            let columns = columns.join(", ");
            // With `.*`, lest a column of that name be taken for the row.
            format!(
                "(SELECT row_to_json(soft_delete_row.*) FROM (SELECT {columns}) AS soft_delete_row)"
            )
        }
        DbBackend::MySql => {
            let members: Vec<_> = stored_columns(table)
                .map(|one| {
                    let value = mysql_value(&one.type_name, &column(one));
                    format!("{}, {value}", literal(backend, &one.name))
                })
                .collect();
            format!("JSON_OBJECT({})", members.join(", "))
        }
        _ => {
            let members: Vec<_> = stored_columns(table)
                .map(|one| {
                    let name = json_string(&one.name);
                    let value = sqlite_value(&column(one));
                    format!("{} || {value}", literal(backend, &format!("{name}:")))
                })
                .collect();
            // SQLite's functions take a hundred arguments, and its expressions are a thousand levels deep at most.
            let parts: Vec<_> = members
                .chunks(100)
                .map(|members| format!("({})", members.join(" || ',' || ")))
                .collect();
            format!("'{{' || {} || '}}'", parts.join(" || ',' || "))
        }
    }
}

fn mysql_value(column_type: &str, value: &str) -> String {
    match Form::of(DbBackend::MySql, column_type) {
        Form::Plain => value.to_owned(),
        Form::Bits => format!("{value} + 0"),
        // MariaDB forgets that a value is JSON when it leaves an IF.
        Form::Bytes => format!(
            "JSON_EXTRACT(IF({value} IS NULL, NULL, JSON_OBJECT('hex', HEX({value}))), '$')"
        ),
        _ => mysql_text(column_type, value),
    }
}

fn mysql_text(column_type: &str, value: &str) -> String {
    match Form::of(DbBackend::MySql, column_type) {
        Form::Bytes => format!("HEX({value})"),
        Form::Bits => format!("CONVERT({value} + 0 USING utf8mb4)"),
        Form::Float => format!("CONVERT(CAST({value} AS DOUBLE) USING utf8mb4)"),
        // MariaDB knows a JSON column again after a mere conversion, and would write its value as JSON.
        _ => format!("CONCAT(CONVERT({value} USING utf8mb4), '')"),
    }
}

/// SQLite writes and reads decimals inexactly, far from 1 by the last bits of a number: what is missing is written beside it. The
/// difference of two numbers that are so near is exact.
fn sqlite_value(value: &str) -> String {
    let read = format!("CAST(quote({value}) AS REAL)");
    format!(
        "CASE typeof({value}) WHEN 'blob' THEN '{{\"hex\":\"' || hex({value}) || '\"}}' \
         WHEN 'real' THEN '{{\"real\":\"' || quote({value}) || CASE WHEN {value} = {read} THEN '' \
         ELSE '\",\"plus\":\"' || quote({value} - {read}) END || '\"}}' ELSE json_quote({value}) END"
    )
}

/// The text of a value of that column: the column itself, or a value that is bound.
fn text(backend: DbBackend, column_type: &str, value: &str) -> String {
    match backend {
        // As `row_to_json` writes times, whatever the session's style.
        DbBackend::Postgres => match Form::of(backend, column_type) {
            Form::Plain => format!("to_json({value}) #>> '{{}}'"),
            _ => format!("{value}::text"),
        },
        DbBackend::MySql => mysql_text(column_type, value),
        _ => format!(
            "CASE typeof({value}) WHEN 'blob' THEN hex({value}) WHEN 'real' THEN quote({value}) \
             ELSE CAST({value} AS TEXT) END"
        ),
    }
}

/// A JSON array of texts: what a key is known by.
pub(crate) fn array(backend: DbBackend, texts: &[String]) -> String {
    let texts = texts.join(", ");
    match backend {
        DbBackend::Postgres => format!("json_build_array({texts})::text"),
        // To MySQL a JSON value and the text of it are two.
        DbBackend::MySql => format!("CONVERT(JSON_ARRAY({texts}) USING utf8mb4)"),
        _ => format!("json_array({texts})"),
    }
}

/// The values of these columns of a row.
pub(crate) fn key_of_row(
    backend: DbBackend,
    table: Option<&Table>,
    called: &str,
    columns: &[String],
) -> Expr {
    Expr::cust(array(
        backend,
        &texts_of_row(backend, table, called, columns),
    ))
}

/// The texts of these columns of a row.
pub(crate) fn texts_of_row(
    backend: DbBackend,
    table: Option<&Table>,
    called: &str,
    columns: &[String],
) -> Vec<String> {
    let called = quote(backend, called);
    columns
        .iter()
        .map(|name| {
            let value = format!("{called}.{}", quote(backend, name));
            text_of(backend, table, name, &value)
        })
        .collect()
}

/// The text of a value of that column.
pub(crate) fn text_of(
    backend: DbBackend,
    table: Option<&Table>,
    column: &str,
    value: &str,
) -> String {
    text(backend, type_of(table, column), value)
}

/// The same key for values that are given as such texts.
pub(crate) fn key_of_texts(backend: DbBackend, texts: &[String]) -> Expr {
    let places: Vec<_> = (1..=texts.len())
        .map(|number| match backend {
            DbBackend::Postgres => format!("${number}::text"),
            _ => "?".to_owned(),
        })
        .collect();
    Expr::cust_with_values(array(backend, &places), texts.iter().cloned())
}

/// The texts of the key of a row in the archive.
pub(crate) fn texts_of_row_key(backend: DbBackend, columns: usize) -> Vec<String> {
    let key = quote(backend, ROW_KEY);
    (0..columns)
        .map(|place| match backend {
            DbBackend::Postgres => format!("({key}::json ->> {place})"),
            DbBackend::MySql => mysql_member(&key, &format!("'$[{place}]'")),
            _ => format!("json_extract({key}, '$[{place}]')"),
        })
        .collect()
}

/// The texts of these columns of a row in the archive. NULL where the entry has no such column.
pub(crate) fn texts_of_entry(
    backend: DbBackend,
    table: Option<&Table>,
    columns: &[String],
) -> Vec<String> {
    let data = quote(backend, DATA);
    columns
        .iter()
        .map(|name| {
            let name = name_in_entry(table, name);
            let path = |rest: &str| literal(backend, &format!("$.{}{rest}", json_string(name)));
            match backend {
                DbBackend::Postgres => format!("({data} ->> {})", literal(backend, name)),
                DbBackend::MySql => format!(
                    "COALESCE({}, {})",
                    mysql_member(&data, &path(".hex")),
                    mysql_member(&data, &path(""))
                ),
                _ => format!(
                    "COALESCE(json_extract({data}, {}), json_extract({data}, {}), CAST(json_extract({data}, {}) AS TEXT))",
                    path(".hex"),
                    path(".real"),
                    path("")
                ),
            }
        })
        .collect()
}

/// The value of a column of a row in the archive, of the column's type where texts and numbers don't compare.
pub(crate) fn value_of_entry(backend: DbBackend, table: Option<&Table>, column: &str) -> String {
    let data = quote(backend, DATA);
    let name = name_in_entry(table, column);
    let path = |rest: &str| literal(backend, &format!("$.{}{rest}", json_string(name)));
    match backend {
        DbBackend::Postgres => {
            let text = format!("{data} ->> {}", literal(backend, name));
            match type_of(table, column) {
                "" => format!("({text})"),
                type_name => format!("CAST({text} AS {type_name})"),
            }
        }
        DbBackend::MySql => mysql_member(&data, &path("")),
        _ => format!(
            "COALESCE(CAST(json_extract({data}, {}) AS REAL), json_extract({data}, {}))",
            path(".real"),
            path("")
        ),
    }
}

/// Whether an entry has values, or NULLs, of all these columns.
pub(crate) fn has_columns(backend: DbBackend, table: Option<&Table>, columns: &[String]) -> Expr {
    let data = quote(backend, DATA);
    let have: Vec<_> = columns
        .iter()
        .map(|name| {
            let name = name_in_entry(table, name);
            let path = literal(backend, &format!("$.{}", json_string(name)));
            match backend {
                DbBackend::Postgres => {
                    format!("({data} -> {}) IS NOT NULL", literal(backend, name))
                }
                DbBackend::MySql => format!("JSON_CONTAINS_PATH({data}, 'one', {path})"),
                _ => format!("json_type({data}, {path}) IS NOT NULL"),
            }
        })
        .collect();
    Expr::cust(format!("({})", have.join(" AND ")))
}

/// MySQL's `JSON_VALUE` has no text of more than 512 characters.
fn mysql_member(document: &str, path: &str) -> String {
    let value = format!("JSON_EXTRACT({document}, {path})");
    format!("IF(JSON_TYPE({value}) = 'NULL', NULL, CONVERT(JSON_UNQUOTE({value}) USING utf8mb4))")
}

fn name_in_entry<'n>(table: Option<&'n Table>, name: &'n str) -> &'n str {
    let column = table.and_then(|table| table.column(name));
    column.map_or(name, |column| &column.name)
}

fn type_of<'t>(table: Option<&'t Table>, column: &str) -> &'t str {
    table
        .and_then(|table| table.column(column))
        .map_or("", |column| column.type_name.as_str())
}

pub(crate) fn json_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Changes with the names and types of the columns that an entry holds.
pub(crate) fn fingerprint(table: &Table) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    for column in stored_columns(table) {
        for text in [&column.name, &column.type_name] {
            hash = fnv1a(hash, text.as_bytes());
            hash = fnv1a(hash, &[0]);
        }
    }
    format!("{hash:016x}")
}

/// The same from one build to the next.
fn fnv1a(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
