//! What MySQL and MariaDB know of their tables: `information_schema.TABLES`, and the optimiser's estimate of a range.

use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement, Value};

use crate::{
    dialect::stats::{CatalogStats, StatsDialect, StatsTarget, amount, bind},
    figure::Figure,
};
use soft_delete_core::Error;
use soft_delete_schema::schema_api::{
    change::refused,
    dialect::{MYSQL, MySql, SqlDialect as _},
};

impl StatsDialect for MySql {
    fn microseconds(&self, deleted_at: &str) -> String {
        format!("TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', {deleted_at})")
    }

    fn index_hint(&self, index: Option<&str>) -> String {
        index.map_or_else(String::new, |index| {
            format!(" FORCE INDEX ({})", self.quote(index))
        })
    }

    fn estimates_ranges(&self) -> bool {
        true
    }
}

pub(in crate::dialect) async fn read<C: ConnectionTrait>(
    db: &C,
    targets: &[StatsTarget<'_>],
) -> Result<Vec<CatalogStats>, Error> {
    let mut values = Vec::new();
    let mut list = |name: for<'o> fn(&'o StatsTarget<'_>) -> &'o String| {
        let names = targets
            .iter()
            .map(|one| bind(&MYSQL, &mut values, name(one).clone()));
        names.collect::<Vec<_>>().join(", ")
    };
    let sql = format!(
        "SELECT CAST(t.TABLE_SCHEMA AS CHAR), CAST(t.TABLE_NAME AS CHAR), CAST(t.TABLE_ROWS AS SIGNED), \
         CAST(t.DATA_LENGTH AS SIGNED), CAST(t.INDEX_LENGTH AS SIGNED), CAST(t.DATA_FREE AS SIGNED) \
         FROM information_schema.TABLES t WHERE t.TABLE_SCHEMA IN ({}) AND t.TABLE_NAME IN ({})",
        list(|one| &one.schema),
        list(|one| &one.name),
    );
    let statement = Statement::from_sql_and_values(MYSQL.backend(), sql, values);
    let mut stats = vec![CatalogStats::UNKNOWN; targets.len()];
    for row in db.query_all_raw(statement).await? {
        let schema: String = row.try_get_by_index(0)?;
        let name: String = row.try_get_by_index(1)?;
        for (stats, one) in stats.iter_mut().zip(targets) {
            if one.schema == schema && one.name == name {
                *stats = read_row(&row)?;
            }
        }
    }
    Ok(stats)
}

fn read_row(row: &QueryResult) -> Result<CatalogStats, DbErr> {
    let number = |place| row.try_get_by_index::<Option<i64>>(place).map(amount);
    let estimate = |number: Option<u64>| number.map_or(Figure::Unknown, Figure::Estimate);
    Ok(CatalogStats {
        rows: number(2)?,
        table_bytes: estimate(number(3)?),
        index_bytes: estimate(number(4)?),
        free_bytes: estimate(number(5)?),
        ..CatalogStats::UNKNOWN
    })
}

/// Adds how many rows the optimiser expects in the index: it has a look at a few pages.
pub(in crate::dialect) async fn add_range_estimates<C: ConnectionTrait>(
    db: &C,
    targets: &mut [(&StatsTarget<'_>, &mut CatalogStats)],
) -> Result<(), Error> {
    /// As for the counts.
    const AT_ONCE: usize = 20;

    for some in targets.chunks_mut(AT_ONCE) {
        let mut values = Vec::new();
        let arms = some.iter().enumerate().flat_map(|(place, (one, _))| {
            let table = MYSQL.quote_table(one.table);
            let deleted_at = MYSQL.quote(one.deleted_at);
            let hint = MYSQL.index_hint(one.index.as_deref());
            let cutoff = bind(&MYSQL, &mut values, one.cutoff);
            let epoch = "TIMESTAMP '1970-01-01 00:00:00'";
            [
                format!("SELECT 1 FROM {table} AS d{place}{hint} WHERE d{place}.{deleted_at} IS NOT NULL"),
                format!(
                    "SELECT 1 FROM {table} AS x{place}{hint} \
                     WHERE x{place}.{deleted_at} <= {epoch} + INTERVAL {cutoff} MICROSECOND"
                ),
            ]
        });
        let arms = arms.collect::<Vec<_>>().join(" UNION ALL ");
        for row in &explain(db, &arms, &values).await? {
            let Some(alias) = row.try_get::<Option<String>>("", "table")? else {
                continue;
            };
            let place = alias.get(1..).and_then(|place| place.parse::<usize>().ok());
            let Some((_, stats)) = place.and_then(|place| some.get_mut(place)) else {
                continue;
            };
            match alias.as_bytes().first() {
                Some(b'd') => stats.deleted = expected(row),
                Some(b'x') => stats.expired = expected(row),
                _ => {}
            }
        }
    }
    Ok(())
}

/// A row for each table. MySQL 9 gives one text, unless it is targets for rows; a scoped connection can't read that it is, and there
/// is no guess then.
async fn explain<C: ConnectionTrait>(
    db: &C,
    arms: &str,
    values: &[Value],
) -> Result<Vec<QueryResult>, Error> {
    let explain = async |verb: &str| {
        let sql = format!("{verb} {arms}");
        let values = values.iter().cloned();
        db.query_all_raw(Statement::from_sql_and_values(MYSQL.backend(), sql, values))
            .await
    };
    let rows = explain("EXPLAIN")
        .await
        .map_err(|error| refused("estimate rows", error))?;
    let is_text = |row: &QueryResult| row.try_get::<Option<String>>("", "table").is_err();
    Ok(match rows.first() {
        Some(row) if is_text(row) => explain("EXPLAIN FORMAT=TRADITIONAL")
            .await
            .unwrap_or_default(),
        _ => rows,
    })
}

/// A number in MySQL, a text in MariaDB.
fn expected(row: &QueryResult) -> Option<u64> {
    if let Ok(rows) = row.try_get::<Option<u64>>("", "rows") {
        return rows;
    }
    if let Ok(rows) = row.try_get::<Option<i64>>("", "rows") {
        return amount(rows);
    }
    let rows: Option<String> = row.try_get("", "rows").ok()?;
    rows?.parse().ok()
}
