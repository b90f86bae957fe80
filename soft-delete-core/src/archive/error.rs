//! What can go wrong with the archive.

use sea_orm::DbErr;

use crate::TableName;

/// Why the archive could not be used. Nothing was changed.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// The database has no archive table of that name.
    #[error(
        "the database has no archive table `{table}`: create it with `ArchiveTable::create`, or check the name"
    )]
    Missing {
        /// The archive table.
        table: TableName,
    },

    /// Dropping the archive table would lose what is in it.
    #[error(
        "the archive table `{table}` has {rows} entries, which would be lost: restore or expire them first, or say that it is \
         meant with `.even_with_entries()`"
    )]
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
    NotArchived {
        /// What was asked for.
        wanted: String,
    },

    /// The table has columns that an archived row has no value for, and that want one.
    #[error(
        "{} can't be restored from the archive: `{table}` has by now the columns ({}) without a default, and the row has no value \
         for them; give them a default, or restore the row before they are added",
        row(table, key), columns.join(", ")
    )]
    MissingValues {
        /// The row's table.
        table: String,
        /// Its key.
        key: Vec<String>,
        /// The columns.
        columns: Vec<String>,
    },

    /// A row of the same key is there, active or deleted.
    #[error(
        "{} can't be restored from the archive: a row of that key is there; remove it first, or give it another key",
        row(table, key)
    )]
    RowExists {
        /// The row's table.
        table: String,
        /// Its key.
        key: Vec<String>,
    },

    /// A foreign key of the row leads to a row that is not there.
    #[error(
        "{} can't be restored from the archive: by ({}) it refers to {}, which is not there; restore that first, or the whole \
         deletion with `.deletion(…)`",
        row(table, key), columns.join(", "), row(parent, parent_key)
    )]
    ParentMissing {
        /// The row's table.
        table: String,
        /// Its key.
        key: Vec<String>,
        /// The columns of the foreign key.
        columns: Vec<String>,
        /// The table referred to.
        parent: String,
        /// The values that its row would have.
        parent_key: Vec<String>,
    },

    /// A column's type has changed, and the archived value is not what it would hold.
    #[error(
        "{} can't be restored from the archive: `{column}` would hold {found} instead of {archived}; give the column a type that \
         holds the archived value",
        row(table, key)
    )]
    ValueChanged {
        /// The row's table.
        table: String,
        /// Its key.
        key: Vec<String>,
        /// The column.
        column: String,
        /// The archived value, as JSON.
        archived: String,
        /// What became of it.
        found: String,
    },

    /// The database refused the row for another reason.
    #[error(
        "{} can't be restored from the archive{}: {source}",
        row(table, key), column.as_ref().map_or_else(String::new, |name| format!(", because of its column `{name}`"))
    )]
    Refused {
        /// The row's table.
        table: String,
        /// Its key.
        key: Vec<String>,
        /// The column, where it can be told.
        column: Option<String>,
        /// The database's own error.
        source: DbErr,
    },
}

fn row(table: &str, key: &[String]) -> String {
    format!("the row ({}) of `{table}`", key.join(", "))
}
