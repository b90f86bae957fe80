//! Finding the rows that a restore brings back.

use chrono::TimeDelta;
use sea_orm::{
    ConnectionTrait, DbErr,
    sea_query::{Expr, ExprTrait as _, LockType, Query},
};
use uuid::Uuid;

use crate::{
    EntityMeta, Error, Scope, backend,
    cascade::{
        graph::{Cascade, Group},
        marking::{Mark, Marking, lock_rows},
        reach::Reach,
        rows::{Identity, State, all, column, columns, in_scope, in_select},
        walk::mark_all,
    },
    restore::{
        members::Members,
        run::{Run, Start, Took},
    },
    stamp::Stamp,
};

impl Run {
    /// Finds the rows to restore, without a write where that is possible. `None` if there is nothing to do.
    pub(crate) async fn find<'c, C: ConnectionTrait>(
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
            Start::Deletion { identity, took, .. } => {
                if let Some(took) = took
                    && let Some(reached) =
                        self.reach_all(db, cascade, *identity, took, lock).await?
                {
                    return Ok(Some(reached));
                }
                return Ok(Some(Members::whole_deletion(backend, cascade, *identity)));
            }
        };
        let meta = self.group.entity(root);
        let lock = lock && backend::locks_rows(backend);
        if lock {
            self.lock_parents(db, root, condition).await?;
        }
        if lock && key.is_none() {
            self.lock_roots(db, root, condition).await?;
        }
        // One row is locked as it is read.
        let lock_one = lock && key.is_some();
        let deletions = deletions_of(db, meta, condition, lock_one).await?;
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
                    locks: false,
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

    /// The rows that a deletion took, by the foreign keys' way from those it started from: only these are looked for by the
    /// deletion's identity, which may have no index. `None` if that does not lead to all of them: one may have got another
    /// parent since.
    async fn reach_all<'c, C: ConnectionTrait>(
        &self,
        db: &C,
        cascade: &'c Cascade<'c>,
        identity: Identity,
        took: &Took,
        lock: bool,
    ) -> Result<Option<Members<'c>>, Error> {
        let backend = db.get_database_backend();
        let root = self.group.entity(took.root);
        let reach = Reach {
            backend,
            cascade,
            root: took.root,
            condition: identity.of_deleted_row(root, backend),
            state: State::DeletedBy(identity),
            locks: false,
        };
        // Rows of the first table that lie below others of it are told from those by the way only.
        let starts_at_the_top = cascade.edges_into(took.root).next().is_none();
        if !reach.is_known() || !starts_at_the_top {
            return Ok(None);
        }
        if lock && backend::locks_rows(backend) {
            self.lock_parents(db, took.root, &reach.condition).await?;
            self.lock_roots(db, took.root, &reach.condition).await?;
        }
        let members = Members::Reached(reach);
        let is_all = self.count(db, &members).await? == took.rows;
        Ok(is_all.then_some(members))
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

    /// Keeps the parents of the rows named from being deleted while this runs.
    async fn lock_parents<C: ConnectionTrait>(
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
                .exprs(columns(meta, &key.columns))
                .from(meta.table.to_ref())
                .and_where(condition.clone())
                .and_where(in_scope(meta, Scope::OnlyDeleted))
                .to_owned();
            let parents = in_select(columns(parent, &key.parent_columns), roots);
            let any_state = in_scope(parent, Scope::WithDeleted);
            let parents = all([parents, any_state]);
            let lock = lock_rows(parent, parents, LockType::Update, backend);
            db.query_one(&lock).await?;
        }
        Ok(())
    }

    /// Keeps the rows named from being restored twice.
    async fn lock_roots<C: ConnectionTrait>(
        &self,
        db: &C,
        root: usize,
        condition: &Expr,
    ) -> Result<(), Error> {
        let backend = db.get_database_backend();
        let meta = self.group.entity(root);
        let roots = all([condition.clone(), in_scope(meta, Scope::OnlyDeleted)]);
        let lock = lock_rows(meta, roots, LockType::Update, backend);
        db.query_one(&lock).await?;
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

/// The deletions that took the rows named. One row may be locked along with it: DISTINCT allows no locks.
async fn deletions_of<C: ConnectionTrait>(
    db: &C,
    meta: &EntityMeta,
    condition: &Expr,
    lock_one: bool,
) -> Result<Vec<Identity>, Error> {
    let names = &meta.stamp;
    let mut select = Query::select();
    if lock_one {
        select.lock(LockType::Update);
    } else {
        select.distinct();
    }
    select
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
