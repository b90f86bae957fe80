//! MySQL and MariaDB.

mod archive;
pub(super) mod stats;

use sea_orm::{
    Value,
    sea_query::{Alias, Expr, ExprTrait as _, Func},
};

use super::{Dialect, archive::word_of};
use soft_delete_schema::schema_api::dialect::MySql;

impl Dialect for MySql {
    fn is_unreadable(&self, deleted_at: Expr) -> Expr {
        let part = |name| Expr::from(Func::cust(name).arg(deleted_at.clone()));
        let is_zero = |name| part(name).eq(Expr::cust("0"));
        is_zero("MONTH").or(is_zero("DAYOFMONTH"))
    }

    /// Before all others, or among those of their year.
    fn sorts_unreadable_first(&self) -> bool {
        true
    }

    fn compares_rows_by_index(&self) -> bool {
        false
    }

    /// It locks each row that it looks at, and rather than finding rows of a small table by their keys it looks at all.
    fn joins_deletes(&self) -> bool {
        true
    }

    fn locks_gaps(&self) -> bool {
        true
    }

    fn as_stored(&self, bound: Expr, value: &Value, type_name: &str) -> Expr {
        let cast = match word_of(type_name) {
            "datetime" | "timestamp" => "datetime(6)",
            "time" => "time(6)",
            "date" => "date",
            // Or it would be taken for a text.
            _ if matches!(value, Value::Bytes(_) | Value::Uuid(_)) => "binary",
            _ => return bound,
        };
        bound.cast_as(Alias::new(cast))
    }
}
