//! How a restore runs: find the rows, check them all, then make them active.

use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, SqlErr, TransactionSession as _, TransactionTrait,
    sea_query::{Expr, Query},
};
use uuid::Uuid;

use crate::{
    Conflict, DeletedParent, EntityMeta, Error, Restoration, RestorePlan, Scope, backend,
    conflict::find_conflicts,
    deletion_run::{count_rows, mark_all},
    graph::{Cascade, Edge, Group},
    marking::{Mark, Marking, lock_rows, write_identity},
    members::Members,
    reach::Reach,
    resolve::{self, Resolved},
    restore::{OnConflict, Options},
    rows::{Identity, State, column, in_scope},
    stamp::Stamp,
    value::read_all,
};

/// How often a restore is tried when the database refuses a unique value that was free a moment before.
const ATTEMPTS: usize = 3;

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
        key: Option<Expr>,
    },
    Deletion(Identity),
    DeletionId(Uuid),
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

impl Run {
    pub(crate) async fn exec<C>(&self, db: &C) -> Result<Restoration, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let options = backend::write_transaction(db.get_database_backend());
        let mut attempt = 1;
        loop {
            let transaction = db.begin_with_options(options).await?;
            match self.restore(&transaction, attempt > 1).await {
                Ok(restoration) => {
                    transaction.commit().await?;
                    return Ok(restoration);
                }
                Err(Error::Db(error)) if is_unique_violation(&error) => {
                    transaction.rollback().await?;
                    if attempt == ATTEMPTS {
                        return Err(Error::UndeclaredUnique {
                            table: self.table(),
                            source: error,
                        });
                    }
                    attempt += 1;
                }
                Err(error) => {
                    transaction.rollback().await?;
                    return Err(error);
                }
            }
        }
    }

    pub(crate) async fn plan<C>(&self, db: &C) -> Result<RestorePlan, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let transaction = db.begin().await?;
        let plan = self.try_out(&transaction).await;
        transaction.rollback().await?;
        plan
    }

    async fn restore<C>(&self, db: &C, again: bool) -> Result<Restoration, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let cascade = self.cascade();
        let Some(mut members) = self.find(db, &cascade, true).await? else {
            return Ok(Restoration::default());
        };
        let findings = self.check(db, &cascade, &mut members, again).await?;
        if !findings.parents.is_empty() {
            return Err(Error::ParentDeleted {
                parents: findings.parents,
                conflict: findings.conflict,
            });
        }
        if !findings.conflict.is_empty() {
            return Err(Error::Conflict(findings.conflict));
        }
        let mut restored = Counts::default();
        // Children first: they are found by the marks of their parents.
        for entity in self.entities(&members).into_iter().rev() {
            let rows = db.execute(&members.clear_stamp(entity)).await?;
            restored.add(entity, rows.rows_affected());
        }
        Ok(self.restoration(restored, findings, &cascade))
    }

    async fn try_out<C>(&self, db: &C) -> Result<RestorePlan, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let cascade = self.cascade();
        let Some(mut members) = self.find(db, &cascade, false).await? else {
            return Ok(RestorePlan::default());
        };
        let mut findings = self.check(db, &cascade, &mut members, false).await?;
        let mut restored = Counts::default();
        for entity in self.entities(&members) {
            restored.add(entity, count_rows(db, members.select(entity, &[])).await?);
        }
        Ok(RestorePlan {
            parents: std::mem::take(&mut findings.parents),
            conflict: std::mem::take(&mut findings.conflict),
            restoration: self.restoration(restored, findings, &cascade),
        })
    }

    fn cascade(&self) -> Cascade<'_> {
        match self.start {
            Start::Rows { root, .. } => Cascade::from(&self.group, &[root]),
            Start::Deletion(_) | Start::DeletionId(_) => {
                let all: Vec<_> = (0..self.group.entities().len()).collect();
                Cascade::from(&self.group, &all)
            }
        }
    }

    /// The entities that may have members, parents before children.
    fn entities(&self, members: &Members<'_>) -> Vec<usize> {
        let cascade = members.cascade();
        let above = (0..self.group.entities().len()).filter(|entity| {
            matches!(
                members,
                Members::Marked {
                    parents: Some(_),
                    ..
                }
            ) && !cascade.has(*entity)
        });
        above.chain(cascade.entities()).collect()
    }

    /// Finds the rows to restore, without a write where that is possible. `None` if there is nothing to do.
    async fn find<'c, C: ConnectionTrait>(
        &self,
        db: &C,
        cascade: &'c Cascade<'c>,
        lock: bool,
    ) -> Result<Option<Members<'c>>, Error> {
        let backend = db.get_database_backend();
        let (root, condition, key) = match &self.start {
            Start::Rows {
                root,
                condition,
                key,
            } => (*root, condition, key),
            Start::Deletion(identity) => return Ok(Some(whole(backend, cascade, *identity))),
            Start::DeletionId(id) => {
                let identity = self.find_deletion(db, *id).await?;
                return Ok(Some(whole(backend, cascade, identity)));
            }
        };
        let meta = self.group.entity(root);
        if lock && backend::locks_rows(backend) {
            self.lock_parents_and_roots(db, root, condition).await?;
        }
        let deletions = deletions_of(db, meta, condition).await?;
        match (deletions.as_slice(), key) {
            ([], Some(_)) => {
                self.check_exists(db, meta, condition).await?;
                Ok(None)
            }
            ([], None) => Ok(None),
            ([identity], Some(key)) => {
                let reach = Reach {
                    backend,
                    cascade,
                    root,
                    condition: key.clone(),
                    state: State::DeletedBy(*identity),
                };
                if reach.is_known() {
                    Ok(Some(Members::Reached(reach)))
                } else {
                    let deletions = [*identity];
                    Ok(Some(self.mark(db, cascade, root, &deletions).await?))
                }
            }
            (deletions, _) => Ok(Some(self.mark(db, cascade, root, deletions).await?)),
        }
    }

    /// Checks the rows, and does what the options say of those that can't come back. To do that it may have to mark them.
    async fn check<'c, C>(
        &self,
        db: &C,
        cascade: &'c Cascade<'c>,
        members: &mut Members<'c>,
        again: bool,
    ) -> Result<Findings, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let mut findings = Findings::default();
        let parents = self.deleted_parents(db, members).await?;
        if let Members::Reached(reach) = &*members {
            let (root, state) = (reach.root, reach.state);
            let must_mark = (self.options.with_parents && !parents.is_empty())
                || self.has_rows_to_keep(db, members).await?
                || (!matches!(self.options.on_conflict, OnConflict::Fail)
                    && !self.conflicts(db, members, again).await?.is_empty());
            if must_mark && let State::DeletedBy(identity) = state {
                *members = self.mark(db, cascade, root, &[identity]).await?;
            }
        }
        if self.options.with_parents && !parents.is_empty() {
            self.mark_parents(db, members).await?;
        } else {
            findings.parents = parents;
        }
        if matches!(members, Members::Marked { .. }) {
            self.keep_below_deleted(db, members, &mut findings.kept)
                .await?;
        }
        findings.conflict = self.conflicts(db, members, again).await?;
        resolve::conflicts(self, db, members, &mut findings, again).await?;
        Ok(findings)
    }

    /// Marks the rows of each deletion with an identity of this restore's own, so that they are told from rows of the same
    /// deletion that don't come back.
    async fn mark<'c, C: ConnectionTrait>(
        &self,
        db: &C,
        cascade: &'c Cascade<'c>,
        root: usize,
        deletions: &[Identity],
    ) -> Result<Members<'c>, Error> {
        let Start::Rows { condition, key, .. } = &self.start else {
            return Err(Error::Db(DbErr::Custom(
                "a deletion needs no marks".to_owned(),
            )));
        };
        let backend = db.get_database_backend();
        let mut taken = Vec::with_capacity(deletions.len());
        for identity in deletions {
            let mark = Stamp::new(None).identity();
            let marking = Marking {
                backend,
                cascade,
                root,
                condition: condition.clone(),
                key: key.clone(),
                state: State::DeletedBy(*identity),
                mark: Mark::Identity(mark),
            };
            mark_all(db, &marking).await?;
            taken.push(mark);
        }
        Ok(Members::Marked {
            backend,
            cascade,
            taken,
            originals: deletions.to_vec(),
            parents: None,
        })
    }

    /// Rows named that are below a deleted row that does not come back with them.
    async fn deleted_parents<C: ConnectionTrait>(
        &self,
        db: &C,
        members: &Members<'_>,
    ) -> Result<Vec<DeletedParent>, Error> {
        let mut found = Vec::new();
        for edge in self.edges_into_roots(members) {
            let key = self.group.foreign_key(edge);
            let (child, parent) = (
                self.group.entity(edge.child),
                self.group.entity(edge.parent),
            );
            let (select, prefix) = members.roots_below_deleted(edge);
            for row in db.query_all(&select).await? {
                found.push(DeletedParent {
                    table: child.table.to_string(),
                    key: read_all(&row, child, &child.primary_key, "")?,
                    relation: key.relation.clone(),
                    parent_table: parent.table.to_string(),
                    parent_key: read_all(&row, parent, &parent.primary_key, prefix)?,
                });
            }
        }
        Ok(found)
    }

    fn edges_into_roots(&self, members: &Members<'_>) -> Vec<Edge> {
        let roots = match self.start {
            Start::Rows { root, .. } => vec![root],
            _ => members.cascade().entities().collect(),
        };
        roots
            .into_iter()
            .flat_map(|root| self.group.cascades_into(root))
            .collect()
    }

    async fn has_rows_to_keep<C: ConnectionTrait>(
        &self,
        db: &C,
        members: &Members<'_>,
    ) -> Result<bool, Error> {
        for edge in self.edges_to_other_parents(members) {
            if let Start::Rows { root, .. } = self.start
                && edge.child == root
            {
                continue;
            }
            let rows = members.below_deleted(edge).limit(1).to_owned();
            if db.query_one(&rows).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn edges_to_other_parents(&self, members: &Members<'_>) -> Vec<Edge> {
        members
            .cascade()
            .entities()
            .filter(|entity| members.may_have_other_parents(*entity))
            .flat_map(|entity| self.group.cascades_into(entity))
            .collect()
    }

    /// Takes rows below a parent that stays deleted out of the members, and then the rows below those.
    pub(crate) async fn keep_below_deleted<C: ConnectionTrait>(
        &self,
        db: &C,
        members: &Members<'_>,
        kept: &mut Counts,
    ) -> Result<(), Error> {
        let edges = self.edges_to_other_parents(members);
        loop {
            let before = kept.total();
            for edge in &edges {
                let rows = db
                    .execute(&members.keep_under_deleted_parent(*edge))
                    .await?;
                kept.add(edge.child, rows.rows_affected());
            }
            if kept.total() == before {
                return Ok(());
            }
        }
    }

    /// Marks the deleted parents of the rows named, and theirs, up to the top.
    async fn mark_parents<C: ConnectionTrait>(
        &self,
        db: &C,
        members: &mut Members<'_>,
    ) -> Result<(), Error> {
        let mark = Stamp::new(None).identity();
        let Start::Rows { root, .. } = self.start else {
            return Ok(());
        };
        for edge in self.group.cascades_into(root) {
            let roots = members.is_root(root);
            db.execute(&members.mark_parents(edge, roots, mark)).await?;
        }
        if let Members::Marked { parents, .. } = members {
            *parents = Some(mark);
        }
        loop {
            let mut marked = 0;
            for entity in 0..self.group.entities().len() {
                for edge in self.group.cascades_into(entity) {
                    let meta = self.group.entity(entity);
                    let above = mark.of_row(meta, db.get_database_backend());
                    let update = members.mark_parents(edge, above, mark);
                    marked += db.execute(&update).await?.rows_affected();
                }
            }
            if marked == 0 {
                return Ok(());
            }
        }
    }

    pub(crate) async fn conflicts<C: ConnectionTrait>(
        &self,
        db: &C,
        members: &Members<'_>,
        locking: bool,
    ) -> Result<Conflict, Error> {
        let mut found = Conflict::default();
        for entity in self.entities(members) {
            let meta = self.group.entity(entity);
            if !meta.unique.is_empty() {
                let rows = members.contain(entity);
                find_conflicts(db, meta, &rows, locking, &mut found).await?;
            }
        }
        Ok(found)
    }

    /// Keeps parents from being deleted, and the rows from being restored twice, while this runs.
    async fn lock_parents_and_roots<C: ConnectionTrait>(
        &self,
        db: &C,
        root: usize,
        condition: &Expr,
    ) -> Result<(), Error> {
        let backend = db.get_database_backend();
        let meta = self.group.entity(root);
        for edge in self.group.cascades_into(root) {
            let key = self.group.foreign_key(edge);
            let parent = self.group.entity(edge.parent);
            let roots = Query::select()
                .exprs(crate::rows::columns(meta, &key.columns))
                .from(meta.table.to_ref())
                .and_where(condition.clone())
                .and_where(in_scope(meta, Scope::OnlyDeleted))
                .to_owned();
            let parents =
                crate::rows::in_select(crate::rows::columns(parent, &key.parent_columns), roots);
            let any_state = in_scope(parent, Scope::WithDeleted);
            let parents = crate::rows::all([parents, any_state]);
            db.query_one(&lock_rows(parent, parents, backend)).await?;
        }
        let roots = crate::rows::all([condition.clone(), in_scope(meta, Scope::OnlyDeleted)]);
        db.query_one(&lock_rows(meta, roots, backend)).await?;
        Ok(())
    }

    async fn check_exists<C: ConnectionTrait>(
        &self,
        db: &C,
        meta: &EntityMeta,
        condition: &Expr,
    ) -> Result<(), Error> {
        let row = Query::select()
            .expr(Expr::cust("1"))
            .from(meta.table.to_ref())
            .and_where(condition.clone())
            .and_where(in_scope(meta, Scope::WithDeleted))
            .limit(1)
            .to_owned();
        match db.query_one(&row).await? {
            Some(_) => Ok(()),
            None => Err(Error::NotFound {
                table: meta.table.clone(),
            }),
        }
    }

    /// The identity behind a deletion's id, read from any row that carries it.
    async fn find_deletion<C: ConnectionTrait>(&self, db: &C, id: Uuid) -> Result<Identity, Error> {
        for meta in self.group.entities() {
            let Some(name) = &meta.stamp.deletion_id else {
                continue;
            };
            let row = Query::select()
                .expr(column(meta, &meta.stamp.deleted_at))
                .from(meta.table.to_ref())
                .and_where(sea_orm::sea_query::ExprTrait::eq(column(meta, name), id))
                .and_where(in_scope(meta, Scope::OnlyDeleted))
                .limit(1)
                .to_owned();
            if let Some(row) = db.query_one(&row).await?
                && let Some(deleted_at) = meta
                    .stamp
                    .deleted_at_kind
                    .read(&row, &meta.stamp.deleted_at)?
            {
                return Ok(Identity {
                    deletion_id: Some(id),
                    deleted_at,
                });
            }
        }
        Err(Error::DeletionNotFound { id })
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
            tables: restored.by_table(&self.group, cascade),
            kept: findings.kept.by_table(&self.group, cascade),
            skipped: findings.skipped.by_table(&self.group, cascade),
        }
    }
}

fn whole<'c>(backend: DbBackend, cascade: &'c Cascade<'c>, identity: Identity) -> Members<'c> {
    Members::Marked {
        backend,
        cascade,
        taken: vec![identity],
        originals: vec![identity],
        parents: None,
    }
}

/// The deletions that took the rows named.
async fn deletions_of<C: ConnectionTrait>(
    db: &C,
    meta: &EntityMeta,
    condition: &Expr,
) -> Result<Vec<Identity>, Error> {
    let names = &meta.stamp;
    let mut select = Query::select();
    select
        .distinct()
        .expr(column(meta, &names.deleted_at))
        .from(meta.table.to_ref())
        .and_where(condition.clone())
        .and_where(in_scope(meta, Scope::OnlyDeleted));
    if let Some(name) = &names.deletion_id {
        select.expr(column(meta, name));
    }
    let mut found = Vec::new();
    for row in db.query_all(&select).await? {
        let deletion_id = match &names.deletion_id {
            Some(name) => row.try_get::<Option<Uuid>>("", name)?,
            None => None,
        };
        let deleted_at = names.deleted_at_kind.read(&row, &names.deleted_at)?;
        found.extend(deleted_at.map(|deleted_at| Identity {
            deletion_id,
            deleted_at,
        }));
    }
    Ok(found)
}

fn is_unique_violation(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// Gives rows back the identity they had.
pub(crate) fn unmark(
    meta: &EntityMeta,
    mark: Identity,
    original: Identity,
    rows: Expr,
    backend: DbBackend,
) -> sea_orm::sea_query::UpdateStatement {
    write_identity(meta, &original)
        .and_where(mark.of_row(meta, backend))
        .and_where(rows)
        .to_owned()
}

/// How many rows of each entity.
#[derive(Debug, Default)]
pub(crate) struct Counts(std::collections::BTreeMap<usize, u64>);

impl Counts {
    pub(crate) fn add(&mut self, entity: usize, rows: u64) {
        *self.0.entry(entity).or_default() += rows;
    }

    pub(crate) fn of(&self, entity: usize) -> u64 {
        self.0.get(&entity).copied().unwrap_or_default()
    }

    pub(crate) fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// Rows above the cascade first, then parents before children.
    fn by_table(&self, group: &Group, cascade: &Cascade<'_>) -> Vec<(String, u64)> {
        let above = self
            .0
            .keys()
            .copied()
            .filter(|entity| !cascade.has(*entity));
        above
            .chain(cascade.entities())
            .map(|entity| (entity, self.of(entity)))
            .filter(|(_, rows)| *rows > 0)
            .map(|(entity, rows)| (group.entity(entity).table.to_string(), rows))
            .collect()
    }
}
