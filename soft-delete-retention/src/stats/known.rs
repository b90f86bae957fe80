//! What the database knows of its tables without reading their rows.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend};

use super::{Figure, asked::Asked, mysql, postgres, sqlite};
use soft_delete_core::Error;

/// What the database knows of one table. Times of deletions are in microseconds since 1970.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) rows: Option<u64>,
    pub(super) deleted: Option<u64>,
    pub(super) expired: Option<u64>,
    pub(super) future: Option<u64>,
    pub(super) oldest: Option<i64>,
    pub(super) newest: Option<i64>,
    pub(super) table_bytes: Figure<u64>,
    pub(super) index_bytes: Figure<u64>,
    pub(super) free_bytes: Figure<u64>,
    pub(super) dead_rows: Figure<u64>,
    pub(super) last_vacuum: Option<DateTime<Utc>>,
    pub(super) last_autovacuum: Option<DateTime<Utc>>,
}

impl Known {
    pub(super) const NOTHING: Self = Self {
        rows: None,
        deleted: None,
        expired: None,
        future: None,
        oldest: None,
        newest: None,
        table_bytes: Figure::Unknown,
        index_bytes: Figure::Unknown,
        free_bytes: Figure::Unknown,
        dead_rows: Figure::Unknown,
        last_vacuum: None,
        last_autovacuum: None,
    };

    /// Asks for all tables at once. `scan` allows what reads the pages of a table.
    pub(super) async fn of_all<C: ConnectionTrait>(
        db: &C,
        asked: &[Asked<'_>],
        scan: bool,
    ) -> Result<Vec<Self>, Error> {
        match db.get_database_backend() {
            DbBackend::Postgres => postgres::known(db, asked).await,
            DbBackend::MySql => mysql::known(db, asked).await,
            _ => sqlite::known(db, asked, scan).await,
        }
    }
}

/// A number of rows or bytes.
pub(super) fn amount(number: Option<i64>) -> Option<u64> {
    number.and_then(|number| u64::try_from(number).ok())
}
