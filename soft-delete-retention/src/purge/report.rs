//! What a purge did, and what it left.

use std::{fmt, time::Duration};

use chrono::{DateTime, Utc};
use soft_delete_core::{TableCounts, TableName};

use super::PassedOver;

/// What a purge did, table by table, children before parents.
///
/// `Display` prints it as a table; with the feature `serde` it is serialisable.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct PurgeReport {
    pub(super) tables: Vec<PurgedTable>,
    pub(super) dry_run: bool,
    pub(super) took: Duration,
}

impl PurgeReport {
    /// The tables, children before parents.
    pub fn tables(&self) -> &[PurgedTable] {
        &self.tables
    }

    /// The rows removed from all tables, or those that would be after a dry run.
    pub fn rows_purged(&self) -> u64 {
        self.tables.iter().map(|table| table.purged).sum()
    }

    /// The rows removed from each table, or those that would be after a dry run: children before parents.
    pub fn rows_by_table(&self) -> TableCounts {
        let tables = self.tables.iter();
        tables.map(|of| (of.table.clone(), of.purged)).collect()
    }

    /// Whether nothing was removed, because this is a dry run.
    pub fn is_dry_run(&self) -> bool {
        self.dry_run
    }

    /// Whether every expired row is gone but those that are held or referenced.
    pub fn is_complete(&self) -> bool {
        self.tables.iter().all(|table| table.remaining == 0)
    }

    /// How long it took.
    pub fn took(&self) -> Duration {
        self.took
    }
}

/// What a purge did to one table.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct PurgedTable {
    /// The table.
    pub table: TableName,
    /// Rows deleted then or before were expired.
    pub cutoff: DateTime<Utc>,
    /// Rows removed by this run; after a dry run, those that would be.
    pub purged: u64,
    /// Rows among them that went to the archive.
    pub archived: u64,
    /// Expired rows kept because of a hold.
    pub held: u64,
    /// Expired rows kept because other rows still reference them, by key.
    pub referenced: Vec<KeptByReference>,
    /// Expired rows that nothing keeps and that are still there: locked by another transaction, expired in the meantime, not
    /// reached before the deadline, or passed over because the database refused to remove them.
    pub remaining: u64,
    /// Rows passed over, by reason: the database refused to remove them, or the time of their deletion can't be read. The next
    /// run tries again.
    #[cfg_attr(feature = "serde", serde(default))]
    pub passed_over: Vec<PassedOver>,
}

/// Rows that are kept because rows of another table reference them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct KeptByReference {
    /// The table that references them.
    pub table: TableName,
    /// The columns of that table.
    pub columns: Vec<String>,
    /// How many rows are kept. One that is referenced in two ways counts in both.
    pub rows: u64,
}

impl fmt::Display for KeptByReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.columns.join(", ");
        write!(f, "{} kept by `{}` ({columns})", self.rows, self.table)
    }
}

impl fmt::Display for PurgeReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self
            .tables
            .iter()
            .map(|table| table.table.to_string().chars().count());
        let width = widths.max().unwrap_or(0).max("TABLE".len());
        let purged = if self.dry_run { "TO PURGE" } else { "PURGED" };
        write!(
            f,
            "{:width$}  {purged:>10}  {:>10}  {:>10}  KEPT BECAUSE REFERENCED",
            "TABLE", "HELD", "REMAINING"
        )?;
        for table in &self.tables {
            let referenced: Vec<_> = table.referenced.iter().map(ToString::to_string).collect();
            let referenced = if referenced.is_empty() {
                "-".to_owned()
            } else {
                referenced.join(", ")
            };
            write!(
                f,
                "\n{:width$}  {:>10}  {:>10}  {:>10}  {referenced}",
                table.table, table.purged, table.held, table.remaining
            )?;
        }
        for table in &self.tables {
            for passed in &table.passed_over {
                write!(f, "\n`{}`: {passed}", table.table)?;
            }
        }
        Ok(())
    }
}
