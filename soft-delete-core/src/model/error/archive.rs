//! What can go wrong with the archive.

use std::fmt;

use sea_orm::DbErr;

use crate::model::TableName;

/// Why the archive could not be used. Nothing was changed.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// The database has no archive table of that name.
    #[error(
        "the database has no archive table `{table}`: create it with `ArchiveTable::create`, or check the name"
    )]
    #[non_exhaustive]
    Missing {
        /// The archive table.
        table: TableName,
    },

    /// Dropping the archive table would lose what is in it.
    #[error(
        "the archive table `{table}` has {rows} entries, which would be lost: restore or expire them first, or say that it is \
         meant with `.even_with_entries()`"
    )]
    #[non_exhaustive]
    Entries {
        /// The archive table.
        table: TableName,
        /// How many entries it has.
        rows: u64,
    },

    /// Nothing in the archive is what was asked for.
    #[error(
        "the archive has no {wanted}: it was restored, erased or expired since, or was never archived"
    )]
    #[non_exhaustive]
    NotArchived {
        /// What was asked for.
        wanted: String,
    },

    /// The table has columns that an archived row has no value for, and that want one.
    #[error(
        "{row} can't be restored from the archive: `{}` has by now the columns ({}) without a default, and the row has no value \
         for them; give them a default, or restore the row before they are added",
        row.table, columns.join(", ")
    )]
    #[non_exhaustive]
    MissingValues {
        /// The row.
        row: Box<RowKey>,
        /// The columns.
        columns: Vec<String>,
    },

    /// A row of the same key is there, active or deleted.
    #[error(
        "{row} can't be restored from the archive: a row of that key is there; remove it first, or give it another key"
    )]
    #[non_exhaustive]
    RowExists {
        /// The row.
        row: Box<RowKey>,
    },

    /// A foreign key of the row leads to a row that is not there.
    #[error(
        "{row} can't be restored from the archive: by ({}) it refers to {parent}, which is not there; restore that first, or the whole \
         deletion with `.deletion(…)`",
        columns.join(", ")
    )]
    #[non_exhaustive]
    ParentMissing {
        /// The row.
        row: Box<RowKey>,
        /// The columns of the foreign key.
        columns: Vec<String>,
        /// The row referred to.
        parent: Box<RowKey>,
    },

    /// A column's type has changed, and the archived value is not what it would hold.
    #[error(
        "{row} can't be restored from the archive: `{column}` would hold {found} instead of {archived}; give the column a type that \
         holds the archived value"
    )]
    #[non_exhaustive]
    ValueChanged {
        /// The row.
        row: Box<RowKey>,
        /// The column.
        column: String,
        /// The archived value, as JSON.
        archived: String,
        /// What became of it.
        found: String,
    },

    /// The database refused the row for another reason.
    #[error(
        "{row} can't be restored from the archive{}: {source}",
        column.as_ref().map_or_else(String::new, |name| format!(", because of its column `{name}`"))
    )]
    #[non_exhaustive]
    Refused {
        /// The row.
        row: Box<RowKey>,
        /// The column, where it can be told.
        column: Option<String>,
        /// The database's own error.
        source: DbErr,
    },
}

/// A row, by its table and the values of its primary key as text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RowKey {
    /// The table.
    pub table: String,
    /// The values, in the order of the key.
    pub key: Vec<String>,
}

impl fmt::Display for RowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the row ({}) of `{}`", self.key.join(", "), self.table)
    }
}
