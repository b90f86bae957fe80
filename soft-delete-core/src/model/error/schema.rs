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
    #[non_exhaustive]
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
    #[non_exhaustive]
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
    #[non_exhaustive]
    NoPrimaryKey {
        /// The table.
        table: TableName,
    },

    /// A column is there, and is something else.
    #[error(
        "the column `{column}` of `{table}` is `{found}` and has to be `{needed}`: change it, or choose another name"
    )]
    #[non_exhaustive]
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
    #[non_exhaustive]
    NameTaken {
        /// The table.
        table: TableName,
        /// The name of an index, a view or a trigger.
        name: String,
    },

    /// A unique index that the database can't have. Nothing was changed.
    #[error("`{table}` can't have a unique index over {key}: {problem}")]
    Unindexable {
        /// The table.
        table: TableName,
        /// What the index would be over.
        key: String,
        /// Why not, and what to do.
        problem: String,
    },

    /// Rows have equal values in columns that are to be unique.
    #[error(
        "{}rows of `{table}` have equal values in ({}): {}; change or delete all but one of each",
        kind(*among), columns.join(", "), list(duplicates)
    )]
    #[non_exhaustive]
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
    #[non_exhaustive]
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
    #[non_exhaustive]
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
    #[non_exhaustive]
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
    #[non_exhaustive]
    Privilege {
        /// What was to be done.
        action: String,
        /// The database's own error.
        source: DbErr,
    },

    /// The server is older than what this was written for.
    #[error("this needs {server} {needed} or later, and the server is {found}: upgrade it")]
    #[non_exhaustive]
    ServerTooOld {
        /// The server's name.
        server: &'static str,
        /// Its version.
        found: String,
        /// The oldest that will do.
        needed: &'static str,
    },

    /// The database has no schema of active rows, and can't have one.
    #[error(
        "{server} has no schemas, so that there can be none of active rows: use the entities' own functions, or a `ScopedConnection`"
    )]
    #[non_exhaustive]
    NoSchemas {
        /// The database's name.
        server: &'static str,
    },

    /// A schema of active rows was not found where it is wanted.
    #[error("the schema `{schema}` {problem}")]
    #[non_exhaustive]
    ActiveSchema {
        /// Its name.
        schema: String,
        /// What is wrong, and what to do.
        problem: String,
    },

    /// Statements of an entity name its table's schema, so that no other schema can stand before it.
    #[error(
        "the entity of `{table}` names a schema, so that its statements go past any view of active rows: leave `schema_name` out \
         of the entity, and let the connection say where the table is"
    )]
    #[non_exhaustive]
    NamesSchema {
        /// The table.
        table: TableName,
    },

    /// Through a view that belongs to someone else, policies of row-level security are those of that user.
    #[error(
        "`{table}` has row-level security, whose policies a view passes by before PostgreSQL 15: upgrade the server, or use a \
         `ScopedConnection`"
    )]
    #[non_exhaustive]
    PoliciesPassedBy {
        /// The table.
        table: TableName,
    },

    /// The program was told that a table is in one schema, and now in another.
    #[error(
        "the table `{table}` is in the schema `{schema}` to this program, and can't be in `{other}` as well: attach to one schema \
         of active rows, or give the entities of the other `#[soft_delete(group = \"…\")]` and tables of other names"
    )]
    #[non_exhaustive]
    AttachedElsewhere {
        /// The table.
        table: TableName,
        /// The schema that is known.
        schema: String,
        /// The other one.
        other: String,
    },

    /// The connection shows views of active rows, and the program does not know where their tables are.
    #[error(
        "`{table}` is a view of active rows on this connection, which deleted rows can't be reached through: call \
         `ActiveSchema::attach(&db)` when the program starts, or use a connection to the schema of the tables"
    )]
    #[non_exhaustive]
    NotAttached {
        /// The table.
        table: TableName,
    },

    /// The database refused a change for another reason.
    #[error("can't {action}: {source}")]
    #[non_exhaustive]
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
