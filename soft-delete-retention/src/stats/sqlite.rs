//! What SQLite knows of its tables: their pages by `dbstat`, and what ANALYZE left behind.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement};

use super::{
    Figure,
    asked::Asked,
    count::bind,
    known::{Known, amount},
};
use soft_delete_core::Error;

/// A database that is read whole in less time than a round trip to some servers takes.
const SMALL: i64 = 64 * 1024 * 1024;

/// Whether the whole database is so small that reading it all is cheap.
pub(super) async fn is_small<C: ConnectionTrait>(db: &C) -> Result<bool, Error> {
    let sql = "SELECT p.page_count * s.page_size FROM pragma_page_count AS p CROSS JOIN pragma_page_size AS s";
    let row = query(db, sql).await?;
    let bytes = row.first().map(|row| row.try_get_by_index::<i64>(0));
    Ok(bytes.transpose()?.is_some_and(|bytes| bytes <= SMALL))
}

pub(super) async fn known<C: ConnectionTrait>(
    db: &C,
    asked: &[Asked<'_>],
    scan: bool,
) -> Result<Vec<Known>, Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM pragma_module_list WHERE name = 'dbstat'), \
               EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1')";
    let has = query(db, sql).await?;
    let has = |place| -> Result<bool, DbErr> {
        let row = has.first();
        let found = row.map(|row| row.try_get_by_index::<i64>(place));
        Ok(found.transpose()?.is_some_and(|found| found != 0))
    };
    let mut known = vec![Known::NOTHING; asked.len()];
    if has(0)? && scan {
        add_sizes(db, asked, &mut known).await?;
    }
    if has(1)? && !scan {
        add_analyzed(db, asked, &mut known).await?;
    }
    Ok(known)
}

/// `dbstat` reads the pages it tells of.
async fn add_sizes<C: ConnectionTrait>(
    db: &C,
    asked: &[Asked<'_>],
    known: &mut [Known],
) -> Result<(), Error> {
    let mut values = Vec::new();
    let names = asked
        .iter()
        .map(|one| bind(DbBackend::Sqlite, &mut values, one.name.clone()));
    let sql = format!(
        "SELECT m.tbl_name, SUM(CASE m.type WHEN 'table' THEN s.pgsize END), SUM(CASE m.type WHEN 'index' THEN s.pgsize ELSE 0 END), \
         SUM(s.unused) FROM sqlite_master AS m CROSS JOIN dbstat AS s ON s.name = m.name AND s.aggregate = TRUE \
         WHERE m.tbl_name IN ({}) GROUP BY m.tbl_name",
        names.collect::<Vec<_>>().join(", ")
    );
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values);
    for row in db.query_all_raw(statement).await? {
        let table: String = row.try_get_by_index(0)?;
        for (known, _) in known
            .iter_mut()
            .zip(asked)
            .filter(|(_, one)| one.name == table)
        {
            let bytes = |place| -> Result<Figure<u64>, DbErr> {
                let bytes = amount(row.try_get_by_index(place)?);
                Ok(bytes.map_or(Figure::Unknown, Figure::Exact))
            };
            known.table_bytes = bytes(1)?;
            known.index_bytes = bytes(2)?;
            known.free_bytes = bytes(3)?;
        }
    }
    Ok(())
}

/// The first number of each line is that of the index's rows.
async fn add_analyzed<C: ConnectionTrait>(
    db: &C,
    asked: &[Asked<'_>],
    known: &mut [Known],
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
        for (known, one) in known
            .iter_mut()
            .zip(asked)
            .filter(|(_, one)| one.name == table)
        {
            if !is_partial {
                known.rows = rows;
            } else if index == one.index {
                known.deleted = rows;
            }
        }
    }
    Ok(())
}

async fn query<C: ConnectionTrait>(db: &C, sql: &str) -> Result<Vec<QueryResult>, DbErr> {
    db.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql))
        .await
}
