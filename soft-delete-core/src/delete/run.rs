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
    cascade::graph::{Cascade, Group},
    cascade::marking::{Mark, Marking},
    cascade::reach::Reach,
    cascade::rows::{State, column, in_scope},
    cascade::walk::{RowCounts, after_marking, count_rows, mark_all},
    delete::restrict::{blockers, referencing},
    stamp::Stamp,
};

/// A delete that knows all it needs but the connection.
pub(crate) struct Run {
    pub(crate) group: Arc<Group>,
    pub(crate) root: usize,
    pub(crate) condition: Expr,
    pub(crate) key: Option<Expr>,
    pub(crate) stamp: Stamp,
}

impl Run {
    pub(crate) async fn exec<C>(self, db: &C) -> Result<Deletion, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let backend = db.get_database_backend();
        let cascade = Cascade::from(&self.group, &[self.root]);
        let marking = self.marking(&cascade, backend, true);
        warn_not_followed(&cascade);

        let rows = if cascade.is_leaf() && self.group.entity(self.root).hooks.is_none() {
            // One statement is a transaction of its own.
            let roots = db.execute(&marking.mark_roots()).await?.rows_affected();
            RowCounts::of(&self.group, self.root, roots)
        } else {
            let options = backend::write_transaction(backend);
            let transaction = db.begin_with_options(options).await?;
            match self.mark(&transaction, &marking).await? {
                Marked::Rows(rows) => {
                    transaction.commit().await?;
                    rows
                }
                Marked::Blocked(blockers) => {
                    transaction.rollback().await?;
                    return Err(Error::Restricted {
                        table: self.group.entity(self.root).table.clone(),
                        blockers,
                    });
                }
            }
        };
        Ok(Deletion {
            rows_affected: rows.roots,
            id: self.stamp.deletion_id,
            deleted_at: self.stamp.deleted_at,
            outcome: match rows.roots {
                0 => self.why_none(db).await?,
                _ => Outcome::Deleted,
            },
            group: self.group.entity(self.root).group.to_owned(),
            tables: rows.into_tables(&cascade),
        })
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
            let plan = self.try_out(&transaction, &marking).await?;
            transaction.rollback().await?;
            plan
        };
        plan.not_followed = cascade
            .not_followed()
            .into_iter()
            .map(ToString::to_string)
            .collect();
        Ok(plan)
    }

    fn reach<'c>(&self, cascade: &'c Cascade<'c>, backend: DbBackend) -> Reach<'c> {
        Reach {
            backend,
            cascade,
            root: self.root,
            condition: self.condition.clone(),
            state: State::Active,
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
            with_hooks,
        }
    }

    /// Locks the roots, checks that nothing forbids the deletion, and marks.
    async fn mark<C: ConnectionTrait>(
        &self,
        db: &C,
        marking: &Marking<'_>,
    ) -> Result<Marked, Error> {
        if backend::locks_rows(marking.backend) {
            db.query_one(&marking.lock_roots()).await?;
        }
        let reach = self.reach(marking.cascade, marking.backend);
        if reach.is_known() {
            let blockers = blockers_of(db, &reach).await?;
            if !blockers.is_empty() {
                return Ok(Marked::Blocked(blockers));
            }
        }
        let rows = mark_all(db, marking).await?;
        if !reach.is_known() {
            let blockers = blockers_of_marked(db, marking, &rows).await?;
            if !blockers.is_empty() {
                return Ok(Marked::Blocked(blockers));
            }
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
            plan.blockers = blockers_of(db, reach).await?;
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
        let mut plan = DeletePlan {
            blockers: blockers_of_marked(db, marking, &rows).await?,
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

    /// Why no row was active.
    async fn why_none<C: ConnectionTrait>(&self, db: &C) -> Result<Outcome, Error> {
        let meta = self.group.entity(self.root);
        let name = &meta.stamp.deleted_at;
        let last = Query::select()
            .expr(column(meta, name))
            .from(meta.table.to_ref())
            .and_where(self.condition.clone())
            .and_where(in_scope(meta, Scope::OnlyDeleted))
            .order_by_expr(column(meta, name), Order::Desc)
            .limit(1)
            .to_owned();
        let deleted_at = match db.query_one(&last).await? {
            Some(row) => meta.stamp.deleted_at_kind.read(&row, name)?,
            None => None,
        };
        Ok(match deleted_at {
            Some(deleted_at) => Outcome::AlreadyDeleted { deleted_at },
            None => Outcome::NotFound,
        })
    }
}

enum Marked {
    Rows(RowCounts),
    Blocked(Vec<Blocker>),
}

async fn blockers_of<C: ConnectionTrait>(db: &C, reach: &Reach<'_>) -> Result<Vec<Blocker>, Error> {
    let parents = |entity, names: &[String]| reach.select(entity, names);
    blockers(db, reach.cascade, parents, |entity| {
        spared_by(reach, entity)
    })
    .await
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
) -> Result<Vec<Blocker>, Error> {
    if rows.roots == 0 {
        return Ok(Vec::new());
    }
    let parents = |entity, names: &[String]| marking.select_marked(entity, names);
    blockers(db, marking.cascade, parents, |_| None).await
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
