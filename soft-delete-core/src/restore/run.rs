//! How a restore runs: find the rows, check them all, then make them active.

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::Ordering},
};

use sea_orm::{
    ConnectionTrait, DbErr, SqlErr, TransactionSession as _, TransactionTrait, sea_query::Expr,
};

use crate::{
    EntityMeta, Error, HookEvent, backend,
    cascade::{
        graph::{Cascade, Group},
        rows::{Identity, RowKey},
        walk::{HookRows, count_rows, hook_rows_before},
    },
    hooks,
    restore::{
        Conflict, DeletedParent, Options, Restoration, RestorePlan,
        attempt::{Attempt, Locking, Order, Search},
        members::Members,
        resolve::Resolved,
    },
};

/// How often a restore is tried when the database refuses a unique value that was free a moment before, and is free again a
/// moment later.
const ATTEMPTS: usize = 20;

/// A restore that knows all it needs but the connection.
pub(crate) struct Run {
    pub(crate) group: Arc<Group>,
    pub(crate) start: Start,
    pub(crate) options: Options,
}

/// What a restore starts from.
pub(crate) enum Start {
    Rows {
        root: usize,
        condition: Expr,
        key: Option<RowKey>,
    },
    Deletion {
        identity: Identity,
        /// Entities that it took rows of, its root's among them.
        entities: Vec<usize>,
        took: Option<Took>,
    },
}

/// What a deletion took, if it was told.
pub(crate) struct Took {
    /// The entity that it started from.
    pub(crate) root: usize,
    /// How many rows of each entity.
    pub(crate) rows: Counts,
}

/// The rows that come back, those that don't, and what forbids it.
#[derive(Default)]
pub(crate) struct Findings {
    pub(crate) kept: Counts,
    pub(crate) skipped: Counts,
    pub(crate) resolved: Resolved,
    pub(crate) parents: Vec<DeletedParent>,
    pub(crate) conflict: Conflict,
}

/// What came of an attempt.
enum Attempted {
    Restored(Restoration),
    /// The foreign keys did not lead to all rows, or may not have: nothing is known of the others.
    NotAll,
}

impl Run {
    pub(crate) async fn exec<C>(&self, db: &C) -> Result<Restoration, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let options = backend::write_transaction(db.get_database_backend());
        let triggers = &self.group.has_parent_triggers;
        let mut attempt = Attempt {
            locking: Locking::Parents,
            order: match triggers.load(Ordering::Relaxed) {
                true => Order::ParentsFirst,
                false => Order::ChildrenFirst,
            },
            search: Search::ForeignKeys,
        };
        let mut attempts = 1;
        loop {
            let transaction = db.begin_with_options(options).await?;
            match self.restore(&transaction, attempt).await {
                Ok(Attempted::Restored(restoration)) => {
                    transaction.commit().await?;
                    return Ok(restoration);
                }
                Ok(Attempted::NotAll) => {
                    transaction.rollback().await?;
                    attempt.search = Search::Identity;
                }
                Err(Error::Db(error))
                    if attempt.order == Order::ChildrenFirst
                        && backend::is_under_deleted_parent(&error) =>
                {
                    transaction.rollback().await?;
                    triggers.store(true, Ordering::Relaxed);
                    attempt.order = Order::ParentsFirst;
                }
                Err(Error::Db(error)) if is_unique_violation(&error) => {
                    transaction.rollback().await?;
                    if attempts == ATTEMPTS || !self.has_unique_values() {
                        return Err(Error::UndeclaredUnique {
                            table: self.table(),
                            source: error,
                        });
                    }
                    attempts += 1;
                    attempt.locking = Locking::Holders;
                }
                Err(error) => return Err(backend::give_up(db, transaction, error).await),
            }
        }
    }

    pub(crate) async fn plan<C>(&self, db: &C) -> Result<RestorePlan, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let transaction = db.begin().await?;
        match self.try_out(&transaction).await {
            Ok(plan) => {
                transaction.rollback().await?;
                Ok(plan)
            }
            Err(error) => Err(backend::give_up(db, transaction, error).await),
        }
    }

    async fn restore<C>(&self, db: &C, attempt: Attempt) -> Result<Attempted, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let cascade = self.cascade();
        let found = self.find(db, &cascade, attempt.search, true).await?;
        let Some(mut found) = found else {
            return Ok(Attempted::Restored(Restoration::default()));
        };
        let findings = self.check(db, &cascade, &mut found, attempt).await?;
        let members = &found.members;
        let expected = match (members, &self.start) {
            (Members::Reached(_), Start::Deletion { identity, took, .. }) => {
                took.as_ref().map(|took| (*identity, took))
            }
            _ => None,
        };
        let is_refused = !findings.parents.is_empty() || !findings.conflict.is_empty();
        if is_refused && expected.is_some() {
            return Ok(Attempted::NotAll);
        }
        if !findings.parents.is_empty() {
            return Err(Error::ParentDeleted {
                parents: findings.parents,
                conflict: findings.conflict,
            });
        }
        if !findings.conflict.is_empty() {
            return Err(Error::Conflict(findings.conflict));
        }
        let hooked = self.before_restore(db, members).await?;
        let mut restored = Counts::default();
        for entity in self.in_order(members, attempt.order) {
            let rows = db.execute(&members.clear_stamp(entity)).await?;
            restored.add(entity, rows.rows_affected());
        }
        if let Some((identity, took)) = expected
            && (took.rows != restored || self.leaves_any(db, &cascade, identity, took).await?)
        {
            return Ok(Attempted::NotAll);
        }
        self.after_restore(db, &hooked).await?;
        Ok(Attempted::Restored(
            self.restoration(restored, findings, &cascade),
        ))
    }

    /// Runs the hooks of entities that rows come back of, and tells which rows these are.
    async fn before_restore<C: ConnectionTrait>(
        &self,
        db: &C,
        members: &Members<'_>,
    ) -> Result<Vec<(usize, HookRows)>, Error> {
        let mut hooked = Vec::new();
        let members = match backend::sees_latest_by_locking(db.get_database_backend()) {
            true => &members.locked(),
            false => members,
        };
        for entity in self.entities(members) {
            let meta = self.group.entity(entity);
            if let Some(hooks) = meta.hooks {
                let keys = members.select(entity, &meta.primary_key);
                let affected = hook_rows_before(db, meta, keys).await?;
                if affected.rows > 0 {
                    let event = restore_event(meta, &affected);
                    hooks::run(hooks.before_restore, event, db).await?;
                    hooked.push((entity, affected));
                }
            }
        }
        Ok(hooked)
    }

    async fn after_restore<C: ConnectionTrait>(
        &self,
        db: &C,
        hooked: &[(usize, HookRows)],
    ) -> Result<(), Error> {
        for (entity, affected) in hooked {
            let meta = self.group.entity(*entity);
            if let Some(hooks) = meta.hooks {
                hooks::run(hooks.after_restore, restore_event(meta, affected), db).await?;
            }
        }
        Ok(())
    }

    async fn try_out<C>(&self, db: &C) -> Result<RestorePlan, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let cascade = self.cascade();
        let attempt = Attempt {
            locking: Locking::Nothing,
            order: Order::ChildrenFirst,
            search: Search::Identity,
        };
        let found = self.find(db, &cascade, attempt.search, false).await?;
        let Some(mut found) = found else {
            return Ok(RestorePlan::default());
        };
        let mut findings = self.check(db, &cascade, &mut found, attempt).await?;
        let restored = self.count(db, &found.members).await?;
        Ok(RestorePlan {
            parents: std::mem::take(&mut findings.parents),
            conflict: std::mem::take(&mut findings.conflict),
            restoration: self.restoration(restored, findings, &cascade),
        })
    }

    pub(crate) async fn count<C: ConnectionTrait>(
        &self,
        db: &C,
        members: &Members<'_>,
    ) -> Result<Counts, Error> {
        let mut counts = Counts::default();
        for entity in self.entities(members) {
            counts.add(entity, count_rows(db, members.select(entity, &[])).await?);
        }
        Ok(counts)
    }

    fn cascade(&self) -> Cascade<'_> {
        match &self.start {
            Start::Rows { root, .. } => Cascade::from(&self.group, &[*root]),
            Start::Deletion { entities, .. } => Cascade::from(&self.group, entities),
        }
    }

    /// The entities that may have members, parents before children.
    pub(crate) fn entities(&self, members: &Members<'_>) -> Vec<usize> {
        let cascade = members.cascade();
        let mut entities = Vec::new();
        if let (Start::Rows { root, .. }, true) = (&self.start, members.have_parents()) {
            let above = self.group.above(*root);
            entities.extend(above.into_iter().filter(|entity| !cascade.has(*entity)));
        }
        entities.extend(cascade.entities());
        entities
    }

    /// The entities in the order in which their rows become active.
    fn in_order(&self, members: &Members<'_>, order: Order) -> Vec<usize> {
        let entities = self.entities(members);
        match order {
            Order::ChildrenFirst => entities.into_iter().rev().collect(),
            Order::ParentsFirst => Cascade::from(&self.group, &entities).entities().collect(),
        }
    }

    fn has_unique_values(&self) -> bool {
        let mut entities = self.group.entities().iter();
        entities.any(|meta| !meta.unique.is_empty())
    }

    fn table(&self) -> String {
        match self.start {
            Start::Rows { root, .. } => self.group.entity(root).table.to_string(),
            _ => "a deletion".to_owned(),
        }
    }

    fn restoration(
        &self,
        restored: Counts,
        findings: Findings,
        cascade: &Cascade<'_>,
    ) -> Restoration {
        let root = match self.start {
            Start::Rows { root, .. } => Some(root),
            // The deletion's own table: parents come before children.
            _ => cascade.entities().find(|entity| restored.of(*entity) > 0),
        };
        Restoration {
            rows_affected: root.map_or(0, |root| restored.of(root)),
            replaced: findings.resolved.replaced,
            tables: restored.by_table(cascade),
            kept: findings.kept.by_table(cascade),
            skipped: findings.skipped.by_table(cascade),
        }
    }
}

fn restore_event<'e>(meta: &'e EntityMeta, affected: &'e HookRows) -> HookEvent<'e> {
    HookEvent {
        table: &meta.table,
        rows: affected.rows,
        keys: &affected.keys,
        deletion: None,
    }
}

fn is_unique_violation(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// How many rows of each entity.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts(BTreeMap<usize, u64>);

impl Counts {
    pub(crate) fn add(&mut self, entity: usize, rows: u64) {
        if rows > 0 {
            *self.0.entry(entity).or_default() += rows;
        }
    }

    pub(crate) fn of(&self, entity: usize) -> u64 {
        self.0.get(&entity).copied().unwrap_or_default()
    }

    pub(crate) fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// Parents before children, in a circle in the cascade's order. Rows above the cascade count as well.
    fn by_table(&self, cascade: &Cascade<'_>) -> Vec<(String, u64)> {
        let group = cascade.group;
        let all: Vec<_> = cascade.entities().chain(self.0.keys().copied()).collect();
        Cascade::from(group, &all)
            .entities()
            .map(|entity| (entity, self.of(entity)))
            .filter(|(_, rows)| *rows > 0)
            .map(|(entity, rows)| (group.entity(entity).table.to_string(), rows))
            .collect()
    }
}
