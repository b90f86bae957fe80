//! Counts and times, read from the rows: of all rows, or of no more than a fixed number.

use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement};

use crate::dialect::{BOUND, Reading, StatsDialect, StatsTarget, bind, stats_of};
use soft_delete_core::Error;
use soft_delete_schema::schema_api::change::refused;

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

/// Reads all tables, several in one statement.
pub(super) async fn count<C: ConnectionTrait>(
    db: &C,
    targets: &[StatsTarget<'_>],
    reading: Reading,
) -> Result<Vec<Counted>, Error> {
    /// A statement each would take longer to send and to prepare than to run.
    const AT_ONCE: usize = 20;

    let dialect = stats_of(db.get_database_backend())?;
    let mut counted = Vec::with_capacity(targets.len());
    for some in targets.chunks(AT_ONCE) {
        let mut values = Vec::new();
        let mut arms = Vec::new();
        for (place, one) in some.iter().enumerate() {
            let expired = bind(dialect, &mut values, one.cutoff);
            let future = bind(dialect, &mut values, one.at);
            let arm = Arm {
                dialect,
                place,
                target: one,
                expired,
                future,
            };
            arms.push(match (&one.index, reading) {
                (Some(_), Reading::Bounded) => arm.by_index(),
                _ => arm.by_rows(reading),
            });
        }
        let sql = format!("{} ORDER BY 1", arms.join(" UNION ALL "));
        let statement = Statement::from_sql_and_values(dialect.backend(), sql, values);
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

/// A table's part of the statement.
struct Arm<'a> {
    dialect: &'a dyn StatsDialect,
    place: usize,
    target: &'a StatsTarget<'a>,
    /// The placeholder of the time before which deleted rows are expired.
    expired: String,
    /// The placeholder of the present time.
    future: String,
}

impl Arm<'_> {
    /// One look at the rows, which tells all if it reaches all.
    fn by_rows(&self, reading: Reading) -> String {
        let dialect = self.dialect;
        let table = dialect.quote_table(self.target.table);
        let deleted_at = dialect.quote(self.target.deleted_at);
        let limit = match reading {
            Reading::All => dialect.no_limit().to_owned(),
            Reading::Bounded => format!(" LIMIT {}", BOUND + 1),
        };
        format!(
            "SELECT {} AS place, t.n, t.dn, t.lo, t.hi, t.x, t.dn AS dn2, t.lo AS lo2, t.hi AS hi2, t.f FROM ( \
             SELECT COUNT(*) AS n, COUNT(s.d) AS dn, MIN(s.m) AS lo, MAX(s.m) AS hi, \
             COUNT(CASE WHEN s.m <= {} THEN 1 END) AS x, COUNT(CASE WHEN s.m > {} THEN 1 END) AS f \
             FROM (SELECT {deleted_at} AS d, {} AS m FROM {table} WHERE {deleted_at} IS NULL OR TRUE{limit}) AS s) AS t",
            dialect.big_integer(self.place),
            self.expired,
            self.future,
            dialect.microseconds(&deleted_at),
        )
    }

    /// The deleted rows by their index, from both ends.
    fn by_index(&self) -> String {
        let dialect = self.dialect;
        let table = dialect.quote_table(self.target.table);
        let deleted_at = dialect.quote(self.target.deleted_at);
        let micros = dialect.microseconds(&deleted_at);
        let hint = dialect.index_hint(self.target.index.as_deref());
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
            dialect.big_integer(self.place),
            end(&format!("<= {}", self.expired), ""),
            end(&format!("> {}", self.future), " DESC"),
        )
    }
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
