//! What the databases do differently, each difference under its name.

mod code;
mod mysql;
#[cfg(feature = "scoped-connection")]
pub(crate) mod now;
mod postgres;
mod server;
mod sqlite;

use std::any::type_name;

use chrono::{DateTime, SecondsFormat, Utc};
use sea_orm::{
    DbBackend, DbErr, IsolationLevel, SqliteTransactionMode, TransactionOptions, TransactionTrait,
    sea_query::{Expr, JoinType, LockType},
};

use code::Code;
pub use server::Server;

/// A table, as a catalog names it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table<'t> {
    pub(crate) schema: Option<&'t str>,
    pub(crate) name: &'t str,
}

/// Whether `SELECT … FOR UPDATE` locks rows. SQLite has one writer at a time instead.
pub fn locks_rows(backend: DbBackend) -> bool {
    backend != DbBackend::Sqlite
}

/// Whether `FOR UPDATE` may stand beside an aggregate. PostgreSQL wants the rows locked in a sub-select first.
pub(crate) fn locks_aggregates(backend: DbBackend) -> bool {
    backend == DbBackend::MySql
}

/// The weakest lock that keeps a row from being deleted. MariaDB doesn't know `FOR SHARE`.
pub(crate) fn keeping_lock(backend: DbBackend) -> LockType {
    match backend {
        DbBackend::MySql => LockType::Update,
        _ => LockType::Share,
    }
}

/// Whether only a SELECT that locks sees what was committed since the transaction first looked: in `REPEATABLE READ`, the
/// default of MySQL and MariaDB.
pub fn sees_latest_by_locking(backend: DbBackend) -> bool {
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
pub fn write_transaction(backend: DbBackend) -> TransactionOptions {
    let mut options = TransactionOptions::default();
    if backend == DbBackend::Sqlite {
        options.sqlite_transaction_mode = Some(SqliteTransactionMode::Immediate);
    }
    options
}

/// The options of a transaction of our own whose statements see the latest state, whatever the session's isolation level.
pub(crate) fn latest_transaction(backend: DbBackend) -> TransactionOptions {
    let mut options = write_transaction(backend);
    if backend == DbBackend::Postgres {
        options.isolation_level = Some(IsolationLevel::ReadCommitted);
    }
    options
}

/// Whether the database has ended the whole transaction along with the statement that failed.
pub(crate) fn has_ended_transaction(error: &DbErr) -> bool {
    matches!(Code::of(error), Some(Code::MySql(1213 | 1020)))
}

/// Whether times are texts, in whatever form a program wrote them, so that the same instant has more than one.
pub(crate) fn stores_times_as_texts(backend: DbBackend) -> bool {
    backend == DbBackend::Sqlite
}

/// Whether a time with a zone and one without are two types, and the session's zone tells between them.
pub(crate) fn converts_times_by_zone(backend: DbBackend) -> bool {
    backend == DbBackend::Postgres
}

/// Whether plans go by statistics, which are stale after a large delete.
pub(crate) fn plans_by_statistics(backend: DbBackend) -> bool {
    backend != DbBackend::Sqlite
}

/// Whether a value of any type can be read as what is stored, a number or a text.
pub(crate) fn reads_any_type(backend: DbBackend) -> bool {
    backend == DbBackend::Sqlite
}

/// Whether each parameter has a type, so that texts have to be cast to the column's.
pub(crate) fn has_typed_parameters(backend: DbBackend) -> bool {
    backend == DbBackend::Postgres
}

/// How SeaQuery marks the place of an expression within a text, and whether a number follows.
pub(crate) fn placeholder(backend: DbBackend) -> (&'static str, bool) {
    match backend {
        DbBackend::Postgres => ("$", true),
        _ => ("?", false),
    }
}

/// Whether a decimal beside a text is compared as a floating-point number.
pub(crate) fn compares_decimals_as_floats(backend: DbBackend) -> bool {
    backend == DbBackend::MySql
}

/// Whether columns of `char(n)` are padded with blanks that are no part of the text.
pub(crate) fn pads_texts(backend: DbBackend) -> bool {
    backend == DbBackend::Postgres
}

/// The type of a column and the digits of a second that it keeps, as `datetime 6`; `None` where it is a text that keeps all.
pub(crate) fn kept_time(backend: DbBackend, table: Table<'_>, column: &str) -> Option<Expr> {
    match backend {
        DbBackend::Postgres => Some(postgres::kept_time(table, column)),
        DbBackend::MySql => Some(mysql::kept_time(table, column)),
        _ => None,
    }
}

/// Whether a column of a type of [`kept_time`] can hold a time.
pub(crate) fn holds_time(backend: DbBackend, type_name: &str, at: DateTime<Utc>) -> bool {
    match (backend, type_name) {
        (DbBackend::Postgres, "timestamp" | "timestamptz") => true,
        (DbBackend::MySql, "datetime") => true,
        (DbBackend::MySql, "timestamp") => is_in_timestamp(at),
        _ => false,
    }
}

/// Whether every column of a time type can hold it: MySQL's TIMESTAMP ends in 2038.
pub(crate) fn fits_every_column(backend: DbBackend, at: DateTime<Utc>) -> bool {
    backend != DbBackend::MySql || is_in_timestamp(at)
}

/// 1970 to 2038.
fn is_in_timestamp(at: DateTime<Utc>) -> bool {
    (1..=i64::from(i32::MAX)).contains(&at.timestamp())
}

/// Counts 1 if the column may be NULL, else 0.
pub(crate) fn may_be_null(backend: DbBackend, table: Table<'_>, column: &str) -> Expr {
    match backend {
        DbBackend::Postgres => postgres::may_be_null(table, column),
        DbBackend::MySql => mysql::may_be_null(table, column),
        _ => sqlite::may_be_null(table, column),
    }
}

/// Whether an UPDATE may ask the catalog. MariaDB's warnings of tables that are just being altered are errors in it; there the SELECT
/// asks that locks the rows.
pub(crate) fn may_guard_updates(backend: DbBackend) -> bool {
    backend != DbBackend::MySql
}

/// Whether nothing is known that keeps rows of these tables from being updated.
pub(crate) fn is_unwatched(backend: DbBackend, tables: &[Table<'_>]) -> Expr {
    match backend {
        DbBackend::Postgres => postgres::is_unwatched(tables),
        DbBackend::MySql => mysql::is_unwatched(tables),
        _ => sqlite::is_unwatched(tables),
    }
}

/// Whether each statement sees what was committed before it; `None` where a statement that writes always does.
pub(crate) fn sees_latest(backend: DbBackend) -> Option<Expr> {
    (backend == DbBackend::Postgres).then(postgres::sees_latest)
}

/// The type to cast a value to that is read as a text.
pub(crate) fn text_type(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::MySql => "char",
        _ => "text",
    }
}

/// Whether DDL is part of a transaction. MySQL and MariaDB commit at each statement of it.
pub fn has_transactional_ddl(backend: DbBackend) -> bool {
    backend != DbBackend::MySql
}

/// Whether `CREATE INDEX … WHERE` makes an index over a part of the rows.
pub fn has_partial_indexes(backend: DbBackend) -> bool {
    backend != DbBackend::MySql
}

/// An inner join that begins with its left side. MySQL and MariaDB would read the whole right side for each level of a
/// recursive query.
pub(crate) fn join_from_left(backend: DbBackend) -> JoinType {
    match backend {
        DbBackend::MySql => JoinType::StraightJoin,
        _ => JoinType::InnerJoin,
    }
}

/// Whether an UPDATE is joined with the sub-select that tells its rows, instead of looking them up IN it.
///
/// MySQL can't look into the table that it updates, unless through a join. SQLite first writes all new rows of a joined
/// UPDATE into a table of its own, and so takes half as long again.
pub(crate) fn joins_updates(backend: DbBackend) -> bool {
    backend != DbBackend::Sqlite
}

/// A time as a text that the database compares with a column: of instants, or of times without a zone. SQLite keeps the text that its
/// driver made, for values of chrono's types or of `time`'s.
pub(crate) fn time_text(
    backend: DbBackend,
    at: DateTime<Utc>,
    has_zone: bool,
    is_of_time: bool,
) -> String {
    let plain = at.format("%Y-%m-%d %H:%M:%S%.f").to_string();
    match backend {
        DbBackend::Postgres if has_zone => format!("{plain}+00:00"),
        DbBackend::Postgres | DbBackend::MySql => plain,
        _ => match (has_zone, is_of_time) {
            (true, false) => at.to_rfc3339_opts(SecondsFormat::AutoSi, false),
            (true, true) => at.format("%Y-%m-%dT%H:%M:%S%.fZ").to_string(),
            (false, true) if at.timestamp_subsec_micros() == 0 => format!("{plain}.0"),
            (false, _) => plain,
        },
    }
}

/// A stored time as the driver can read it: NULL in the place of `infinity`, at which PostgreSQL's driver panics.
pub(crate) fn readable_time(backend: DbBackend, time: Expr) -> Expr {
    match backend {
        DbBackend::Postgres => {
            let places = [time.clone(), time];
            Expr::cust_with_exprs("CASE WHEN isfinite($1) THEN $2 END", places)
        }
        _ => time,
    }
}

/// A time of SQLite as a text that is the same for the same instant, whatever the form in which a program wrote it: with a `T` or a
/// space, with a zone or without, with any number of digits, or seconds since 1970 as a number. NULL if it is no time.
///
/// SQLite's own functions know milliseconds only, so that the fraction is taken from the text.
pub(crate) fn instant(time: Expr) -> Expr {
    const ZONE: &str = "ltrim(substr(?, 20), '.0123456789')";
    let fraction = format!("substr(?, 20, length(?) - 19 - length({ZONE}))");
    let instant = format!(
        "CASE typeof(?) WHEN 'integer' THEN strftime('%Y-%m-%d %H:%M:%S', ?, 'unixepoch') \
         ELSE strftime('%Y-%m-%d %H:%M:%S', substr(?, 1, 19) || {ZONE}) || rtrim(rtrim({fraction}, '0'), '.') END"
    );
    let places = instant.matches('?').count();
    Expr::cust_with_exprs(instant, vec![time; places])
}

/// What [`instant`] makes of a column that keeps this time.
pub(crate) fn instant_text(at: DateTime<Utc>) -> String {
    let text = at.format("%Y-%m-%d %H:%M:%S%.9f").to_string();
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Whether a connection is a pool, so that a statement that fails spoils nothing of the caller's, and a transaction may be given an
/// isolation level.
///
/// Connections have no identity at run time but their type's name: they may borrow, which `TypeId` doesn't allow. A transaction
/// begins others of its own type; what wraps one names it.
pub fn is_pool<C: TransactionTrait>() -> bool {
    // It may be either.
    let is_either = type_name::<C>().contains("::DatabaseExecutor");
    !is_either && !is_transaction::<C>()
}

/// Whether a connection is a transaction.
pub fn is_transaction<C: TransactionTrait>() -> bool {
    let connection = type_name::<C>();
    connection == type_name::<C::Transaction>()
        || ["::DatabaseTransaction", "::RestrictedTransaction"]
            .iter()
            .any(|transaction| connection.contains(transaction))
}

/// What the triggers of `ActiveParentTriggers` say, between the names of the two tables.
pub const UNDER_DELETED_PARENT: &str = "can't be under a deleted row of";

/// Whether such a trigger refused a row. Their error's code is that of a foreign key, or of any trigger; so it is also the text
/// that tells.
pub(crate) fn is_under_deleted_parent(error: &DbErr) -> bool {
    let may_be = match Code::of(error) {
        Some(Code::Postgres(state)) => state == "23503",
        Some(Code::MySql(number)) => number == 1452,
        // SQLITE_CONSTRAINT_TRIGGER
        Some(Code::Sqlite(code)) => code == 1811,
        None => false,
    };
    may_be && error.to_string().contains(UNDER_DELETED_PARENT)
}

/// Whether the user of the connection may not do what was tried, or the database is read-only.
pub fn is_missing_privilege(error: &DbErr) -> bool {
    match Code::of(error) {
        Some(Code::Postgres(state)) => matches!(&*state, "42501" | "25006"),
        Some(Code::MySql(number)) => {
            matches!(number, 1044 | 1142 | 1143 | 1227 | 1290 | 1370 | 1419)
        }
        // SQLITE_READONLY, of whatever kind
        Some(Code::Sqlite(code)) => code & 0xff == 8,
        None => false,
    }
}

/// Whether an exclusion constraint refused a row.
pub(crate) fn is_excluded(error: &DbErr) -> bool {
    matches!(Code::of(error), Some(Code::Postgres(state)) if state == "23P01")
}

/// Whether a row that was written does not belong to the view that it was written through: `WITH CHECK OPTION`.
pub(crate) fn is_check_of_view(error: &DbErr) -> bool {
    match Code::of(error) {
        Some(Code::Postgres(state)) => state == "44000",
        Some(Code::MySql(number)) => number == 1369,
        _ => false,
    }
}

/// Whether a table is a view in a schema of active rows, which has a view called `marker`; `None` where there are no such schemas.
pub(crate) fn is_active_view(backend: DbBackend, table: Table<'_>, marker: &str) -> Option<Expr> {
    match backend {
        DbBackend::Postgres => Some(postgres::is_active_view(table, marker)),
        DbBackend::MySql => Some(mysql::is_active_view(table, marker)),
        _ => None,
    }
}

/// Whether the database refused to remove rows for what they are: a foreign key, a trigger that raises, a row that can't be
/// copied. Others may still go.
///
/// Not if it refuses everything, or is gone: then the whole run fails.
pub fn is_refusal(error: &DbErr) -> bool {
    if !matches!(error, DbErr::Exec(_) | DbErr::Query(_)) || is_missing_privilege(error) {
        return false;
    }
    let debug = format!("{error:?}");
    // What follows is text, some of it the users'.
    let debug = debug.split("message: ").next().unwrap_or_default();
    let is_general = [
        "code: \"08", // PostgreSQL: the connection, resources, an operator, the system.
        "code: \"53",
        "code: \"57",
        "code: \"58",
        "code: \"XX",
        "number: 1021", // MySQL, MariaDB: no space, shutting down, cancelled.
        "number: 1053",
        "number: 1114",
        "number: 1317",
        "number: 1969",
        "number: 3024",
        "code: 10,", // SQLite: the disk, the file, no space.
        "code: 11,",
        "code: 13,",
    ];
    debug.contains("Database(") && !is_general.iter().any(|code| debug.contains(code))
}

/// Whether the database gave up on a transaction that may succeed when tried again: a deadlock, a serialisation failure, a
/// lock not had in time, a node of a cluster that is not ready.
pub fn is_retryable(error: &DbErr) -> bool {
    match Code::of(error) {
        Some(Code::Postgres(state)) => matches!(&*state, "40P01" | "40001" | "55P03"),
        Some(Code::MySql(number)) => matches!(number, 1213 | 1205 | 3572 | 1020 | 1047),
        // SQLITE_BUSY and SQLITE_LOCKED, of whatever kind
        Some(Code::Sqlite(code)) => matches!(code & 0xff, 5 | 6),
        None => false,
    }
}
