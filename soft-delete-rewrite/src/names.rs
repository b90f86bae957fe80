//! When two names are one to the database.

use std::borrow::Cow;

use sqlparser::ast::{Ident, ObjectName};

use super::Dialect;

/// A name as the database compares it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name(String);

impl Name {
    /// PostgreSQL cuts names off after so many bytes.
    pub(crate) const POSTGRES_LENGTH: usize = 63;

    /// The name that the statement writes so.
    pub(crate) fn of(dialect: Dialect, ident: &Ident) -> Self {
        match (dialect, ident.quote_style) {
            (Dialect::Postgres, None) => Self::exact(dialect, &ident.value.to_ascii_lowercase()),
            _ => Self::exact(dialect, &ident.value),
        }
    }

    /// What qualifies columns: an alias, a table's own name or that of its schema. MySQL tells them apart by case on most
    /// systems, and SQLite folds ASCII alone.
    pub(crate) fn of_label(dialect: Dialect, ident: &Ident) -> Self {
        match dialect {
            Dialect::Postgres => Self::of(dialect, ident),
            Dialect::Sqlite => Self(ident.value.to_ascii_lowercase()),
            Dialect::MySql => Self(ident.value.clone()),
        }
    }

    /// A column's name.
    pub(crate) fn of_column(dialect: Dialect, ident: &Ident) -> Self {
        match dialect {
            Dialect::Sqlite => Self(ident.value.to_ascii_lowercase()),
            Dialect::Postgres | Dialect::MySql => Self::of(dialect, ident),
        }
    }

    /// The name of a column as the schema has it.
    pub(crate) fn of_own_column(dialect: Dialect, name: &str) -> Self {
        match dialect {
            Dialect::Sqlite => Self(name.to_ascii_lowercase()),
            Dialect::Postgres | Dialect::MySql => Self::exact(dialect, name),
        }
    }

    /// The name where case does not count.
    pub(crate) fn loosely(&self) -> String {
        self.0.to_lowercase()
    }

    /// A name from the schema, spelled exactly. In SQLite and MySQL case counts nowhere, or it is safe to act so.
    pub(crate) fn exact(dialect: Dialect, name: &str) -> Self {
        Self(match dialect {
            Dialect::Postgres => cut(name, Self::POSTGRES_LENGTH).to_owned(),
            Dialect::Sqlite | Dialect::MySql => name.to_lowercase(),
        })
    }
}

fn cut(name: &str, length: usize) -> &str {
    name.get(..name.floor_char_boundary(length)).unwrap_or(name)
}

/// The identifiers of a dotted name. A part that is no identifier makes it no table's.
pub(crate) fn path(name: &ObjectName) -> Vec<&Ident> {
    let parts: Option<Vec<_>> = name.0.iter().map(|part| part.as_ident()).collect();
    parts.unwrap_or_default()
}

/// Whether a name is written as a string.
pub(crate) fn is_string(ident: &Ident) -> bool {
    ident.quote_style == Some('\'')
}

/// A name in quotes, as text.
pub(crate) fn quoted(dialect: Dialect, name: &str) -> String {
    let quote = dialect.quote();
    let name = if name.contains(quote) {
        Cow::Owned(name.replace(quote, &format!("{quote}{quote}")))
    } else {
        Cow::Borrowed(name)
    };
    format!("{quote}{name}{quote}")
}
