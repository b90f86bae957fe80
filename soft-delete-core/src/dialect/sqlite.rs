//! Questions to SQLite's catalog.

use sea_orm::sea_query::Expr;

use super::Table;

const MAY_BE_NULL: &str = "(SELECT COUNT(*) FROM pragma_table_info(?) AS c WHERE c.name = ? AND c.\"notnull\" = 0 AND c.pk = 0)";

pub(super) fn may_be_null(table: Table<'_>, column: &str) -> Expr {
    Expr::cust_with_values(MAY_BE_NULL, [table.name, column])
}

pub(super) fn is_unwatched(tables: &[Table<'_>]) -> Expr {
    let condition = format!(
        "NOT EXISTS (SELECT 1 FROM sqlite_master AS t WHERE t.type = 'trigger' AND lower(t.tbl_name) IN ({}) \
     AND t.sql LIKE '%UPDATE%' AND t.sql NOT LIKE '%AFTER UPDATE%')",
        vec!["lower(?)"; tables.len()].join(", ")
    );
    Expr::cust_with_values(condition, tables.iter().map(|table| table.name))
}
