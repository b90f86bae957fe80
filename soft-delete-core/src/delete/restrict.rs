//! Rows that forbid a deletion.

use std::fmt;

use sea_orm::{
    ConnectionTrait, DbBackend, Order, QueryResult, Value,
    sea_query::{Expr, ExprTrait as _, Query, SelectStatement},
};

use crate::{
    EntityMeta, Error, ForeignKey, OnDelete, Scope, TableName, backend,
    cascade::graph::{Cascade, Edge},
    cascade::marking::Marking,
    cascade::reach::Reach,
    cascade::rows::{columns, in_select, is_active, is_below_one_of},
    cascade::walk::RowCounts,
    value::{display_key, read_all, select_values},
};

/// How many keys a [`Blocker`] shows.
const KEYS_SHOWN: u64 = 5;
const ROWS: &str = "soft_delete_rows";

/// Rows of one table that reference a row to be deleted through a key that restricts.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Blocker {
    /// Their table.
    pub table: String,
    /// The relation, as the entity's `Relation` enum names it.
    pub relation: String,
    /// The relation's rule: `Restrict`, or `SetNull` where none of the key's columns may be NULL, by the entity and by the database.
    pub rule: OnDelete,
    /// Which rows count: active ones for a delete, deleted ones too for an erasure.
    pub scope: Scope,
    /// How many they are.
    pub rows: u64,
    /// The primary keys of the first of them, in their order: at most five.
    pub keys: Vec<Vec<Value>>,
}

impl Blocker {
    /// Rows, active or not, that refer to erased ones and can't do without them.
    #[doc(hidden)]
    pub fn of_erasure(table: &TableName, key: &ForeignKey, mut keys: Vec<Vec<Value>>) -> Self {
        let rows = keys.len() as u64;
        keys.sort_unstable_by_key(|key| format!("{key:?}"));
        keys.truncate(KEYS_SHOWN as usize);
        Self {
            table: table.to_string(),
            relation: key.relation.clone(),
            rule: key.on_delete,
            scope: Scope::WithDeleted,
            rows,
            keys,
        }
    }
}

impl fmt::Display for Blocker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<_> = self.keys.iter().map(|key| display_key(key)).collect();
        let more = if self.rows > KEYS_SHOWN { ", …" } else { "" };
        let rows = if self.rows == 1 { "row" } else { "rows" };
        let active = match self.scope {
            Scope::Active => "active ",
            _ => "",
        };
        let why = match self.rule {
            OnDelete::SetNull => ", none of whose columns may be NULL",
            _ => "",
        };
        write!(
            f,
            "{} {active}{rows} of `{}` through `{}`{why} ({}{more})",
            self.rows,
            self.table,
            self.relation,
            keys.join(", ")
        )
    }
}

/// Finds the rows that forbid the deletion of others.
///
/// `parents` selects columns of the rows to be deleted, `spared` the keys of rows of a table that the deletion takes itself.
/// `latest` looks past what the transaction has seen so far.
pub(crate) async fn blockers<C: ConnectionTrait>(
    db: &C,
    cascade: &Cascade<'_>,
    restrict: &[Edge],
    latest: bool,
    parents: impl Fn(usize, &[String]) -> SelectStatement,
    spared: impl Fn(usize) -> Option<SelectStatement>,
) -> Result<Vec<Blocker>, Error> {
    let mut found = Vec::new();
    for edge in restrict {
        let child = cascade.group.entity(edge.child);
        let key = cascade.group.foreign_key(*edge);
        let referencing = referencing(
            cascade,
            *edge,
            |names| parents(edge.parent, names),
            spared(edge.child),
        );
        let mut first = first_of(child, referencing, db.get_database_backend());
        if latest && backend::sees_latest_by_locking(db.get_database_backend()) {
            first.lock_exclusive();
        }
        let rows = db.query_all(&first).await?;
        if let Some(first) = rows.first() {
            found.push(Blocker {
                table: child.table.to_string(),
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
    cascade: &Cascade<'_>,
    edge: Edge,
    parents: impl FnOnce(&[String]) -> SelectStatement,
    spared: Option<SelectStatement>,
) -> Expr {
    let child = cascade.group.entity(edge.child);
    let parent = cascade.group.entity(edge.parent);
    let key = cascade.group.foreign_key(edge);
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
    blockers(db, cascade, &cascade.restrict, latest, parents, spared).await
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
    if rows.roots == 0 {
        return Ok(Vec::new());
    }
    let parents = |entity, names: &[String]| marking.select_marked(entity, names);
    blockers(db, marking.cascade, restrict, latest, parents, |_| None).await
}
