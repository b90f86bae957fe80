//! The figures as gauges of the `metrics` crate.

use chrono::{DateTime, Utc};
use metrics::{Unit, describe_gauge, gauge};

use super::{Figure, Stats, TableStats};

impl Stats {
    /// Sets a gauge for each figure, in the recorder of the `metrics` crate that the program has installed: Prometheus's, or
    /// another. Without one it does nothing. Feature `metrics`.
    ///
    /// | gauge | unit | labels |
    /// |---|---|---|
    /// | `soft_delete_rows` | rows | `table`, `state`: `active`, `deleted`, `expired`, `future` |
    /// | `soft_delete_oldest_deletion_age_seconds` | seconds, 0 if no row is deleted | `table` |
    /// | `soft_delete_purge_backlog_seconds` | seconds since the oldest expired row expired, 0 if none is | `table` |
    /// | `soft_delete_table_bytes`, `soft_delete_index_bytes`, `soft_delete_free_bytes` | bytes | `table` |
    /// | `soft_delete_dead_rows` | rows | `table` |
    /// | `soft_delete_last_vacuum_timestamp_seconds` | seconds since 1970, by hand or by the server | `table` |
    ///
    /// `expired` and the backlog are there for tables with a retention. A figure that is [`Unknown`](Figure::Unknown) is `NaN`; those
    /// that a backend never knows, and a VACUUM that never was, are left out. Gauges don't tell estimates from counts.
    ///
    /// ```no_run
    /// # async fn example(db: sea_orm::DatabaseConnection) {
    /// use std::time::Duration;
    /// use soft_delete::{Registry, stats};
    ///
    /// let mut minute = tokio::time::interval(Duration::from_secs(60));
    /// loop {
    ///     minute.tick().await;
    ///     match stats(Registry::global(), &db).await {
    ///         Ok(stats) => stats.record(),
    ///         Err(error) => eprintln!("no figures: {error}"),
    ///     }
    /// }
    /// # }
    /// ```
    pub fn record(&self) {
        describe();
        for table in self {
            record(table, self.at());
        }
    }
}

fn describe() {
    describe_gauge!(
        "soft_delete_rows",
        Unit::Count,
        "Rows of a soft-deletable table, by state"
    );
    describe_gauge!(
        "soft_delete_oldest_deletion_age_seconds",
        Unit::Seconds,
        "Time since the oldest of the deleted rows was deleted"
    );
    describe_gauge!(
        "soft_delete_purge_backlog_seconds",
        Unit::Seconds,
        "Time since the oldest of the expired rows expired"
    );
    describe_gauge!(
        "soft_delete_table_bytes",
        Unit::Bytes,
        "Size of the table without its indexes"
    );
    describe_gauge!(
        "soft_delete_index_bytes",
        Unit::Bytes,
        "Size of the table's indexes"
    );
    describe_gauge!(
        "soft_delete_free_bytes",
        Unit::Bytes,
        "Allocated for the table and unused"
    );
    describe_gauge!(
        "soft_delete_dead_rows",
        Unit::Count,
        "Versions of rows that wait for a VACUUM"
    );
    describe_gauge!(
        "soft_delete_last_vacuum_timestamp_seconds",
        Unit::Seconds,
        "When the table was last vacuumed, by hand or by the server"
    );
}

fn record(stats: &TableStats, at: DateTime<Utc>) {
    let table = stats.table.to_string();
    let states = [
        ("active", Some(stats.active)),
        ("deleted", Some(stats.deleted)),
        ("expired", stats.expired),
        ("future", Some(stats.deleted_in_future)),
    ];
    for (state, rows) in states {
        if let Some(rows) = rows {
            gauge!("soft_delete_rows", "table" => table.clone(), "state" => state)
                .set(number(rows));
        }
    }
    let oldest = age(stats.oldest_deletion, at);
    gauge!("soft_delete_oldest_deletion_age_seconds", "table" => table.clone()).set(oldest);
    if stats.retention.is_some() {
        let backlog = age(stats.expired_since, at);
        gauge!("soft_delete_purge_backlog_seconds", "table" => table.clone()).set(backlog);
    }
    let known = [
        ("soft_delete_table_bytes", stats.table_bytes),
        ("soft_delete_index_bytes", stats.index_bytes),
        ("soft_delete_free_bytes", stats.free_bytes),
        ("soft_delete_dead_rows", stats.dead_rows),
    ];
    for (name, figure) in known {
        if figure != Figure::Unknown {
            gauge!(name, "table" => table.clone()).set(number(figure));
        }
    }
    if let Some(last) = stats.last_vacuum.max(stats.last_autovacuum) {
        let seconds = last.timestamp_micros() as f64 / 1e6;
        gauge!("soft_delete_last_vacuum_timestamp_seconds", "table" => table).set(seconds);
    }
}

fn number(figure: Figure<u64>) -> f64 {
    figure.value().map_or(f64::NAN, |number| number as f64)
}

/// A time that lies ahead has no age.
fn age(figure: Figure<Option<DateTime<Utc>>>, at: DateTime<Utc>) -> f64 {
    match figure.value() {
        Some(Some(time)) => ((at - time).as_seconds_f64()).max(0.0),
        Some(None) => 0.0,
        None => f64::NAN,
    }
}
