//! What a purge tells while it runs.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use soft_delete_core::TableName;

/// How far a purge is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Progress<'p> {
    /// The table that rows were last removed from.
    pub table: &'p TableName,
    /// Rows removed from it by this run.
    pub purged: u64,
    /// Rows of it that were expired and not held when the run began.
    pub expected: u64,
    /// Rows removed from all tables by this run.
    pub total_purged: u64,
    /// Rows of all tables that were expired and not held when the run began. Other workers remove some of them, and rows that
    /// others reference stay.
    pub total_expected: u64,
    /// Time since the run began.
    pub elapsed: Duration,
}

impl Progress<'_> {
    /// The time that the rest would take at the rate so far. `None` before the first row.
    pub fn eta(&self) -> Option<Duration> {
        let left = self.total_expected.saturating_sub(self.total_purged);
        let per_row = self.elapsed.as_secs_f64() / self.total_purged as f64;
        Duration::try_from_secs_f64(per_row * left as f64).ok()
    }
}

/// A callback, with what it is told.
pub(super) struct Watcher<'w> {
    callback: &'w mut Callback,
    begun: Instant,
    expected: Vec<u64>,
    total_purged: u64,
}

/// In a mutex only so that futures that borrow what has it are `Send`.
pub(super) type Callback = Mutex<Box<dyn FnMut(&Progress<'_>) + Send>>;

impl<'w> Watcher<'w> {
    pub(super) fn new(callback: &'w mut Callback, begun: Instant, expected: Vec<u64>) -> Self {
        Self {
            callback,
            begun,
            expected,
            total_purged: 0,
        }
    }

    /// After a batch: `rows` of this table were removed, and `purged` by now.
    pub(super) fn tell(&mut self, place: usize, table: &TableName, rows: u64, purged: u64) {
        self.total_purged += rows;
        let callback = self.callback.get_mut();
        callback.unwrap_or_else(PoisonError::into_inner)(&Progress {
            table,
            purged,
            expected: self.expected.get(place).copied().unwrap_or(0),
            total_purged: self.total_purged,
            total_expected: self.expected.iter().sum(),
            elapsed: self.begun.elapsed(),
        });
    }
}
