//! What can go wrong with the archive.

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
}
