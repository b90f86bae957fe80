//! The archive on SQLite, whose columns hold values of any type.

use sea_orm::{Value, sea_query::ColumnType};

use crate::dialect::{ArchiveDialect, ArchiveTypes, Comparison, Form, Member};
use soft_delete_schema::schema_api::{
    catalog::{Column, Table},
    dialect::{SqlDialect as _, Sqlite},
};

impl ArchiveDialect for Sqlite {
    fn archive_types(&self) -> ArchiveTypes {
        ArchiveTypes {
            // Without AUTOINCREMENT the number of the last entry is given again when that was removed.
            id: "integer PRIMARY KEY AUTOINCREMENT",
            name: "text",
            text: "text",
            data: "text",
            time: self.column_type(&ColumnType::TimestampWithTimeZone),
        }
    }

    fn row_as_json(&self, columns: &[&Column], called: &str) -> String {
        let members: Vec<_> = columns
            .iter()
            .map(|column| {
                let name = serde_json::Value::from(column.name.as_str());
                let value = json_value(&format!("{called}.{}", self.quote(&column.name)));
                format!("{} || {value}", self.literal(&format!("{name}:")))
            })
            .collect();
        // Its functions take a hundred arguments, and its expressions are a thousand levels deep at most.
        let parts: Vec<_> = members
            .chunks(100)
            .map(|members| format!("({})", members.join(" || ',' || ")))
            .collect();
        format!("'{{' || {} || '}}'", parts.join(" || ',' || "))
    }

    fn value_as_text(&self, _: &str, value: &str) -> String {
        format!(
            "CASE typeof({value}) WHEN 'blob' THEN hex({value}) WHEN 'real' THEN quote({value}) \
             ELSE CAST({value} AS TEXT) END"
        )
    }

    fn json_array(&self, texts: &str) -> String {
        format!("json_array({texts})")
    }

    fn array_item(&self, array: &str, place: usize) -> String {
        format!("json_extract({array}, '$[{place}]')")
    }

    fn member_as_text(&self, member: &Member<'_>) -> String {
        let data = member.data;
        format!(
            "COALESCE(json_extract({data}, {}), json_extract({data}, {}), CAST(json_extract({data}, {}) AS TEXT))",
            member.path(self, ".hex"),
            member.path(self, ".real"),
            member.path(self, "")
        )
    }

    fn member_value(&self, member: &Member<'_>, _: &str) -> String {
        let data = member.data;
        format!(
            "COALESCE(CAST(json_extract({data}, {}) AS REAL), json_extract({data}, {}))",
            member.path(self, ".real"),
            member.path(self, "")
        )
    }

    fn has_member(&self, member: &Member<'_>) -> String {
        let path = member.path(self, "");
        format!("json_type({}, {path}) IS NOT NULL", member.data)
    }

    fn sum_of_reals(&self) -> Option<&'static str> {
        Some("SELECT CAST(? AS REAL) + CAST(? AS REAL)")
    }

    fn comparison(&self, type_name: &str, collation: Option<(&str, &str)>) -> Comparison {
        let is_text = ["char", "clob", "text", "blob"]
            .iter()
            .any(|word| type_name.contains(word));
        let is_integer = type_name.contains("int");
        let form = match is_text && !is_integer || type_name.is_empty() {
            true => Form::Same,
            false => Form::Trimmed,
        };
        let collation = collation.map(|(_, name)| name.to_owned());
        Comparison { form, collation }
    }

    fn rows_in(&self, rows: &str) -> String {
        format!("VALUES {rows}")
    }

    fn collations(&self, table: &Table) -> (&'static str, Vec<Value>) {
        (
            "SELECT x.name, '', x.coll FROM pragma_index_list(?) l, pragma_index_xinfo(l.name) x \
             WHERE l.\"unique\" AND x.key AND x.name IS NOT NULL AND x.coll <> 'BINARY' \
             ORDER BY l.origin = 'pk' DESC",
            vec![table.name.clone().into()],
        )
    }

    fn written_collation(&self, name: String) -> String {
        self.quote(&name)
    }
}

/// It writes and reads decimals inexactly, far from 1 by the last bits of a number: what is missing is written beside it. The
/// difference of two numbers that are so near is exact.
fn json_value(value: &str) -> String {
    let read = format!("CAST(quote({value}) AS REAL)");
    format!(
        "CASE typeof({value}) WHEN 'blob' THEN '{{\"hex\":\"' || hex({value}) || '\"}}' \
         WHEN 'real' THEN '{{\"real\":\"' || quote({value}) || CASE WHEN {value} = {read} THEN '' \
         ELSE '\",\"plus\":\"' || quote({value} - {read}) END || '\"}}' ELSE json_quote({value}) END"
    )
}
