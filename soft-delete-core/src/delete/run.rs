//! How a deletion runs: look, then mark.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use sea_orm::{
    ConnectionTrait, DbBackend, Order, TransactionSession as _, TransactionTrait,
    sea_query::{Expr, Query, SelectStatement},
};

use crate::{
    Blocker, DeletePlan, Deletion, Error, Outcome, Scope, TableName, backend,
    cascade::graph::{Cascade, Edge, Group},
    cascade::marking::{Mark, Marking},
    cascade::reach::Reach,
    cascade::rows::{RowKey, State, column, in_scope},
    cascade::walk::{RowCounts, after_marking, count_rows, mark_all},
    delete::restrict::{blockers, referencing},
    stamp::Stamp,
};

/// How often a delete is tried when the rows were deleted a moment before, and are restored a moment later.
const ATTEMPTS: usize = 3;

/// A delete that knows all it needs but the connection.
pub(crate) struct Run {
    pub(crate) group: Arc<Group>,
    pub(crate) root: usize,
    pub(crate) condition: Expr,
    pub(crate) key: Option<RowKey>,
    pub(crate) stamp: Stamp,
}

impl Run {
    pub(crate) async fn exec<C>(self, db: &C) -> Result<Deletion, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let backend = db.get_database_backend();
        let cascade = Cascade::from(&self.group, &[self.root]);
        self.check_actor(&cascade)?;
        let marking = self.marking(&cascade, backend, true);
        warn_not_followed(&cascade);

        let mut attempt = 1;
        let (rows, outcome) = loop {
            let rows = self.delete(db, &marking).await?;
            if rows.roots > 0 {
                break (rows, Outcome::Deleted);
            }
            match self.why_none(db).await? {
                Some(outcome) => break (rows, outcome),
                None if attempt == ATTEMPTS => break (rows, Outcome::NotFound),
                None => attempt += 1,
            }
        };
        Ok(Deletion {
            rows_affected: rows.roots,
            id: self.stamp.deletion_id,
            deleted_at: self.stamp.deleted_at,
            outcome,
            group: self.group.entity(self.root).group.to_owned(),
            tables: rows.into_tables(&cascade),
        })
    }

    async fn delete<C>(&self, db: &C, marking: &Marking<'_>) -> Result<RowCounts, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let root = self.group.entity(self.root);
        if marking.cascade.is_leaf() && root.hooks.is_none() && backend::is_pool::<C>() {
            // One statement is a transaction of its own.
            let roots = db.execute(&marking.mark_roots()).await?.rows_affected();
            return Ok(RowCounts::of(&self.group, self.root, roots));
        }
        let options = backend::write_transaction(marking.backend);
        let transaction = db.begin_with_options(options).await?;
        match self.mark(&transaction, marking).await {
            Ok(Marked::Rows(rows)) => {
                transaction.commit().await?;
                Ok(rows)
            }
            Ok(Marked::Blocked(blockers)) => {
                transaction.rollback().await?;
                Err(Error::Restricted {
                    table: root.table.clone(),
                    blockers,
                })
            }
            Err(error) => Err(backend::give_up(db, transaction, error).await),
        }
    }

    pub(crate) async fn plan<C>(self, db: &C) -> Result<DeletePlan, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let backend = db.get_database_backend();
        let cascade = Cascade::from(&self.group, &[self.root]);
        let marking = self.marking(&cascade, backend, false);
        let reach = self.reach(&cascade, backend);
        let mut plan = if reach.is_known() {
            self.look(db, &reach).await?
        } else {
            let options = backend::write_transaction(backend);
            let transaction = db.begin_with_options(options).await?;
            match self.try_out(&transaction, &marking).await {
                Ok(plan) => {
                    transaction.rollback().await?;
                    plan
                }
                Err(error) => return Err(backend::give_up(db, transaction, error).await),
            }
        };
        plan.not_followed = cascade
            .not_followed()
            .into_iter()
            .map(ToString::to_string)
            .collect();
        Ok(plan)
    }

    /// One actor is written into the tables of the whole cascade.
    fn check_actor(&self, cascade: &Cascade<'_>) -> Result<(), Error> {
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

    fn reach<'c>(&self, cascade: &'c Cascade<'c>, backend: DbBackend) -> Reach<'c> {
        Reach {
            backend,
            cascade,
            root: self.root,
            condition: self.condition.clone(),
            key: None,
            state: State::Active,
            locks: false,
        }
    }

    fn marking<'c>(
        &self,
        cascade: &'c Cascade<'c>,
        backend: DbBackend,
        with_hooks: bool,
    ) -> Marking<'c> {
        Marking {
            backend,
            cascade,
            root: self.root,
            condition: self.condition.clone(),
            key: self.key.clone(),
            state: State::Active,
            mark: Mark::Stamp(self.stamp.clone()),
            root_mark: None,
            with_hooks,
        }
    }

    /// Locks the roots, checks that nothing forbids the deletion, and marks.
    async fn mark<C: ConnectionTrait>(
        &self,
        db: &C,
        marking: &Marking<'_>,
    ) -> Result<Marked, Error> {
        let mut locked = None;
        if backend::locks_rows(marking.backend) && !marking.cascade.is_leaf() {
            let rows = db.query_one(&marking.lock_roots()).await?;
            let rows = rows.map(|row| row.try_get_by_index::<i64>(0)).transpose()?;
            locked = rows.map(i64::unsigned_abs);
        }
        let mut reach = self.reach(marking.cascade, marking.backend);
        reach.locks = backend::sees_latest_by_locking(marking.backend);
        if reach.is_known() {
            let blockers = blockers_of(db, &reach, true).await?;
            if !blockers.is_empty() {
                return Ok(Marked::Blocked(blockers));
            }
        }
        let rows = mark_all(db, marking).await?;
        let mut unchecked = marking.cascade.restrict.clone();
        // Others may have become active after the roots were locked and checked.
        let are_those_locked = locked.is_none_or(|locked| locked == rows.roots);
        if reach.is_known() && are_those_locked {
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
        after_marking(db, marking, &rows).await?;
        Ok(Marked::Rows(rows))
    }

    /// Reads what would be deleted.
    async fn look<C: ConnectionTrait>(
        &self,
        db: &C,
        reach: &Reach<'_>,
    ) -> Result<DeletePlan, Error> {
        let cascade = reach.cascade;
        let root = self.group.entity(self.root);
        let roots = Query::select()
            .from(root.table.to_ref())
            .and_where(self.condition.clone())
            .and_where(State::Active.of_row(root, reach.backend))
            .to_owned();
        let roots = count_rows(db, roots).await?;
        let mut rows = RowCounts::of(&self.group, self.root, 0);
        rows.roots = roots;
        let mut plan = DeletePlan::default();
        if roots > 0 {
            for entity in cascade.entities() {
                let is_reached = entity == self.root
                    || cascade
                        .edges_into(entity)
                        .any(|edge| rows.of_entity(edge.parent) > 0);
                if is_reached {
                    rows.add(entity, count_rows(db, reach.select(entity, &[])).await?);
                }
            }
            for edge in &cascade.set_null {
                let key = self.group.foreign_key(*edge);
                let parents = reach.select(edge.parent, &key.parent_columns);
                let nulled = referencing(cascade, *edge, parents, spared_by(reach, edge.child));
                let child = self.group.entity(edge.child);
                let select = Query::select()
                    .from(child.table.to_ref())
                    .and_where(nulled)
                    .to_owned();
                plan.add_set_null(child, key, count_rows(db, select).await?);
            }
            plan.blockers = blockers_of(db, reach, false).await?;
        }
        plan.rows_affected = rows.roots;
        plan.tables = rows.into_tables(cascade);
        Ok(plan)
    }

    /// Marks what would be deleted, for a transaction that is rolled back.
    async fn try_out<C: ConnectionTrait>(
        &self,
        db: &C,
        marking: &Marking<'_>,
    ) -> Result<DeletePlan, Error> {
        let rows = mark_all(db, marking).await?;
        let restrict = &marking.cascade.restrict;
        let mut plan = DeletePlan {
            blockers: blockers_of_marked(db, marking, &rows, restrict, false).await?,
            ..DeletePlan::default()
        };
        for edge in &marking.cascade.set_null {
            if rows.of_entity(edge.parent) > 0 {
                let nulled = db.execute(&marking.set_null(*edge)).await?.rows_affected();
                let child = self.group.entity(edge.child);
                plan.add_set_null(child, self.group.foreign_key(*edge), nulled);
            }
        }
        plan.rows_affected = rows.roots;
        plan.tables = rows.into_tables(marking.cascade);
        Ok(plan)
    }

    /// Why no row was active. `None` if one is by now: it was restored in between.
    async fn why_none<C: ConnectionTrait>(&self, db: &C) -> Result<Option<Outcome>, Error> {
        let meta = self.group.entity(self.root);
        let name = &meta.stamp.deleted_at;
        let mut last = Query::select()
            .expr(column(meta, name))
            .from(meta.table.to_ref())
            .and_where(self.condition.clone())
            .and_where(in_scope(meta, Scope::OnlyDeleted))
            .order_by_expr(column(meta, name), Order::Desc)
            .limit(1)
            .to_owned();
        if backend::sees_latest_by_locking(db.get_database_backend()) {
            last.lock_exclusive();
        }
        if let Some(row) = db.query_one(&last).await? {
            let deleted_at = meta.stamp.deleted_at_kind.read(&row, name)?;
            return Ok(deleted_at.map(|deleted_at| Outcome::AlreadyDeleted { deleted_at }));
        }
        let any = Query::select()
            .expr(Expr::cust("1"))
            .from(meta.table.to_ref())
            .and_where(self.condition.clone())
            .and_where(in_scope(meta, Scope::WithDeleted))
            .limit(1)
            .to_owned();
        Ok(match db.query_one(&any).await? {
            Some(_) => None,
            None => Some(Outcome::NotFound),
        })
    }
}

enum Marked {
    Rows(RowCounts),
    Blocked(Vec<Blocker>),
}

async fn blockers_of<C: ConnectionTrait>(
    db: &C,
    reach: &Reach<'_>,
    latest: bool,
) -> Result<Vec<Blocker>, Error> {
    let cascade = reach.cascade;
    let parents = |entity, names: &[String]| reach.select(entity, names);
    let spared = |entity| spared_by(reach, entity);
    blockers(db, cascade, &cascade.restrict, latest, parents, spared).await
}

/// The rows that the deletion takes itself don't stand in its way, and their keys are not set to NULL.
fn spared_by(reach: &Reach<'_>, entity: usize) -> Option<SelectStatement> {
    reach
        .cascade
        .has(entity)
        .then(|| reach.select(entity, &reach.meta(entity).primary_key))
}

async fn blockers_of_marked<C: ConnectionTrait>(
    db: &C,
    marking: &Marking<'_>,
    rows: &RowCounts,
    restrict: &[Edge],
    latest: bool,
) -> Result<Vec<Blocker>, Error> {
    if rows.roots == 0 {
        return Ok(Vec::new());
    }
    let parents = |entity, names: &[String]| marking.select_marked(entity, names);
    blockers(db, marking.cascade, restrict, latest, parents, |_| None).await
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
