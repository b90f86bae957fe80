//! One run of a purge: batch after batch, each in a transaction of its own.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, DbBackend, IsolationLevel, SqlErr, TransactionSession as _, TransactionTrait,
};

use super::{
    pace::{Pace, pause},
    progress::Watcher,
    statements::{Among, Cursor, Key},
    subject::{Subject, Subjects},
};
use crate::{Error, archive::ArchiveTable, backend};

/// How often a batch is tried that another transaction gets in the way of.
const ATTEMPTS: u32 = 6;

pub(super) struct Run<'r, C> {
    pub(super) db: &'r C,
    pub(super) backend: DbBackend,
    pub(super) subjects: &'r Subjects<'r>,
    pub(super) pace: Pace,
    pub(super) watcher: Option<Watcher<'r>>,
    pub(super) archive: Option<&'r ArchiveTable>,
    pub(super) archived_at: DateTime<Utc>,
    /// Rows removed from each table.
    pub(super) purged: Vec<u64>,
    /// Up to where it is known that nothing is left of each table.
    pub(super) cleared: Vec<Option<Cursor>>,
}

/// A search for rows to remove, as far as it is.
#[derive(Clone, Debug)]
pub(super) struct Sweep {
    pub(super) place: usize,
    pub(super) after: Option<Cursor>,
    /// Rows that may be free since others are gone; else all.
    among: Option<Among>,
}

/// What one batch came to.
#[derive(Default)]
struct Batch {
    /// Rows removed from each table, by its place.
    removed: Vec<(usize, u64)>,
    /// The database kept a row that we know no reason for.
    refused: bool,
}

/// What one step of a batch came to.
struct Step {
    found: u64,
    removed: u64,
    last: Option<Cursor>,
    freed: Vec<Sweep>,
}

impl<C> Run<'_, C>
where
    C: ConnectionTrait + TransactionTrait,
{
    /// Removes what can be removed, children before parents.
    pub(super) async fn exec(&mut self) -> Result<(), Error> {
        let subjects = self.subjects;
        for component in &subjects.order {
            loop {
                let before: u64 = self.purged.iter().sum();
                for place in &component.places {
                    self.sweep(*place).await?;
                }
                let is_still = |purged: &[u64]| purged.iter().sum::<u64>() == before;
                if component.is_circular && is_still(&self.purged) && !self.pace.is_over() {
                    self.untie(component).await?;
                }
                if !component.is_circular || is_still(&self.purged) || self.pace.is_over() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Goes through a table once, and after each row of a circle to those that it kept.
    async fn sweep(&mut self, place: usize) -> Result<(), Error> {
        let all = Sweep {
            place,
            after: None,
            among: None,
        };
        let mut sweeps = Vec::from_iter(self.sweep_directly(all).await?);
        // What one batch takes after the database refused a larger one.
        let mut most = u64::MAX;
        while let Some(sweep) = sweeps.last() {
            if self.pace.is_over() {
                break;
            }
            let key_columns = self.subjects.all[sweep.place].meta.primary_key.len();
            let size = self.pace.size(key_columns).min(most);
            let begun = Instant::now();
            let mut next = sweeps.clone();
            let batch = self.batch(&mut next, size).await?;
            if batch.refused && size > 1 {
                most = size / 10;
                continue;
            }
            most = most.saturating_mul(10).max(10);
            sweeps = next;
            let rows = self.account(batch.removed);
            self.pace.after_batch(size, rows, begun.elapsed()).await;
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
                let table = &self.subjects.all[place].meta.table;
                watcher.tell(place, table, removed, self.purged[place]);
            }
        }
        rows
    }

    /// Removes up to `size` rows, or a few more, and moves the sweeps on.
    async fn batch(&self, sweeps: &mut Vec<Sweep>, size: u64) -> Result<Batch, Error> {
        let begin = sweeps.clone();
        let mut attempt = 1;
        loop {
            let mut subjects = begin.iter().map(|sweep| &self.subjects.all[sweep.place]);
            let is_leaf = subjects.all(|subject| subject.references.is_empty());
            let transaction = self.begin(is_leaf).await?;
            let error = match self.steps(&transaction, sweeps, size).await {
                Ok(batch) => match transaction.commit().await {
                    Ok(()) => return Ok(batch),
                    Err(error) => error.into(),
                },
                Err(error) => backend::give_up(self.db, transaction, error).await,
            };
            match error {
                Error::Contention(_) if attempt < ATTEMPTS => {
                    pause(Duration::from_millis(10 << attempt)).await;
                    attempt += 1;
                }
                Error::Db(error) if is_reference(&error) => {
                    sweeps.clone_from(&begin);
                    if size == 1 {
                        self.pass_over(sweeps).await?;
                    }
                    return Ok(Batch {
                        refused: true,
                        ..Batch::default()
                    });
                }
                error => return Err(error),
            }
            sweeps.clone_from(&begin);
        }
    }

    /// In READ COMMITTED a statement sees what was committed before it began, and MySQL locks no gaps between rows.
    pub(super) async fn begin(&self, is_leaf: bool) -> Result<C::Transaction, Error> {
        let mut options = backend::write_transaction(self.backend);
        if self.backend == DbBackend::MySql || self.backend == DbBackend::Postgres && !is_leaf {
            options.isolation_level = Some(IsolationLevel::ReadCommitted);
        }
        Ok(self.db.begin_with_options(options).await?)
    }

    async fn steps(
        &self,
        db: &C::Transaction,
        sweeps: &mut Vec<Sweep>,
        size: u64,
    ) -> Result<Batch, Error> {
        let mut batch = Batch::default();
        let mut rows = 0;
        while let Some(sweep) = sweeps.last_mut() {
            if rows >= size {
                break;
            }
            let place = sweep.place;
            let step = self.step(db, sweep, size).await?;
            if step.found < size {
                sweeps.pop();
            } else {
                sweep.after = step.last;
            }
            sweeps.extend(step.freed);
            rows += step.removed;
            match batch.removed.iter_mut().find(|(known, _)| *known == place) {
                Some((_, removed)) => *removed += step.removed,
                None => batch.removed.push((place, step.removed)),
            }
            if sweeps.last().is_some_and(|sweep| sweep.among.is_none()) {
                break;
            }
        }
        Ok(batch)
    }

    async fn step(&self, db: &C::Transaction, sweep: &Sweep, size: u64) -> Result<Step, Error> {
        let subject = &self.subjects.all[sweep.place];
        let (after, among) = (sweep.after.as_ref(), sweep.among.as_ref());
        let select = subject.select_batch(self.backend, after, among, size);
        let rows = db.query_all(&select).await?;
        let mut step = Step {
            found: rows.len() as u64,
            removed: 0,
            last: None,
            freed: Vec::new(),
        };
        let Some(last) = rows.last() else {
            return Ok(step);
        };
        step.last = Some(subject.read_cursor(self.backend, last)?);
        let mut keys = rows
            .iter()
            .map(|row| subject.read_key(row))
            .collect::<Result<Vec<Key>, _>>()?;
        if backend::locks_rows(self.backend) && !subject.references.is_empty() {
            // The first look may have been before a row was locked, and a child inserted in between.
            let free = subject.select_free(self.backend, &keys, size);
            let free = db.query_all(&free).await?;
            keys = free
                .iter()
                .map(|row| subject.read_key(row))
                .collect::<Result<_, _>>()?;
        }
        if keys.is_empty() {
            return Ok(step);
        }
        self.copy_to_archive(db, subject, &keys, size).await?;
        let delete = subject.delete(self.backend, &keys, size);
        step.removed = db.execute_raw(delete).await?.rows_affected();
        for key in &subject.upwards {
            let values = rows
                .iter()
                .map(|row| subject.read_upwards(row, &key.columns));
            let values = distinct(values.collect::<Result<_, _>>()?);
            if !values.is_empty() {
                step.freed.push(Sweep {
                    place: key.parent,
                    after: None,
                    among: Some(Among {
                        columns: key.parent_columns.clone(),
                        values,
                    }),
                });
            }
        }
        Ok(step)
    }

    pub(super) async fn copy_to_archive(
        &self,
        db: &C::Transaction,
        subject: &Subject<'_>,
        keys: &[Key],
        most: u64,
    ) -> Result<(), Error> {
        if let Some(archive) = self.archive {
            let rows = subject.are_these(self.backend, keys, most);
            archive
                .copy(db, subject.meta, subject.table, rows, self.archived_at)
                .await?;
        }
        Ok(())
    }

    /// Moves behind the one row that the database keeps for a reason that we don't know.
    async fn pass_over(&self, sweeps: &mut Vec<Sweep>) -> Result<(), Error> {
        let Some(sweep) = sweeps.last_mut() else {
            return Ok(());
        };
        let subject = &self.subjects.all[sweep.place];
        let (after, among) = (sweep.after.as_ref(), sweep.among.as_ref());
        let select = subject.select_batch(self.backend, after, among, 1);
        match self.db.query_one(&select).await? {
            Some(row) => sweep.after = Some(subject.read_cursor(self.backend, &row)?),
            None => {
                sweeps.pop();
            }
        }
        Ok(())
    }
}

pub(super) fn is_reference(error: &sea_orm::DbErr) -> bool {
    matches!(
        error.sql_err(),
        Some(SqlErr::ForeignKeyConstraintViolation(_))
    )
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
