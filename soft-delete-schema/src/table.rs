//! A table as the database has it.

use crate::trigger::Trigger;

/// A table, or a view.
#[derive(Clone, Debug)]
pub struct Table {
    pub schema: String,
    pub name: String,
    pub is_view: bool,
    /// Whether other tables hold rows of it, as they may on PostgreSQL: partitions, or such that inherit from it.
    pub has_parts: bool,
    /// Whether its rows are rows of another table: a partition of PostgreSQL's, or a table that inherits.
    pub is_part: bool,
    pub columns: Vec<Column>,
    pub indexes: Vec<Index>,
    pub foreign_keys: Vec<ForeignKey>,
    pub(crate) triggers: Vec<Trigger>,
    /// Whether names that differ in case alone mean one column.
    pub(crate) folds_case: bool,
}

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    pub name: String,
    /// As the database writes it, in lower case.
    pub type_name: String,
    pub nullable: bool,
    /// The expression of a generated column.
    pub generated: Option<String>,
    /// What a row gets that gives no value, or MySQL's `ON UPDATE`.
    pub default: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Index {
    pub name: String,
    pub(crate) unique: bool,
    pub(crate) primary: bool,
    /// Whether a constraint of the table owns it, so that it can't be dropped by itself.
    pub(crate) owned_by_constraint: bool,
    /// PostgreSQL keeps an index whose concurrent creation failed, and doesn't use it.
    pub valid: bool,
    /// Whether NULLs count as equal (PostgreSQL 15).
    pub(crate) nulls_not_distinct: bool,
    /// The condition of a partial index.
    pub predicate: Option<String>,
    pub(crate) keys: Vec<Key>,
}

/// One part of an index's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Column(String),
    Expression(String),
}

#[derive(Clone, Debug)]
pub struct ForeignKey {
    /// SQLite's have none: a number that is theirs within the table.
    pub(crate) name: String,
    pub columns: Vec<String>,
    pub parent_schema: String,
    pub parent: String,
    pub parent_columns: Vec<String>,
    /// In capitals, as in SQL.
    pub on_delete: String,
    /// What follows the columns, where the backend gives it: `REFERENCES … ON UPDATE … ON DELETE … DEFERRABLE`.
    pub(crate) definition: Option<String>,
}

impl Table {
    pub(crate) fn is_called(&self, schema: &str, name: &str) -> bool {
        if self.folds_case {
            self.schema.eq_ignore_ascii_case(schema) && self.name.eq_ignore_ascii_case(name)
        } else {
            self.schema == schema && self.name == name
        }
    }

    /// Whether two names mean one column.
    pub fn same_column(&self, a: &str, b: &str) -> bool {
        if self.folds_case {
            a.eq_ignore_ascii_case(b)
        } else {
            a == b
        }
    }

    pub fn column(&self, name: &str) -> Option<&Column> {
        let mut columns = self.columns.iter();
        columns.find(|column| self.same_column(&column.name, name))
    }

    pub fn primary_key(&self) -> Vec<String> {
        let mut indexes = self.indexes.iter();
        let primary = indexes.find(|index| index.primary);
        primary.map_or_else(Vec::new, |index| {
            index.columns().map(ToOwned::to_owned).collect()
        })
    }

    /// Whether no two rows may have equal values in these columns.
    pub fn keeps_unique(&self, columns: &[String]) -> bool {
        let is_named = |key: &str| columns.iter().any(|column| self.same_column(column, key));
        self.indexes.iter().any(|index| {
            index.unique
                && index.valid
                && index.predicate.is_none()
                && !index.has_expressions()
                && index.columns().all(is_named)
        })
    }

    pub(crate) fn has_trigger(&self, name: &str) -> bool {
        self.triggers.iter().any(|trigger| trigger.name == name)
    }

    /// Whether two lists name the same columns, in whatever order.
    pub fn same_columns<'a>(&self, a: impl IntoIterator<Item = &'a str>, b: &[String]) -> bool {
        let mut count = 0;
        let all_in = a.into_iter().all(|column| {
            count += 1;
            b.iter().any(|other| self.same_column(column, other))
        });
        all_in && count == b.len()
    }
}

impl Index {
    /// The columns of its key, expressions left out.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().filter_map(|key| match key {
            Key::Column(column) => Some(column.as_str()),
            Key::Expression(_) => None,
        })
    }

    pub fn has_expressions(&self) -> bool {
        self.columns().count() < self.keys.len()
    }
}
