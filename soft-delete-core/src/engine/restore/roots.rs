//! The rows that a restore starts from: read, and locked after their parents.

use chrono::DateTime;
use sea_orm::{
    ConnectionTrait, QueryResult,
    sea_query::{Expr, ExprTrait as _, LockType, Query, SelectStatement},
};
use uuid::Uuid;

use super::{conflict::is_held, run::Run};
use crate::{
    engine::{
        active_view,
        cascade::{
            identity::Identity,
            marking::lock_rows,
            rows::{RowKey, all, column, columns, iden, in_scope, in_select, readable_time},
            watch,
        },
        value::{read_all, select_values},
    },
    model::{EntityMeta, Error, Scope, graph::Cascade},
};

/// Names of columns of [`select_root`].
const IS_HELD: &str = "soft_delete_is_held";
const IS_UNWATCHED: &str = "soft_delete_is_unwatched";

/// The one row that a restore starts from.
pub(super) struct Root {
    /// `None` if its time can't be read.
    pub(super) identity: Option<Identity>,
    /// Whether no active row has its unique values.
    pub(super) is_free: bool,
    /// Whether nothing is known that may keep rows of the cascade from being restored.
    pub(super) is_unwatched: bool,
}

impl Run {
    /// The key of the row that meets a condition, and what is known of it. It is locked after its parents. `None` if it isn't
    /// one row.
    pub(super) async fn only_root<C: ConnectionTrait>(
        &self,
        db: &C,
        cascade: &Cascade<'_>,
        entity: usize,
        mut condition: Expr,
        lock: bool,
    ) -> Result<Option<(RowKey, Root)>, Error> {
        if lock && self.group.parents_of(entity).next().is_some() {
            let row = only_row(db, cascade, entity, condition.clone(), false).await?;
            let Some((key, _)) = row else {
                return Ok(None);
            };
            self.lock_parents(db, entity, &key.condition).await?;
            condition = key.condition.and(condition);
        }
        only_row(db, cascade, entity, condition, lock).await
    }

    /// Keeps the parents of the rows named from being deleted while this runs.
    pub(crate) async fn lock_parents<C: ConnectionTrait>(
        &self,
        db: &C,
        entity: usize,
        condition: &Expr,
    ) -> Result<(), Error> {
        let backend = db.get_database_backend();
        let meta = self.group.entity(entity);
        for edge in self.group.parents_of(entity) {
            let key = self.group.foreign_key(edge);
            let parent = self.group.entity(edge.parent);
            let rows = Query::select()
                .exprs(columns(meta, &key.matching()))
                .from(meta.table.to_ref())
                .and_where(condition.clone())
                .and_where(in_scope(meta, Scope::OnlyDeleted))
                .and_where_option(key.condition_on_child(meta.table.to_iden()))
                .to_owned();
            let parents = in_select(columns(parent, &key.matching_parent()), rows);
            let any_state = in_scope(parent, Scope::WithDeleted);
            let lock = lock_rows(parent, all([parents, any_state]), LockType::Update, backend);
            db.query_one(&lock).await?;
        }
        Ok(())
    }

    /// Keeps the rows named from being restored twice.
    pub(super) async fn lock_roots<C: ConnectionTrait>(
        &self,
        db: &C,
        entity: usize,
        condition: &Expr,
    ) -> Result<(), Error> {
        let backend = db.get_database_backend();
        let meta = self.group.entity(entity);
        let roots = all([condition.clone(), in_scope(meta, Scope::OnlyDeleted)]);
        let lock = lock_rows(meta, roots, LockType::Update, backend);
        db.query_one(&lock).await?;
        Ok(())
    }

    pub(super) async fn check_exists<C: ConnectionTrait>(
        &self,
        db: &C,
        entity: usize,
        condition: &Expr,
        locks: bool,
    ) -> Result<(), Error> {
        let meta = self.group.entity(entity);
        let mut row = Query::select()
            .expr(Expr::cust("1"))
            .from(meta.table.to_ref())
            .and_where(condition.clone())
            .and_where(in_scope(meta, Scope::WithDeleted))
            .limit(1)
            .to_owned();
        if locks {
            // An old snapshot would show a row that is gone.
            row.lock_exclusive();
        }
        match db.query_one(&row).await? {
            Some(_) => Ok(()),
            None => {
                active_view::refuse(db, meta).await?;
                Err(Error::NotFound {
                    table: meta.table.clone(),
                })
            }
        }
    }
}

async fn only_row<C: ConnectionTrait>(
    db: &C,
    cascade: &Cascade<'_>,
    entity: usize,
    condition: Expr,
    lock: bool,
) -> Result<Option<(RowKey, Root)>, Error> {
    let meta = cascade.group.entity(entity);
    let backend = db.get_database_backend();
    let mut select = select_root(db, cascade, entity, condition, lock);
    for name in &meta.primary_key {
        if !meta.stamp.names().any(|stamp| stamp == name) {
            select_values(&mut select, meta, std::slice::from_ref(name), backend);
        }
    }
    match db.query_all(select.limit(2)).await?.as_slice() {
        [row] => {
            let values = read_all(row, meta, &meta.primary_key, "")?;
            Ok(Some((
                RowKey::new(meta, values, backend),
                Root::read(row, meta)?,
            )))
        }
        _ => Ok(None),
    }
}

/// Reads the deleted row that has a key. `None` if it is not deleted.
pub(super) async fn read_root<C: ConnectionTrait>(
    db: &C,
    cascade: &Cascade<'_>,
    entity: usize,
    key: &RowKey,
    lock: bool,
) -> Result<Option<Root>, Error> {
    let meta = cascade.group.entity(entity);
    let deleted = in_scope(meta, Scope::OnlyDeleted);
    let condition = key.condition.clone().and(deleted);
    let select = select_root(db, cascade, entity, condition, lock);
    match db.query_one(&select).await? {
        Some(row) => Ok(Some(Root::read(&row, meta)?)),
        None => Ok(None),
    }
}

/// Reads the deletion that took one row, whether an active row has its unique values, and whether the cascade has to beware of
/// anything: so there need not be other statements where all is well, as is the rule.
fn select_root<C: ConnectionTrait>(
    db: &C,
    cascade: &Cascade<'_>,
    entity: usize,
    condition: Expr,
    lock: bool,
) -> SelectStatement {
    let backend = db.get_database_backend();
    let meta = cascade.group.entity(entity);
    let names = &meta.stamp;
    let mut select = Query::select();
    select
        .expr_as(readable_time(meta, backend), iden(&names.deleted_at))
        .expr_as(
            watch::is_unwatched(&watch::tables(cascade), backend),
            IS_UNWATCHED,
        )
        .from(meta.table.to_ref())
        .and_where(condition);
    if let Some(name) = &names.deletion_id {
        select.expr(column(meta, name));
    }
    if let Some(is_held) = is_held(meta, backend) {
        select.expr_as(is_held, IS_HELD);
    }
    if lock {
        select.lock(LockType::Update);
    }
    select
}

impl Root {
    fn read(row: &QueryResult, meta: &EntityMeta) -> Result<Self, Error> {
        let names = &meta.stamp;
        let deletion_id = match &names.deletion_id {
            Some(name) => row.try_get::<Option<Uuid>>("", name)?,
            None => None,
        };
        let identity = match names.has_time() {
            true => {
                let deleted_at = names.read_stored_time(row, &names.deleted_at);
                deleted_at.ok().flatten().map(|deleted_at| Identity {
                    deletion_id,
                    deleted_at,
                })
            }
            // No row is looked for by it.
            false => deletion_id.map(|_| Identity {
                deletion_id,
                deleted_at: DateTime::UNIX_EPOCH,
            }),
        };
        Ok(Self {
            identity,
            is_free: meta.unique.is_empty() || !row.try_get::<bool>("", IS_HELD)?,
            is_unwatched: row.try_get("", IS_UNWATCHED)?,
        })
    }
}
