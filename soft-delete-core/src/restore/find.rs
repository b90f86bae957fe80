//! Finding the rows that a restore brings back.

use chrono::TimeDelta;
use sea_orm::{
    ConnectionTrait, DbErr,
    sea_query::{Expr, ExprTrait as _, Query},
};
use uuid::Uuid;

use crate::{
    Error, Scope, backend,
    cascade::{
        graph::{Cascade, Group},
        marking::{Mark, Marking},
        reach::Reach,
        rows::{Identity, State, column, in_scope},
        walk::mark_all,
    },
    restore::{
        attempt::Search,
        members::Members,
        roots::{Root, deletions_of, read_root},
        run::{Run, Start, Took},
    },
    stamp::Stamp,
};

/// The name of a column of what [`Run::leaves_any`] asks.
const IS_LEFT: &str = "soft_delete_is_left";

/// The rows that a restore is about.
pub(crate) struct Found<'c> {
    pub(crate) members: Members<'c>,
    /// Whether it starts from one row whose unique values no active row had.
    pub(crate) root_is_free: bool,
}

impl<'c> From<Members<'c>> for Found<'c> {
    fn from(members: Members<'c>) -> Self {
        Self {
            members,
            root_is_free: false,
        }
    }
}

impl Run {
    /// Finds the rows to restore, without a write where that is possible. `None` if there is nothing to do.
    pub(crate) async fn find<'c, C: ConnectionTrait>(
        &self,
        db: &C,
        cascade: &'c Cascade<'c>,
        search: Search,
        lock: bool,
    ) -> Result<Option<Found<'c>>, Error> {
        let backend = db.get_database_backend();
        let (root, condition, key) = match &self.start {
            Start::Rows {
                root,
                condition,
                key,
            } => (*root, condition, key),
            Start::Deletion { identity, took, .. } => {
                if let (Search::ForeignKeys, Some(took)) = (search, took)
                    && let Some(reached) =
                        self.reach_all(db, cascade, *identity, took, lock).await?
                {
                    return Ok(Some(reached));
                }
                let all = Members::whole_deletion(backend, cascade, *identity);
                return Ok(Some(all.into()));
            }
        };
        let meta = self.group.entity(root);
        let lock = lock && backend::locks_rows(backend);
        if lock {
            self.lock_parents(db, root, condition).await?;
        }
        let Some(key) = key else {
            if lock {
                self.lock_roots(db, root, condition).await?;
            }
            let deletions = deletions_of(db, meta, condition).await?;
            if deletions.is_empty() {
                return Ok(None);
            }
            let marked = self.mark(db, cascade, root, &deletions).await?;
            return Ok(Some(marked.into()));
        };
        let Some(Root { identity, is_free }) = read_root(db, meta, key, lock).await? else {
            self.check_exists(db, meta, condition).await?;
            return Ok(None);
        };
        let reach = Reach {
            backend,
            cascade,
            root,
            condition: key.condition.clone(),
            key: Some(key.clone()),
            state: State::DeletedBy(identity),
            locks: false,
        };
        if reach.is_known() {
            Ok(Some(Found {
                members: Members::Reached(reach),
                root_is_free: is_free,
            }))
        } else {
            let marked = self.mark(db, cascade, root, &[identity]).await?;
            Ok(Some(marked.into()))
        }
    }

    /// The rows that a deletion took, by the foreign keys' way from those it started from: only these are looked for by the
    /// deletion's identity, which may have no index. `None` if that can't lead to all of them.
    ///
    /// It may still not: one may have got another parent since. That shows when their number is known.
    async fn reach_all<'c, C: ConnectionTrait>(
        &self,
        db: &C,
        cascade: &'c Cascade<'c>,
        identity: Identity,
        took: &Took,
        lock: bool,
    ) -> Result<Option<Found<'c>>, Error> {
        let backend = db.get_database_backend();
        let root = self.group.entity(took.root);
        let mut condition = identity.of_deleted_row(root, backend);
        if root.stamp.deletion_id.is_some() {
            // A table that is purged has an index of the time.
            condition = condition.and(identity.by_time().of_row(root, backend));
        }
        let mut reach = Reach {
            backend,
            cascade,
            root: took.root,
            condition,
            key: None,
            state: State::DeletedBy(identity),
            locks: false,
        };
        let lock = lock && backend::locks_rows(backend);
        // Rows of the first table that lie below others of it are told from those by the way only.
        let starts_at_the_top = cascade.edges_into(took.root).next().is_none();
        if !reach.is_known() || !starts_at_the_top {
            return Ok(None);
        }
        let mut root_is_free = false;
        if took.rows.of(took.root) == 1 {
            let condition = reach.condition.clone();
            let Some((key, is_free)) = self.only_root(db, took.root, condition, lock).await? else {
                return Ok(None);
            };
            reach.condition = key.condition.clone();
            reach.key = Some(key);
            root_is_free = is_free;
        } else if lock {
            self.lock_parents(db, took.root, &reach.condition).await?;
            self.lock_roots(db, took.root, &reach.condition).await?;
        }
        let members = Members::Reached(reach);
        if self.has_hooks(cascade) {
            // No hook is to run for what is given up.
            let mut entities = cascade.entities();
            let may_be_others = entities.any(|entity| self.group.may_be_kept(entity));
            if may_be_others || self.count(db, &members).await? != took.rows {
                return Ok(None);
            }
        }
        Ok(Some(Found {
            members,
            root_is_free,
        }))
    }

    /// Whether rows of a deletion are left, in tables where a restore may have given others its stamp: as many rows as it took need
    /// not be those.
    ///
    /// Without `deletion_id` there is no telling: another deletion may have the same time.
    pub(super) async fn leaves_any<C: ConnectionTrait>(
        &self,
        db: &C,
        cascade: &Cascade<'_>,
        identity: Identity,
        took: &Took,
    ) -> Result<bool, Error> {
        let backend = db.get_database_backend();
        let tables = cascade
            .entities()
            .filter(|entity| took.rows.of(*entity) > 0 && self.group.may_be_kept(*entity))
            .map(|entity| self.group.entity(entity))
            .filter(|meta| meta.stamp.deletion_id.is_some());
        let left = tables.map(|meta| {
            let row = Query::select()
                .expr(Expr::cust("1"))
                .from(meta.table.to_ref())
                .and_where(identity.of_row(meta, backend))
                // A table that is purged has an index of the time.
                .and_where(identity.by_time().of_row(meta, backend))
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

    fn has_hooks(&self, cascade: &Cascade<'_>) -> bool {
        cascade
            .entities()
            .any(|entity| self.group.entity(entity).hooks.is_some())
    }

    /// Marks the rows of each deletion with identities of this restore's own, so that they are told from rows of the same
    /// deletion that don't come back: one for the rows named, and one for those below.
    pub(crate) async fn mark<'c, C: ConnectionTrait>(
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
        let mut named = Vec::with_capacity(deletions.len());
        let mut below = Vec::with_capacity(deletions.len());
        for identity in deletions {
            let [mark_named, mark_below] = marks_instead_of(identity);
            let marking = Marking {
                backend,
                cascade,
                root,
                condition: condition.clone(),
                key: key.clone(),
                state: State::DeletedBy(*identity),
                mark: Mark::Identity(mark_below),
                root_mark: Some(mark_named),
                with_hooks: false,
            };
            mark_all(db, &marking).await?;
            named.push(mark_named);
            below.push(mark_below);
        }
        Ok(Members::Marked {
            backend,
            cascade,
            named,
            below,
            originals: deletions.to_vec(),
            parents: None,
        })
    }
}

/// Two identities that no row has, in the columns that tell this deletion: the others keep what it wrote.
fn marks_instead_of(deletion: &Identity) -> [Identity; 2] {
    [TimeDelta::zero(), TimeDelta::microseconds(1)].map(|later| {
        let mark = Stamp::new(None).identity();
        Identity {
            deletion_id: mark.deletion_id.filter(|_| deletion.deletion_id.is_some()),
            deleted_at: mark.deleted_at + later,
        }
    })
}

/// The identity behind a deletion's id, and the entities of which it took rows.
pub(crate) async fn find_deletion<C: ConnectionTrait>(
    db: &C,
    group: &Group,
    id: Uuid,
) -> Result<Start, Error> {
    let mut identity = None;
    let mut entities = Vec::new();
    for (entity, meta) in group.entities().iter().enumerate() {
        let Some(name) = &meta.stamp.deletion_id else {
            continue;
        };
        let row = Query::select()
            .expr(column(meta, &meta.stamp.deleted_at))
            .from(meta.table.to_ref())
            .and_where(column(meta, name).eq(id))
            .and_where(in_scope(meta, Scope::OnlyDeleted))
            .limit(1)
            .to_owned();
        let Some(row) = db.query_one(&row).await? else {
            continue;
        };
        let kind = meta.stamp.deleted_at_kind;
        if let Some(deleted_at) = kind.read(&row, &meta.stamp.deleted_at)? {
            entities.push(entity);
            identity.get_or_insert(Identity {
                deletion_id: Some(id),
                deleted_at,
            });
        }
    }
    match identity {
        Some(identity) => Ok(Start::Deletion {
            identity,
            entities,
            took: None,
        }),
        None => Err(Error::DeletionNotFound { id }),
    }
}
