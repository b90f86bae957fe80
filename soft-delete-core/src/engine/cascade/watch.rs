//! What may keep a row from being marked though a statement says so, or from being seen: row-level security, a trigger that vetoes,
//! an isolation level that shows an old state.
//!
//! It is rare, so that no statement more is spent on it: the first UPDATE of a cascade has one condition more, which is false where
//! there is such a thing. Only then is it asked what it is, and every row looked at again.

use sea_orm::{
    ConnectionTrait, DbBackend,
    sea_query::{Expr, ExprTrait as _, Query},
};

use crate::{
    dialect,
    model::{Error, TableName, graph::Cascade},
};

const IS_UNWATCHED: &str = "soft_delete_is_unwatched";
const SEES_LATEST: &str = "soft_delete_sees_latest";

/// The tables that a cascade updates.
pub(crate) fn tables<'g>(cascade: &Cascade<'g>) -> Vec<&'g TableName> {
    let nulled = cascade.set_null.iter().map(|edge| edge.child);
    let mut entities: Vec<_> = cascade.entities().chain(nulled).collect();
    entities.sort_unstable();
    entities.dedup();
    let group = cascade.group;
    let tables = entities.into_iter();
    tables.map(|entity| &group.entity(entity).table).collect()
}

/// Whether nothing is known that keeps rows of these tables from being updated, or children from being seen.
pub(crate) fn is_plain(tables: &[&TableName], backend: DbBackend) -> Expr {
    let is_unwatched = is_unwatched(tables, backend);
    match dialect::sees_latest(backend) {
        Some(sees_latest) => is_unwatched.and(sees_latest),
        None => is_unwatched,
    }
}

/// Whether nothing is known that keeps rows of these tables from being updated.
pub(crate) fn is_unwatched(tables: &[&TableName], backend: DbBackend) -> Expr {
    let tables: Vec<_> = tables.iter().map(|table| table.in_catalog()).collect();
    dialect::is_unwatched(backend, &tables)
}

/// What a cascade has to beware of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Watched {
    /// Something may keep rows from being updated.
    pub(crate) rows: bool,
    /// The transaction sees an old state.
    pub(crate) snapshot: bool,
}

impl Watched {
    pub(crate) const NOTHING: Self = Self {
        rows: false,
        snapshot: false,
    };
}

/// Asks what it is that is not plain.
pub(crate) async fn what_is_watched<C: ConnectionTrait>(
    db: &C,
    tables: &[&TableName],
) -> Result<Watched, Error> {
    let backend = db.get_database_backend();
    let sees_latest = dialect::sees_latest(backend).unwrap_or_else(|| Expr::cust("1 = 1"));
    let select = Query::select()
        .expr_as(is_unwatched(tables, backend), IS_UNWATCHED)
        .expr_as(sees_latest, SEES_LATEST)
        .to_owned();
    let mut watched = Watched {
        rows: true,
        snapshot: true,
    };
    if let Some(row) = db.query_one(&select).await? {
        watched.rows = !row.try_get::<bool>("", IS_UNWATCHED)?;
        watched.snapshot = !row.try_get::<bool>("", SEES_LATEST)?;
    }
    Ok(watched)
}

/// Which number of a row tells when the rows named were had: what was committed before has a lower one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Number {
    /// Of the one row that was locked: its lock's. A subtransaction gets its number when it has waited for the lock.
    OfLock,
    /// Of rows that were marked by a subtransaction which began after all of them had been locked.
    OfMark,
}

/// Whether the snapshot of a transaction of PostgreSQL may be too old to see all rows: another transaction has committed between it
/// and the lock of the rows named. After that, none can be added below them.
pub(crate) async fn snapshot_is_old<C: ConnectionTrait>(
    db: &C,
    table: &TableName,
    rows: Expr,
    of: Number,
) -> Result<bool, Error> {
    /// `$1` is the number that the mark shows, the lower 32 bits of 64.
    const IS_OLD: &str = "(SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_snapshot_xip(s.snapshot) AS x \
         WHERE pg_catalog.pg_xact_status(x) = 'committed') OR s.last - s.first > 100000 \
         OR EXISTS (SELECT 1 FROM pg_catalog.generate_series(s.first, s.last - 1) AS x \
         WHERE pg_catalog.pg_xact_status(CAST(CAST(x AS text) AS xid8)) = 'committed') \
         FROM (SELECT snapshot, first, CASE WHEN first % 4294967296 <= $1 THEN 0 ELSE 4294967296 END \
         + first - first % 4294967296 + $1 AS last \
         FROM (SELECT snapshot, CAST(CAST(pg_catalog.pg_snapshot_xmax(snapshot) AS text) AS bigint) AS first \
         FROM (SELECT pg_catalog.pg_current_snapshot() AS snapshot) AS a) AS b) AS s)";
    const NUMBER: &str = "soft_delete_number";
    const OLD: &str = "soft_delete_is_old";
    let number = match of {
        Number::OfLock => "max(CAST(CAST(xmax AS text) AS bigint))",
        Number::OfMark => "max(CAST(CAST(xmin AS text) AS bigint))",
    };
    let mark = Query::select()
        .expr_as(Expr::cust(number), NUMBER)
        .from(table.to_ref())
        .and_where(rows)
        .to_owned();
    let number = match db.query_one(&mark).await? {
        Some(row) => row.try_get::<Option<i64>>("", NUMBER)?,
        None => None,
    };
    let Some(number) = number.filter(|number| *number > 0) else {
        return Ok(false);
    };
    let is_old = Expr::cust_with_values(IS_OLD, [number]);
    let select = Query::select().expr_as(is_old, OLD).to_owned();
    match db.query_one(&select).await? {
        Some(row) => Ok(row.try_get("", OLD)?),
        None => Ok(true),
    }
}
