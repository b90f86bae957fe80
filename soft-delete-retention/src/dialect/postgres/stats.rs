//! What PostgreSQL knows of its tables: `pg_class`, `pg_stats`, and the counters of `pg_stat_all_tables`.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement};

use crate::{
    dialect::stats::{CatalogStats, StatsDialect, StatsTarget, amount, bind},
    figure::Figure,
};
use soft_delete_core::Error;
use soft_delete_schema::schema_api::dialect::{Postgres, SqlDialect as _};

impl StatsDialect for Postgres {
    /// What is not finite stays beyond all others. Before version 14 the seconds are a double, which a cast to numeric would cut to
    /// 15 digits.
    fn microseconds(&self, deleted_at: &str) -> String {
        format!(
            "CASE WHEN isfinite({deleted_at}) THEN ROUND(EXTRACT(EPOCH FROM {deleted_at}) * 1000000)::bigint \
             WHEN {deleted_at} > 'epoch' THEN {} WHEN {deleted_at} < 'epoch' THEN {} END",
            i64::MAX,
            -i64::MAX,
        )
    }
}

/// Follows a `WITH asked (place, table_schema, table_name, deleted_at, at, cutoff)`.
///
/// Rows are reckoned as the planner does: rows to a page at the last VACUUM or ANALYZE, times the pages there are now. A
/// partitioned table has no pages of its own: its partitions are summed.
const CATALOG_STATS: &str = "
SELECT a.place, z.rows, z.table_bytes, z.index_bytes, z.dead, z.last_vacuum, z.last_autovacuum,
    s.null_frac::float8, m.share::float8, m.expired::float8, m.past::float8, h.bounds, h.expired, h.past,
    LEAST(m.oldest, h.oldest)::float8, GREATEST(m.newest, h.newest)::float8
FROM asked a
JOIN pg_catalog.pg_namespace n ON n.nspname = a.table_schema
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = a.table_name AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
JOIN pg_catalog.pg_attribute t ON t.attrelid = c.oid AND t.attname = a.deleted_at AND NOT t.attisdropped
LEFT JOIN pg_catalog.pg_stats s ON s.schemaname = a.table_schema AND s.tablename = a.table_name
    AND s.attname = a.deleted_at AND s.inherited = (c.relkind = 'p')
CROSS JOIN LATERAL (
    SELECT SUM(CASE
            WHEN pg_relation_size(p.oid) = 0 THEN 0
            WHEN p.relpages > 0 AND p.reltuples >= 0
                THEN p.reltuples / p.relpages * (pg_relation_size(p.oid) / current_setting('block_size')::bigint)
            ELSE NULLIF(st.n_live_tup, 0)
        END)::bigint AS rows,
        SUM(pg_table_size(p.oid))::bigint AS table_bytes, SUM(pg_indexes_size(p.oid))::bigint AS index_bytes,
        SUM(st.n_dead_tup)::bigint AS dead,
        (EXTRACT(EPOCH FROM MAX(st.last_vacuum)) * 1000000)::bigint AS last_vacuum,
        (EXTRACT(EPOCH FROM MAX(st.last_autovacuum)) * 1000000)::bigint AS last_autovacuum
    FROM (SELECT c.oid AS relid UNION SELECT tree.relid FROM pg_partition_tree(c.oid) AS tree) AS part
    JOIN pg_catalog.pg_class p ON p.oid = part.relid AND p.relkind IN ('r', 'm')
    LEFT JOIN pg_catalog.pg_stat_all_tables st ON st.relid = p.oid
) AS z
CROSS JOIN LATERAL (
    SELECT SUM(v.share) AS share, SUM(v.share) FILTER (WHERE v.micros <= a.cutoff) AS expired,
        SUM(v.share) FILTER (WHERE v.micros <= a.at) AS past, MIN(v.micros) AS oldest, MAX(v.micros) AS newest
    FROM (
        SELECT w.share, CASE t.atttypid
                WHEN 'timestamptz'::regtype THEN EXTRACT(EPOCH FROM w.text::timestamptz)
                WHEN 'timestamp'::regtype THEN EXTRACT(EPOCH FROM w.text::timestamp)
            END::float8 * 1000000 AS micros
        FROM unnest(s.most_common_vals::text::text[], s.most_common_freqs) AS w (text, share)
    ) AS v
) AS m
CROSS JOIN LATERAL (
    SELECT COUNT(v.micros) AS bounds, COUNT(*) FILTER (WHERE v.micros <= a.cutoff) AS expired,
        COUNT(*) FILTER (WHERE v.micros <= a.at) AS past, MIN(v.micros) AS oldest, MAX(v.micros) AS newest
    FROM (
        SELECT CASE t.atttypid
                WHEN 'timestamptz'::regtype THEN EXTRACT(EPOCH FROM w.text::timestamptz)
                WHEN 'timestamp'::regtype THEN EXTRACT(EPOCH FROM w.text::timestamp)
            END::float8 * 1000000 AS micros
        FROM unnest(s.histogram_bounds::text::text[]) AS w (text)
    ) AS v
) AS h
ORDER BY a.place";

pub(in crate::dialect) async fn read<C: ConnectionTrait>(
    db: &C,
    targets: &[StatsTarget<'_>],
) -> Result<Vec<CatalogStats>, Error> {
    let mut values = Vec::new();
    let mut rows = Vec::new();
    for (place, one) in targets.iter().enumerate() {
        let place = i64::try_from(place).unwrap_or(i64::MAX);
        let placeholders = [
            bind(&Postgres, &mut values, place) + "::bigint",
            bind(&Postgres, &mut values, one.schema.clone()) + "::text",
            bind(&Postgres, &mut values, one.name.clone()) + "::text",
            bind(&Postgres, &mut values, one.column.clone()) + "::text",
            bind(&Postgres, &mut values, one.at) + "::bigint",
            bind(&Postgres, &mut values, one.cutoff) + "::bigint",
        ];
        rows.push(format!("({})", placeholders.join(", ")));
    }
    let sql = format!(
        "WITH asked (place, table_schema, table_name, deleted_at, at, cutoff) AS (VALUES {}){CATALOG_STATS}",
        rows.join(", ")
    );
    let statement = Statement::from_sql_and_values(Postgres.backend(), sql, values);
    let mut stats = vec![CatalogStats::UNKNOWN; targets.len()];
    for row in db.query_all_raw(statement).await? {
        let place: i64 = row.try_get_by_index(0)?;
        let place = usize::try_from(place).ok();
        if let Some(stats) = place.and_then(|place| stats.get_mut(place)) {
            *stats = read_row(&row)?;
        }
    }
    Ok(stats)
}

fn read_row(row: &QueryResult) -> Result<CatalogStats, DbErr> {
    let number = |place| row.try_get_by_index::<Option<i64>>(place).map(amount);
    let time = |place| -> Result<Option<DateTime<Utc>>, DbErr> {
        let microseconds: Option<i64> = row.try_get_by_index(place)?;
        Ok(microseconds.and_then(DateTime::from_timestamp_micros))
    };
    let share = |place| row.try_get_by_index::<Option<f64>>(place);
    let exact = |number: Option<u64>| number.map_or(Figure::Unknown, Figure::Exact);
    let rows = number(1)?;
    let shares = Shares {
        null: share(7)?,
        common: share(8)?.unwrap_or(0.0),
        bounds: row.try_get_by_index(11)?,
    };
    let of_rows = |share: Option<f64>| Some(rounded(rows? as f64 * share?));
    let expired = shares.up_to(share(9)?, row.try_get_by_index(12)?);
    let past = shares.up_to(share(10)?, row.try_get_by_index(13)?);
    let future = past.zip(shares.deleted()).map(|(past, all)| all - past);
    Ok(CatalogStats {
        rows,
        deleted: of_rows(shares.deleted()),
        expired: of_rows(expired),
        future: of_rows(future),
        oldest: share(14)?.map(|micros| micros as i64),
        newest: share(15)?.map(|micros| micros as i64),
        table_bytes: exact(number(2)?),
        index_bytes: exact(number(3)?),
        free_bytes: Figure::Unknown,
        dead_rows: number(4)?.map_or(Figure::Unknown, Figure::Estimate),
        last_vacuum: time(5)?,
        last_autovacuum: time(6)?,
    })
}

/// Not less than none; a cast of a float saturates.
fn rounded(rows: f64) -> u64 {
    rows.round() as u64
}

/// What `pg_stats` says of `deleted_at`: shares of all rows, and a histogram of what is no common value.
#[derive(Clone, Copy, Debug)]
struct Shares {
    /// Without ANALYZE there is none.
    null: Option<f64>,
    common: f64,
    /// The histogram's bounds: one more than it has parts, each with as many rows.
    bounds: i64,
}

impl Shares {
    fn deleted(self) -> Option<f64> {
        self.null.map(|null| 1.0 - null)
    }

    /// The rows deleted up to some time: of the common values those given, and of the histogram so many bounds.
    fn up_to(self, common: Option<f64>, bounds: i64) -> Option<f64> {
        let in_histogram = (self.deleted()? - self.common).max(0.0);
        let parts = match bounds {
            0 => 0.0,
            _ if bounds >= self.bounds => 1.0,
            // Somewhere in the part behind the last of them.
            _ => (bounds as f64 - 0.5) / (self.bounds as f64 - 1.0),
        };
        Some(common.unwrap_or(0.0) + in_histogram * parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_come_from_common_values_and_from_the_histogram() {
        let shares = Shares {
            null: Some(0.5),
            common: 0.1,
            bounds: 5,
        };
        let up_to = |common, bounds| {
            shares
                .up_to(common, bounds)
                .map(|share| (share * 1e6).round())
        };
        assert_eq!(up_to(None, 0), Some(0.0));
        assert_eq!(up_to(Some(0.1), 0), Some(100_000.0));
        assert_eq!(up_to(None, 1), Some(50_000.0));
        assert_eq!(up_to(Some(0.1), 5), Some(500_000.0));
    }

    #[test]
    fn without_statistics_there_is_no_share() {
        let shares = Shares {
            null: None,
            common: 0.0,
            bounds: 0,
        };
        assert_eq!(shares.up_to(None, 0), None);
    }
}
