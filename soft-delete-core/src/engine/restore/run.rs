//! How a restore runs: find the rows, check them all, then make them active.

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::Ordering},
};

use chrono::{DateTime, SubsecRound as _, Utc};
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, SqlErr, TransactionSession as _, TransactionTrait, Value,
    sea_query::{Expr, ExprTrait as _},
};
use uuid::Uuid;

use super::{
    Options, Restoration, RestorePlan,
    counts::Counts,
    fast::Fast,
    hooked::Of,
    parents::Settled,
    rows::{Part, Row, Rows},
};
use crate::{
    dialect,
    engine::{
        Deletion, active_view,
        cascade::{
            identity::{self, Identity},
            rows::{RowKey, has_key},
            watch::{self, what_is_watched},
        },
        expected::Expected,
        transaction,
    },
    model::{
        Error, RelationRows, TableName,
        graph::{Cascade, Group},
    },
};

/// How often a restore is tried when the database refuses a unique value that was free a moment before, and is free again a
/// moment later.
const ATTEMPTS: usize = 20;

/// How often if the value is of no unique key that is declared: once more, in which it is made sure of that.
const UNDECLARED_ATTEMPTS: usize = 2;

/// A restore that knows all it needs but the connection.
pub(crate) struct Run {
    pub(crate) group: Arc<Group>,
    pub(crate) start: Start,
    pub(crate) options: Options,
    /// When the call was made: for the columns that are touched.
    pub(super) at: DateTime<Utc>,
}

/// What a restore starts from.
#[derive(Clone)]
pub(crate) enum Start {
    Rows {
        root: usize,
        condition: Expr,
        key: Option<RowKey>,
        /// Which version the row must have.
        expected: Option<Expected>,
    },
    Deletion(StartDeletion),
}

/// A deletion that is to be undone.
#[derive(Clone)]
pub(crate) struct StartDeletion {
    pub(crate) id: Uuid,
    pub(crate) at: DateTime<Utc>,
    /// Entities that it took rows of, the one that it started from among them.
    pub(crate) entities: Vec<usize>,
    /// The keys of the rows that it started from, where their table has no `deletion_id`, and that table's entity.
    pub(crate) roots: Option<(usize, Vec<Vec<Value>>)>,
    pub(crate) took: Option<Took>,
}

/// What a deletion took, if it was told.
#[derive(Clone)]
pub(crate) struct Took {
    /// How many rows of each entity.
    pub(crate) rows: Counts,
}

/// In which order rows become active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// So that parents that are still deleted tell the rows below them.
    ChildrenFirst,
    /// As triggers want it that refuse an active row under a deleted parent.
    ParentsFirst,
}

/// How a restore is tried, which changes from one attempt to the next.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    order: Order,
    /// The foreign keys did not lead to all rows.
    by_keys: bool,
    /// A race for a unique value was lost: what was seen without a lock is not enough.
    exact: bool,
}

/// What came of an attempt.
enum Attempted {
    Restored(Restoration),
    NotAll,
}

impl Run {
    pub(crate) fn new(group: Arc<Group>, start: Start, options: Options) -> Self {
        Self {
            group,
            start,
            options,
            at: Utc::now().trunc_subsecs(6),
        }
    }

    /// Values of some types are compared in a way of their own on each backend.
    fn bind_key(&self, backend: DbBackend) -> Self {
        let start = match &self.start {
            Start::Rows {
                root,
                key: Some(key),
                expected,
                ..
            } => {
                let key = key.clone().on(self.group.entity(*root), backend);
                Start::Rows {
                    root: *root,
                    condition: key.condition.clone(),
                    key: Some(key),
                    expected: expected.clone(),
                }
            }
            start => start.clone(),
        };
        Self {
            group: self.group.clone(),
            start,
            options: self.options.clone(),
            at: self.at,
        }
    }

    pub(crate) async fn exec<C>(&self, db: &C) -> Result<Restoration, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        identity::require(&self.cascade())?;
        self.check_touch()?;
        let run = self.bind_key(db.get_database_backend());
        let triggers = &self.group.has_parent_triggers;
        let mut attempt = Attempt {
            order: match triggers.load(Ordering::Relaxed) {
                true => Order::ParentsFirst,
                false => Order::ChildrenFirst,
            },
            by_keys: false,
            exact: false,
        };
        let mut attempts = 1;
        loop {
            let transaction = transaction::begin(db).await?;
            match run.attempt(&transaction, attempt).await {
                Ok(Attempted::Restored(restoration)) => {
                    transaction.commit().await?;
                    if restoration.rows_affected == 0
                        && let Some(meta) = self.group.entities().first()
                    {
                        active_view::refuse(db, meta).await?;
                    }
                    return Ok(restoration);
                }
                Ok(Attempted::NotAll) => {
                    transaction.rollback().await?;
                    attempt.by_keys = true;
                }
                Err(Error::Db(error))
                    if attempt.order == Order::ChildrenFirst
                        && dialect::is_under_deleted_parent(&error) =>
                {
                    transaction.rollback().await?;
                    triggers.store(true, Ordering::Relaxed);
                    attempt.order = Order::ParentsFirst;
                }
                Err(Error::Db(error)) if is_unique_violation(&error) => {
                    transaction.rollback().await?;
                    let most = match self.declares(&error) {
                        true => ATTEMPTS,
                        false => UNDECLARED_ATTEMPTS,
                    };
                    if attempts >= most || !self.has_unique_values() {
                        return Err(Error::UndeclaredUnique {
                            table: self.table(),
                            source: error,
                        });
                    }
                    attempts += 1;
                    attempt.exact = true;
                }
                Err(Error::Db(error)) if dialect::is_excluded(&error) => {
                    transaction.rollback().await?;
                    return Err(Error::Excluded {
                        table: self.table(),
                        source: error,
                    });
                }
                Err(error) => return Err(transaction::abort(db, transaction, error).await),
            }
        }
    }

    pub(crate) async fn plan<C>(&self, db: &C) -> Result<RestorePlan, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        identity::require(&self.cascade())?;
        self.check_touch()?;
        let transaction = db.begin().await?;
        let run = self.bind_key(db.get_database_backend());
        let tried = run.try_out(&transaction).await;
        transaction::revert(db, transaction, tried).await
    }

    async fn attempt<C>(&self, db: &C, attempt: Attempt) -> Result<Attempted, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let is_plain = attempt.order == Order::ChildrenFirst && !attempt.by_keys && !attempt.exact;
        if is_plain {
            match self.restore_fast(db, true).await? {
                Fast::Restored(restoration) => return Ok(Attempted::Restored(restoration)),
                Fast::NotAll => return Ok(Attempted::NotAll),
                Fast::NotItsCase => {}
            }
        }
        self.restore(db, attempt).await.map(Attempted::Restored)
    }

    /// The general way: reads the keys of all rows, and writes by them.
    async fn restore<C>(&self, db: &C, attempt: Attempt) -> Result<Restoration, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let Some(mut rows) = self.read_rows(db, true).await? else {
            return Ok(self.restored(Counts::default()));
        };
        let cascade = Cascade::from(&self.group, &rows.entities().collect::<Vec<_>>());
        let watched = what_is_watched(db, &watch::tables(&cascade)).await?;
        if watched.rows
            && let Some(seen) = self.read_rows(db, false).await?
        {
            rows.are_all_of(&seen)?;
        }
        let mut settled = rows.settle(db, self.options.with_parents).await?;
        if let Start::Deletion(_) = self.start {
            rows.set_aside(&settled.deleted);
        }
        let resolved = self
            .resolve(db, &mut rows, &mut settled, attempt.exact)
            .await?;
        if !settled.deleted.is_empty() {
            return Err(Error::ParentDeleted {
                parents: settled.deleted,
                conflict: resolved.conflict,
            });
        }
        if !resolved.conflict.is_empty() {
            return Err(Error::Conflict(resolved.conflict));
        }
        let hooked = self.before_restore(db, &cascade, &Of::Rows(&rows)).await?;
        rows.write_kept(db, &settled.keeping).await?;
        let restored = rows.clear_stamps(db, attempt.order, self.at).await?;
        if watched.rows {
            rows.all_are_active(db).await?;
        }
        self.after_restore(db, &hooked).await?;
        let kept = rows.count(|row| row.part == Part::Kept);
        let skipped = rows.count(|row| row.part == Part::Skipped);
        Ok(self.restoration(restored, kept, skipped, &settled, resolved.replaced))
    }

    async fn try_out<C>(&self, db: &C) -> Result<RestorePlan, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        if let Fast::Restored(restoration) = self.restore_fast(db, false).await? {
            return Ok(RestorePlan {
                restoration,
                ..RestorePlan::default()
            });
        }
        let Some(mut rows) = self.read_rows(db, false).await? else {
            return Ok(RestorePlan {
                restoration: self.restored(Counts::default()),
                ..RestorePlan::default()
            });
        };
        let mut settled = rows.settle(db, self.options.with_parents).await?;
        if let Start::Deletion(_) = self.start {
            rows.set_aside(&settled.deleted);
        }
        let resolved = self.resolve(db, &mut rows, &mut settled, false).await?;
        let restored = rows.count(Row::comes_back);
        let kept = rows.count(|row| row.part == Part::Kept);
        let skipped = rows.count(|row| row.part == Part::Skipped);
        Ok(RestorePlan {
            parents: std::mem::take(&mut settled.deleted),
            conflict: resolved.conflict,
            restoration: self.restoration(restored, kept, skipped, &settled, resolved.replaced),
        })
    }

    /// The rows named and what is below them, or all rows of a deletion. `None` if there are none.
    async fn read_rows<C: ConnectionTrait>(
        &self,
        db: &C,
        locks: bool,
    ) -> Result<Option<Rows<'_>>, Error> {
        let backend = db.get_database_backend();
        let mut rows = Rows::new(&self.group, backend, locks);
        let locks = locks && dialect::locks_rows(backend);
        match &self.start {
            Start::Rows {
                root,
                condition,
                key,
                expected,
            } => {
                if locks {
                    self.lock_parents(db, *root, condition).await?;
                }
                rows.read(db, *root, condition.clone(), Part::Named).await?;
                if rows.is_empty() && (key.is_some() || expected.is_some()) {
                    self.check_exists(db, *root, condition, locks).await?;
                }
                self.check_version(db, locks).await?;
            }
            Start::Deletion(deletion) => self.read_deletion(db, deletion, &mut rows, locks).await?,
        }
        if rows.is_empty() {
            return Ok(None);
        }
        if !self.options.without_children {
            rows.read_below(db).await?;
        }
        if let Start::Deletion(_) = self.start {
            for id in rows.ids() {
                if let Some(row) = rows.row_mut(id)
                    && row.above.is_empty()
                {
                    row.part = Part::Named;
                }
            }
        }
        Ok(Some(rows))
    }

    /// The rows that have a deletion's id, and those that it started from.
    async fn read_deletion<C: ConnectionTrait>(
        &self,
        db: &C,
        deletion: &StartDeletion,
        rows: &mut Rows<'_>,
        locks: bool,
    ) -> Result<(), Error> {
        let backend = db.get_database_backend();
        let identity = Identity {
            deletion_id: Some(deletion.id),
            deleted_at: deletion.at,
        };
        for entity in self.cascade().entities() {
            let meta = self.group.entity(entity);
            let mut condition = identity.of_row(meta, backend);
            if meta.stamp.deletion_id.is_none() {
                let Some((_, keys)) = deletion.roots.as_ref().filter(|(root, _)| *root == entity)
                else {
                    continue;
                };
                condition = condition.and(has_key(meta, keys, backend));
            }
            if locks {
                self.lock_parents(db, entity, &condition).await?;
            }
            rows.read(db, entity, condition, Part::Below).await?;
        }
        Ok(())
    }

    pub(super) fn cascade(&self) -> Cascade<'_> {
        match &self.start {
            Start::Rows { root, .. } => Cascade::from(&self.group, &[*root]),
            Start::Deletion(deletion) => Cascade::from(&self.group, &deletion.entities),
        }
    }

    /// The time of the call is written into the tables of all rows that come back, parents' too.
    fn check_touch(&self) -> Result<(), Error> {
        let mut entities = self.group.entities().iter();
        entities.try_for_each(|meta| meta.require_touch(self.at))
    }

    /// Asks the row named for its version. It is locked already if it is deleted.
    pub(super) async fn check_version<C: ConnectionTrait>(
        &self,
        db: &C,
        lock: bool,
    ) -> Result<(), Error> {
        if let Start::Rows {
            root,
            condition,
            expected: Some(expected),
            ..
        } = &self.start
        {
            let meta = self.group.entity(*root);
            expected.check(db, meta, condition, lock).await?;
        }
        Ok(())
    }

    fn has_unique_values(&self) -> bool {
        let mut entities = self.group.entities().iter();
        entities.any(|meta| !meta.unique.is_empty())
    }

    /// Whether the database's refusal names columns of a unique key that is declared, as all of them do in one form or another.
    fn declares(&self, error: &DbErr) -> bool {
        let text = error.to_string();
        let mut uniques = self.group.entities().iter().flat_map(|meta| &meta.unique);
        uniques.any(|unique| {
            let mut columns = unique.columns.iter();
            let names_columns = columns.all(|column| text.contains(column.as_str()));
            // Of expressions some tell the index alone.
            names_columns || !unique.is_plain() && text.contains(unique.name.as_str())
        })
    }

    fn table(&self) -> TableName {
        let root = match &self.start {
            Start::Rows { root, .. } => *root,
            Start::Deletion(deletion) => deletion.entities.first().copied().unwrap_or_default(),
        };
        self.group.entity(root).table.clone()
    }

    pub(super) fn restoration(
        &self,
        restored: Counts,
        kept: Counts,
        skipped: Counts,
        settled: &Settled,
        replaced: Vec<Deletion>,
    ) -> Restoration {
        let cascade = self.cascade();
        let root = match self.start {
            Start::Rows { root, .. } => Some(root),
            // The deletion's own table: parents come before children.
            Start::Deletion(_) => cascade.entities().find(|entity| restored.of(*entity) > 0),
        };
        let mut not_found = Counts::default();
        if let Start::Deletion(deletion) = &self.start
            && let Some(took) = &deletion.took
        {
            for (entity, rows) in took.rows.iter() {
                let found = restored.of(entity) + kept.of(entity) + skipped.of(entity);
                not_found.add(entity, rows.saturating_sub(found));
            }
        }
        let mut without_parent: BTreeMap<(TableName, String), u64> = BTreeMap::new();
        for gone in &settled.gone {
            let of = (gone.table.clone(), gone.relation.clone());
            *without_parent.entry(of).or_default() += 1;
        }
        Restoration {
            rows_affected: root.map_or(0, |root| restored.of(root)),
            replaced,
            tables: restored.by_table(&cascade),
            kept: kept.by_table(&cascade),
            skipped: skipped.by_table(&cascade),
            not_found: not_found.by_table(&cascade),
            without_parent: without_parent
                .into_iter()
                .map(|((table, relation), rows)| RelationRows {
                    table,
                    relation,
                    rows,
                })
                .collect(),
        }
    }
}

fn is_unique_violation(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}
