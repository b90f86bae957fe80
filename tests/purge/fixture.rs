//! What the tests of the purge share: rows deleted at known times, and the purge of them.

use std::time::Duration;

use chrono::{DateTime, TimeZone as _, Utc};
use sea_orm::{ConnectionTrait, DbErr, Statement};
use soft_delete::{Purge, PurgeReport, PurgedTable, Registry, TableCounts};

use support::{TestDb, TestResult, domain};

/// What time it is in these tests.
pub fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 6, 1, 12, 0, 0).unwrap()
}

/// That many days before.
pub fn days_ago(days: i64) -> DateTime<Utc> {
    now() - chrono::TimeDelta::days(days)
}

pub const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A purge of one group, of what was deleted 30 days ago or earlier.
pub fn purge_of(group: &str) -> Purge {
    Purge::new()
        .registry(&Registry::global().of_group(group))
        .default_retention(30 * DAY)
        .at(now())
}

/// A purge of the tracker.
pub fn purge() -> Purge {
    purge_of("default")
}

pub fn table<'r>(report: &'r PurgeReport, name: &str) -> &'r PurgedTable {
    let mut tables = report.tables().iter();
    tables
        .find(|table| table.table == name)
        .expect("the table is in the report")
}

/// The tables with the rows purged, in the order in which that was done.
pub fn purged(report: &PurgeReport) -> TableCounts {
    report.rows_by_table()
}

/// The number of rows of a table, deleted ones included.
pub async fn count(db: &impl ConnectionTrait, table: &str) -> Result<i64, DbErr> {
    let sql = format!("SELECT COUNT(*) FROM {table} WHERE deleted_at IS NULL OR TRUE");
    let query = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(query).await?.expect("a count");
    row.try_get_by_index(0)
}

/// One workspace with a project, a task and three comments; returns their ids.
pub async fn a_tree(db: &TestDb, slug: &str) -> TestResult<(i64, i64, i64)> {
    let workspace = domain::workspace(db, slug).await?;
    let project = domain::project(db, &workspace, "engine").await?;
    let task = domain::task(db, &project, "start").await?;
    for body in ["one", "two", "three"] {
        domain::comment(db, &task, body).await?;
    }
    Ok((workspace.id, project.id, task.id))
}
