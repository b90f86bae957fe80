//! Values of `deleted_at` that are no time.

use sea_orm::{ConnectionTrait as _, DbBackend};

use super::{
    fixture::{count, purge_of, purged, table},
    odd::note,
};
use support::{self, TestDb, TestResult, domain::ids};

async fn notes(db: &TestDb) -> TestResult {
    support::create_table(db, note::Entity).await?;
    let (old, bad): (_, &[_]) = match db.backend() {
        DbBackend::Sqlite => (
            "2026-01-01T00:00:00+00:00",
            &["yesterday", "2026-02-30T25:00:00"],
        ),
        DbBackend::Postgres => ("2026-01-01 00:00:00", &["-infinity", "infinity"]),
        _ => (
            "2026-01-01 00:00:00",
            &["0000-00-00 00:00:00", "0000-00-00 00:00:00"],
        ),
    };
    let rows = (1..=40).map(|id| match id {
        10 => (id, bad[0]),
        30 => (id, bad[1]),
        id => (id, old),
    });
    let rows: Vec<_> = rows.map(|(id, at)| format!("({id}, '{at}')")).collect();
    let insert = format!("INSERT INTO note VALUES {}", rows.join(", "));
    if db.backend() == DbBackend::MySql {
        let mut options = sea_orm::ConnectOptions::new(db.url());
        options.max_connections(1).sqlx_logging(false);
        let lenient = sea_orm::Database::connect(options).await?;
        lenient.execute_unprepared("SET sql_mode = ''").await?;
        lenient.execute_unprepared(&insert).await?;
        lenient.close().await?;
    } else {
        db.execute_unprepared(&insert).await?;
    }
    Ok(())
}

support::on_every_backend! {
    async fn a_row_without_a_readable_time_is_passed_over_and_told(db: &TestDb) {
        notes(db).await?;
        let dry = purge_of("notes").plan(db).await?;
        for batch in [7, 1_000] {
            let report = purge_of("notes").batch(batch).exec(db).await?;
            let expected: &[_] = if batch == 7 { &[("note", 38)] } else { &[] };
            assert_eq!(purged(&report), *expected);
            let note = table(&report, "note");
            assert_eq!(note.remaining, 0);
            assert_eq!(note.passed_over.len(), 1, "{report}");
            assert_eq!(note.passed_over[0].keys, ["10", "30"]);
            assert!(note.passed_over[0].reason.contains("`deleted_at` can't be read as a time"), "{report}");
        }
        assert_eq!(purged(&dry), [("note", 38)]);
        assert_eq!(table(&dry, "note").passed_over[0].rows, 2);
        assert_eq!(count(db, "note").await?, 2);
        assert_eq!(ids(db, "SELECT id FROM note WHERE deleted_at IS NOT NULL ORDER BY id").await?, [10, 30]);
    }

    async fn such_a_row_is_passed_over_with_a_purge_index_too(db: &TestDb) {
        notes(db).await?;
        soft_delete::schema::PurgeIndex::on("note").create(db).await?;
        let report = purge_of("notes").batch(7).exec(db).await?;
        assert_eq!(purged(&report), [("note", 38)]);
        assert_eq!(table(&report, "note").passed_over[0].rows, 2);
    }
}

support::on_backends! {
    [mariadb MariaDb Pool]

    async fn a_date_without_a_month_is_none_either(db: &TestDb) {
        db.execute_unprepared("CREATE TABLE note (id BIGINT PRIMARY KEY, deleted_at DATETIME(6) NULL)").await?;
        let mut options = sea_orm::ConnectOptions::new(db.url());
        options.max_connections(1).sqlx_logging(false);
        let lenient = sea_orm::Database::connect(options).await?;
        lenient.execute_unprepared("SET sql_mode = ''").await?;
        lenient.execute_unprepared("INSERT INTO note VALUES (1, '2024-00-10 00:00:00'), (2, '2024-01-00 00:00:00'), (3, '2024-01-01 00:00:00')").await?;
        lenient.close().await?;
        let report = purge_of("notes").exec(db).await?;
        assert_eq!(purged(&report), [("note", 1)]);
        assert_eq!(table(&report, "note").passed_over[0].keys, ["1", "2"]);
    }
}
