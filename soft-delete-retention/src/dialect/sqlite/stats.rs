//! What SQLite knows of its tables: their pages by `dbstat`, and what ANALYZE left behind.

use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement};

use crate::{
    dialect::stats::{CatalogStats, Reading, StatsDialect, StatsTarget, amount, bind},
    figure::Figure,
};
use soft_delete_core::Error;
use soft_delete_schema::schema_api::dialect::{SqlDialect as _, Sqlite};

impl StatsDialect for Sqlite {
    /// SQLite has text, in whatever form a program wrote it: with a `T` or a blank, with or without a fraction and an offset. Its
    /// own functions read them all, but no more than milliseconds; so the fraction goes its own way. Numbers are what
    /// SQLite takes them for, seconds since 1970 and Julian days. What is no time at all is NULL.
    fn microseconds(&self, deleted_at: &str) -> String {
        format!(
            "CASE typeof({deleted_at}) WHEN 'null' THEN NULL WHEN 'integer' THEN {deleted_at} * 1000000 \
             WHEN 'real' THEN CAST(round(({deleted_at} - 2440587.5) * 86400000000.0) AS INTEGER) \
             ELSE CAST(strftime('%s', substr({deleted_at}, 1, 19) || ltrim(substr({deleted_at}, 20), '.0123456789')) AS INTEGER) * 1000000 \
             + CAST(round(CAST('0' || substr({deleted_at}, 20, 7) AS REAL) * 1000000) AS INTEGER) END"
        )
    }

    /// It would work the time out again for each of the aggregates, were the sub-select no query of its own.
    fn no_limit(&self) -> &'static str {
        " LIMIT -1"
    }

    /// Programs write the texts in more than one form.
    fn has_times_in_order(&self) -> bool {
        false
    }
}

/// A database that is read whole in less time than a round trip to some servers takes.
const SMALL: i64 = 64 * 1024 * 1024;

/// Whether the whole database is so small that reading it all is cheap.
pub(in crate::dialect) async fn is_small<C: ConnectionTrait>(db: &C) -> Result<bool, Error> {
    let sql = "SELECT p.page_count * s.page_size FROM pragma_page_count AS p CROSS JOIN pragma_page_size AS s";
    let row = query(db, sql).await?;
    let bytes = row.first().map(|row| row.try_get_by_index::<i64>(0));
    Ok(bytes.transpose()?.is_some_and(|bytes| bytes <= SMALL))
}

pub(in crate::dialect) async fn read<C: ConnectionTrait>(
    db: &C,
    targets: &[StatsTarget<'_>],
    reading: Reading,
) -> Result<Vec<CatalogStats>, Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM pragma_module_list WHERE name = 'dbstat'), \
               EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1')";
    let has = query(db, sql).await?;
    let has = |place| -> Result<bool, DbErr> {
        let row = has.first();
        let found = row.map(|row| row.try_get_by_index::<i64>(place));
        Ok(found.transpose()?.is_some_and(|found| found != 0))
    };
    let mut stats = vec![CatalogStats::UNKNOWN; targets.len()];
    if has(0)? && reading == Reading::All {
        add_sizes(db, targets, &mut stats).await?;
    }
    if has(1)? && reading == Reading::Bounded {
        add_analyzed(db, targets, &mut stats).await?;
    }
    Ok(stats)
}

/// `dbstat` reads the pages it tells of.
async fn add_sizes<C: ConnectionTrait>(
    db: &C,
    targets: &[StatsTarget<'_>],
    stats: &mut [CatalogStats],
) -> Result<(), Error> {
    let mut values = Vec::new();
    let names = targets
        .iter()
        .map(|one| bind(&Sqlite, &mut values, one.name.clone()));
    let sql = format!(
        "SELECT m.tbl_name, SUM(CASE m.type WHEN 'table' THEN s.pgsize END), SUM(CASE m.type WHEN 'index' THEN s.pgsize ELSE 0 END), \
         SUM(s.unused) FROM sqlite_master AS m CROSS JOIN dbstat AS s ON s.name = m.name AND s.aggregate = TRUE \
         WHERE m.tbl_name IN ({}) GROUP BY m.tbl_name",
        names.collect::<Vec<_>>().join(", ")
    );
    let statement = Statement::from_sql_and_values(Sqlite.backend(), sql, values);
    for row in db.query_all_raw(statement).await? {
        let table: String = row.try_get_by_index(0)?;
        for (stats, _) in stats
            .iter_mut()
            .zip(targets)
            .filter(|(_, one)| one.name == table)
        {
            let bytes = |place| -> Result<Figure<u64>, DbErr> {
                let bytes = amount(row.try_get_by_index(place)?);
                Ok(bytes.map_or(Figure::Unknown, Figure::Exact))
            };
            stats.table_bytes = bytes(1)?;
            stats.index_bytes = bytes(2)?;
            stats.free_bytes = bytes(3)?;
        }
    }
    Ok(())
}

/// The first number of each line is that of the index's rows.
async fn add_analyzed<C: ConnectionTrait>(
    db: &C,
    targets: &[StatsTarget<'_>],
    stats: &mut [CatalogStats],
) -> Result<(), Error> {
    let sql = "SELECT s.tbl, s.idx, s.stat, m.sql LIKE '% WHERE %' FROM sqlite_stat1 AS s \
               LEFT JOIN sqlite_master AS m ON m.type = 'index' AND m.name = s.idx";
    for row in query(db, sql).await? {
        let table: String = row.try_get_by_index(0)?;
        let index: Option<String> = row.try_get_by_index(1)?;
        let numbers: Option<String> = row.try_get_by_index(2)?;
        let is_partial = row.try_get_by_index::<Option<i64>>(3)? == Some(1);
        let rows = numbers
            .as_deref()
            .and_then(|numbers| numbers.split(' ').next()?.parse::<u64>().ok());
        for (stats, one) in stats
            .iter_mut()
            .zip(targets)
            .filter(|(_, one)| one.name == table)
        {
            if !is_partial {
                stats.rows = rows;
            } else if index == one.index {
                stats.deleted = rows;
            }
        }
    }
    Ok(())
}

async fn query<C: ConnectionTrait>(db: &C, sql: &str) -> Result<Vec<QueryResult>, DbErr> {
    db.query_all_raw(Statement::from_string(Sqlite.backend(), sql))
        .await
}
