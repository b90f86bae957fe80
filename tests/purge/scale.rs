//! A million rows.

use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DbBackend};
use soft_delete::schema::PurgeIndex;

use super::{
    fixture::{count, purge_of},
    odd::note,
};
use support::{self, TestDb, TestResult};

/// Makes notes, one in `every` expired, all since the same moment.
pub async fn fill(db: &TestDb, rows: i64, every: i64) -> TestResult {
    support::create_table(db, note::Entity).await?;
    PurgeIndex::on("note").create(db).await?;
    let number = match db.backend() {
        DbBackend::MySql => "seq",
        _ => "n",
    };
    let deleted = |at: &str| format!("CASE WHEN {number} % {every} = 0 THEN {at} END");
    let sql = match db.backend() {
        DbBackend::Postgres => format!(
            "INSERT INTO note SELECT n, {} FROM generate_series(1, {rows}) AS n",
            deleted("TIMESTAMPTZ '2026-01-01 00:00:00Z'")
        ),
        DbBackend::MySql => format!(
            "INSERT INTO note SELECT seq, {} FROM seq_1_to_{rows}",
            deleted("'2026-01-01 00:00:00'")
        ),
        _ => format!(
            "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {rows}) \
             INSERT INTO note SELECT n, {} FROM numbers",
            deleted("'2026-01-01T00:00:00+00:00'")
        ),
    };
    db.execute_unprepared(&sql).await?;
    let analyze = match db.backend() {
        DbBackend::Postgres => "VACUUM ANALYZE note",
        DbBackend::MySql => "ANALYZE TABLE note",
        _ => "ANALYZE",
    };
    db.execute_unprepared(analyze).await?;
    Ok(())
}

support::on_backends! {
    [sqlite_file SqliteFile Pool, postgres Postgres Pool, mariadb MariaDb Pool]

    async fn the_memory_that_a_purge_takes_does_not_grow_with_the_rows(db: &TestDb) {
        // In batches as large as they can be, so that there are few.
        let million: i64 = 1_000_000;
        fill(db, million, 1).await?;
        let url = db.url().to_owned();
        let measured = std::thread::spawn(move || {
            let mut purged = 0;
            // On one thread, which is what is measured.
            let allocations = allocation_counter::measure(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                purged = runtime.block_on(async {
                    let mut options = ConnectOptions::new(url);
                    options.max_connections(1).sqlx_logging(false);
                    let pool = Database::connect(options).await.unwrap();
                    let report = purge_of("notes").batch(10_000).exec(&pool).await.unwrap();
                    pool.close().await.unwrap();
                    report.rows_purged()
                });
            });
            (purged, allocations.bytes_max)
        });
        let (purged, most) = measured.join().unwrap();
        assert_eq!(purged, million.unsigned_abs());
        // One batch: 10,000 keys, and a statement with as many values.
        assert!(most < 24 << 20, "{most} bytes");
        assert_eq!(count(db, "note").await?, 0);
    }
}
