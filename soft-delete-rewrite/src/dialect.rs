//! The SQL that a database speaks.

use sqlparser::dialect::{self, MySqlDialect, PostgreSqlDialect, SQLiteDialect};

/// The SQL that the database speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// PostgreSQL.
    Postgres,
    /// MySQL, and MariaDB. What only one of them has is read as that one does, and what they read differently is refused.
    MySql,
    /// SQLite.
    Sqlite,
}

impl Dialect {
    pub(crate) fn parser(self) -> &'static dyn dialect::Dialect {
        match self {
            Self::Sqlite => &SQLiteDialect {},
            Self::Postgres => &PostgreSqlDialect {},
            Self::MySql => &MySqlDialect {},
        }
    }

    /// The quote around an identifier.
    pub(crate) fn quote(self) -> char {
        match self {
            Self::Sqlite | Self::Postgres => '"',
            Self::MySql => '`',
        }
    }
}
