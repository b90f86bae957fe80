//! Several workers at once, in one process and in several, and workers that are killed.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

use futures_util::future::try_join_all;
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection};
use soft_delete::{Purge, PurgeReport, Registry, archive::ArchiveTable};

use super::{
    fixture::{DAY, count, now, purge_of, table},
    scale::fill,
};
use support::{self, TestDb, TestResult};

/// How a worker process is told where to work; see [`a_worker_process`].
const URL: &str = "SOFT_DELETE_PURGE_WORKER_URL";

fn purge() -> Purge {
    purge_of("notes").batch(50)
}

async fn another_pool(db: &TestDb) -> TestResult<DatabaseConnection> {
    let mut options = ConnectOptions::new(db.url());
    options.max_connections(1).sqlx_logging(false);
    Ok(Database::connect(options).await?)
}

async fn share(db: &TestDb, workers: usize) -> TestResult {
    fill(db, 3_000, 1).await?;
    let mut purges = Vec::new();
    for _ in 0..workers {
        let pool = another_pool(db).await?;
        purges.push(tokio::spawn(async move { purge().exec(&pool).await }));
    }
    let reports = try_join_all(purges).await?;
    let mut total = 0;
    for report in reports {
        total += report?.rows_purged();
    }
    // A row that one has locked is passed over by the others: each is counted once, and none is left.
    assert_eq!((total, count(db, "note").await?), (3_000, 0));
    Ok(())
}

struct Worker {
    process: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Worker {
    /// This program again, to run nothing but [`a_worker_process`].
    fn start(db: &TestDb) -> TestResult<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args([
                "--ignored",
                "--exact",
                "--nocapture",
                "purge::workers::a_worker_process",
            ])
            .env(URL, db.url())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let output = process.stdout.take().expect("its output");
        Ok(Self {
            process,
            lines: BufReader::new(output).lines(),
        })
    }

    fn next(&mut self, prefix: &str) -> TestResult<String> {
        for line in &mut self.lines {
            let line = line?;
            if let Some((_, rest)) = line.split_once(prefix) {
                return Ok(rest.to_owned());
            }
        }
        panic!("the worker ended without {prefix}");
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Not a test: what the workers of the tests below are.
#[test]
#[ignore = "a worker process for other tests"]
fn a_worker_process() {
    let Ok(url) = std::env::var(URL) else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let report = runtime.block_on(async {
        let mut options = ConnectOptions::new(url);
        options.sqlx_logging(false);
        let db = Database::connect(options).await.unwrap();
        Purge::new()
            .registry(&Registry::global().of_group("notes"))
            .default_retention(30 * DAY)
            .at(now())
            .batch(50)
            .archive(ArchiveTable::new())
            .rows_per_second(500)
            .on_progress(|progress| println!("purged {}", progress.purged))
            .exec(&db)
            .await
            .unwrap()
    });
    println!("report {}", serde_json::to_string(&report).unwrap());
}

support::on_servers! {
    async fn two_workers_share_the_rows(db: &TestDb) {
        share(db, 2).await?;
    }

    async fn four_workers_share_the_rows(db: &TestDb) {
        share(db, 4).await?;
    }
}

support::on_backends! {
    [sqlite_file SqliteFile Pool, postgres Postgres Pool, mariadb MariaDb Pool]

    async fn two_processes_share_the_rows(db: &TestDb) {
        ArchiveTable::new().create(db).await?;
        fill(db, 2_000, 1).await?;
        let mut workers = [Worker::start(db)?, Worker::start(db)?];
        let mut total = 0;
        for worker in &mut workers {
            let report: PurgeReport = serde_json::from_str(&worker.next("report ")?)?;
            total += report.rows_purged();
        }
        assert_eq!((total, count(db, "note").await?), (2_000, 0));
        assert_eq!(count(db, "soft_delete_archive").await?, 2_000);
    }

    async fn a_killed_process_loses_nothing_and_the_next_run_goes_on(db: &TestDb) {
        ArchiveTable::new().create(db).await?;
        fill(db, 2_000, 1).await?;
        for kills in 1..=3 {
            let mut worker = Worker::start(db)?;
            for _ in 0..kills {
                worker.next("purged ")?;
            }
            // SIGKILL, wherever it is.
            worker.process.kill()?;
            worker.process.wait()?;
            let left = count(db, "note").await?;
            assert!(left < 2_000 && left > 0, "{left}");
            assert_eq!(left + count(db, "soft_delete_archive").await?, 2_000);
        }
        let left = count(db, "note").await?;
        // A server may need a moment to notice that the worker is gone, and to let go of its rows.
        let mut purged = 0;
        for _ in 0..50 {
            let report = purge().archive(ArchiveTable::new()).exec(db).await?;
            purged += report.rows_purged();
            if table(&report, "note").remaining == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!((purged, count(db, "note").await?), (left.unsigned_abs(), 0));
        assert_eq!(count(db, "soft_delete_archive").await?, 2_000);
    }
}

support::on_servers! {
    async fn rows_that_others_have_locked_are_passed_over_and_told(db: &TestDb) {
        use sea_orm::TransactionTrait as _;

        fill(db, 100, 1).await?;
        let other = db.connection().begin().await?;
        other.execute_unprepared("UPDATE note SET deleted_at = deleted_at WHERE id = 7").await?;
        let report = purge().exec(db).await?;
        assert_eq!((report.rows_purged(), table(&report, "note").remaining), (99, 1));
        assert!(!report.is_complete());
        other.rollback().await?;
        assert_eq!(purge().exec(db).await?.rows_purged(), 1);
    }
}
