//! DDL as text: SeaQuery has no generated columns that are invisible, no views and no triggers, and leaves the schema out of
//! index statements. It quotes the identifiers and writes the types.

use std::fmt;

use sea_orm::{
    DbBackend,
    sea_query::{ColumnType, Expr, Query, SelectStatement},
};

use soft_delete_core::TableName;

/// How a database writes names, values and types.
pub trait SqlDialect: fmt::Debug + Send + Sync {
    /// SeaORM's name for it.
    fn backend(&self) -> DbBackend;

    /// An identifier in quotes.
    fn quote(&self, name: &str) -> String;

    /// A table, or whatever else lives in a table's schema.
    fn quote_in(&self, schema: Option<&str>, name: &str) -> String {
        let name = self.quote(name);
        match schema {
            Some(schema) => format!("{}.{name}", self.quote(schema)),
            None => name,
        }
    }

    /// The name of a table, quoted, with its schema.
    fn quote_table(&self, table: &TableName) -> String {
        self.quote_in(table.in_schema(), &table.name)
    }

    /// A string literal. For what DDL takes no bound values in: the texts of triggers.
    fn literal(&self, text: &str) -> String {
        format!("'{}'", text.replace('\'', "''"))
    }

    /// A query with its values as literals.
    fn inlined(&self, select: &SelectStatement) -> String;

    /// The placeholder of a bound value, numbered from 1.
    fn placeholder(&self, number: usize) -> String {
        format!("${number}")
    }

    /// A literal of eight bytes.
    fn big_integer(&self, number: usize) -> String;

    /// The type that a value of any other is cast to, to be read as a text.
    fn text_type(&self) -> &'static str {
        "TEXT"
    }

    /// A column's type, times with microseconds.
    fn column_type(&self, column_type: &ColumnType) -> String;

    /// The type of `deleted_at`.
    fn time_type(&self, column_type: &ColumnType) -> String {
        self.column_type(column_type)
    }

    /// Whether a table is in a schema that its name may begin with.
    fn has_schemas(&self) -> bool {
        true
    }
}

/// Several identifiers in quotes, with commas.
pub fn quote_all<S: AsRef<str>>(dialect: &dyn SqlDialect, names: &[S]) -> String {
    let quoted: Vec<_> = names
        .iter()
        .map(|name| dialect.quote(name.as_ref()))
        .collect();
    quoted.join(", ")
}

/// An expression with its values as literals, for statements that take no bound ones.
pub(crate) fn to_sql(dialect: &dyn SqlDialect, expression: Expr) -> String {
    let select = Query::select().expr(expression).to_owned();
    let sql = dialect.inlined(&select);
    sql.trim_start_matches("SELECT ").to_owned()
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
    let hash = format!("_{}", hash(&name));
    let mut end = LONGEST - hash.len();
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{hash}", &name[..end])
}

/// What a text comes down to in a name.
pub(crate) fn hash(text: &str) -> String {
    format!("{:08x}", fnv1a(text.as_bytes()))
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
    fn names_that_are_too_long_stay_apart() {
        let long = "x".repeat(60);
        let names =
            ["a", "b"].map(|column| object_name("idx", &long, &[column.to_owned()], "active"));
        assert!(names.iter().all(|name| name.len() == 63));
        assert_ne!(names[0], names[1]);
        assert!(object_name("idx", &"ü".repeat(60), &[], "purge").len() <= 63);
    }
}
