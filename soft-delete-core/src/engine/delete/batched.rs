//! Deletes in batches: one deletion in many short transactions.

mod batch;
mod level;
mod run;
mod statements;

use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use sea_orm::{ConnectionTrait, TransactionTrait};
use uuid::Uuid;

use crate::{
    dialect,
    engine::{
        Delete, DeletePlan, Deletion,
        delete::{batched::run::BatchRun, run::Run},
    },
    model::{Error, TableName, stamp::Stamp},
    query::SoftDelete,
};

/// A [`Delete`] in batches, from [`Delete::batched`]: the rows named first, then those below them, each batch in a transaction of
/// its own, all with one identity.
///
/// A delete of a million rows is one long transaction, which replicas and clusters take whole and other writers wait for. In batches
/// no transaction is longer than a batch, and memory does not grow with the rows: it holds one batch for each level of the cascade.
///
/// ```
/// # use soft_delete::{Error, SoftDelete};
/// # use sea_orm::DatabaseConnection;
/// # async fn example<E: SoftDelete>(delete: soft_delete::Delete<E>, db: &DatabaseConnection) -> Result<(), Error> {
/// let delete = delete.batched(5_000);
/// let id = delete.deletion_id(); // write it down: it continues or undoes the delete
/// let deletion = delete
///     .on_progress(|progress| println!("{} rows, last of {}", progress.total_rows, progress.table))
///     .exec(db)
///     .await?;
/// assert_eq!(deletion.id(), id);
/// # Ok(()) }
/// ```
///
/// # How
///
/// ```sql
/// SELECT id FROM comment WHERE post_id IN (SELECT id FROM post WHERE id IN ($1, …) AND deleted_at IS NOT NULL)
///   AND deleted_at IS NULL AND id > $2 ORDER BY id LIMIT 5000 FOR UPDATE;
/// UPDATE comment SET deleted_at = $3, deletion_id = $4 WHERE id IN ($5, …) AND deleted_at IS NULL;
/// ```
///
/// Until the end, rows are active whose parents are deleted already: the parent is out of sight, and what is below it goes batch by
/// batch. Rows that restrict are looked for in the whole cascade first, as [`Delete::exec`] does, and again as their parents' batch
/// comes. Where tables cascade in a circle (on MySQL and MariaDB, also where one cascades into itself) only the second look is made.
/// A batch that meets a deadlock is tried three times.
///
/// Entities' [hooks](crate::Hooks) run for each batch, within its transaction.
///
/// # If it ends early
///
/// Whenever it ends, by an error, a lost connection or the end of the process, what was committed carries the deletion's id.
/// [`continuing`](Self::continuing) takes the rest, and [`Undo::deletion`](crate::Undo::deletion) brings back what it took:
///
/// ```
/// # use soft_delete::{Error, SoftDelete};
/// # use sea_orm::DatabaseConnection;
/// # async fn example<E: SoftDelete>(delete: soft_delete::Delete<E>, id: uuid::Uuid, db: &DatabaseConnection) -> Result<(), Error> {
/// delete.batched(5_000).continuing(id).exec(db).await?;
/// # Ok(()) }
/// ```
#[must_use = "a delete does nothing until `exec(&db)` is awaited"]
pub struct BatchedDelete<E: SoftDelete> {
    delete: Delete<E>,
    rows: u64,
    id: Uuid,
    is_continued: bool,
    progress: Option<Callback>,
}

/// How far a [`BatchedDelete`] is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DeleteProgress<'p> {
    /// The table of the last batch.
    pub table: &'p TableName,
    /// The rows of the last batch.
    pub rows: u64,
    /// The rows that this run has deleted so far, of all tables.
    pub total_rows: u64,
    /// The time since the run began.
    pub elapsed: Duration,
}

/// In a mutex only so that futures that borrow what has it are `Send`.
type Callback = Mutex<Box<dyn FnMut(&DeleteProgress<'_>) + Send>>;

impl<E: SoftDelete> Delete<E> {
    /// Deletes in batches of that many rows, each in a transaction of its own: see [`BatchedDelete`].
    ///
    /// A batch has one row at least, and 30,000 values of keys at most, which is what one statement may bind.
    pub fn batched(self, rows: u64) -> BatchedDelete<E> {
        BatchedDelete {
            delete: self,
            rows,
            id: Stamp::new(None).deletion_id,
            is_continued: false,
            progress: None,
        }
    }
}

impl<E: SoftDelete> fmt::Debug for BatchedDelete<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchedDelete")
            .field("delete", &self.delete)
            .field("rows", &self.rows)
            .field("id", &self.id)
            .field("is_continued", &self.is_continued)
            .finish_non_exhaustive()
    }
}

impl<E: SoftDelete> BatchedDelete<E> {
    /// The id of the deletion, which is known before it begins: what its rows will have in `deletion_id`.
    pub fn deletion_id(&self) -> Uuid {
        self.id
    }

    /// Goes on with a deletion that ended early: rows that it has not taken yet get its id, and the time, actor and reason of those that
    /// it has. Name the same rows as before. If it had taken none, it begins.
    pub fn continuing(mut self, deletion_id: Uuid) -> Self {
        self.id = deletion_id;
        self.is_continued = true;
        self
    }

    /// Calls a function after each batch.
    pub fn on_progress(
        mut self,
        callback: impl FnMut(&DeleteProgress<'_>) + Send + 'static,
    ) -> Self {
        self.progress = Some(Mutex::new(Box::new(callback)));
        self
    }

    /// What [`exec`](Self::exec) would do now: [`Delete::plan`].
    ///
    /// # Errors
    ///
    /// As [`Delete::plan`].
    pub async fn plan<C>(self, db: &C) -> Result<DeletePlan, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        self.delete.plan(db).await
    }

    /// Runs it. The result counts the rows that this run has taken: of one that continues another, the rest.
    ///
    /// # Errors
    ///
    /// Before anything is written:
    ///
    /// - [`Error::InTransaction`] if the connection is a transaction: each batch is one of its own.
    /// - [`Error::MissingDeletionId`] if a table of the cascade has no `deletion_id`. Without it the rows of a deletion that ended early
    ///   could not be told from others.
    /// - [`Error::Restricted`], and the others of [`Delete::exec`].
    ///
    /// Later, with the batches before it committed: [`Error::Restricted`] for a row that came meanwhile, [`Error::NotUpdated`],
    /// [`Error::Hook`], [`Error::Contention`] and [`Error::Db`]. See [above](Self#if-it-ends-early) for how to go on.
    pub async fn exec<C>(self, db: &C) -> Result<Deletion, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        if dialect::is_transaction::<C>() {
            return Err(Error::in_transaction("delete in batches"));
        }
        let mut run: Run = self.delete.run()?;
        run.stamp.deletion_id = self.id;
        let watcher = Watcher {
            callback: self.progress,
            begun: Instant::now(),
            total_rows: 0,
        };
        BatchRun::new(run, self.rows, watcher)
            .exec(db, self.is_continued)
            .await
    }
}

/// The callback, with what it is told.
struct Watcher {
    callback: Option<Callback>,
    begun: Instant,
    total_rows: u64,
}

impl Watcher {
    fn tell(&mut self, table: &TableName, rows: u64) {
        self.total_rows += rows;
        let Some(callback) = &mut self.callback else {
            return;
        };
        let callback = callback.get_mut();
        callback.unwrap_or_else(PoisonError::into_inner)(&DeleteProgress {
            table,
            rows,
            total_rows: self.total_rows,
            elapsed: self.begun.elapsed(),
        });
    }
}
