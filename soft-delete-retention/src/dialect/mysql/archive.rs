//! The archive on MySQL and MariaDB.

use sea_orm::Value;

use crate::dialect::{ArchiveDialect, ArchiveTypes, Comparison, Form, Member, archive::word_of};
use soft_delete_schema::schema_api::{
    catalog::{Column, Table},
    dialect::{MySql, SqlDialect as _},
};

/// How the values of a column are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    /// As JSON has it.
    Plain,
    /// As the text that the database reads again.
    Text,
    /// Numbers with single precision, of which six digits are shown if not told otherwise.
    Float,
    /// A `bit`.
    Bits,
    /// A string of bytes.
    Bytes,
}

impl Written {
    fn of(type_name: &str) -> Self {
        match word_of(type_name) {
            "tinyint" | "smallint" | "mediumint" | "int" | "bigint" | "year" => Self::Plain,
            "float" => Self::Float,
            "bit" => Self::Bits,
            "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob"
            | "geometry" | "point" | "linestring" | "polygon" | "multipoint"
            | "multilinestring" | "multipolygon" | "geometrycollection" | "geomcollection"
            | "vector" => Self::Bytes,
            _ => Self::Text,
        }
    }
}

impl ArchiveDialect for MySql {
    fn archive_types(&self) -> ArchiveTypes {
        ArchiveTypes {
            id: "bigint NOT NULL AUTO_INCREMENT PRIMARY KEY",
            name: "varchar(129)",
            text: "mediumtext",
            data: "longtext",
            time: "datetime(6)".to_owned(),
        }
    }

    /// It makes NULL of what is larger than `max_allowed_packet`, and '' of that where its mode is not strict.
    fn archive_check(&self, data: &str) -> Option<String> {
        Some(format!("CHECK ({data} <> '')"))
    }

    /// Keys that differ in case alone are two.
    fn archive_options(&self) -> &'static str {
        " DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
    }

    /// The longest that fits beside the table's name in an index of any row format.
    fn indexed_characters(&self) -> Option<u32> {
        Some(191)
    }

    fn row_as_json(&self, columns: &[&Column], called: &str) -> String {
        let members: Vec<_> = columns
            .iter()
            .map(|column| {
                let value = format!("{called}.{}", self.quote(&column.name));
                let value = json_value(&column.type_name, &value);
                format!("{}, {value}", self.literal(&column.name))
            })
            .collect();
        format!("JSON_OBJECT({})", members.join(", "))
    }

    fn json_as_text(&self, row: String) -> String {
        format!("CONVERT({row} USING utf8mb4)")
    }

    fn value_as_text(&self, type_name: &str, value: &str) -> String {
        text(type_name, value)
    }

    /// To MySQL a JSON value and the text of it are two.
    fn json_array(&self, texts: &str) -> String {
        format!("CONVERT(JSON_ARRAY({texts}) USING utf8mb4)")
    }

    fn array_item(&self, array: &str, place: usize) -> String {
        extracted(array, &format!("'$[{place}]'"))
    }

    fn member_as_text(&self, member: &Member<'_>) -> String {
        format!(
            "COALESCE({}, {})",
            extracted(member.data, &member.path(self, ".hex")),
            extracted(member.data, &member.path(self, ""))
        )
    }

    fn member_value(&self, member: &Member<'_>, _: &str) -> String {
        extracted(member.data, &member.path(self, ""))
    }

    fn has_member(&self, member: &Member<'_>) -> String {
        let path = member.path(self, "");
        format!("JSON_CONTAINS_PATH({}, 'one', {path})", member.data)
    }

    fn comparison(&self, type_name: &str, collation: Option<(&str, &str)>) -> Comparison {
        let form = match (word_of(type_name), collation) {
            ("decimal" | "time" | "datetime" | "timestamp", _) => Form::Trimmed,
            (_, Some((charset, collation))) => Form::Weight {
                charset: charset.to_owned(),
                collation: collation.to_owned(),
                pads: !collation.contains("_nopad_")
                    && !collation.contains("_0900_")
                    && collation != "binary",
            },
            _ => Form::Same,
        };
        Comparison {
            form,
            collation: None,
        }
    }

    fn without_zeros(&self, text: &str) -> String {
        format!(
            "IF({text} LIKE '%.%', TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM {text})), {text})"
        )
    }

    fn collations(&self, table: &Table) -> (&'static str, Vec<Value>) {
        (
            "SELECT CAST(COLUMN_NAME AS char), CAST(CHARACTER_SET_NAME AS char), CAST(COLLATION_NAME AS char) \
             FROM information_schema.COLUMNS \
             WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND COLLATION_NAME IS NOT NULL",
            vec![table.schema.clone().into(), table.name.clone().into()],
        )
    }
}

fn json_value(type_name: &str, value: &str) -> String {
    match Written::of(type_name) {
        Written::Plain => value.to_owned(),
        Written::Bits => format!("{value} + 0"),
        // MariaDB forgets that a value is JSON when it leaves an IF.
        Written::Bytes => format!(
            "JSON_EXTRACT(IF({value} IS NULL, NULL, JSON_OBJECT('hex', HEX({value}))), '$')"
        ),
        Written::Text | Written::Float => text(type_name, value),
    }
}

fn text(type_name: &str, value: &str) -> String {
    match Written::of(type_name) {
        Written::Bytes => format!("HEX({value})"),
        Written::Bits => format!("CONVERT({value} + 0 USING utf8mb4)"),
        Written::Float => format!("CONVERT(CAST({value} AS DOUBLE) USING utf8mb4)"),
        // MariaDB knows a JSON column again after a mere conversion, and would write its value as JSON.
        Written::Plain | Written::Text => format!("CONCAT(CONVERT({value} USING utf8mb4), '')"),
    }
}

/// `JSON_VALUE` has no text of more than 512 characters.
fn extracted(document: &str, path: &str) -> String {
    let value = format!("JSON_EXTRACT({document}, {path})");
    format!("IF(JSON_TYPE({value}) = 'NULL', NULL, CONVERT(JSON_UNQUOTE({value}) USING utf8mb4))")
}
