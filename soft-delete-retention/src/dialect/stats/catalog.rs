//! What a database's catalog says of its tables without reading their rows.

use chrono::{DateTime, Utc};

use crate::figure::Figure;

/// What the catalog says of one table. Times of deletions are in microseconds since 1970.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CatalogStats {
    pub(crate) rows: Option<u64>,
    pub(crate) deleted: Option<u64>,
    pub(crate) expired: Option<u64>,
    pub(crate) future: Option<u64>,
    pub(crate) oldest: Option<i64>,
    pub(crate) newest: Option<i64>,
    pub(crate) table_bytes: Figure<u64>,
    pub(crate) index_bytes: Figure<u64>,
    pub(crate) free_bytes: Figure<u64>,
    pub(crate) dead_rows: Figure<u64>,
    pub(crate) last_vacuum: Option<DateTime<Utc>>,
    pub(crate) last_autovacuum: Option<DateTime<Utc>>,
}

impl CatalogStats {
    pub(crate) const UNKNOWN: Self = Self {
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
}

/// A number of rows or bytes.
pub(crate) fn amount(number: Option<i64>) -> Option<u64> {
    number.and_then(|number| u64::try_from(number).ok())
}
