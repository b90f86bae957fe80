//! Questions to the catalog of MySQL and MariaDB.

use sea_orm::{Value, sea_query::Expr};

use super::Table;

/// A column's type, and the digits of a second that it keeps: `datetime 6`.
const KEPT_TIME: &str = "(SELECT CONCAT(c.data_type, ' ', COALESCE(c.datetime_precision, 0)) FROM information_schema.columns AS c \
     WHERE c.table_schema = COALESCE(?, DATABASE()) AND c.table_name = ? AND c.column_name = ?)";

const MAY_BE_NULL: &str = "(SELECT COUNT(*) FROM information_schema.columns AS c WHERE c.table_schema = COALESCE(?, DATABASE()) \
     AND c.table_name = ? AND c.column_name = ? AND c.is_nullable = 'YES')";

/// No trigger that runs before a row is updated. One look-up for each table: the server opens all tables of a schema where it is given
/// a list.
const IS_UNWATCHED: &str = "NOT EXISTS (SELECT 1 FROM information_schema.triggers AS t WHERE t.trigger_schema = COALESCE(?, DATABASE()) \
     AND t.event_object_table = ? AND t.event_manipulation = 'UPDATE' AND t.action_timing = 'BEFORE' \
                 AND LEFT(t.trigger_name, 14) <> 'active_parent_')";

/// 1 if the table is a view beside one of that name.
const IS_ACTIVE_VIEW: &str = "(SELECT COUNT(*) FROM (SELECT 1) AS one WHERE EXISTS (SELECT 1 FROM information_schema.tables AS m \
     WHERE m.table_schema = COALESCE(?, DATABASE()) AND m.table_name = ? AND m.table_type = 'VIEW') \
     AND EXISTS (SELECT 1 FROM information_schema.tables AS c \
     WHERE c.table_schema = COALESCE(?, DATABASE()) AND c.table_name = ? AND c.table_type = 'VIEW'))";

pub(super) fn is_active_view(table: Table<'_>, marker: &str) -> Expr {
    let [schema, name] = values(table);
    Expr::cust_with_values(
        IS_ACTIVE_VIEW,
        [schema.clone(), marker.into(), schema, name],
    )
}

pub(super) fn kept_time(table: Table<'_>, column: &str) -> Expr {
    Expr::cust_with_values(KEPT_TIME, of_column(table, column))
}

pub(super) fn may_be_null(table: Table<'_>, column: &str) -> Expr {
    Expr::cust_with_values(MAY_BE_NULL, of_column(table, column))
}

pub(super) fn is_unwatched(tables: &[Table<'_>]) -> Expr {
    let condition = vec![IS_UNWATCHED; tables.len()].join(" AND ");
    Expr::cust_with_values(condition, tables.iter().flat_map(|table| values(*table)))
}

fn values(table: Table<'_>) -> [Value; 2] {
    [
        Value::from(table.schema.map(str::to_owned)),
        table.name.into(),
    ]
}

fn of_column(table: Table<'_>, column: &str) -> [Value; 3] {
    let [schema, name] = values(table);
    [schema, name, column.into()]
}
