//! Tables of known rows.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait as _, DbBackend, DbErr};
use soft_delete::{
    Error, Figure, Registry, SoftDelete as _, Stats, StatsReader, TableName, TableStats,
};

use support::TestDb;

pub mod ticket {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
    #[sea_orm(table_name = "ticket")]
    #[soft_delete(group = "figures", retention = "30 days")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub deleted_at: Option<DateTimeUtc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Without a retention.
pub mod note {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
    #[sea_orm(table_name = "note")]
    #[soft_delete(group = "figures")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub deleted_at: Option<DateTimeUtc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub fn registry() -> Registry {
    Registry::global().of_group("figures")
}

/// `ticket`, and nothing else.
pub fn tickets() -> Registry {
    Registry::builder().entity::<ticket::Entity>().build()
}

/// A copy of `ticket` under another name.
pub fn ticket_as(table: TableName) -> Registry {
    let mut meta = ticket::Entity::meta().clone();
    meta.table = table;
    Registry::builder().meta(meta).build()
}

pub const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What all tests take for now.
pub fn now() -> DateTime<Utc> {
    "2026-06-01T12:00:00Z".parse().expect("a time")
}

pub fn days_ago(days: i64) -> DateTime<Utc> {
    now() - chrono::TimeDelta::days(days)
}

pub fn reader(registry: &Registry) -> StatsReader {
    StatsReader::new().registry(registry).at(now())
}

pub async fn read(db: &TestDb, registry: &Registry) -> Result<Stats, Error> {
    reader(registry).exec(db).await
}

/// The figures of `ticket`.
pub async fn ticket_figures(db: &TestDb) -> Result<TableStats, Error> {
    Ok(read(db, &tickets()).await?.tables()[0].clone())
}

pub async fn run(db: &TestDb, statements: &[&str]) -> Result<(), DbErr> {
    for sql in statements {
        db.execute_unprepared(sql).await?;
    }
    Ok(())
}

pub async fn create(db: &TestDb, table: &str) -> Result<(), DbErr> {
    let time = match db.backend() {
        DbBackend::Postgres => "timestamp with time zone",
        DbBackend::MySql => "timestamp(6) NULL",
        _ => "timestamp_with_timezone_text",
    };
    let id = match db.backend() {
        DbBackend::Postgres => "serial",
        DbBackend::MySql => "integer auto_increment",
        _ => "integer",
    };
    run(
        db,
        &[&format!(
            "CREATE TABLE {table} (id {id} PRIMARY KEY, deleted_at {time})"
        )],
    )
    .await
}

/// Adds rows that were deleted then, or `None` for active ones.
pub async fn insert(db: &TestDb, table: &str, rows: &[Option<DateTime<Utc>>]) -> Result<(), DbErr> {
    let values = rows.iter().map(|row| match row {
        Some(at) => format!("('{}')", text(db, *at)),
        None => "(NULL)".to_owned(),
    });
    let values = values.collect::<Vec<_>>().join(", ");
    run(
        db,
        &[&format!("INSERT INTO {table} (deleted_at) VALUES {values}")],
    )
    .await
}

/// A time as the engine writes it.
fn text(db: &TestDb, at: DateTime<Utc>) -> String {
    match db.backend() {
        DbBackend::MySql => at.format("%Y-%m-%d %H:%M:%S%.6f").to_string(),
        _ => at.to_rfc3339(),
    }
}

/// 30,000 rows, of which every `every`th was deleted, a second apart and the last of them on the day given, when there are
/// 30,000 seconds left.
pub async fn insert_many(db: &TestDb, table: &str, every: u32, day: &str) -> Result<(), DbErr> {
    let at = match db.backend() {
        DbBackend::Postgres => format!("timestamptz '{day} 00:00:00Z' + n * interval '1 second'"),
        DbBackend::MySql => format!("TIMESTAMP '{day} 00:00:00' + INTERVAL n SECOND"),
        _ => format!("strftime('%Y-%m-%dT%H:%M:%S+00:00', '{day} 00:00:00', n || ' seconds')"),
    };
    let digits = [
        "CREATE TABLE digit (d integer)",
        "INSERT INTO digit VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)",
    ];
    run(db, &digits).await?;
    let fill = format!(
        "INSERT INTO {table} (deleted_at) SELECT CASE WHEN n % {every} = 0 THEN {at} END FROM ( \
         SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d AS n \
         FROM digit a, digit b, digit c, digit e, digit f WHERE f.d < 3) AS numbers ORDER BY n"
    );
    run(db, &[&fill, "DROP TABLE digit"]).await
}

pub async fn create_purge_index(db: &TestDb, table: &str) -> Result<(), Error> {
    soft_delete::schema::PurgeIndex::on(table.to_owned())
        .create(db)
        .await?;
    Ok(())
}

pub async fn analyze(db: &TestDb, table: &str) -> Result<(), DbErr> {
    let sql = match db.backend() {
        DbBackend::MySql => format!("ANALYZE TABLE {table}"),
        _ => format!("ANALYZE {table}"),
    };
    run(db, &[&sql]).await
}

/// A SQLite database so large that it is not read whole; others are not anyway.
pub async fn make_large(db: &TestDb) -> Result<(), DbErr> {
    if db.backend() == DbBackend::Sqlite {
        let pad = [
            "CREATE TABLE pad (data BLOB)",
            "INSERT INTO pad VALUES (zeroblob(68 * 1024 * 1024))",
        ];
        run(db, &pad).await?;
    }
    Ok(())
}

/// Expects an estimate not further off than a tenth.
#[track_caller]
pub fn assert_near(figure: Figure<u64>, truth: u64) {
    let Figure::Estimate(number) = figure else {
        panic!("{figure:?} is no estimate");
    };
    assert!(number.abs_diff(truth) <= truth / 10, "{number} for {truth}");
}
