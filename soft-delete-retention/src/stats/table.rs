//! The figures of one table, made of what was counted and what the catalog says.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{
    Figure,
    count::{Counted, Seen},
};
use crate::dialect::{BOUND, CatalogStats, Reading, StatsDialect, StatsTarget, in_microseconds};
use soft_delete_core::TableName;

/// The figures of one table. Times are in UTC, sizes in bytes.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct TableStats {
    /// The table. In JSON it is two fields, `schema` and `table`.
    #[cfg_attr(feature = "serde", serde(flatten, with = "serialised::Name"))]
    pub table: TableName,
    /// All its rows.
    pub rows: Figure<u64>,
    /// Active rows.
    pub active: Figure<u64>,
    /// Deleted rows.
    pub deleted: Figure<u64>,
    /// Rows whose `deleted_at` lies in the future, because somebody's clock is wrong or `.at(…)` said so. They count as deleted,
    /// and a purge waits for them.
    pub deleted_in_future: Figure<u64>,
    /// When the oldest of the deleted rows was deleted; `None` if there is none.
    pub oldest_deletion: Figure<Option<DateTime<Utc>>>,
    /// When the newest of the deleted rows was deleted; `None` if there is none.
    pub newest_deletion: Figure<Option<DateTime<Utc>>>,
    /// How long a deleted row is kept; `None` for ever. In JSON, `retention_seconds`.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "retention_seconds", with = "serialised::seconds")
    )]
    pub retention: Option<Duration>,
    /// Rows that a purge may remove: deleted at least the retention ago. `None` if there is no retention.
    pub expired: Option<Figure<u64>>,
    /// When the oldest of the deleted rows expired: how long purges have been behind. `None` if no row is expired.
    pub expired_since: Figure<Option<DateTime<Utc>>>,
    /// The size of the table without its indexes: with TOAST on PostgreSQL, with the primary key on MySQL and MariaDB.
    pub table_bytes: Figure<u64>,
    /// The size of its indexes.
    pub index_bytes: Figure<u64>,
    /// Allocated and unused, on MySQL, MariaDB and SQLite.
    pub free_bytes: Figure<u64>,
    /// Versions of rows that wait for a VACUUM, on PostgreSQL.
    pub dead_rows: Figure<u64>,
    /// The last VACUUM by hand, on PostgreSQL.
    pub last_vacuum: Option<DateTime<Utc>>,
    /// The last VACUUM by the server itself, on PostgreSQL.
    pub last_autovacuum: Option<DateTime<Utc>>,
}

/// The figures that rows are counted or looked at for.
struct Deleted {
    rows: Figure<u64>,
    deleted: Figure<u64>,
    expired: Figure<u64>,
    future: Figure<u64>,
    oldest: Figure<Option<i64>>,
    newest: Figure<Option<i64>>,
}

impl TableStats {
    pub(super) fn new(
        target: &StatsTarget<'_>,
        catalog: &CatalogStats,
        counted: &Counted,
        reading: Reading,
        dialect: &dyn StatsDialect,
    ) -> Self {
        let found = if reading == Reading::All || counted.rows <= BOUND {
            Deleted::of_all(counted)
        } else if target.index.is_none() {
            Deleted::of_some(counted, catalog)
        } else if counted.first.rows <= BOUND {
            Deleted {
                rows: Figure::estimate(catalog.rows, counted.rows),
                ..Deleted::of_all(counted)
            }
        } else {
            Deleted::of_ends(counted, catalog, target, dialect)
        };
        let retention = target.retention.map(in_microseconds);
        let expired_since = found.oldest.map(|oldest| {
            let since = oldest?.saturating_add(retention?);
            (since <= target.at).then(|| time(since))
        });
        Self {
            table: target.table.clone(),
            rows: found.rows,
            active: found.rows.without(found.deleted),
            deleted: found.deleted,
            deleted_in_future: found.future,
            oldest_deletion: found.oldest.map(|oldest| oldest.map(time)),
            newest_deletion: found.newest.map(|newest| newest.map(time)),
            retention: target.retention,
            expired: target.retention.map(|_| found.expired),
            expired_since: match target.retention {
                Some(_) => expired_since,
                None => Figure::Exact(None),
            },
            table_bytes: catalog.table_bytes,
            index_bytes: catalog.index_bytes,
            free_bytes: catalog.free_bytes,
            dead_rows: catalog.dead_rows,
            last_vacuum: catalog.last_vacuum,
            last_autovacuum: catalog.last_autovacuum,
        }
    }
}

impl Deleted {
    /// All deleted rows were read.
    fn of_all(counted: &Counted) -> Self {
        Self {
            rows: Figure::Exact(counted.rows),
            deleted: Figure::Exact(counted.first.rows),
            expired: Figure::Exact(counted.first.matching),
            future: Figure::Exact(counted.last.matching),
            oldest: Figure::Exact(counted.first.oldest),
            newest: Figure::Exact(counted.last.newest),
        }
    }

    /// A part of the rows was read, deleted ones among them by chance.
    fn of_some(counted: &Counted, catalog: &CatalogStats) -> Self {
        let Seen { rows, .. } = counted.first;
        let deleted = Figure::estimate(catalog.deleted, rows);
        let is_none = deleted == Figure::Estimate(0);
        let end = |estimate: Option<i64>, seen: Option<i64>, choose: fn(i64, i64) -> i64| {
            match estimate {
                Some(time) => Figure::Estimate(Some(seen.map_or(time, |seen| choose(time, seen)))),
                None if is_none => Figure::Estimate(None),
                None => Figure::Unknown,
            }
        };
        Self {
            rows: Figure::estimate(catalog.rows, counted.rows),
            deleted,
            expired: Figure::estimate(catalog.expired, counted.first.matching),
            future: Figure::estimate(catalog.future, counted.last.matching),
            oldest: end(catalog.oldest, counted.first.oldest, i64::min),
            newest: end(catalog.newest, counted.first.newest, i64::max),
        }
    }

    /// The oldest and the newest of the deleted rows were read.
    fn of_ends(
        counted: &Counted,
        catalog: &CatalogStats,
        target: &StatsTarget<'_>,
        dialect: &dyn StatsDialect,
    ) -> Self {
        let Counted { rows, first, last } = counted;
        let by_time = dialect.has_times_in_order();
        let has_all_expired = by_time && first.newest.is_some_and(|newest| newest > target.cutoff);
        let has_all_future = by_time && last.oldest.is_some_and(|oldest| oldest <= target.at);
        let count = |seen: &Seen, has_all, estimate| match has_all {
            true => Figure::Exact(seen.matching),
            false => Figure::estimate(estimate, seen.matching),
        };
        let end = |time| match by_time {
            true => Figure::Exact(time),
            false => Figure::Estimate(time),
        };
        Self {
            rows: Figure::estimate(catalog.rows, *rows),
            deleted: Figure::estimate(catalog.deleted, first.rows),
            expired: count(first, has_all_expired, catalog.expired),
            future: count(last, has_all_future, catalog.future),
            oldest: end(first.oldest),
            newest: end(last.newest),
        }
    }
}

/// What lies beyond all times of chrono's, PostgreSQL's `infinity` among them, is the first or the last of these.
fn time(microseconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(microseconds).unwrap_or(if microseconds < 0 {
        DateTime::<Utc>::MIN_UTC
    } else {
        DateTime::<Utc>::MAX_UTC
    })
}

#[cfg(feature = "serde")]
mod serialised {
    //! Forms that tools can read.

    use serde::{Deserialize, Serialize};

    use soft_delete_core::TableName;

    #[derive(Serialize, Deserialize)]
    #[serde(remote = "TableName")]
    pub(super) struct Name {
        schema: Option<String>,
        #[serde(rename = "table")]
        name: String,
    }

    pub(super) mod seconds {
        use std::time::Duration;

        use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

        pub(in super::super) fn serialize<S: Serializer>(
            duration: &Option<Duration>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            duration
                .map(|duration| duration.as_secs_f64())
                .serialize(serializer)
        }

        pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<Duration>, D::Error> {
            let seconds = Option::<f64>::deserialize(deserializer)?;
            let duration = seconds.map(Duration::try_from_secs_f64);
            duration.transpose().map_err(D::Error::custom)
        }
    }
}
