//! The restore of one row, or of one deletion, where nothing stands in its way: set-based, no row is read.
//!
//! It looks before it writes, and leaves all that is not its case to the general way: parents that are not active, unique values
//! that are taken, circles of tables.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ConnectionTrait,
    sea_query::{Expr, ExprTrait as _, Query},
};

use super::{
    Restoration,
    closure::Closure,
    counts::Counts,
    hooked::Of,
    parents::Settled,
    roots::read_root,
    run::{Run, Start, Took},
};
use crate::{
    dialect,
    engine::cascade::{
        identity::{Identity, may_keep_own_time},
        reach::Reach,
        rows::{State, column},
        walk::count_rows,
    },
    model::{
        Error,
        graph::{Cascade, Group},
    },
};

/// The name of a column of what [`Run::leaves_any`] asks.
const IS_LEFT: &str = "soft_delete_is_left";

/// What came of it.
pub(super) enum Fast {
    Restored(Restoration),
    /// It is not its case. Nothing was written.
    NotItsCase,
    /// The foreign keys did not lead to all rows of the deletion, or may not have.
    NotAll,
}

/// Where it begins.
#[allow(clippy::large_enum_variant)] // There is one at a time.
enum Found<'c> {
    /// There is nothing to restore.
    Nothing,
    NotItsCase,
    Rows {
        closure: Closure<'c>,
        /// Whether it starts from one row whose unique values no active row had.
        root_is_free: bool,
        /// Whether it starts from one row.
        is_one: bool,
    },
}

impl Run {
    /// Restores, or tells what it would if it is not to write.
    pub(super) async fn restore_fast<C: ConnectionTrait>(
        &self,
        db: &C,
        writes: bool,
    ) -> Result<Fast, Error> {
        let cascade = self.cascade();
        if self.options.without_children && !cascade.is_leaf() {
            return Ok(Fast::NotItsCase);
        }
        let (closure, root_is_free, is_one) = match self.find(db, &cascade, writes).await? {
            Found::Nothing => return Ok(Fast::Restored(self.restored(Counts::default()))),
            Found::NotItsCase => return Ok(Fast::NotItsCase),
            Found::Rows {
                closure,
                root_is_free,
                is_one,
            } => (closure, root_is_free, is_one),
        };
        if self.has_trouble(db, &closure, writes).await?
            || self
                .has_conflicts(db, &closure, root_is_free, is_one)
                .await?
        {
            return Ok(Fast::NotItsCase);
        }
        if !writes {
            let restored = self.count(db, &closure).await?;
            return Ok(match self.is_surely_all(&cascade, &restored) {
                true => Fast::Restored(self.restored(restored)),
                false => Fast::NotAll,
            });
        }
        let of = match dialect::sees_latest_by_locking(db.get_database_backend()) {
            true => &closure.locked(),
            false => &closure,
        };
        let hooked = self.before_restore(db, &cascade, &Of::Closure(of)).await?;
        let mut restored = Counts::default();
        for entity in cascade.entities().collect::<Vec<_>>().into_iter().rev() {
            let rows = db.execute(&closure.clear_stamp(entity, self.at)).await?;
            restored.add(entity, rows.rows_affected());
        }
        if let Start::Deletion(deletion) = &self.start {
            let is_all = match &deletion.took {
                Some(took) => took.rows == restored,
                None => true,
            };
            if !is_all
                || self
                    .leaves_any(db, &cascade, deletion.took.as_ref())
                    .await?
            {
                return Ok(Fast::NotAll);
            }
        }
        self.after_restore(db, &hooked).await?;
        Ok(Fast::Restored(self.restored(restored)))
    }

    pub(super) fn restored(&self, restored: Counts) -> Restoration {
        let none = || Counts::default();
        self.restoration(restored, none(), none(), &Settled::default(), Vec::new())
    }

    async fn find<'c, C: ConnectionTrait>(
        &self,
        db: &C,
        cascade: &'c Cascade<'c>,
        writes: bool,
    ) -> Result<Found<'c>, Error> {
        // Within a statement that locks, a recursive query of MySQL's and MariaDB's reads an old state all the same.
        let reads_old = dialect::sees_latest_by_locking(db.get_database_backend());
        if cascade.has_circle() || (writes && reads_old && cascade.has_loop()) {
            return Ok(Found::NotItsCase);
        }
        let lock = writes && dialect::locks_rows(db.get_database_backend());
        let found = match &self.start {
            Start::Rows { key: None, .. } => return Ok(Found::NotItsCase),
            Start::Rows {
                root,
                condition,
                key: Some(key),
                ..
            } => {
                if lock {
                    self.lock_parents(db, *root, condition).await?;
                }
                let found = read_root(db, cascade, *root, key, lock).await?;
                if found.is_none() {
                    self.check_exists(db, *root, condition, lock).await?;
                }
                self.check_version(db, lock).await?;
                let Some(found) = found else {
                    return Ok(Found::Nothing);
                };
                let (true, Some(identity)) = (found.is_unwatched, found.identity) else {
                    return Ok(Found::NotItsCase);
                };
                let reach = Reach {
                    backend: db.get_database_backend(),
                    cascade,
                    root: *root,
                    condition: key.condition.clone(),
                    key: Some(key.clone()),
                    state: State::DeletedBy(identity),
                    locks: false,
                };
                Found::Rows {
                    closure: Closure(reach),
                    root_is_free: found.is_free,
                    is_one: true,
                }
            }
            Start::Deletion(_) => self.find_deletion(db, cascade, lock).await?,
        };
        if let Found::Rows { closure, .. } = &found
            && closure.0.may_be_cut()
        {
            for row in closure.0.rows_at_the_limit() {
                if db.query_one(&row).await?.is_some() {
                    return Ok(Found::NotItsCase);
                }
            }
        }
        Ok(found)
    }

    /// The rows that a deletion took, by the foreign keys' way from those it started from: only these are looked for by the
    /// deletion's id, which may have no index.
    ///
    /// That may not lead to all of them: one may have got another parent since. It shows when their number is known.
    async fn find_deletion<'c, C: ConnectionTrait>(
        &self,
        db: &C,
        cascade: &'c Cascade<'c>,
        lock: bool,
    ) -> Result<Found<'c>, Error> {
        let Start::Deletion(deletion) = &self.start else {
            return Ok(Found::NotItsCase);
        };
        let backend = db.get_database_backend();
        let mut entities = cascade.entities();
        let top = entities.find(|entity| deletion.entities.contains(entity));
        // Rows of the first table that lie below others of it are told from those by the way only.
        let Some(top) = top.filter(|top| cascade.edges_into(*top).next().is_none()) else {
            return Ok(Found::NotItsCase);
        };
        let meta = self.group.entity(top);
        if meta.stamp.deletion_id.is_none() {
            return Ok(Found::NotItsCase);
        }
        let identity = Identity {
            deletion_id: Some(deletion.id),
            deleted_at: deletion.at,
        };
        let mut condition = identity.of_row(meta, backend);
        if deletion.took.is_some() {
            condition = condition.and(is_about(&self.group, top, deletion.at));
        }
        let mut reach = Reach {
            backend,
            cascade,
            root: top,
            condition: condition.clone(),
            key: None,
            state: State::DeletedBy(identity),
            locks: false,
        };
        let mut root_is_free = false;
        let is_one = deletion
            .took
            .as_ref()
            .is_none_or(|took| took.rows.of(top) == 1);
        if is_one {
            let root = self.only_root(db, cascade, top, condition, lock).await?;
            let Some((key, root)) = root.filter(|(_, root)| root.is_unwatched) else {
                return Ok(Found::NotItsCase);
            };
            reach.condition = key.condition.clone();
            reach.key = Some(key);
            root_is_free = root.is_free;
        } else if lock {
            self.lock_parents(db, top, &reach.condition).await?;
            self.lock_roots(db, top, &reach.condition).await?;
        }
        let closure = Closure(reach);
        if self.has_hooks(cascade) && !self.is_surely_all(cascade, &self.count(db, &closure).await?)
        {
            return Ok(Found::NotItsCase);
        }
        Ok(Found::Rows {
            closure,
            root_is_free,
            is_one,
        })
    }

    /// Whether these are all rows of a deletion, told before anything is written: no hook is to run for what is tried again, and a
    /// plan writes nothing.
    fn is_surely_all(&self, cascade: &Cascade<'_>, found: &Counts) -> bool {
        let Start::Deletion(deletion) = &self.start else {
            return true;
        };
        let mut entities = cascade.entities();
        !entities.any(|entity| self.group.may_be_kept(entity))
            && matches!(&deletion.took, Some(took) if took.rows == *found)
    }

    fn has_hooks(&self, cascade: &Cascade<'_>) -> bool {
        let mut entities = cascade.entities();
        entities.any(|entity| self.group.entity(entity).hooks.is_some())
    }

    /// Whether a parent of a row that comes back is deleted and stays so, or is gone. Locks the parents first.
    ///
    /// From the top down, and each row after its parents: in between, no other restore may give rows below to this one.
    async fn has_trouble<C: ConnectionTrait>(
        &self,
        db: &C,
        closure: &Closure<'_>,
        writes: bool,
    ) -> Result<bool, Error> {
        let backend = db.get_database_backend();
        let edges = closure.edges_to_other_parents();
        if writes && dialect::locks_rows(backend) {
            let lock = dialect::keeping_lock(backend);
            for entity in closure.cascade().entities() {
                // Those of the rows named are locked already, but for a row that was deleted just after that.
                for edge in edges.iter().filter(|edge| edge.child == entity) {
                    db.query_one(&closure.lock_parents(*edge, lock, backend))
                        .await?;
                }
                if closure.must_lock(entity) {
                    db.query_one(&closure.lock(entity, backend)).await?;
                }
            }
        }
        for edge in edges {
            let row = match writes && dialect::sees_latest_by_locking(backend) {
                true => closure.lock_row_without_parent(edge),
                false => closure.row_without_parent(edge),
            };
            if db.query_one(&row).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn has_conflicts<C: ConnectionTrait>(
        &self,
        db: &C,
        closure: &Closure<'_>,
        root_is_free: bool,
        is_one: bool,
    ) -> Result<bool, Error> {
        let took = match &self.start {
            Start::Deletion(deletion) => deletion.took.as_ref(),
            Start::Rows { .. } => None,
        };
        for entity in closure.cascade().entities() {
            let mut ways = closure.cascade().edges_into(entity);
            let is_one_root = entity == closure.0.root && is_one && ways.next().is_none();
            let is_one_row = is_one_root || took.is_some_and(|took| took.rows.of(entity) <= 1);
            for unique in &self.group.entity(entity).unique {
                let is_free = is_one_root && root_is_free;
                if !is_free && db.query_one(&closure.held(entity, unique)).await?.is_some() {
                    return Ok(true);
                }
                if !is_one_row
                    && db
                        .query_one(&closure.shared(entity, unique))
                        .await?
                        .is_some()
                {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Whether rows of a deletion are left, in tables where a restore may have given others its stamp: as many rows as it took need
    /// not be those. Where their number is not known, in all tables.
    async fn leaves_any<C: ConnectionTrait>(
        &self,
        db: &C,
        cascade: &Cascade<'_>,
        took: Option<&Took>,
    ) -> Result<bool, Error> {
        let Start::Deletion(deletion) = &self.start else {
            return Ok(false);
        };
        let backend = db.get_database_backend();
        let may_be_left = |entity: &usize| match took {
            Some(took) => took.rows.of(*entity) > 0 && self.group.may_be_kept(*entity),
            None => true,
        };
        let identity = Identity {
            deletion_id: Some(deletion.id),
            deleted_at: deletion.at,
        };
        let tables = cascade
            .entities()
            .filter(may_be_left)
            .filter(|entity| self.group.entity(*entity).stamp.deletion_id.is_some());
        let left = tables.map(|entity| {
            let meta = self.group.entity(entity);
            let row = Query::select()
                .expr(Expr::cust("1"))
                .from(meta.table.to_ref())
                .and_where(identity.of_row(meta, backend))
                .and_where_option(took.map(|_| is_about(&self.group, entity, deletion.at)))
                .to_owned();
            Expr::exists(row)
        });
        let Some(is_left) = left.reduce(|any, next| any.or(next)) else {
            return Ok(false);
        };
        let select = Query::select().expr_as(is_left, IS_LEFT).to_owned();
        match db.query_one(&select).await? {
            Some(row) => Ok(row.try_get("", IS_LEFT)?),
            None => Ok(false),
        }
    }

    async fn count<C: ConnectionTrait>(
        &self,
        db: &C,
        closure: &Closure<'_>,
    ) -> Result<Counts, Error> {
        let mut counts = Counts::default();
        for entity in closure.cascade().entities() {
            counts.add(entity, count_rows(db, closure.select(entity, &[])).await?);
        }
        Ok(counts)
    }
}

/// Whether a row was deleted about then: the `deletion_id` tells which it is, and a table that is purged has an index of the time. A
/// column may keep less of it.
///
/// Another program may have written the time in another form or set another one since, so that it is asked only where the number of
/// rows is known and tells that one is missing.
fn is_about(group: &Group, entity: usize, at: DateTime<Utc>) -> Expr {
    let meta = group.entity(entity);
    if !meta.stamp.has_time() || may_keep_own_time(group, entity) {
        return Expr::Constant(true.into());
    }
    let kind = meta.stamp.deleted_at_kind;
    let [from, until] = [-1, 1].map(|seconds| kind.value(at + TimeDelta::seconds(seconds)));
    column(meta, &meta.stamp.deleted_at).between(from, until)
}
