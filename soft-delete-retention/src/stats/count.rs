//! Counts and times, read from the rows: of all rows, or of no more than a fixed number.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, Value};

use super::asked::Asked;
use soft_delete_core::Error;
use soft_delete_schema::schema_api::{
    change::refused,
    sql::{quote, quote_table},
};

/// Rows of a table, or entries of an index, that are read where not all are.
pub(super) const BOUND: u64 = 10_000;

/// What the rows of a table say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counted {
    /// Rows seen, active and deleted.
    pub(super) rows: u64,
    /// The deleted rows from the oldest on; `matching` are those expired.
    pub(super) first: Seen,
    /// The deleted rows from the newest back; `matching` are those deleted in the future.
    pub(super) last: Seen,
}

/// Deleted rows that were read. Times are in microseconds since 1970.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) rows: u64,
    pub(super) oldest: Option<i64>,
    pub(super) newest: Option<i64>,
    pub(super) matching: u64,
}

/// How much is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// Every row.
    All,
    /// [`BOUND`] rows, and one more to tell that there are more.
    Bounded,
}

/// Reads all tables, several in one statement.
pub(super) async fn count<C: ConnectionTrait>(
    db: &C,
    asked: &[Asked<'_>],
    reading: Reading,
) -> Result<Vec<Counted>, Error> {
    /// A statement each would take longer to send and to prepare than to run.
    const AT_ONCE: usize = 20;

    let backend = db.get_database_backend();
    let mut counted = Vec::with_capacity(asked.len());
    for some in asked.chunks(AT_ONCE) {
        let mut values = Vec::new();
        let mut arms = Vec::new();
        for (place, one) in some.iter().enumerate() {
            let expired = bind(backend, &mut values, one.cutoff);
            let future = bind(backend, &mut values, one.at);
            arms.push(match (&one.index, reading) {
                (Some(_), Reading::Bounded) => by_index(backend, place, one, &expired, &future),
                _ => by_rows(backend, place, one, &expired, &future, reading),
            });
        }
        let sql = format!("{} ORDER BY 1", arms.join(" UNION ALL "));
        let statement = Statement::from_sql_and_values(backend, sql, values);
        let rows = db
            .query_all_raw(statement)
            .await
            .map_err(|error| refused("count rows", error))?;
        for row in &rows {
            counted.push(read(row)?);
        }
    }
    Ok(counted)
}

/// Adds a bound value, and gives its placeholder.
pub(super) fn bind(backend: DbBackend, values: &mut Vec<Value>, value: impl Into<Value>) -> String {
    values.push(value.into());
    match backend {
        DbBackend::MySql => "?".to_owned(),
        _ => format!("${}", values.len()),
    }
}

/// One look at the rows, which tells all if it reaches all.
fn by_rows(
    backend: DbBackend,
    place: usize,
    asked: &Asked<'_>,
    expired: &str,
    future: &str,
    reading: Reading,
) -> String {
    let table = quote_table(backend, asked.table);
    let deleted_at = quote(backend, asked.deleted_at);
    let limit = match reading {
        // SQLite would work the time out again for each of the aggregates, were the sub-select no query of its own.
        Reading::All if backend == DbBackend::Sqlite => " LIMIT -1".to_owned(),
        Reading::All => String::new(),
        Reading::Bounded => format!(" LIMIT {}", BOUND + 1),
    };
    format!(
        "SELECT {} AS place, t.n, t.dn, t.lo, t.hi, t.x, t.dn AS dn2, t.lo AS lo2, t.hi AS hi2, t.f FROM ( \
         SELECT COUNT(*) AS n, COUNT(s.d) AS dn, MIN(s.m) AS lo, MAX(s.m) AS hi, \
         COUNT(CASE WHEN s.m <= {expired} THEN 1 END) AS x, COUNT(CASE WHEN s.m > {future} THEN 1 END) AS f \
         FROM (SELECT {deleted_at} AS d, {} AS m FROM {table} WHERE {deleted_at} IS NULL OR TRUE{limit}) AS s) AS t",
        number(backend, place),
        microseconds(backend, &deleted_at),
    )
}

/// The deleted rows by their index, from both ends.
fn by_index(
    backend: DbBackend,
    place: usize,
    asked: &Asked<'_>,
    expired: &str,
    future: &str,
) -> String {
    let table = quote_table(backend, asked.table);
    let deleted_at = quote(backend, asked.deleted_at);
    let micros = microseconds(backend, &deleted_at);
    let hint = asked.index_hint(backend);
    let limit = BOUND + 1;
    let end = |condition: &str, order: &str| {
        format!(
            "(SELECT COUNT(*) AS n, MIN(s.m) AS lo, MAX(s.m) AS hi, COUNT(CASE WHEN s.m {condition} THEN 1 END) AS x \
             FROM (SELECT {micros} AS m FROM {table}{hint} WHERE {deleted_at} IS NOT NULL \
             ORDER BY {deleted_at}{order} LIMIT {limit}) AS s)"
        )
    };
    format!(
        "SELECT {} AS place, r.n, o.n AS dn, o.lo, o.hi, o.x, w.n AS dn2, w.lo AS lo2, w.hi AS hi2, w.x AS f FROM \
         (SELECT COUNT(*) AS n FROM (SELECT 1 AS one FROM {table} WHERE {deleted_at} IS NULL OR TRUE LIMIT {limit}) AS s) AS r \
         CROSS JOIN {} AS o CROSS JOIN {} AS w",
        number(backend, place),
        end(&format!("<= {expired}"), ""),
        end(&format!("> {future}"), " DESC"),
    )
}

/// A literal of eight bytes.
pub(super) fn number(backend: DbBackend, place: usize) -> String {
    match backend {
        DbBackend::Postgres => format!("CAST({place} AS bigint)"),
        DbBackend::MySql => format!("CAST({place} AS SIGNED)"),
        _ => place.to_string(),
    }
}

/// A time as microseconds since 1970, whatever type the column has: one number to compare, and to put below that of a table
/// whose column has another type.
fn microseconds(backend: DbBackend, deleted_at: &str) -> String {
    match backend {
        // What is not finite stays beyond all others. Before version 14 the seconds are a double, which a cast to numeric would cut
        // to 15 digits.
        DbBackend::Postgres => format!(
            "CASE WHEN isfinite({deleted_at}) THEN ROUND(EXTRACT(EPOCH FROM {deleted_at}) * 1000000)::bigint \
             WHEN {deleted_at} > 'epoch' THEN {} WHEN {deleted_at} < 'epoch' THEN {} END",
            i64::MAX,
            -i64::MAX,
        ),
        DbBackend::MySql => {
            format!("TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', {deleted_at})")
        }
        _ => sqlite_microseconds(deleted_at),
    }
}

/// SQLite has text, in whatever form a program wrote it: with a `T` or a blank, with or without a fraction and an offset. Its
/// own functions read them all, but no more than milliseconds; so the fraction goes its own way. Numbers are what
/// SQLite takes them for, seconds since 1970 and Julian days. What is no time at all is NULL.
fn sqlite_microseconds(deleted_at: &str) -> String {
    format!(
        "CASE typeof({deleted_at}) WHEN 'null' THEN NULL WHEN 'integer' THEN {deleted_at} * 1000000 \
         WHEN 'real' THEN CAST(round(({deleted_at} - 2440587.5) * 86400000000.0) AS INTEGER) \
         ELSE CAST(strftime('%s', substr({deleted_at}, 1, 19) || ltrim(substr({deleted_at}, 20), '.0123456789')) AS INTEGER) * 1000000 \
         + CAST(round(CAST('0' || substr({deleted_at}, 20, 7) AS REAL) * 1000000) AS INTEGER) END"
    )
}

fn read(row: &QueryResult) -> Result<Counted, DbErr> {
    let number =
        |place| -> Result<u64, DbErr> { Ok(row.try_get_by_index::<i64>(place)?.unsigned_abs()) };
    let seen = |start| -> Result<Seen, DbErr> {
        Ok(Seen {
            rows: number(start)?,
            oldest: row.try_get_by_index(start + 1)?,
            newest: row.try_get_by_index(start + 2)?,
            matching: number(start + 3)?,
        })
    };
    Ok(Counted {
        rows: number(1)?,
        first: seen(2)?,
        last: seen(6)?,
    })
}
