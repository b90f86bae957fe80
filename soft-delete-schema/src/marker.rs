//! The column that tells active rows where there are no partial indexes.

use crate::table::Table;

/// The column that MySQL and MariaDB need, which have no partial indexes: 1 in active rows and NULL in deleted ones, and NULLs
/// are never equal. It takes no room in the table, and `SELECT *` doesn't show it.
pub(crate) const MARKER: &str = "soft_delete_active";

/// The state of the column [`MARKER`] in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Marker {
    Missing,
    Present,
    /// Nothing but the index that is dropped needs it.
    Unused,
}

impl Marker {
    pub(crate) fn of(table: &Table) -> Self {
        match table.column(MARKER) {
            Some(_) => Self::Present,
            None => Self::Missing,
        }
    }
}
