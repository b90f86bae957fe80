//! What the databases do differently in purges, erasures, archives and statistics: one file for each, and what they have in common
//! as the methods' defaults.
//!
//! MySQL and MariaDB take the same statements; where only the answers differ, both are read.

mod archive;
mod comparison;
mod mysql;
mod postgres;
mod sqlite;
mod stats;

pub(crate) use archive::{ArchiveDialect, ArchiveTypes, Member, Records};
pub(crate) use comparison::{Comparison, Form};
pub(crate) use stats::{
    BOUND, CatalogStats, Reading, StatsDialect, StatsTarget, add_range_estimates, bind,
    in_microseconds, is_cheap_to_scan, of as stats_of,
};

use sea_orm::{
    DbBackend, DbErr, Value,
    sea_query::{Expr, ExprTrait as _},
};
use soft_delete_core::engine_api::dialect::Server;
use soft_delete_schema::schema_api::dialect::{MYSQL, Postgres, Sqlite};

/// How rows are found and removed.
pub(crate) trait Dialect: ArchiveDialect {
    /// Whether a `deleted_at` that compares as no later than the cutoff is a time, and no later.
    fn is_time_until(&self, deleted_at: Expr, cutoff: Expr) -> Expr {
        let _ = cutoff;
        self.is_unreadable(deleted_at).not()
    }

    /// Whether a `deleted_at` is no time that a program can read.
    fn is_unreadable(&self, deleted_at: Expr) -> Expr;

    /// Whether two times differ, if the comparison of the columns doesn't say.
    fn is_other_time(&self, deleted_at: Expr, active: Expr) -> Option<Expr> {
        let _ = (deleted_at, active);
        None
    }

    /// Whether what can't be read as a time compares as an early one.
    fn sorts_unreadable_first(&self) -> bool {
        false
    }

    /// Whether times are texts, in whatever form a program wrote them.
    fn stores_times_as_text(&self) -> bool {
        false
    }

    /// Whether a comparison of rows, `(a, b) > (1, 2)`, goes by an index.
    fn compares_rows_by_index(&self) -> bool {
        true
    }

    /// Whether a DELETE finds rows by their keys only if it is joined with a query that begins with those.
    fn joins_deletes(&self) -> bool {
        false
    }

    /// How rows are removed whose keys need not be known, if they can be.
    fn direct_removal(&self) -> Option<DirectRemoval> {
        None
    }

    /// Whether a transaction may be given an isolation level.
    fn has_isolation_levels(&self) -> bool {
        true
    }

    /// Whether a transaction locks what lies between the rows that it finds, unless it is READ COMMITTED.
    fn locks_gaps(&self) -> bool {
        false
    }

    /// The isolation level of a transaction, where a higher one hides from what locks, too, what others commit.
    fn isolation_level(&self) -> Option<Expr> {
        None
    }

    /// A bound value as a column of that type would hold it.
    fn as_stored(&self, bound: Expr, value: &Value, type_name: &str) -> Expr {
        let _ = (value, type_name);
        bound
    }
}

/// A way to remove rows whose keys need not be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DirectRemoval {
    /// In one statement that also tells the last of them, by their places in the file. Rows that others refer to need another look
    /// once they are locked, and a view has no places.
    ByPlace,
    /// In two: one tells the last of them, the other removes up to it. The keys have to be unique.
    UpToLast,
}

/// The dialect of a connection.
pub(crate) fn of(backend: DbBackend) -> Result<&'static dyn Dialect, DbErr> {
    Ok(match Server::of(backend, None)? {
        Server::Postgres => &Postgres,
        Server::MySql | Server::MariaDb => &MYSQL,
        Server::Sqlite => &Sqlite,
    })
}
