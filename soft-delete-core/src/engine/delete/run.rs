//! How a deletion runs: look, then mark.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, IsolationLevel, Order, TransactionSession as _,
    TransactionTrait,
    sea_query::{Expr, ExprTrait as _, Query},
};

use crate::{
    dialect,
    engine::{
        Deletion, Outcome, active_view,
        cascade::{
            identity,
            keeps::{self, Keeps},
            marking::Marking,
            nullable,
            reach::Reach,
            rows::{
                RowKey, State, all, bound_values, column, iden, in_scope, is_active, readable_time,
            },
            verify::{all_are_marked, table_with_same_time},
            walk::{RowCounts, after_marking, mark_all},
            watch::{self, Number, Watched, snapshot_is_old, what_is_watched},
        },
        delete::{
            deletion::RootKeys,
            restrict::{blockers_of, blockers_of_marked},
            roots::Roots,
        },
        expected::Expected,
        transaction,
    },
    model::{
        Blocker, EntityMeta, Error, Scope, TableName,
        graph::{Cascade, Group},
        stamp::Stamp,
    },
};

/// How often a delete is tried when the rows were deleted a moment before, and are restored a moment later.
const ATTEMPTS: usize = 3;

/// How many ticks later a deletion may be than now, so that its time is no other one's below the same rows.
pub(super) const TICKS: usize = 10;

/// How many values a condition may bind to be named more than once in a statement.
const FEW_VALUES: usize = 500;

/// A delete that knows all it needs but the connection.
pub(crate) struct Run {
    pub(crate) group: Arc<Group>,
    pub(crate) root: usize,
    pub(crate) condition: Expr,
    pub(crate) key: Option<RowKey>,
    pub(crate) stamp: Stamp,
    /// Whether the caller said when: then it is that time or none.
    pub(crate) at_is_given: bool,
    /// Which version the row must have.
    pub(crate) expected: Option<Expected>,
}

/// What an attempt did.
enum Marked {
    Rows(Roots, RowCounts),
    Blocked(Vec<Blocker>),
    /// Rows of another deletion have this one's time.
    SameTime(TableName),
}

impl Run {
    pub(crate) async fn exec<C>(mut self, db: &C) -> Result<Deletion, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        self.bind_key(db.get_database_backend());
        self.look_as_of_its_time(db).await?;
        let group = self.group.clone();
        let mut cascade = Cascade::from(&group, &[self.root]);
        nullable::ask_database(db, &mut cascade).await?;
        self.check_actor(&cascade)?;
        self.check_identity(&cascade)?;
        self.check_touch(&cascade)?;
        let keeps = keeps::read(db, &cascade, self.stamp.deleted_at).await?;
        self.stamp.deleted_at = keeps.cut(self.stamp.deleted_at);
        warn_not_followed(&cascade);

        // A hook must not run for what is tried again. And where the UPDATE can't ask, nor another statement does, one has to.
        let is_unasked = !dialect::may_guard_updates(db.get_database_backend())
            && self.key.is_none()
            && (cascade.is_leaf() || self.remembers_keys());
        let mut is_careful = self.root_meta().hooks.is_some() || is_unasked;
        let mut attempt = 1;
        let (roots, rows, outcome) = loop {
            let (roots, rows) = self.delete(db, &cascade, keeps, is_careful).await?;
            if rows.roots > 0 {
                break (roots, rows, Outcome::Deleted);
            }
            match self.why_none(db).await? {
                Some(outcome) => break (roots, rows, outcome),
                None if attempt == ATTEMPTS => return Err(restored_again()),
                None => attempt += 1,
            }
            is_careful = true;
        };
        let roots = self.root_keys(&roots, rows.roots);
        Ok(self.deletion(&cascade, rows, outcome, roots))
    }

    pub(super) fn deletion(
        &self,
        cascade: &Cascade<'_>,
        rows: RowCounts,
        outcome: Outcome,
        roots: Option<RootKeys>,
    ) -> Deletion {
        Deletion {
            rows_affected: rows.roots,
            id: self.stamp.deletion_id,
            deleted_at: self.stamp.deleted_at,
            outcome,
            group: self.root_meta().group.to_owned(),
            roots,
            tables: rows.into_tables(cascade),
        }
    }

    pub(super) fn refuse_if_any(&self, blockers: Vec<Blocker>) -> Result<(), Error> {
        if blockers.is_empty() {
            return Ok(());
        }
        Err(Error::Restricted {
            table: self.root_meta().table.clone(),
            blockers,
        })
    }

    /// Deletes, a tick later as long as rows of another deletion have the same time.
    async fn delete<C>(
        &mut self,
        db: &C,
        cascade: &Cascade<'_>,
        keeps: Keeps,
        is_careful: bool,
    ) -> Result<(Roots, RowCounts), Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        for _ in 0..TICKS {
            match self.delete_at_once(db, cascade, is_careful).await? {
                Marked::Rows(roots, rows) => return Ok((roots, rows)),
                Marked::Blocked(blockers) => self.refuse_if_any(blockers)?,
                Marked::SameTime(table) if self.at_is_given => {
                    return Err(self.same_time(table));
                }
                Marked::SameTime(_) => self.stamp.deleted_at += keeps.tick(),
            }
        }
        Err(self.same_time(self.root_meta().table.clone()))
    }

    async fn delete_at_once<C>(
        &self,
        db: &C,
        cascade: &Cascade<'_>,
        is_careful: bool,
    ) -> Result<Marked, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let backend = db.get_database_backend();
        let is_pool = dialect::is_pool::<C>();
        let mut marking = self.marking(cascade, backend, true);
        let keys_are_known = self.key.is_some() || !self.remembers_keys();
        if cascade.is_leaf()
            && self.root_meta().hooks.is_none()
            && is_pool
            && keys_are_known
            && !is_careful
        {
            // One statement is a transaction of its own. One row more or less shows in what it did.
            marking.is_guarded = self.key.is_none() && dialect::may_guard_updates(backend);
            let roots = db.execute(&marking.mark_roots()).await?.rows_affected();
            let rows = RowCounts::of(&self.group, self.root, roots);
            return Ok(Marked::Rows(Roots::default(), rows));
        }
        let is_one_row = cascade.is_leaf() && self.key.is_some();
        marking.is_guarded = !is_careful && !is_one_row && dialect::may_guard_updates(backend);
        let mut options = dialect::write_transaction(backend);
        let mut transaction = db.begin_with_options(options).await?;
        let mut watched = Watched::NOTHING;
        if is_careful {
            watched = what_is_watched(&transaction, &watch::tables(cascade)).await?;
            if watched.snapshot && is_pool {
                transaction.rollback().await?;
                options.isolation_level = Some(IsolationLevel::ReadCommitted);
                transaction = db.begin_with_options(options).await?;
                watched.snapshot = false;
            }
        }
        let marked = match watched.snapshot && !cascade.is_leaf() {
            true => self.mark_in_snapshot(&transaction, &marking, watched).await,
            false => self.mark(&transaction, &marking, watched).await,
        };
        match marked {
            Ok(marked @ Marked::Rows(..)) => {
                transaction.commit().await?;
                Ok(marked)
            }
            Ok(marked) => {
                transaction.rollback().await?;
                Ok(marked)
            }
            Err(error) => Err(transaction::abort(db, transaction, error).await),
        }
    }

    /// What is deleted must be told from what was before, where a statement goes on from it or an undo will.
    pub(super) fn check_identity(&self, cascade: &Cascade<'_>) -> Result<(), Error> {
        identity::require(cascade)?;
        let meta = self.root_meta();
        let goes_on = meta.hooks.is_some() || !cascade.set_null.is_empty();
        if self.key.is_none() && goes_on && !meta.stamp.has_identity() {
            return Err(Error::MissingDeletionId {
                table: meta.table.clone(),
                child: Box::new(meta.table.clone()),
                parent: Box::new(meta.table.clone()),
            });
        }
        Ok(())
    }

    /// The time of the call is written into the tables of the whole cascade.
    pub(super) fn check_touch(&self, cascade: &Cascade<'_>) -> Result<(), Error> {
        let mut entities = cascade.entities();
        entities.try_for_each(|entity| {
            let meta = self.group.entity(entity);
            meta.require_touch(self.stamp.touched_at)
        })
    }

    /// What selects the rows to be marked, before they are.
    pub(super) fn to_be_marked(&self) -> Expr {
        let meta = self.root_meta();
        let version = self.expected.as_ref();
        let version = version.map(|expected| expected.condition(meta));
        all([self.condition.clone()].into_iter().chain(version))
    }

    /// One actor is written into the tables of the whole cascade.
    pub(super) fn check_actor(&self, cascade: &Cascade<'_>) -> Result<(), Error> {
        let Some(actor) = &self.stamp.deleted_by else {
            return Ok(());
        };
        for entity in cascade.entities() {
            let meta = self.group.entity(entity);
            let column = meta.stamp.deleted_by.as_deref();
            let column = column.and_then(|name| meta.column(name));
            if column.is_some_and(|column| column.value_type != actor.array_type()) {
                return Err(Error::ActorType {
                    table: meta.table.clone(),
                });
            }
        }
        Ok(())
    }

    /// Values of some types are compared in a way of their own on each backend.
    pub(super) fn bind_key(&mut self, backend: DbBackend) {
        if let Some(key) = self.key.take() {
            let key = key.on(self.root_meta(), backend);
            self.condition = key.condition.clone();
            self.key = Some(key);
        }
    }

    pub(super) fn root_meta(&self) -> &EntityMeta {
        self.group.entity(self.root)
    }

    pub(super) fn same_time(&self, table: TableName) -> Error {
        let meta = self
            .group
            .find(&table)
            .map(|entity| self.group.entity(entity));
        Error::SameTime {
            column: meta.map_or_else(String::new, |meta| meta.stamp.deleted_at.clone()),
            table,
            at: self.stamp.deleted_at,
        }
    }

    /// Whether the condition may stand in a statement more than once: the number of values that one binds is limited.
    pub(super) fn may_repeat_condition(&self) -> bool {
        self.key.is_some() || bound_values(&self.condition) <= FEW_VALUES
    }

    pub(super) fn reach<'c>(&self, cascade: &'c Cascade<'c>, backend: DbBackend) -> Reach<'c> {
        Reach {
            backend,
            cascade,
            root: self.root,
            condition: self.to_be_marked(),
            key: None,
            state: State::Active,
            locks: false,
        }
    }

    pub(super) fn marking<'c>(
        &self,
        cascade: &'c Cascade<'c>,
        backend: DbBackend,
        with_hooks: bool,
    ) -> Marking<'c> {
        Marking {
            backend,
            cascade,
            root: self.root,
            condition: self.to_be_marked(),
            key: self.key.clone(),
            stamp: self.stamp.clone(),
            is_guarded: false,
            with_hooks,
        }
    }

    /// Marks in a transaction of the caller's that may see an old state: if nothing was committed between that and the locks of the rows
    /// named.
    async fn mark_in_snapshot<C>(
        &self,
        db: &C,
        marking: &Marking<'_>,
        watched: Watched,
    ) -> Result<Marked, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let table = &self.root_meta().table;
        let old = || Error::OldSnapshot {
            table: table.clone(),
        };
        self.lock_roots(db, marking).await?;
        if let Some(key) = &self.key {
            let active = is_active(self.root_meta());
            let row = key.condition.clone().and(active);
            if snapshot_is_old(db, table, row, Number::OfLock).await? {
                return Err(old());
            }
            return self.mark(db, marking, watched).await;
        }
        let inner = db.begin().await?;
        let marked = match self.mark(&inner, marking, watched).await {
            Ok(marked) => marked,
            Err(error) => return Err(transaction::abort(db, inner, error).await),
        };
        let rows = marking.is_marked(self.root);
        let is_old = snapshot_is_old(&inner, table, rows, Number::OfMark).await;
        inner.commit().await?;
        match is_old? {
            true => Err(old()),
            false => Ok(marked),
        }
    }

    /// Locks the roots, checks that nothing forbids the deletion, and marks.
    async fn mark<C: ConnectionTrait>(
        &self,
        db: &C,
        marking: &Marking<'_>,
        watched: Watched,
    ) -> Result<Marked, Error> {
        let roots = self.lock_roots(db, marking).await?;
        let mut reach = self.reach(marking.cascade, marking.backend);
        reach.locks = dialect::sees_latest_by_locking(marking.backend);
        let looks_first = reach.is_known() && self.may_repeat_condition();
        if looks_first {
            let blockers = blockers_of(db, &reach, true).await?;
            if !blockers.is_empty() {
                return Ok(Marked::Blocked(blockers));
            }
        }
        let rows = mark_all(db, marking).await?;
        if let Some(table) = table_with_same_time(db, marking, &rows).await? {
            return Ok(Marked::SameTime(table.clone()));
        }
        let mut unchecked = marking.cascade.restrict.clone();
        // Others may have become active after the roots were locked and checked.
        let are_those_locked = roots.locked.is_none_or(|locked| locked == rows.roots);
        if looks_first && are_those_locked {
            // Only the roots were locked already when they were checked.
            unchecked.retain(|edge| edge.parent != self.root || marking.cascade.has_loop());
        }
        let blockers = blockers_of_marked(db, marking, &rows, &unchecked, true).await?;
        if !blockers.is_empty() {
            return Ok(Marked::Blocked(blockers));
        }
        for edge in &marking.cascade.set_null {
            if rows.of_entity(edge.parent) > 0 {
                db.execute(&marking.set_null(*edge)).await?;
            }
        }
        if watched.rows || roots.are_watched {
            all_are_marked(db, marking, &rows).await?;
        }
        after_marking(db, marking, &rows).await?;
        Ok(Marked::Rows(roots, rows))
    }

    /// Why no row was active. `None` if one is by now: it was restored in between, or the UPDATE's own condition held it back, beside
    /// others that are deleted.
    pub(super) async fn why_none<C: ConnectionTrait>(
        &self,
        db: &C,
    ) -> Result<Option<Outcome>, Error> {
        let backend = db.get_database_backend();
        let meta = self.root_meta();
        self.check_version(db).await?;
        let may_be_held_back = self.key.is_none() && dialect::may_guard_updates(backend);
        if may_be_held_back && self.names_active(db).await? {
            return Ok(None);
        }
        let name = &meta.stamp.deleted_at;
        let mut last = Query::select()
            .expr_as(readable_time(meta, backend), iden(name))
            .from(meta.table.to_ref())
            .and_where(self.condition.clone())
            .and_where(in_scope(meta, Scope::OnlyDeleted))
            .order_by_expr(column(meta, name), Order::Desc)
            .limit(1)
            .to_owned();
        if dialect::sees_latest_by_locking(backend) {
            last.lock_exclusive();
        }
        if let Some(row) = db.query_one(&last).await? {
            let deleted_at = meta.stamp.read_known_time(&row, &meta.table, name)?;
            let deleted_at = deleted_at.unwrap_or_default();
            return Ok(Some(Outcome::AlreadyDeleted { deleted_at }));
        }
        let mut any = Query::select()
            .expr(Expr::cust("1"))
            .from(meta.table.to_ref())
            .and_where(self.condition.clone())
            .and_where(in_scope(meta, Scope::WithDeleted))
            .limit(1)
            .to_owned();
        if dialect::sees_latest_by_locking(backend) {
            any.lock_exclusive();
        }
        if db.query_one(&any).await?.is_some() {
            return Ok(None);
        }
        active_view::refuse(db, meta).await?;
        Ok(Some(Outcome::NotFound))
    }

    /// Why a row was not deleted that is there.
    pub(super) async fn check_version<C: ConnectionTrait>(&self, db: &C) -> Result<(), Error> {
        if let Some(expected) = &self.expected {
            let lock = dialect::sees_latest_by_locking(db.get_database_backend());
            let meta = self.root_meta();
            expected.check(db, meta, &self.condition, lock).await?;
        }
        Ok(())
    }

    /// Whether a row that is to be deleted is active.
    async fn names_active<C: ConnectionTrait>(&self, db: &C) -> Result<bool, Error> {
        let meta = self.root_meta();
        let mut active = Query::select()
            .expr(Expr::cust("1"))
            .from(meta.table.to_ref())
            .and_where(self.condition.clone())
            .and_where(is_active(meta))
            .limit(1)
            .to_owned();
        if dialect::sees_latest_by_locking(db.get_database_backend()) {
            active.lock_exclusive();
        }
        Ok(db.query_one(&active).await?.is_some())
    }
}

/// Rows that are active whenever they are looked for, and deleted whenever they are to be marked.
fn restored_again() -> Error {
    Error::Contention(DbErr::Custom(
        "the rows were restored and deleted by others again and again".to_owned(),
    ))
}

/// Says once for each table that a deletion leaves its rows alone.
fn warn_not_followed(cascade: &Cascade<'_>) {
    static WARNED: Mutex<BTreeSet<TableName>> = Mutex::new(BTreeSet::new());
    for table in cascade.not_followed() {
        let mut warned = WARNED.lock().unwrap_or_else(PoisonError::into_inner);
        if warned.insert(table.clone()) {
            tracing::warn!(
                %table,
                "rows of this table reference soft-deleted rows and are left as they are: its entity does not derive SoftDelete"
            );
        }
    }
}
