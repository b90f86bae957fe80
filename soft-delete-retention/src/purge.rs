//! Purges: the physical removal of rows whose retention is over, children before parents, in short batches.
//!
//! [`Purge`] is the builder. [`PurgeReport`] has, for each table, the rows that were removed and those that were kept, with the reason.
//! [`Progress`] is passed to a callback after each batch.

mod cycles;
mod direct;
mod order;
mod passed;
mod progress;
mod references;
mod report;
mod run;
mod statements;
mod summary;
mod tables;
mod throttle;

use std::{
    collections::BTreeMap,
    fmt,
    sync::Mutex,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ConnectionTrait, TransactionTrait,
    sea_query::{Expr, ExprTrait as _, IntoCondition},
};

pub use passed::PassedOver;
pub use progress::Progress;
pub use report::{KeptByReference, PurgeReport, PurgedTable};

use crate::{archive::ArchiveTable, dialect, retention::Retentions};
use passed::Passed;
use progress::{Callback, Watcher};
use run::Run;
use soft_delete_core::{
    Error, Registry, SoftDelete, TableName, engine_api::dialect::is_transaction,
};
use soft_delete_schema::schema_api::catalog::Catalog;
use tables::{PurgeTables, Wanted};
use throttle::{Limits, Throttle};

/// Removes the rows that were deleted longer ago than their retention.
///
/// ```standalone_crate
/// # mod post {
/// #     use sea_orm::entity::prelude::*;
/// #     #[sea_orm::model]
/// #     #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
/// #     #[sea_orm(table_name = "post")]
/// #     #[soft_delete(retention = "30 days")]
/// #     pub struct Model { #[sea_orm(primary_key)] pub id: i64, pub deleted_at: Option<DateTimeUtc> }
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
/// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use sea_orm::{ConnectionTrait, Database};
/// use soft_delete::Purge;
///
/// let db = Database::connect("sqlite::memory:").await?;
/// db.execute_unprepared("CREATE TABLE post (id INTEGER PRIMARY KEY, deleted_at TEXT)").await?;
/// db.execute_unprepared("INSERT INTO post VALUES (1, NULL), (2, '2020-01-01T00:00:00+00:00')").await?;
///
/// let report = Purge::new().exec(&db).await?;
/// println!("{report}");
/// assert_eq!(report.rows_purged(), 1);
/// # Ok(()) }
/// ```
///
/// # What is purged
///
/// The rows of each entity with a retention, `#[soft_delete(retention = "30 days")]` or one given here, whose `deleted_at` is
/// that long ago by the clock of this program. A row stays, and the [report](PurgeReport) tells how many do, while
///
/// - a [hold](Self::hold) exempts it,
/// - a row of a table that is soft-deletable in this program, whether the registry given has its entity or not, refers to it, by a relation of its entity or by a foreign key of the database: an
///   active row, one that is not expired yet, or one that is kept itself,
/// - a row of another table refers to it by a foreign key that would forbid the DELETE. By ON DELETE CASCADE and SET NULL the
///   database does what the key says, unless that leads on to a row that has to stay,
/// - the database refuses to remove it, for a trigger that raises, or its `deleted_at` is no time, such as PostgreSQL's `infinity`:
///   it is [passed over](PurgedTable::passed_over), and what is behind it goes.
///
/// So a purge removes no active row, and fails at no foreign key. Rows that refer to each other in a cycle, as a team to its
/// founder and the founder to the team, go together, if one of the keys may be NULL; it is set to NULL in the transaction that removes
/// them. Where none may be they stay, and so do cycles of more than 4,000 rows.
///
/// # How
///
/// Children before parents, the oldest first, in batches: each finds its rows, locks them, and removes them, in a short
/// transaction of its own. Without an archive one statement does it on SQLite, and on PostgreSQL for tables that nothing refers
/// to. Rows locked by others are passed over (`SKIP LOCKED`), so several workers share the job, on one
/// machine or many, without waiting for each other; SQLite has one writer at a time. A row that is restored meanwhile is not
/// purged. Dropping the future, or killing the process, loses nothing but the batch it was in: the next run goes on from
/// there. Hooks don't run.
///
/// A batch is found by the [purge index](soft_delete_schema::PurgeIndex); without it rows are gone through in the order of their primary key,
/// which reads the whole table once.
///
/// ```sql
/// SELECT id, deleted_at FROM post
/// WHERE deleted_at IS NOT NULL AND deleted_at <= $1
///   AND NOT EXISTS (SELECT 1 FROM comment WHERE comment.post_id = post.id)
///   AND (deleted_at, id) > ($2, $3)
/// ORDER BY deleted_at, id LIMIT 1000 FOR UPDATE SKIP LOCKED;
/// DELETE FROM post WHERE id IN ($1, …) AND deleted_at IS NOT NULL AND deleted_at <= $1001;
/// ```
#[must_use = "a purge does nothing until `exec(&db)` is awaited"]
pub struct Purge {
    registry: Registry,
    limits: Limits,
    now: Option<DateTime<Utc>>,
    retentions: Retentions,
    holds: BTreeMap<TableName, Expr>,
    only: Vec<TableName>,
    archive: Option<ArchiveTable>,
    progress: Option<Callback>,
}

impl fmt::Debug for Purge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Purge")
            .field("limits", &self.limits)
            .field("now", &self.now)
            .field("retentions", &self.retentions)
            .field("holds", &self.holds)
            .field("only", &self.only)
            .field("archive", &self.archive)
            .finish_non_exhaustive()
    }
}

impl Default for Purge {
    fn default() -> Self {
        Self::new()
    }
}

impl Purge {
    /// A purge of all entities of the program that have a retention.
    pub fn new() -> Self {
        Self {
            registry: Registry::global().clone(),
            limits: Limits::default(),
            now: None,
            retentions: Retentions::default(),
            holds: BTreeMap::new(),
            only: Vec::new(),
            archive: None,
            progress: None,
        }
    }

    /// The entities of this registry instead of [`Registry::global`]'s. All are expected in
    /// one database: give [`Registry::of_group`] for the entities of one group.
    pub fn registry(mut self, registry: &Registry) -> Self {
        self.registry = registry.clone();
        self
    }

    /// How many rows a batch removes: 1,000 if nothing is said, and 10,000 at most.
    pub fn batch(mut self, rows: u64) -> Self {
        self.limits.batch = Some(rows);
        self
    }

    /// Adapts the size of batches so that each takes about that time; [`batch`](Self::batch) is then the largest.
    pub fn target_time(mut self, per_batch: Duration) -> Self {
        self.limits.target_time = Some(per_batch);
        self
    }

    /// Removes no more rows a second than this, by pauses between batches. They need no
    /// runtime's timer.
    pub fn rows_per_second(mut self, rows: u32) -> Self {
        self.limits.rows_per_second = Some(rows);
        self
    }

    /// Begins no batch when that time has passed since the start. What is left then is
    /// [told](PurgedTable::remaining), and is the next run's.
    pub fn deadline(mut self, after: Duration) -> Self {
        self.limits.deadline = Some(after);
        self
    }

    /// How long deleted rows of this entity are kept, instead of what its `#[soft_delete(retention = "…")]` says.
    pub fn retention<E: SoftDelete>(mut self, retention: Duration) -> Self {
        self.retentions.set(&E::meta().table, retention);
        self
    }

    /// How long deleted rows are kept of entities that don't say. Without it they are kept for ever.
    pub fn default_retention(mut self, retention: Duration) -> Self {
        self.retentions.set_default(retention);
        self
    }

    /// Purges this entity, and others named so, and no more.
    pub fn only<E: SoftDelete>(self) -> Self {
        self.only_table(E::meta().table.clone())
    }

    /// [`only`](Self::only), by the table's name.
    pub fn only_table(mut self, table: TableName) -> Self {
        self.only.push(table);
        self
    }

    /// Exempts the rows of an entity that meet a condition, such as those of a legal hold.
    ///
    /// Rows that these refer to are kept, too; rows that refer to them are not. Several holds of an entity add up.
    ///
    /// ```
    /// # mod post {
    /// #     use sea_orm::entity::prelude::*;
    /// #     #[sea_orm::model]
    /// #     #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
    /// #     #[sea_orm(table_name = "post")]
    /// #     pub struct Model { #[sea_orm(primary_key)] pub id: i64, pub case_id: Option<i64>, pub deleted_at: Option<DateTimeUtc> }
    /// #     impl ActiveModelBehavior for ActiveModel {}
    /// # }
    /// # fn main() {
    /// use sea_orm::ColumnTrait;
    /// use soft_delete::Purge;
    ///
    /// let purge = Purge::new().hold::<post::Entity>(post::Column::CaseId.is_not_null());
    /// # let _ = purge;
    /// # }
    /// ```
    pub fn hold<E: SoftDelete>(mut self, condition: impl IntoCondition) -> Self {
        let condition = Expr::from(condition.into_condition());
        let table = E::meta().table.clone();
        let hold = match self.holds.remove(&table) {
            Some(other) => other.or(condition),
            None => condition,
        };
        self.holds.insert(table, hold);
        self
    }

    /// Writes each row into this archive, in the transaction that removes it.
    ///
    /// Rows that the database's own foreign keys remove along with it, of tables that are not soft-deletable, are not in it.
    pub fn archive(mut self, archive: ArchiveTable) -> Self {
        self.archive = Some(archive);
        self
    }

    /// What time it is, instead of what the clock of this program says.
    pub fn at(mut self, now: DateTime<Utc>) -> Self {
        self.now = Some(now);
        self
    }

    /// Calls this after each batch. The rows are counted before the first one, so that it can tell
    /// [how long](Progress::eta) it will take.
    pub fn on_progress(mut self, callback: impl FnMut(&Progress<'_>) + Send + 'static) -> Self {
        self.progress = Some(Mutex::new(Box::new(callback)));
        self
    }

    /// Removes the rows, and tells what was done and what was left.
    ///
    /// # Errors
    ///
    /// - [`Error::NotRegistered`] if an entity was named that the registry lacks, and [`Error::EntitiesDisagree`].
    /// - [`Error::InTransaction`] if the connection is a transaction: each batch is one of its own.
    /// - [`SchemaError::UnknownTable`](soft_delete_core::SchemaError::UnknownTable), of an entity or of the archive.
    /// - [`Error::Contention`] if others were in the way of a batch for too long, and [`Error::Db`]. What earlier batches
    ///   removed is gone; the next run goes on from there.
    pub async fn exec<C>(mut self, db: &C) -> Result<PurgeReport, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        if is_transaction::<C>() {
            return Err(Error::in_transaction("purge"));
        }
        let begun = Instant::now();
        let catalog = self.read_catalog(db).await?;
        if let Some(archive) = &self.archive {
            archive.require(db).await?;
        }
        let mut callback = self.progress.take();
        let wanted = self.wanted()?;
        if self.archive.is_some() {
            for Wanted { meta, .. } in &wanted {
                meta.stamp.require_time(&meta.table, "the archive")?;
            }
        }
        let tables = PurgeTables::new(&catalog, self.registry.entities(), wanted)?;
        let dialect = dialect::of(catalog.dialect().backend())?;
        let watcher = match &mut callback {
            Some(callback) => {
                let expected = tables.count_expected(db).await?;
                Some(Watcher::new(callback, begun, expected))
            }
            None => None,
        };
        let mut run = Run {
            db,
            dialect,
            tables: &tables,
            throttle: Throttle::new(self.limits, begun),
            watcher,
            archive: self.archive.as_ref(),
            archived_at: self.now.unwrap_or_else(Utc::now),
            purged: vec![0; tables.all.len()],
            cleared: vec![None; tables.all.len()],
            passed: vec![Passed::default(); tables.all.len()],
        };
        run.exec().await?;
        let (purged, cleared, mut passed) = (run.purged, run.cleared, run.passed);
        let mut purged_tables = Vec::new();
        for place in tables.in_order() {
            let mut table = tables
                .what_is_left(db, place, cleared[place].as_ref())
                .await?;
            table.purged = purged[place];
            let refused = std::mem::take(&mut passed[place]);
            table.passed_over.extend(refused.into_reasons());
            table.archived = self.archive.as_ref().map_or(0, |_| table.purged);
            purged_tables.push(table);
        }
        Ok(PurgeReport {
            tables: purged_tables,
            dry_run: false,
            took: begun.elapsed(),
        })
    }

    /// Tells what [`exec`](Self::exec) would remove now, and what it would keep, and removes nothing.
    ///
    /// Where tables refer to themselves, or to each other in a cycle, it looks one level deep: a row counts as purgeable if
    /// the rows that refer to it are expired.
    ///
    /// # Errors
    ///
    /// As [`exec`](Self::exec), but that it may be called in a transaction.
    pub async fn plan<C: ConnectionTrait>(self, db: &C) -> Result<PurgeReport, Error> {
        let begun = Instant::now();
        let catalog = self.read_catalog(db).await?;
        let tables = PurgeTables::new(&catalog, self.registry.entities(), self.wanted()?)?;
        let mut purged_tables = Vec::new();
        for place in tables.in_order() {
            purged_tables.push(tables.what_would_go(db, place).await?);
        }
        Ok(PurgeReport {
            tables: purged_tables,
            dry_run: true,
            took: begun.elapsed(),
        })
    }

    /// Of all entities: those that are not purged have rows that keep others.
    async fn read_catalog<C: ConnectionTrait>(&self, db: &C) -> Result<Catalog, Error> {
        self.registry.check()?;
        let tables: Vec<_> = self.registry.entities().map(|meta| &meta.table).collect();
        Catalog::of_schemas(db, &tables).await
    }

    fn wanted(&self) -> Result<Vec<Wanted<'_>>, Error> {
        let named = self
            .retentions
            .tables()
            .chain(self.holds.keys())
            .chain(&self.only);
        for table in named {
            if self.registry.entities().all(|meta| meta.table != *table) {
                return Err(Error::not_registered(table));
            }
        }
        let now = self.now.unwrap_or_else(Utc::now);
        let mut wanted = Vec::new();
        for meta in self.registry.entities() {
            let is_meant = self.only.is_empty() || self.only.contains(&meta.table);
            // Before the beginning of time nothing was deleted.
            let cutoff = self
                .retentions
                .of(meta)
                .and_then(|retention| TimeDelta::from_std(retention).ok())
                .and_then(|retention| now.checked_sub_signed(retention));
            if let Some(cutoff) = cutoff.filter(|_| is_meant) {
                wanted.push(Wanted {
                    meta,
                    cutoff,
                    hold: self.holds.get(&meta.table).cloned(),
                });
            }
        }
        Ok(wanted)
    }
}
