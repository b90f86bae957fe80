//! The statements that find rows in the trash.

use chrono::{DateTime, Utc};
use sea_orm::{
    DbBackend, Order, Value,
    sea_query::{ExprTrait as _, Query, SelectStatement},
};

use crate::{key::Key, stamped::Stamped};
use soft_delete_core::{
    EntityMeta, Scope,
    engine_api::{
        Group,
        rows::{column, columns, in_scope},
        taken_with_parent,
    },
};

/// Which deletions to list.
pub(super) struct Wanted {
    pub(super) by: Option<Value>,
    pub(super) since: Option<DateTime<Utc>>,
    pub(super) until: Option<DateTime<Utc>>,
    pub(super) limit: u64,
}

/// Rows of one table that were deleted themselves, the newest first.
pub(super) fn deletion_roots(
    group: &Group,
    meta: &EntityMeta,
    wanted: &Wanted,
    backend: DbBackend,
) -> SelectStatement {
    let stamp = &meta.stamp;
    let deleted_at = || column(meta, &stamp.deleted_at);
    let mut select = Query::select();
    select.exprs(columns(meta, &meta.primary_key));
    Stamped::select(&mut select, meta, backend);
    select
        .from(meta.table.to_ref())
        .and_where(in_scope(meta, Scope::OnlyDeleted));
    for taken in taken_with_parent(meta, group.entities(), Some(backend)) {
        select.and_where(taken.not());
    }
    if let (Some(by), Some(name)) = (&wanted.by, &stamp.deleted_by) {
        select.and_where(column(meta, name).eq(by.clone()));
    }
    if let Some(since) = wanted.since {
        select.and_where(deleted_at().gte(stamp.deleted_at_kind.value(since)));
    }
    if let Some(until) = wanted.until {
        select.and_where(deleted_at().lt(stamp.deleted_at_kind.value(until)));
    }
    select.order_by_expr(deleted_at(), Order::Desc);
    for key in columns(meta, &meta.primary_key) {
        select.order_by_expr(key, Order::Asc);
    }
    select.limit(wanted.limit).to_owned()
}

/// The row of that key, whatever its state, in a SELECT without columns.
pub(super) fn row(meta: &EntityMeta, key: &Key, backend: DbBackend) -> SelectStatement {
    Query::select()
        .from(meta.table.to_ref())
        .and_where(key.condition(meta, backend))
        .and_where(in_scope(meta, Scope::WithDeleted))
        .to_owned()
}
