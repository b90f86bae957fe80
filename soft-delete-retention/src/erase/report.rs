//! What an erasure has done, to be filed.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use soft_delete_core::{Blocker, TableCounts, TableName};

/// What was erased. `Display` writes it as a text for the files; with the feature `serde` it can be serialized.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct ErasureReport {
    /// The table of the row that was to be erased.
    pub table: TableName,
    /// The values of its primary key, as text.
    pub key: Vec<String>,
    /// When.
    pub erased_at: DateTime<Utc>,
    /// What was removed of each table, parents first. Tables of which nothing was are left out.
    pub tables: Vec<ErasedTable>,
    /// Keys of remaining rows that referred to erased ones, and are NULL now.
    pub set_null: Vec<KeySetNull>,
    /// Tables that are known to refer to erased tables, and whose entities don't derive `SoftDelete`: what became of their rows is
    /// up to the foreign keys of the database.
    pub not_followed: Vec<TableName>,
    /// The archive that was looked in, if there is one.
    pub archive: Option<String>,
    /// Entries of the archive that may be of rows below erased ones, and could not be looked at.
    pub not_looked_at: Vec<NotLookedAt>,
}

/// What an [erasure](crate::Erase) would do: from [`Erase::plan`](crate::Erase::plan).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ErasurePlan {
    /// What it would report.
    pub erasure: ErasureReport,
    /// Rows that forbid it: they refer to rows to be erased by keys that restrict.
    pub blockers: Vec<Blocker>,
}

/// What was erased of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct ErasedTable {
    /// The table.
    pub table: TableName,
    /// How many of its rows.
    pub rows: u64,
    /// How many entries of its rows in the archive.
    pub archived: u64,
}

/// A key of remaining rows that was set to NULL.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct KeySetNull {
    /// The table of the rows.
    pub table: TableName,
    /// The columns of the key.
    pub columns: Vec<String>,
    /// How many rows.
    pub rows: u64,
}

/// Entries of the archive that lack the columns by which they would refer to erased rows: the table has had other names for them,
/// and no foreign key that was recorded with the entries tells which. Look at them by hand, or
/// [expire](crate::archive::ArchiveTable::expire) them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct NotLookedAt {
    /// The table of the entries, as the archive has it.
    pub table: String,
    /// The columns that they lack, one at least.
    pub columns: Vec<String>,
    /// How many there are.
    pub entries: u64,
}

impl ErasureReport {
    /// How many rows were removed, of all tables.
    pub fn rows_erased(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).sum()
    }

    /// How many entries of the archive were removed.
    pub fn archived_erased(&self) -> u64 {
        self.tables.iter().map(|table| table.archived).sum()
    }

    /// How many rows were removed of each table, parents first.
    pub fn rows_by_table(&self) -> TableCounts {
        let tables = self.tables.iter();
        tables.map(|of| (of.table.clone(), of.rows)).collect()
    }

    /// How many entries of the archive were removed of each table, parents first.
    pub fn archived_by_table(&self) -> TableCounts {
        let tables = self.tables.iter();
        tables.map(|of| (of.table.clone(), of.archived)).collect()
    }
}

impl fmt::Display for ErasureReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.erased_at.to_rfc3339_opts(SecondsFormat::Secs, true);
        writeln!(
            f,
            "Erasure of `{}` ({}), {at}",
            self.table,
            self.key.join(", ")
        )?;
        if self.tables.is_empty() {
            writeln!(f, "  nothing was there")?;
        }
        for ErasedTable {
            table,
            rows,
            archived,
        } in &self.tables
        {
            writeln!(f, "  {table}: {rows} rows, {archived} archived")?;
        }
        for KeySetNull {
            table,
            columns,
            rows,
        } in &self.set_null
        {
            writeln!(
                f,
                "  {table} ({}): set to NULL in {rows} rows",
                columns.join(", ")
            )?;
        }
        for NotLookedAt {
            table,
            columns,
            entries,
        } in &self.not_looked_at
        {
            writeln!(
                f,
                "  {table}: {entries} archived could not be looked at, they have no ({})",
                columns.join(", ")
            )?;
        }
        for table in &self.not_followed {
            writeln!(f, "  {table}: left to the database's foreign keys")?;
        }
        match &self.archive {
            Some(archive) => write!(f, "  archive: {archive}"),
            None => write!(f, "  archive: none"),
        }
    }
}
