//! Rows that forbid a deletion.

use sea_orm::{
    ConnectionTrait, DbBackend, Order, QueryResult,
    sea_query::{Expr, ExprTrait as _, Query, SelectStatement},
};

use crate::{
    dialect,
    engine::{
        cascade::{
            marking::Marking,
            reach::Reach,
            rows::{columns, in_select, is_active, is_below_one_of},
            walk::RowCounts,
        },
        value::{read_all, select_values},
    },
    model::{
        Blocker, EntityMeta, Error, Scope,
        blocker::KEYS_SHOWN,
        graph::{Edge, Group},
    },
};

const ROWS: &str = "soft_delete_rows";

/// Finds the rows that forbid the deletion of others.
///
/// `parents` selects columns of the rows to be deleted, `spared` the keys of rows of a table that the deletion takes itself.
/// `latest` looks past what the transaction has seen so far.
pub(crate) async fn blockers<C: ConnectionTrait>(
    db: &C,
    group: &Group,
    restrict: &[Edge],
    latest: bool,
    parents: impl Fn(usize, &[String]) -> SelectStatement,
    spared: impl Fn(usize) -> Option<SelectStatement>,
) -> Result<Vec<Blocker>, Error> {
    let mut found = Vec::new();
    for edge in restrict {
        let child = group.entity(edge.child);
        let key = group.foreign_key(*edge);
        let referencing = referencing(
            group,
            *edge,
            |names| parents(edge.parent, names),
            spared(edge.child),
        );
        let mut first = first_of(child, referencing, db.get_database_backend());
        if latest && dialect::sees_latest_by_locking(db.get_database_backend()) {
            first.lock_exclusive();
        }
        let rows = db.query_all(&first).await?;
        if let Some(first) = rows.first() {
            found.push(Blocker {
                table: child.table.clone(),
                relation: key.relation.clone(),
                rule: key.on_delete,
                scope: Scope::Active,
                rows: count(first, ROWS)?,
                keys: rows
                    .iter()
                    .map(|row| read_all(row, child, &child.primary_key, ""))
                    .collect::<Result<_, _>>()?,
            });
        }
    }
    Ok(found)
}

/// Whether an active row references one of `parents` through this key, and is not spared.
pub(crate) fn referencing(
    group: &Group,
    edge: Edge,
    parents: impl FnOnce(&[String]) -> SelectStatement,
    spared: Option<SelectStatement>,
) -> Expr {
    let child = group.entity(edge.child);
    let parent = group.entity(edge.parent);
    let key = group.foreign_key(edge);
    let references = is_active(child).and(is_below_one_of(child, parent, key, parents));
    match spared {
        Some(spared) => {
            let is_spared = in_select(columns(child, &child.primary_key), spared);
            references.and(is_spared.not())
        }
        None => references,
    }
}

/// The keys of the first rows and the number of all, in one query.
fn first_of(meta: &EntityMeta, condition: Expr, backend: DbBackend) -> SelectStatement {
    let key = columns(meta, &meta.primary_key);
    let mut select = Query::select();
    select_values(&mut select, meta, &meta.primary_key, backend);
    select
        .expr_as(Expr::cust("COUNT(*) OVER ()"), ROWS)
        .from(meta.table.to_ref())
        .and_where(condition)
        .limit(KEYS_SHOWN);
    for column in key {
        select.order_by_expr(column, Order::Asc);
    }
    select
}

pub(crate) fn count(row: &QueryResult, name: &str) -> Result<u64, Error> {
    let count: i64 = row.try_get("", name)?;
    Ok(count.unsigned_abs())
}

pub(super) async fn blockers_of<C: ConnectionTrait>(
    db: &C,
    reach: &Reach<'_>,
    latest: bool,
) -> Result<Vec<Blocker>, Error> {
    let cascade = reach.cascade;
    let parents = |entity, names: &[String]| reach.select(entity, names);
    let spared = |entity| spared_by(reach, entity);
    blockers(
        db,
        cascade.group,
        &cascade.restrict,
        latest,
        parents,
        spared,
    )
    .await
}

/// The rows that the deletion takes itself don't stand in its way, and their keys are not set to NULL.
pub(super) fn spared_by(reach: &Reach<'_>, entity: usize) -> Option<SelectStatement> {
    reach
        .cascade
        .has(entity)
        .then(|| reach.select(entity, &reach.meta(entity).primary_key))
}

pub(super) async fn blockers_of_marked<C: ConnectionTrait>(
    db: &C,
    marking: &Marking<'_>,
    rows: &RowCounts,
    restrict: &[Edge],
    latest: bool,
) -> Result<Vec<Blocker>, Error> {
    let parents = |entity, names: &[String]| marking.select_marked(entity, names);
    let mut restrict = restrict.to_vec();
    restrict.retain(|edge| rows.of_entity(edge.parent) > 0);
    blockers(
        db,
        marking.cascade.group,
        &restrict,
        latest,
        parents,
        |_| None,
    )
    .await
}
