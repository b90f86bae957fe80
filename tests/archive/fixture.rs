//! What the tests of the archive share.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, prelude::Uuid};
use soft_delete::{
    Purge, PurgeReport, Registry,
    archive::{ArchiveTable, ArchivedRow},
};

use support::{TestDb, TestResult};

pub fn archive() -> ArchiveTable {
    ArchiveTable::new()
}

/// Purges all deleted rows of a group into the archive, which is created if it is not there.
pub async fn purge(db: &TestDb, group: &str) -> TestResult<PurgeReport> {
    archive().create(db).await?;
    let report = Purge::new()
        .registry(&Registry::global().of_group(group))
        .default_retention(Duration::ZERO)
        .archive(archive())
        .exec(db)
        .await?;
    Ok(report)
}

/// Runs statements, past any scope. `TIME` and `UUID` stand for the backend's types of the stamp.
pub async fn run(db: &TestDb, statements: &[&str]) -> Result<(), DbErr> {
    let (time, uuid) = match db.backend() {
        DbBackend::Postgres => ("timestamp with time zone", "uuid"),
        DbBackend::MySql => ("timestamp(6) NULL", "binary(16)"),
        _ => ("timestamp_with_timezone_text", "uuid_text"),
    };
    for statement in statements {
        let sql = statement.replace("TIME", time).replace("UUID", uuid);
        db.connection().execute_unprepared(&sql).await?;
    }
    Ok(())
}

/// The number that a query gives, past any scope.
pub async fn number(db: &TestDb, sql: &str) -> Result<i64, DbErr> {
    let statement = Statement::from_string(db.backend(), sql);
    let row = db.connection().query_one_raw(statement).await?;
    row.expect("a row").try_get_by_index(0)
}

/// The text that a query gives, past any scope.
pub async fn text(db: &TestDb, sql: &str) -> Result<Option<String>, DbErr> {
    let statement = Statement::from_string(db.backend(), sql);
    let row = db.connection().query_one_raw(statement).await?;
    row.expect("a row").try_get_by_index(0)
}

/// Tables and keys of all entries, the oldest first.
pub fn rows(entries: &[ArchivedRow]) -> Vec<(&str, &str)> {
    let mut rows: Vec<_> = entries
        .iter()
        .map(|entry| (entry.table.as_str(), entry.key[0].as_str()))
        .collect();
    rows.reverse();
    rows
}

/// The specimen: an entity whose table has more columns than it knows.
pub mod specimen {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "specimen")]
    #[soft_delete(group = "specimens")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Deletes all specimens, purges them into the archive, and returns the deletion's id.
pub async fn archive_specimens(db: &TestDb) -> TestResult<Uuid> {
    let deletion = specimen::Entity::delete_many().all().exec(db).await?;
    let report = purge(db, "specimens").await?;
    assert_eq!(report.rows_purged(), deletion.rows_affected);
    Ok(deletion.id())
}

/// A table of specimens with these columns beside its own.
pub async fn create_specimens(db: &TestDb, columns: &str) -> Result<(), DbErr> {
    let sql = format!(
        "CREATE TABLE specimen (id bigint PRIMARY KEY, {columns}, deleted_at TIME, deletion_id UUID)"
    );
    run(db, &[&sql]).await
}
