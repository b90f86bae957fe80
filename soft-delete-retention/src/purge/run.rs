//! One run of a purge: batch after batch, each in a transaction of its own.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, IsolationLevel, QueryResult, TransactionSession as _, TransactionTrait,
};

use super::{
    order::Cursor,
    passed::{Passed, Refusal},
    progress::Watcher,
    statements::KeyFilter,
    tables::{PurgeTable, PurgeTables},
    throttle::{Throttle, pause},
};
use crate::{
    archive::{ArchiveTable, RowsToArchive},
    dialect::Dialect,
    removal::Key,
};
use soft_delete_core::{
    Error,
    engine_api::{
        dialect::{locks_rows, write_transaction},
        transaction,
    },
};

/// How often a batch is tried that another transaction gets in the way of.
const ATTEMPTS: u32 = 6;

pub(super) struct Run<'r, C> {
    pub(super) db: &'r C,
    pub(super) dialect: &'static dyn Dialect,
    pub(super) tables: &'r PurgeTables<'r>,
    pub(super) throttle: Throttle,
    pub(super) watcher: Option<Watcher<'r>>,
    pub(super) archive: Option<&'r ArchiveTable>,
    pub(super) archived_at: DateTime<Utc>,
    /// Rows removed from each table.
    pub(super) purged: Vec<u64>,
    /// Up to where it is known that nothing is left of each table.
    pub(super) cleared: Vec<Option<Cursor>>,
    /// Rows of each table that can't be removed.
    pub(super) passed: Vec<Passed>,
}

/// A search for rows to remove, as far as it is.
#[derive(Clone, Debug)]
pub(super) struct Scan {
    pub(super) place: usize,
    pub(super) after: Option<Cursor>,
    /// Rows that may be free since others are gone; else all.
    pub(super) filter: Option<KeyFilter>,
}

/// What one batch came to.
#[derive(Default)]
struct Batch {
    /// Rows removed from each table, by its place.
    removed: Vec<(usize, u64)>,
    /// The row found last, by the place of its table.
    last: Option<(usize, Key)>,
}

/// Why a batch ended early.
enum Stop {
    /// The database refused to remove these rows.
    Refused(Refusal),
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// How a batch went.
enum Outcome {
    Done(Batch),
    /// Nothing was removed. What is smaller may succeed.
    TooLarge,
    /// The one row of the batch stays.
    PassedOver {
        place: usize,
        key: Key,
        reason: String,
    },
}

/// The rows that one step of a batch found.
struct Found {
    rows: Vec<QueryResult>,
    /// Those of them that nothing refers to.
    keys: Vec<Key>,
    last: Option<Cursor>,
}

impl<C> Run<'_, C>
where
    C: ConnectionTrait + TransactionTrait,
{
    /// Removes what can be removed, children before parents.
    pub(super) async fn exec(&mut self) -> Result<(), Error> {
        let tables = self.tables;
        for component in &tables.order {
            loop {
                let before: u64 = self.purged.iter().sum();
                for place in &component.places {
                    self.passed[*place].clear();
                }
                for place in &component.places {
                    self.scan(*place).await?;
                }
                let is_still = |purged: &[u64]| purged.iter().sum::<u64>() == before;
                if component.is_cyclic() && is_still(&self.purged) && !self.throttle.is_over() {
                    self.break_cycles(component).await?;
                }
                if !component.is_cyclic() || is_still(&self.purged) || self.throttle.is_over() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Goes through a table once, and after each row of a cycle to those that it kept.
    async fn scan(&mut self, place: usize) -> Result<(), Error> {
        let all = Scan {
            place,
            after: None,
            filter: None,
        };
        let mut scans = Vec::from_iter(self.scan_directly(all).await?);
        // What one batch takes after the database refused a larger one.
        let mut most = u64::MAX;
        while let Some(scan) = scans.last() {
            if self.throttle.is_over() {
                break;
            }
            let key_columns = self.tables.all[scan.place].meta.primary_key.len();
            let size = self.throttle.size(key_columns).min(most);
            let begun = Instant::now();
            let mut next = scans.clone();
            let removed = match self.batch(&mut next, size).await? {
                Outcome::Done(batch) => batch.removed,
                Outcome::TooLarge => {
                    most = (size / 10).max(1);
                    continue;
                }
                Outcome::PassedOver { place, key, reason } => {
                    self.passed[place].add(reason, &key);
                    Vec::new()
                }
            };
            most = most.saturating_mul(10).max(10);
            scans = next;
            let rows = self.account(removed);
            self.throttle.after_batch(size, rows, begun.elapsed()).await;
        }
        Ok(())
    }

    /// Counts the rows of a batch that is committed, and tells them.
    pub(super) fn account(&mut self, removed: Vec<(usize, u64)>) -> u64 {
        let mut rows = 0;
        for (place, removed) in removed {
            rows += removed;
            self.purged[place] += removed;
            if let Some(watcher) = &mut self.watcher {
                let table = &self.tables.all[place].meta.table;
                watcher.tell(place, table, removed, self.purged[place]);
            }
        }
        rows
    }

    /// Removes up to `size` rows, or a few more, and moves the scans on.
    async fn batch(&self, scans: &mut Vec<Scan>, size: u64) -> Result<Outcome, Error> {
        let begin = scans.clone();
        let mut attempt = 1;
        loop {
            let mut tables = begin.iter().map(|scan| &self.tables.all[scan.place]);
            let is_leaf = tables.all(|purge_table| purge_table.references.is_empty());
            let transaction = self.begin(is_leaf).await?;
            let mut batch = Batch::default();
            let refusal = match self.steps(&transaction, scans, size, &mut batch).await {
                Ok(()) => match transaction.commit().await {
                    Ok(()) => return Ok(Outcome::Done(batch)),
                    // A check that was put off until the commit.
                    Err(error) => match Refusal::of(&error) {
                        Some(refusal) => {
                            if let Some(scan) = begin.last() {
                                self.wait_for_next(scan).await;
                            }
                            Ok(refusal)
                        }
                        None => Err(error.into()),
                    },
                },
                Err(Stop::Refused(refusal)) => {
                    transaction.rollback().await?;
                    Ok(refusal)
                }
                Err(Stop::Failed(error)) => {
                    Err(transaction::abort(self.db, transaction, error).await)
                }
            };
            match refusal {
                // The steps before the last removed nothing. They are done, and so is this row.
                Ok(Refusal(reason)) => {
                    if let Some((place, key)) = batch.last.filter(|_| size == 1) {
                        return Ok(Outcome::PassedOver { place, key, reason });
                    }
                    scans.clone_from(&begin);
                    return Ok(Outcome::TooLarge);
                }
                Err(Error::Contention(_)) if attempt < ATTEMPTS => {
                    pause(Duration::from_millis(10 << attempt)).await;
                    attempt += 1;
                }
                Err(error) => return Err(error),
            }
            scans.clone_from(&begin);
        }
    }

    /// In READ COMMITTED a statement sees what was committed before it began, and no gaps between rows are locked.
    pub(super) async fn begin(&self, is_leaf: bool) -> Result<C::Transaction, Error> {
        let dialect = self.dialect;
        let mut options = write_transaction(dialect.backend());
        let is_needed = dialect.locks_gaps() || !is_leaf;
        if is_needed && dialect.has_isolation_levels() {
            options.isolation_level = Some(IsolationLevel::ReadCommitted);
        }
        Ok(self.db.begin_with_options(options).await?)
    }

    async fn steps(
        &self,
        db: &C::Transaction,
        scans: &mut Vec<Scan>,
        size: u64,
        batch: &mut Batch,
    ) -> Result<(), Stop> {
        let mut rows = 0;
        while let Some(scan) = scans.last_mut() {
            if rows >= size {
                break;
            }
            let place = scan.place;
            let found = self.find(db, scan, size).await?;
            if (found.rows.len() as u64) < size {
                scans.pop();
            } else {
                scan.after = found.last;
            }
            if let Some(key) = found.keys.last() {
                batch.last = Some((place, key.clone()));
                let removed = self.remove(db, place, &found.keys, size).await?;
                scans.extend(self.freed(place, &found.rows)?);
                rows += removed;
                match batch.removed.iter_mut().find(|(known, _)| *known == place) {
                    Some((_, before)) => *before += removed,
                    None => batch.removed.push((place, removed)),
                }
            }
            if scans.last().is_some_and(|scan| scan.filter.is_none()) {
                break;
            }
        }
        Ok(())
    }

    /// Finds the next rows of a scan and locks them.
    async fn find(&self, db: &C::Transaction, scan: &Scan, size: u64) -> Result<Found, Error> {
        let purge_table = &self.tables.all[scan.place];
        let (after, filter) = (scan.after.as_ref(), scan.filter.as_ref());
        let select = purge_table.select_batch(after, filter, size);
        let rows = db.query_all(&select).await?;
        let read = |rows: &[QueryResult]| {
            let keys = rows.iter().map(|row| purge_table.read_key(row));
            keys.collect::<Result<Vec<Key>, _>>()
        };
        let mut keys = read(&rows)?;
        let last = rows.last();
        let last = last.map(|last| purge_table.read_cursor(last));
        let last = last.transpose()?;
        if locks_rows(self.dialect.backend())
            && !purge_table.references.is_empty()
            && !keys.is_empty()
        {
            // The first look may have been before a row was locked, and a child inserted in between.
            let free = purge_table.select_free(&keys, size);
            keys = read(&db.query_all(&free).await?)?;
        }
        Ok(Found { rows, keys, last })
    }

    /// Removes these rows, of which the archive gets a copy first.
    async fn remove(
        &self,
        db: &C::Transaction,
        place: usize,
        keys: &[Key],
        size: u64,
    ) -> Result<u64, Stop> {
        let purge_table = &self.tables.all[place];
        let refused = |error: Error| match &error {
            Error::Db(cause) => match Refusal::of(cause) {
                Some(refusal) => Stop::Refused(refusal),
                None => Stop::Failed(error),
            },
            _ => Stop::Failed(error),
        };
        let copied = self.copy_to_archive(db, purge_table, keys, size).await;
        let copied = copied.map_err(refused)?;
        let delete = purge_table.delete(keys, size);
        let removed = db.execute_raw(delete).await;
        let removed = removed.map_err(|error| refused(error.into()))?;
        let removed = removed.rows_affected();
        // A row is in its table or in the archive, and not in both.
        if copied > removed {
            return Err(Stop::Refused(Refusal::silent()));
        }
        Ok(removed)
    }

    /// Where to look for rows that may be free, now that these are gone.
    fn freed(&self, place: usize, rows: &[QueryResult]) -> Result<Vec<Scan>, Error> {
        let purge_table = &self.tables.all[place];
        let mut freed = Vec::new();
        for key in &purge_table.parent_keys {
            let values = rows
                .iter()
                .map(|row| purge_table.read_parent_keys(row, &key.columns));
            let values = distinct(values.collect::<Result<_, _>>()?);
            if !values.is_empty() {
                freed.push(Scan {
                    place: key.parent,
                    after: None,
                    filter: Some(KeyFilter {
                        columns: key.parent_columns.clone(),
                        values,
                    }),
                });
            }
        }
        Ok(freed)
    }

    pub(super) async fn copy_to_archive(
        &self,
        db: &C::Transaction,
        purge_table: &PurgeTable<'_>,
        keys: &[Key],
        most: u64,
    ) -> Result<u64, Error> {
        let Some(archive) = self.archive else {
            return Ok(0);
        };
        let rows = RowsToArchive {
            meta: purge_table.meta,
            table: purge_table.table,
            condition: purge_table.are_these(keys, most),
            archived_at: self.archived_at,
        };
        archive.copy(db, rows).await
    }
}

/// Without those that have a NULL, which refer to nothing.
fn distinct(values: Vec<Key>) -> Vec<Key> {
    let mut seen = BTreeSet::new();
    let is_null = |value: &sea_orm::Value| *value == value.as_null();
    values
        .into_iter()
        .filter(|key| !key.iter().any(is_null) && seen.insert(format!("{key:?}")))
        .collect()
}
