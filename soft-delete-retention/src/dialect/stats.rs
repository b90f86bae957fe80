//! What the databases know of their tables without reading the rows, and how rows are counted.

mod catalog;
mod target;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Value};

use super::{mysql, postgres, sqlite};
pub(crate) use catalog::{CatalogStats, amount};
use soft_delete_core::{Error, engine_api::dialect::Server};
use soft_delete_schema::schema_api::dialect::{MYSQL, Postgres, SqlDialect, Sqlite};
pub(crate) use target::{StatsTarget, in_microseconds};

/// Rows of a table, or entries of an index, that are read where not all are.
pub(crate) const BOUND: u64 = 10_000;

/// How much is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Every row.
    All,
    /// [`BOUND`] rows, and one more to tell that there are more.
    Bounded,
}

/// How rows are counted.
pub(crate) trait StatsDialect: SqlDialect {
    /// A time as microseconds since 1970, whatever type the column has: one number to compare, and to put below that of a table
    /// whose column has another type.
    fn microseconds(&self, deleted_at: &str) -> String;

    /// What follows a table's name to have its rows read by an index, if there is one. The optimiser may read and sort the whole table
    /// otherwise.
    fn index_hint(&self, index: Option<&str>) -> String {
        let _ = index;
        String::new()
    }

    /// What ends a sub-select of all rows that is to be a query of its own.
    fn no_limit(&self) -> &'static str {
        ""
    }

    /// Whether the order of a `deleted_at` column is that of time.
    fn has_times_in_order(&self) -> bool {
        true
    }

    /// Whether the optimiser estimates how many rows a range of an index has.
    fn estimates_ranges(&self) -> bool {
        false
    }
}

/// Adds a bound value, and gives its placeholder.
pub(crate) fn bind(
    dialect: &dyn SqlDialect,
    values: &mut Vec<Value>,
    value: impl Into<Value>,
) -> String {
    values.push(value.into());
    dialect.placeholder(values.len())
}

/// The dialect of a connection.
pub(crate) fn of(backend: DbBackend) -> Result<&'static dyn StatsDialect, DbErr> {
    Ok(match Server::of(backend, None)? {
        Server::Postgres => &Postgres,
        Server::MySql | Server::MariaDb => &MYSQL,
        Server::Sqlite => &Sqlite,
    })
}

impl CatalogStats {
    /// Asks for all tables at once, and for what reads the pages of a table where all are read anyway.
    pub(crate) async fn of_all<C: ConnectionTrait>(
        db: &C,
        targets: &[StatsTarget<'_>],
        reading: Reading,
    ) -> Result<Vec<Self>, Error> {
        match Server::of(db.get_database_backend(), None)? {
            Server::Postgres => postgres::stats::read(db, targets).await,
            Server::MySql | Server::MariaDb => mysql::stats::read(db, targets).await,
            Server::Sqlite => sqlite::stats::read(db, targets, reading).await,
        }
    }
}

/// Whether the whole database is so small, and in a file of the program's own, that reading it all is cheap.
pub(crate) async fn is_cheap_to_scan<C: ConnectionTrait>(db: &C) -> Result<bool, Error> {
    match Server::of(db.get_database_backend(), None)? {
        Server::Sqlite => sqlite::stats::is_small(db).await,
        Server::Postgres | Server::MySql | Server::MariaDb => Ok(false),
    }
}

/// Adds what the optimiser expects of ranges of an index, where it [says so](StatsDialect::estimates_ranges).
pub(crate) async fn add_range_estimates<C: ConnectionTrait>(
    db: &C,
    targets: &mut [(&StatsTarget<'_>, &mut CatalogStats)],
) -> Result<(), Error> {
    match Server::of(db.get_database_backend(), None)? {
        Server::MySql | Server::MariaDb => mysql::stats::add_range_estimates(db, targets).await,
        Server::Postgres | Server::Sqlite => Ok(()),
    }
}
