//! The rows that a restore starts from: read, and locked after their parents.

use sea_orm::{
    ConnectionTrait, DbErr, QueryResult,
    sea_query::{Expr, ExprTrait as _, LockType, Query, SelectStatement},
};
use uuid::Uuid;

use crate::{
    EntityMeta, Error, Scope,
    cascade::{
        marking::lock_rows,
        rows::{Identity, RowKey, all, column, columns, in_scope, in_select},
    },
    restore::{conflict::is_held, run::Run},
    value::read_all,
};

/// The name of a column of [`select_root`].
const IS_HELD: &str = "soft_delete_is_held";

impl Run {
    /// The key of the row that meets a condition, and whether its unique values are free. It is locked after its parents.
    /// `None` if it isn't one row.
    pub(super) async fn only_root<C: ConnectionTrait>(
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

    /// Keeps the parents of the rows named from being deleted while this runs.
    pub(super) async fn lock_parents<C: ConnectionTrait>(
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
    pub(super) async fn lock_roots<C: ConnectionTrait>(
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

    pub(super) async fn check_exists<C: ConnectionTrait>(
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

/// The deletions that took the rows named.
pub(super) async fn deletions_of<C: ConnectionTrait>(
    db: &C,
    meta: &EntityMeta,
    condition: &Expr,
) -> Result<Vec<Identity>, Error> {
    let deleted = in_scope(meta, Scope::OnlyDeleted);
    let mut select = select_identity(meta, condition.clone().and(deleted));
    let rows = db.query_all(select.distinct()).await?;
    rows.iter().map(|row| read_identity(row, meta)).collect()
}

/// The one row that a restore starts from.
pub(super) struct Root {
    pub(super) identity: Identity,
    /// Whether no active row has its unique values.
    pub(super) is_free: bool,
}

/// Reads the deleted row that has a key. `None` if it is not deleted.
pub(super) async fn read_root<C: ConnectionTrait>(
    db: &C,
    meta: &EntityMeta,
    key: &RowKey,
    lock: bool,
) -> Result<Option<Root>, Error> {
    let deleted = in_scope(meta, Scope::OnlyDeleted);
    let select = select_root(meta, key.condition.clone().and(deleted), lock);
    let Some(row) = db.query_one(&select).await? else {
        return Ok(None);
    };
    Ok(Some(Root {
        identity: read_identity(&row, meta)?,
        is_free: is_free(&row, meta)?,
    }))
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
