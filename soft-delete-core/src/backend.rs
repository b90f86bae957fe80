//! What the databases do differently, each difference under its name.

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use sea_orm::{DbBackend, DbErr, SqliteTransactionMode, TransactionOptions};

/// Whether `SELECT … FOR UPDATE` locks rows. SQLite has one writer at a time instead.
pub(crate) fn locks_rows(backend: DbBackend) -> bool {
    backend != DbBackend::Sqlite
}

/// Whether `FOR UPDATE` may stand beside an aggregate. PostgreSQL wants the rows locked in a sub-select first.
pub(crate) fn locks_aggregates(backend: DbBackend) -> bool {
    backend == DbBackend::MySql
}

/// How deep one recursive query may go, if the server sets a limit.
///
/// MySQL fails and MariaDB silently stops at 1,000 levels by default. A query that stays below asks again for the rest.
pub(crate) fn recursion_limit(backend: DbBackend) -> Option<u64> {
    (backend == DbBackend::MySql).then_some(500)
}

/// How a transaction that will write begins. SQLite must take its write lock at once: a reader that turns writer fails if
/// another wrote in between, and no waiting helps it.
pub(crate) fn write_transaction(backend: DbBackend) -> TransactionOptions {
    let mut options = TransactionOptions::default();
    if backend == DbBackend::Sqlite {
        options.sqlite_transaction_mode = Some(SqliteTransactionMode::Immediate);
    }
    options
}

/// The values that a column may hold after `at` was written to it, microseconds first.
///
/// A MySQL column declared without fractions rounds to whole seconds, or truncates with `TIME_TRUNCATE_FRACTIONAL`.
pub(crate) fn stored_forms(backend: DbBackend, at: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let mut forms = vec![at];
    if backend == DbBackend::MySql {
        let second = TimeDelta::seconds(1);
        forms.extend(at.duration_round(second));
        forms.extend(at.duration_trunc(second));
        forms.dedup();
    }
    forms
}

/// Whether the database gave up on a transaction that may succeed when tried again: a deadlock, a serialisation failure, a
/// lock not had in time.
///
/// SeaORM names only constraint violations, and its drivers' error types exist only with the driver's feature. Their
/// `Debug` form has the code on all of them.
pub(crate) fn is_retryable(error: &DbErr) -> bool {
    let debug = format!("{error:?}");
    ["code: \"40P01\"", "code: \"40001\"", "code: \"55P03\""] // PostgreSQL
        .iter()
        .chain(&["number: 1213", "number: 1205", "number: 3572"]) // MySQL, MariaDB
        .chain(&["database is locked", "database table is locked"]) // SQLite
        .any(|code| debug.contains(code))
}
