//! How rows are written as JSON, and read again.

use sea_orm::{
    Value,
    sea_query::{Expr, ExprTrait as _},
};

use super::Comparison;
use soft_delete_schema::schema_api::{
    catalog::{Column, Table},
    dialect::SqlDialect,
};

/// The types of the archive table's columns.
pub(crate) struct ArchiveTypes {
    pub(crate) id: &'static str,
    /// A table's name.
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
    /// A row as JSON.
    pub(crate) data: &'static str,
    pub(crate) time: String,
}

/// A member of an entry: the column that has the JSON, quoted, and the member's name.
#[derive(Debug)]
pub(crate) struct Member<'m> {
    pub(crate) data: &'m str,
    pub(crate) name: &'m str,
}

impl Member<'_> {
    /// A path to it, as a literal: `'$."title".hex'`.
    pub(super) fn path(&self, dialect: &dyn SqlDialect, rest: &str) -> String {
        let name = serde_json::Value::from(self.name);
        dialect.literal(&format!("$.{name}{rest}"))
    }
}

/// The archive's SQL. Expressions are texts.
pub(crate) trait ArchiveDialect: SqlDialect {
    fn archive_types(&self) -> ArchiveTypes;

    /// What follows the columns in the archive's definition, in the brackets.
    fn archive_check(&self, data: &str) -> Option<String> {
        let _ = data;
        None
    }

    /// What follows the brackets.
    fn archive_options(&self) -> &'static str {
        ""
    }

    /// How many characters of a text an index holds, if not all.
    fn indexed_characters(&self) -> Option<u32> {
        None
    }

    /// A NULL of the type of `deletion_id`.
    fn null_uuid(&self) -> &'static str {
        "NULL"
    }

    /// A time of a column of that type in UTC.
    fn in_utc(&self, time: Expr, type_name: Option<&str>) -> Expr {
        let _ = type_name;
        time
    }

    /// The JSON of an entry as a text.
    fn data_as_text(&self, data: Expr) -> Expr {
        data
    }

    /// A row as a JSON object of these columns. `called` is the table's name, quoted.
    fn row_as_json(&self, columns: &[&Column], called: &str) -> String;

    /// That object as a text.
    fn json_as_text(&self, row: String) -> String {
        row
    }

    /// The text of a value of a column of that type: the column itself, or a value that is bound.
    fn value_as_text(&self, type_name: &str, value: &str) -> String;

    /// A JSON array of texts, itself a text.
    fn json_array(&self, texts: &str) -> String;

    /// The placeholder of a value in SeaQuery's custom expressions, numbered from 1.
    fn custom_placeholder(&self, number: usize) -> String {
        let _ = number;
        "?".to_owned()
    }

    /// The same of a text.
    fn text_placeholder(&self, number: usize) -> String {
        self.custom_placeholder(number)
    }

    /// A bound text.
    fn bound_text(&self, text: &str) -> Expr {
        Expr::val(text)
    }

    /// The text at a place of such an array.
    fn array_item(&self, array: &str, place: usize) -> String;

    /// The text of a member. NULL where the entry has none.
    fn member_as_text(&self, member: &Member<'_>) -> String;

    /// The value of a member, of the column's type where texts and numbers don't compare. The type is empty if it isn't known.
    fn member_value(&self, member: &Member<'_>, type_name: &str) -> String;

    /// Whether an entry has the member, or a NULL of it.
    fn has_member(&self, member: &Member<'_>) -> String;

    /// How the JSON of an entry is read as a row of its table, where the database does that; elsewhere values are bound one by one.
    fn records(&self) -> Option<&dyn Records> {
        None
    }

    /// Finds out whether a table numbers its rows itself, and has to be told that it may not. It takes the quoted table.
    fn own_numbers_query(&self) -> Option<&'static str> {
        None
    }

    /// Reads a fraction from the texts of its parts, where a value that is bound would lose bits.
    fn sum_of_reals(&self) -> Option<&'static str> {
        None
    }

    /// How values of a column are compared, of that type, character set and collation.
    fn comparison(&self, type_name: &str, collation: Option<(&str, &str)>) -> Comparison;

    /// A text of a fraction without zeros at its end.
    fn without_zeros(&self, text: &str) -> String {
        // Not of a power of ten that follows.
        format!(
            "CASE WHEN {text} LIKE '%.%' AND {text} NOT LIKE '%e%' THEN rtrim(rtrim({text}, '0'), '.') ELSE {text} END"
        )
    }

    /// What follows IN, in its brackets, for rows of several values.
    fn rows_in(&self, rows: &str) -> String {
        rows.to_owned()
    }

    /// Finds the column, character set and collation of columns that don't compare by their bytes.
    fn collations(&self, table: &Table) -> (&'static str, Vec<Value>);

    /// A collation that such a query gives, as it is written in SQL.
    fn written_collation(&self, name: String) -> String {
        name
    }
}

/// The JSON of an entry, read as a row of its table. It is the one value that a statement binds.
pub(crate) trait Records: Send + Sync {
    /// The row, in a FROM; the table is quoted.
    fn row_of(&self, table: &str) -> String;

    /// A column of the row; it is quoted.
    fn column_of_row(&self, column: &str) -> String;

    /// What to write into a column, which the entry has under that name.
    fn value_for(&self, column: &Column, name: &str) -> String;

    /// A query that fails if that can't be read.
    fn check_value_for(&self, table: &str, column: &Column, name: &str) -> String;
}

/// The first word of a type.
pub(super) fn word_of(type_name: &str) -> &str {
    type_name.split(['(', ' ']).next().unwrap_or_default()
}

/// A bound text that is cast.
pub(super) fn cast_text(text: &str) -> Expr {
    Expr::val(text).cast_as("text")
}
