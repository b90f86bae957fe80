//! What can go wrong with a schema.

use sea_orm::DbErr;

use crate::model::{Scope, TableName};

/// Why a schema was not changed, or could not be examined.
///
/// On PostgreSQL and SQLite nothing was changed then. MySQL and MariaDB end a transaction at each DDL statement: what came
/// before stays, and the same call made again goes on from there.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// The database has no such table.
    #[error(
        "the database has no table `{table}`{}: create it first, or check the name and the schema it is in",
        meant(similar)
    )]
    UnknownTable {
        /// The table.
        table: TableName,
        /// A table that may have been meant.
        similar: Option<String>,
    },

    /// The table has no such column.
    #[error(
        "`{table}` has no column `{column}`{}: add it first, or check the name",
        meant(similar)
    )]
    UnknownColumn {
        /// The table.
        table: TableName,
        /// The column.
        column: String,
        /// A column that may have been meant.
        similar: Option<String>,
    },

    /// The table has no primary key, which is what tells its rows apart.
    #[error(
        "`{table}` has no primary key: add one first, its rows can't be deleted and restored one by one without"
    )]
    NoPrimaryKey {
        /// The table.
        table: TableName,
    },

    /// A column is there, and is something else.
    #[error(
        "the column `{column}` of `{table}` is `{found}` and has to be `{needed}`: change it, or choose another name"
    )]
    ColumnMismatch {
        /// The table.
        table: TableName,
        /// The column.
        column: String,
        /// What it is.
        found: String,
        /// What it has to be.
        needed: String,
    },

    /// A name is taken by something else.
    #[error(
        "`{name}` on `{table}` is something else than was to be created: drop or rename it first"
    )]
    NameTaken {
        /// The table.
        table: TableName,
        /// The name of an index, a view or a trigger.
        name: String,
    },

    /// Rows have equal values in columns that are to be unique.
    #[error(
        "{}rows of `{table}` have equal values in ({}): {}; change or delete all but one of each",
        kind(*among), columns.join(", "), list(duplicates)
    )]
    Duplicates {
        /// The table.
        table: TableName,
        /// The columns.
        columns: Vec<String>,
        /// The rows that count.
        among: Scope,
        /// The first of the values, with the number of rows that have them.
        duplicates: Vec<Duplicate>,
    },

    /// A foreign key needs the columns to be unique among all rows.
    #[error(
        "({}) of `{table}` has to stay unique among all rows, since a foreign key of `{child}` refers to it: \
         let that refer to the primary key first",
        columns.join(", ")
    )]
    ReferencedKey {
        /// The table.
        table: TableName,
        /// The columns.
        columns: Vec<String>,
        /// The table of the foreign key.
        child: String,
    },

    /// Without its `deleted_at` a deleted row is an active one.
    #[error(
        "{rows} deleted rows of `{table}` would become active with the column `{column}` gone: \
         restore or remove them first, or say that it is meant with `.even_with_deleted_rows()`"
    )]
    DeletedRows {
        /// The table.
        table: TableName,
        /// The column that tells them.
        column: String,
        /// How many there are.
        rows: u64,
    },

    /// An index needs a column that is to go.
    #[error("the index `{index}` of `{table}` uses the column `{column}`: drop it first")]
    ColumnIndexed {
        /// The table.
        table: TableName,
        /// The column.
        column: String,
        /// The index.
        index: String,
    },

    /// The user of the connection may not do this.
    #[error(
        "the database user lacks the privilege to {action}: grant it, or connect as a user who has it ({source})"
    )]
    Privilege {
        /// What was to be done.
        action: String,
        /// The database's own error.
        source: DbErr,
    },

    /// The server is older than what this was written for.
    #[error("this needs {server} {needed} or later, and the server is {found}: upgrade it")]
    ServerTooOld {
        /// The server's name.
        server: &'static str,
        /// Its version.
        found: String,
        /// The oldest that will do.
        needed: &'static str,
    },

    /// The database refused a change for another reason.
    #[error("can't {action}: {source}")]
    Refused {
        /// What was to be done.
        action: String,
        /// The database's own error.
        source: DbErr,
    },
}

/// Values that more than one row has.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Duplicate {
    /// The values, as text, in the order of the columns.
    pub values: Vec<String>,
    /// How many rows have them.
    pub rows: u64,
}

impl std::fmt::Display for Duplicate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "({}) {} times", self.values.join(", "), self.rows)
    }
}

fn meant(similar: &Option<String>) -> String {
    similar
        .as_ref()
        .map_or_else(String::new, |name| format!(" (did you mean `{name}`?)"))
}

fn kind(among: Scope) -> &'static str {
    match among {
        Scope::Active => "active ",
        Scope::OnlyDeleted => "deleted ",
        _ => "",
    }
}

fn list(duplicates: &[Duplicate]) -> String {
    let duplicates: Vec<_> = duplicates.iter().map(ToString::to_string).collect();
    duplicates.join(", ")
}
