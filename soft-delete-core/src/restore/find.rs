//! Finding the rows that a restore brings back.

use chrono::TimeDelta;
use sea_orm::{
    ConnectionTrait, DbErr, QueryResult,
    sea_query::{Expr, ExprTrait as _, LockType, Query, SelectStatement},
};
use uuid::Uuid;

use crate::{
    EntityMeta, Error, Scope, backend,
    cascade::{
        graph::{Cascade, Group},
        marking::{Mark, Marking, lock_rows},
        reach::Reach,
        rows::{Identity, RowKey, State, all, column, columns, in_scope, in_select},
        walk::mark_all,
    },
    restore::{
        conflict::is_held,
        members::Members,
        run::{Run, Search, Start, Took},
    },
    stamp::Stamp,
    value::read_all,
};

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
        let deleted = in_scope(meta, Scope::OnlyDeleted);
        let select = select_root(meta, key.condition.clone().and(deleted), lock);
        let Some(row) = db.query_one(&select).await? else {
            self.check_exists(db, meta, condition).await?;
            return Ok(None);
        };
        let identity = read_identity(&row, meta)?;
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
                root_is_free: is_free(&row, meta)?,
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
        let mut reach = Reach {
            backend,
            cascade,
            root: took.root,
            condition: identity.of_deleted_row(root, backend),
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
        if self.has_hooks(cascade) && self.count(db, &members).await? != took.rows {
            // No hook is to run for what is given up.
            return Ok(None);
        }
        Ok(Some(Found {
            members,
            root_is_free,
        }))
    }

    /// The key of the row that meets a condition, and whether its unique values are free. It is locked after its parents.
    /// `None` if it isn't one row.
    async fn only_root<C: ConnectionTrait>(
        &self,
        db: &C,
        root: usize,
        mut condition: Expr,
        lock: bool,
    ) -> Result<Option<(RowKey, bool)>, Error> {
        let meta = self.group.entity(root);
        if lock && self.group.cascades_into(root).next().is_some() {
            let Some((key, _)) = only_row(db, meta, condition.clone(), false).await? else {
                return Ok(None);
            };
            self.lock_parents(db, root, &key.condition).await?;
            condition = key.condition.and(condition);
        }
        only_row(db, meta, condition, lock).await
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

/// The key of the row that meets a condition, and whether its unique values are free. `None` if it isn't one row.
async fn only_row<C: ConnectionTrait>(
    db: &C,
    meta: &EntityMeta,
    condition: Expr,
    lock: bool,
) -> Result<Option<(RowKey, bool)>, Error> {
    let mut select = select_root(meta, condition, lock);
    for name in &meta.primary_key {
        if !meta.stamp.names().any(|stamp| stamp == name) {
            select.expr(column(meta, name));
        }
    }
    match db.query_all(select.limit(2)).await?.as_slice() {
        [row] => {
            let values = read_all(row, meta, &meta.primary_key, "")?;
            Ok(Some((RowKey::new(meta, values), is_free(row, meta)?)))
        }
        _ => Ok(None),
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

/// The deletions that took the rows named.
async fn deletions_of<C: ConnectionTrait>(
    db: &C,
    meta: &EntityMeta,
    condition: &Expr,
) -> Result<Vec<Identity>, Error> {
    let deleted = in_scope(meta, Scope::OnlyDeleted);
    let mut select = select_identity(meta, condition.clone().and(deleted));
    let rows = db.query_all(select.distinct()).await?;
    rows.iter().map(|row| read_identity(row, meta)).collect()
}

/// Selects what tells the deletion of rows that are deleted by this condition.
fn select_identity(meta: &EntityMeta, condition: Expr) -> SelectStatement {
    let mut select = Query::select();
    select
        .expr(column(meta, &meta.stamp.deleted_at))
        .from(meta.table.to_ref())
        .and_where(condition);
    if let Some(name) = &meta.stamp.deletion_id {
        select.expr(column(meta, name));
    }
    select
}

fn read_identity(row: &QueryResult, meta: &EntityMeta) -> Result<Identity, Error> {
    let names = &meta.stamp;
    let deletion_id = match &names.deletion_id {
        Some(name) => row.try_get::<Option<Uuid>>("", name)?,
        None => None,
    };
    let deleted_at = names.deleted_at_kind.read(row, &names.deleted_at)?;
    let deleted_at =
        deleted_at.ok_or_else(|| DbErr::Type(format!("`{}` is NULL", names.deleted_at)))?;
    Ok(Identity {
        deletion_id,
        deleted_at,
    })
}

/// Reads the deletion that took one row, and whether an active row has its unique values: so there need not be another
/// statement where none has, as is the rule.
fn select_root(meta: &EntityMeta, condition: Expr, lock: bool) -> SelectStatement {
    let mut select = select_identity(meta, condition);
    if let Some(is_held) = is_held(meta) {
        select.expr_as(is_held, IS_HELD);
    }
    if lock {
        select.lock(LockType::Update);
    }
    select
}

fn is_free(row: &QueryResult, meta: &EntityMeta) -> Result<bool, Error> {
    Ok(meta.unique.is_empty() || !row.try_get::<bool>("", IS_HELD)?)
}

/// The name of a column of [`select_root`].
const IS_HELD: &str = "soft_delete_is_held";
