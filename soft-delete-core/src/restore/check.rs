//! Checking the rows that a restore brings back, and taking out those that can't come.

use std::collections::BTreeSet;

use sea_orm::{
    ConnectionTrait, TransactionTrait,
    sea_query::{Expr, LockType},
};

use crate::{
    Conflict, DeletedParent, Error, OnConflict, backend,
    cascade::{
        graph::{Cascade, Edge},
        rows::State,
    },
    restore::{
        attempt::{Attempt, Locking, Order},
        conflict::find_conflicts,
        find::Found,
        members::Members,
        resolve,
        run::{Counts, Findings, Run, Start},
    },
    stamp::Stamp,
    value::read_all,
};

impl Run {
    /// Checks the rows, and does what the options say of those that can't come back. To do that it may have to mark them.
    pub(crate) async fn check<'c, C>(
        &self,
        db: &C,
        cascade: &'c Cascade<'c>,
        Found {
            members,
            root_is_free,
        }: &mut Found<'c>,
        Attempt { locking, order, .. }: Attempt,
    ) -> Result<Findings, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let holders = locking == Locking::Holders;
        // What one view of the database says of it is not enough once a race was lost.
        let root_is_free = *root_is_free && !holders;
        let mut findings = Findings::default();
        if locking != Locking::Nothing && backend::locks_rows(db.get_database_backend()) {
            self.lock_other_parents(db, members).await?;
        }
        let mut parents = self.deleted_parents(db, members, locking).await?;
        let mut has_no_conflict = false;
        if let Members::Reached(reach) = &*members {
            let (root, state) = (reach.root, reach.state);
            let mut must_mark = order == Order::ParentsFirst
                || (self.options.with_parents && !parents.is_empty())
                || self.has_rows_to_keep(db, members, locking).await?;
            if !must_mark && !matches!(self.options.on_conflict, OnConflict::Fail) {
                let found = self.conflicts(db, members, root_is_free, holders).await?;
                has_no_conflict = found.is_empty();
                must_mark = !has_no_conflict;
            }
            if must_mark && let State::DeletedBy(identity) = state {
                if let Start::Deletion { .. } = self.start {
                    let backend = db.get_database_backend();
                    *members = Members::whole_deletion(backend, cascade, identity);
                    parents = self.deleted_parents(db, members, locking).await?;
                } else {
                    *members = self.mark(db, cascade, root, &[identity]).await?;
                }
            }
        }
        if matches!(members, Members::Marked { .. }) {
            if self.options.with_parents {
                self.mark_parents(db, members).await?;
            }
            self.keep_below_deleted(db, members, &mut findings.kept)
                .await?;
        }
        findings.parents = match (&*members, &self.start) {
            // With parents there are fewer; and a row between may have been kept.
            (Members::Marked { .. }, Start::Rows { .. }) => {
                self.deleted_parents(db, members, locking).await?
            }
            _ => parents,
        };
        if !has_no_conflict {
            findings.conflict = self.conflicts(db, members, root_is_free, holders).await?;
        }
        if !findings.conflict.is_empty() {
            resolve::conflicts(self, db, members, &mut findings, holders).await?;
            // A row that must come may be below one that was replaced or skipped.
            if findings.parents.is_empty() {
                findings.parents = self.deleted_parents(db, members, locking).await?;
            }
        }
        Ok(findings)
    }

    /// Keeps parents that don't come back from being deleted or restored while this runs. Those of a row named are locked
    /// already, but for a row that was deleted just after that.
    ///
    /// From the top down, and each row after its parents: in between, no other restore may give rows below to this one.
    async fn lock_other_parents<C: ConnectionTrait>(
        &self,
        db: &C,
        members: &Members<'_>,
    ) -> Result<(), Error> {
        let backend = db.get_database_backend();
        let lock = backend::keeping_lock(backend);
        if let Members::Reached(_) = members {
            for edge in self.edges_into_required(members) {
                let of = members.must_come(edge.child);
                db.query_one(&members.lock_parents(edge, of, lock, backend))
                    .await?;
            }
        }
        let edges = members.edges_to_other_parents();
        for entity in members.cascade().entities() {
            for edge in edges.iter().filter(|edge| edge.child == entity) {
                let of = members.taken(entity);
                db.query_one(&members.lock_parents(*edge, of, lock, backend))
                    .await?;
            }
            if members.must_lock(entity) {
                db.query_one(&members.lock(entity, backend)).await?;
            }
        }
        Ok(())
    }

    /// Rows that must come back and are below a deleted row that does not.
    async fn deleted_parents<C: ConnectionTrait>(
        &self,
        db: &C,
        members: &Members<'_>,
        locking: Locking,
    ) -> Result<Vec<DeletedParent>, Error> {
        let mut found = Vec::new();
        for edge in self.edges_into_required(members) {
            let key = self.group.foreign_key(edge);
            let (child, parent) = (
                self.group.entity(edge.child),
                self.group.entity(edge.parent),
            );
            let (mut select, prefix) = members.must_come_below_deleted(edge);
            if locking.reads_parents(db.get_database_backend()) {
                select.lock_exclusive();
            }
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

    fn edges_into_required(&self, members: &Members<'_>) -> Vec<Edge> {
        let required = match (members, &self.start) {
            (Members::Reached(reach), _) => BTreeSet::from([reach.root]),
            (_, Start::Rows { root, .. }) if members.have_parents() => self.group.above(*root),
            (_, Start::Rows { root, .. }) => BTreeSet::from([*root]),
            _ => members.cascade().entities().collect(),
        };
        required
            .into_iter()
            .flat_map(|root| self.group.cascades_into(root))
            .collect()
    }

    async fn has_rows_to_keep<C: ConnectionTrait>(
        &self,
        db: &C,
        members: &Members<'_>,
        locking: Locking,
    ) -> Result<bool, Error> {
        for edge in members.edges_to_other_parents() {
            let row = match locking.reads_parents(db.get_database_backend()) {
                true => members.lock_row_to_keep(edge),
                false => members.row_to_keep(edge),
            };
            if db.query_one(&row).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Takes rows below a parent that stays deleted out of the members, and then the rows below those.
    pub(crate) async fn keep_below_deleted<C: ConnectionTrait>(
        &self,
        db: &C,
        members: &Members<'_>,
        kept: &mut Counts,
    ) -> Result<(), Error> {
        let edges = members.edges_to_other_parents();
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

    /// Takes rows below a parent that stays deleted out of the members as they were, and then the rows below those.
    pub(crate) async fn skip_below_deleted<C: ConnectionTrait>(
        &self,
        db: &C,
        members: &Members<'_>,
        skipped: &mut Counts,
    ) -> Result<(), Error> {
        let edges = members.edges_to_other_parents();
        loop {
            let before = skipped.total();
            for edge in &edges {
                for update in members.give_back_below_deleted(*edge) {
                    let rows = db.execute(&update).await?;
                    skipped.add(edge.child, rows.rows_affected());
                }
            }
            if skipped.total() == before {
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
        let mark = Stamp::new(None);
        let Start::Rows { root, .. } = self.start else {
            return Ok(());
        };
        for edge in self.group.cascades_into(root) {
            let roots = members.must_come(root);
            db.execute(&members.mark_parents(edge, roots, &mark))
                .await?;
        }
        if let Members::Marked { parents, .. } = members {
            *parents = Some(mark.identity());
        }
        loop {
            let mut marked = 0;
            for entity in self.group.above(root) {
                for edge in self.group.cascades_into(entity) {
                    let meta = self.group.entity(entity);
                    let above = mark.identity().of_row(meta, db.get_database_backend());
                    marked += self
                        .lock_and_mark_parents(db, members, edge, above, &mark)
                        .await?;
                }
            }
            if marked == 0 {
                return Ok(());
            }
        }
    }

    /// Parents that are active are locked too: one that is just being deleted has to come back as well.
    async fn lock_and_mark_parents<C: ConnectionTrait>(
        &self,
        db: &C,
        members: &Members<'_>,
        edge: Edge,
        of: Expr,
        mark: &Stamp,
    ) -> Result<u64, Error> {
        let backend = db.get_database_backend();
        if backend::locks_rows(backend) {
            let lock = members.lock_parents(edge, of.clone(), LockType::Update, backend);
            db.query_one(&lock).await?;
        }
        let update = members.mark_parents(edge, of, mark);
        Ok(db.execute(&update).await?.rows_affected())
    }

    pub(crate) async fn conflicts<C: ConnectionTrait>(
        &self,
        db: &C,
        members: &Members<'_>,
        root_is_free: bool,
        locking: bool,
    ) -> Result<Conflict, Error> {
        let mut found = Conflict::default();
        for entity in self.entities(members) {
            let meta = self.group.entity(entity);
            if !meta.unique.is_empty() {
                let rows = members.contain(entity);
                let is_one_row = match (members, &self.start) {
                    (
                        Members::Reached(_),
                        Start::Deletion {
                            took: Some(took), ..
                        },
                    ) => took.rows.of(entity) <= 1,
                    (Members::Reached(reach), Start::Rows { key: Some(_), .. }) => {
                        let mut ways = reach.cascade.edges_into(entity);
                        entity == reach.root && ways.next().is_none()
                    }
                    _ => false,
                };
                let is_free = match members {
                    Members::Reached(reach) => entity == reach.root && is_one_row && root_is_free,
                    Members::Marked { .. } => false,
                };
                if !is_free {
                    find_conflicts(db, meta, &rows, !is_one_row, locking, &mut found).await?;
                }
            }
        }
        Ok(found)
    }
}
