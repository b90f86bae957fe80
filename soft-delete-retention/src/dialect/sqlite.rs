//! SQLite.

mod archive;
pub(super) mod stats;

use sea_orm::{
    Value,
    sea_query::{Alias, Expr, ExprTrait as _, Func},
};

use super::{Dialect, DirectRemoval};
use soft_delete_schema::schema_api::dialect::Sqlite;

impl Dialect for Sqlite {
    /// It compares the texts that it stores. One that another program wrote may have another form, and then look older than it is:
    /// so the time itself must be old, too.
    fn is_time_until(&self, deleted_at: Expr, cutoff: Expr) -> Expr {
        julian_day(deleted_at).lte(julian_day(cutoff))
    }

    fn is_other_time(&self, deleted_at: Expr, active: Expr) -> Option<Expr> {
        Some(julian_day(deleted_at).ne(julian_day(active)))
    }

    fn is_unreadable(&self, deleted_at: Expr) -> Expr {
        julian_day(deleted_at).is_null()
    }

    fn stores_times_as_text(&self) -> bool {
        true
    }

    fn direct_removal(&self) -> Option<DirectRemoval> {
        Some(DirectRemoval::UpToLast)
    }

    fn has_isolation_levels(&self) -> bool {
        false
    }

    fn as_stored(&self, bound: Expr, value: &Value, type_name: &str) -> Expr {
        let is_of_numbers = ["char", "clob", "text", "blob"]
            .iter()
            .all(|word| !type_name.contains(word));
        let text = value.to_string();
        let is_number = text.bytes().any(|byte| byte.is_ascii_digit())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'))
            && text.parse::<f64>().is_ok();
        match is_of_numbers && is_number && !type_name.is_empty() {
            // What its driver binds as a text.
            true => bound.cast_as(Alias::new("numeric")),
            false => bound,
        }
    }
}

fn julian_day(time: Expr) -> Expr {
    Expr::from(Func::cust("julianday").arg(time))
}
