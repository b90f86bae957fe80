//! What may keep a row from being marked though a statement says so, or from being seen: row-level security, a trigger that vetoes,
//! an isolation level that shows an old state.
//!
//! It is rare, so that no statement more is spent on it: the first UPDATE of a cascade has one condition more, which is false where
//! there is such a thing. Only then is it asked what it is, and every row looked at again.

use sea_orm::{
    ConnectionTrait, DbBackend, Value,
    sea_query::{Expr, ExprTrait as _, Query},
};

use crate::model::{Error, TableName, graph::Cascade};

const IS_UNWATCHED: &str = "soft_delete_is_unwatched";
const SEES_LATEST: &str = "soft_delete_sees_latest";

/// A trigger that runs before a row is updated, for a table `c`. PostgreSQL's `tgtype` has a bit for each property: 2 is BEFORE, 16 is
/// UPDATE, 64 is INSTEAD OF.
const WATCHED_ON_POSTGRES: &str = "(c.relrowsecurity AND pg_catalog.row_security_active(c.oid)) \
     OR (c.relkind = 'r' AND c.relhasrules) \
     OR EXISTS (SELECT 1 FROM pg_catalog.pg_trigger AS t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal \
     AND t.tgenabled <> 'D' AND (t.tgtype & 16) <> 0 AND (t.tgtype & 66) <> 0)";

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

/// Whether an UPDATE may ask the catalog. MariaDB's warnings of tables that are just being altered are errors in it; there the SELECT
/// asks that locks the rows.
pub(crate) fn may_guard_updates(backend: DbBackend) -> bool {
    backend != DbBackend::MySql
}

/// Whether nothing is known that keeps rows of these tables from being updated, or children from being seen.
pub(crate) fn is_plain(tables: &[&TableName], backend: DbBackend) -> Expr {
    match backend {
        DbBackend::Postgres => is_unwatched(tables, backend).and(sees_latest()),
        _ => is_unwatched(tables, backend),
    }
}

/// Whether each statement sees what was committed before it.
fn sees_latest() -> Expr {
    Expr::cust(
        "pg_catalog.current_setting('transaction_isolation') IN ('read committed', 'read uncommitted')",
    )
}

/// Whether nothing is known that keeps rows of these tables from being updated.
pub(crate) fn is_unwatched(tables: &[&TableName], backend: DbBackend) -> Expr {
    match backend {
        DbBackend::Postgres => {
            let places: Vec<_> = (1..=tables.len())
                .map(|place| format!("pg_catalog.to_regclass(${place})"))
                .collect();
            let condition = format!(
                "NOT EXISTS (SELECT 1 FROM pg_catalog.pg_class AS c WHERE c.oid IN ({}) AND ({WATCHED_ON_POSTGRES}))",
                places.join(", ")
            );
            Expr::cust_with_values(condition, tables.iter().map(|table| quoted(table)))
        }
        DbBackend::MySql => {
            // One look-up each: the server opens all tables of a schema where it is given a list.
            let one = "NOT EXISTS (SELECT 1 FROM information_schema.triggers AS t WHERE t.trigger_schema = COALESCE(?, DATABASE()) \
                 AND t.event_object_table = ? AND t.event_manipulation = 'UPDATE' AND t.action_timing = 'BEFORE' \
                 AND LEFT(t.trigger_name, 14) <> 'active_parent_')";
            let condition = vec![one; tables.len()].join(" AND ");
            let values = tables
                .iter()
                .flat_map(|table| [Value::from(table.schema.clone()), table.name.clone().into()]);
            Expr::cust_with_values(condition, values)
        }
        _ => {
            let condition = format!(
                "NOT EXISTS (SELECT 1 FROM sqlite_master AS t WHERE t.type = 'trigger' AND lower(t.tbl_name) IN ({}) \
                 AND t.sql LIKE '%UPDATE%' AND t.sql NOT LIKE '%AFTER UPDATE%')",
                vec!["lower(?)"; tables.len()].join(", ")
            );
            Expr::cust_with_values(condition, tables.iter().map(|table| table.name.clone()))
        }
    }
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
    let sees_latest = match backend {
        DbBackend::Postgres => sees_latest(),
        _ => Expr::cust("1 = 1"),
    };
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

/// The name as `to_regclass` reads it.
pub(super) fn quoted(table: &TableName) -> String {
    let quote = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    match &table.schema {
        Some(schema) => format!("{}.{}", quote(schema), quote(&table.name)),
        None => quote(&table.name),
    }
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
