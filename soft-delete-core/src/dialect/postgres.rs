//! Questions to PostgreSQL's catalog.

use sea_orm::sea_query::Expr;

use super::Table;

/// The type behind a column, a domain's own included, and the digits of a second that it keeps: `timestamptz 6`.
const KEPT_TIME: &str = "(SELECT CASE t.base WHEN 1114 THEN 'timestamp ' WHEN 1184 THEN 'timestamptz ' ELSE 'other ' END \
     || CASE WHEN t.modifier < 0 THEN 6 ELSE t.modifier END \
     FROM (SELECT COALESCE(NULLIF(y.typbasetype, 0), y.oid) AS base, \
     CASE WHEN y.typbasetype = 0 THEN a.atttypmod ELSE y.typtypmod END AS modifier \
     FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_type AS y ON y.oid = a.atttypid \
     WHERE a.attrelid = pg_catalog.to_regclass($1) AND a.attname = $2 AND NOT a.attisdropped) AS t)";

const MAY_BE_NULL: &str = "(SELECT COUNT(*) FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = pg_catalog.to_regclass($1) \
     AND a.attname = $2 AND NOT a.attnotnull AND NOT a.attisdropped)";

/// Row-level security, rules, or a trigger that runs before a row is updated, for a table `c`. `tgtype` has a bit for each property:
/// 2 is BEFORE, 16 is UPDATE, 64 is INSTEAD OF.
const IS_WATCHED: &str = "(c.relrowsecurity AND pg_catalog.row_security_active(c.oid)) \
     OR (c.relkind = 'r' AND c.relhasrules) \
     OR EXISTS (SELECT 1 FROM pg_catalog.pg_trigger AS t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal \
     AND t.tgenabled <> 'D' AND (t.tgtype & 16) <> 0 AND (t.tgtype & 66) <> 0)";

/// 1 if the table is a view beside one of that name.
const IS_ACTIVE_VIEW: &str = "(SELECT COUNT(*) FROM pg_catalog.pg_class AS c \
     JOIN pg_catalog.pg_class AS m ON m.relnamespace = c.relnamespace AND m.relname = $1 AND m.relkind = 'v' \
     WHERE c.oid = pg_catalog.to_regclass($2) AND c.relkind = 'v')";

pub(super) fn is_active_view(table: Table<'_>, marker: &str) -> Expr {
    Expr::cust_with_values(IS_ACTIVE_VIEW, [marker.to_owned(), quoted(table)])
}

pub(super) fn kept_time(table: Table<'_>, column: &str) -> Expr {
    Expr::cust_with_values(KEPT_TIME, [quoted(table), column.to_owned()])
}

pub(super) fn may_be_null(table: Table<'_>, column: &str) -> Expr {
    Expr::cust_with_values(MAY_BE_NULL, [quoted(table), column.to_owned()])
}

pub(super) fn is_unwatched(tables: &[Table<'_>]) -> Expr {
    let places: Vec<_> = (1..=tables.len())
        .map(|place| format!("pg_catalog.to_regclass(${place})"))
        .collect();
    let condition = format!(
        "NOT EXISTS (SELECT 1 FROM pg_catalog.pg_class AS c WHERE c.oid IN ({}) AND ({IS_WATCHED}))",
        places.join(", ")
    );
    Expr::cust_with_values(condition, tables.iter().map(|table| quoted(*table)))
}

pub(super) fn sees_latest() -> Expr {
    Expr::cust(
        "pg_catalog.current_setting('transaction_isolation') IN ('read committed', 'read uncommitted')",
    )
}

/// The name as `to_regclass` reads it.
fn quoted(table: Table<'_>) -> String {
    let quote = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    match table.schema {
        Some(schema) => format!("{}.{}", quote(schema), quote(table.name)),
        None => quote(table.name),
    }
}
