//! The statistics as JSON.

use chrono::{DateTime, Utc};
use serde::Serialize;
use soft_delete_retention::{Figure, MissingTable, Stats, TableStats};

#[derive(Serialize)]
pub(super) struct Document<'s> {
    at: DateTime<Utc>,
    /// Whether every row was counted.
    exact: bool,
    tables: Vec<Table>,
    missing: &'s [MissingTable],
}

/// A figure, and how much it is worth.
#[derive(Serialize)]
struct Worth<T> {
    is: &'static str,
    /// Null if it is unknown.
    value: Option<T>,
}

/// Of a table. Sizes are in bytes.
#[derive(Serialize)]
struct Table {
    table: String,
    rows: Worth<u64>,
    active: Worth<u64>,
    deleted: Worth<u64>,
    deleted_in_future: Worth<u64>,
    oldest_deletion: Worth<DateTime<Utc>>,
    newest_deletion: Worth<DateTime<Utc>>,
    retention_seconds: Option<f64>,
    /// Null if there is no retention.
    expired: Option<Worth<u64>>,
    expired_since: Worth<DateTime<Utc>>,
    table_bytes: Worth<u64>,
    index_bytes: Worth<u64>,
    free_bytes: Worth<u64>,
    dead_rows: Worth<u64>,
    last_vacuum: Option<DateTime<Utc>>,
    last_autovacuum: Option<DateTime<Utc>>,
}

impl<'s> Document<'s> {
    pub(super) fn new(stats: &'s Stats, exact: bool) -> Self {
        Self {
            at: stats.at(),
            exact,
            tables: stats.tables().iter().map(Table::from).collect(),
            missing: stats.missing(),
        }
    }
}

impl<T: Copy> From<Figure<T>> for Worth<T> {
    fn from(figure: Figure<T>) -> Self {
        Self {
            is: match figure {
                Figure::Exact(_) => "exact",
                Figure::Estimate(_) => "estimate",
                Figure::AtLeast(_) => "at_least",
                _ => "unknown",
            },
            value: figure.value(),
        }
    }
}

impl<T: Copy> Worth<T> {
    /// Of a figure that may be known to be none.
    fn flat(figure: Figure<Option<T>>) -> Self {
        let worth = Worth::from(figure);
        Self {
            is: worth.is,
            value: worth.value.flatten(),
        }
    }
}

impl From<&TableStats> for Table {
    fn from(of: &TableStats) -> Self {
        Self {
            table: of.table.to_string(),
            rows: of.rows.into(),
            active: of.active.into(),
            deleted: of.deleted.into(),
            deleted_in_future: of.deleted_in_future.into(),
            oldest_deletion: Worth::flat(of.oldest_deletion),
            newest_deletion: Worth::flat(of.newest_deletion),
            retention_seconds: of.retention.map(|retention| retention.as_secs_f64()),
            expired: of.expired.map(Worth::from),
            expired_since: Worth::flat(of.expired_since),
            table_bytes: of.table_bytes.into(),
            index_bytes: of.index_bytes.into(),
            free_bytes: of.free_bytes.into(),
            dead_rows: of.dead_rows.into(),
            last_vacuum: of.last_vacuum,
            last_autovacuum: of.last_autovacuum,
        }
    }
}
