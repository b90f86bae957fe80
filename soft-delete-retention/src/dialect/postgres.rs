//! PostgreSQL.

mod archive;
pub(super) mod stats;

use sea_orm::sea_query::{Expr, ExprTrait as _, Func};

use super::{Dialect, DirectRemoval};
use soft_delete_core::engine_api::rows::any;
use soft_delete_schema::schema_api::dialect::Postgres;

impl Dialect for Postgres {
    /// Comparisons with the two would make the planner expect fewer rows than there are.
    fn is_time_until(&self, deleted_at: Expr, _: Expr) -> Expr {
        Func::cust("isfinite").arg(deleted_at).into()
    }

    /// So that an index finds them.
    fn is_unreadable(&self, deleted_at: Expr) -> Expr {
        any(["'-infinity'", "'infinity'"].map(|time| deleted_at.clone().eq(Expr::cust(time))))
    }

    fn direct_removal(&self) -> Option<DirectRemoval> {
        Some(DirectRemoval::ByPlace)
    }

    fn isolation_level(&self) -> Option<Expr> {
        Some(Expr::cust("current_setting('transaction_isolation')"))
    }
}
