//! Batches, pauses, the deadline, and what is told meanwhile.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use soft_delete::{Purge, PurgeReport};

use super::fixture::{count, days_ago, purge, table};
use support::{self, TestDb, TestResult, domain, domain::tag};

async fn deleted_tags(db: &TestDb, tags: usize) -> TestResult {
    domain::create(db).await?;
    for name in 0..tags {
        domain::tag(db, &name.to_string()).await?;
    }
    tag::Entity::delete_many()
        .all()
        .at(days_ago(60))
        .exec(db)
        .await?;
    Ok(())
}

fn purge_tags() -> Purge {
    purge().only::<tag::Entity>()
}

support::on_backends! {
    [sqlite_memory SqliteMemory Pool, sqlite_file SqliteFile Pool, postgres Postgres Pool, mariadb MariaDb Pool]

    async fn each_batch_is_told_and_is_a_transaction_of_its_own(db: &TestDb) {
        deleted_tags(db, 25).await?;
        let told = Arc::new(Mutex::new(Vec::new()));
        let sent = db.recorder();
        let listener = told.clone();
        purge_tags()
            .batch(10)
            .on_progress(move |progress| {
                assert_eq!(progress.table.name, "tag");
                assert!(progress.eta().is_some());
                listener.lock().unwrap().push((
                    progress.purged,
                    progress.expected,
                    progress.total_purged,
                    progress.total_expected,
                ));
            })
            .exec(&sent).await?;
        assert_eq!(*told.lock().unwrap(), [(10, 25, 10, 25), (20, 25, 20, 25), (25, 25, 25, 25)]);
        let mut statements = sent.statements();
        statements.retain(|sql| sql == "COMMIT" || sql.contains("DELETE") && sql.contains("deleted_at"));
        // Where one statement does it, no transaction is begun.
        let batches = match statements.len() {
            3 => ["DELETE"; 3].to_vec(),
            _ => ["DELETE", "COMMIT"].repeat(3),
        };
        assert_eq!(statements.len(), batches.len());
        assert!(statements.iter().zip(batches).all(|(sql, part)| sql.contains(part)), "{statements:?}");
    }

    async fn after_the_deadline_no_batch_begins_and_the_next_run_goes_on(db: &TestDb) {
        deleted_tags(db, 25).await?;
        let report = purge_tags().batch(10).deadline(Duration::ZERO).exec(db).await?;
        assert_eq!((report.rows_purged(), table(&report, "tag").remaining), (0, 25));
        assert!(!report.is_complete());

        let slow = |progress: &soft_delete::purge::Progress<'_>| {
            if progress.purged == 10 {
                std::thread::sleep(Duration::from_millis(150));
            }
        };
        let report = purge_tags().batch(10).deadline(Duration::from_millis(100)).on_progress(slow).exec(db).await?;
        // A slow machine may not have come that far.
        assert!(report.rows_purged() <= 10);
        assert_eq!(table(&report, "tag").remaining, 25 - report.rows_purged());
        let rest = purge_tags().exec(db).await?;
        assert_eq!(report.rows_purged() + rest.rows_purged(), 25);
        assert!(rest.is_complete());
    }

    async fn the_rate_is_kept(db: &TestDb) {
        deleted_tags(db, 30).await?;
        let begun = Instant::now();
        let report = purge_tags().batch(10).rows_per_second(100).exec(db).await?;
        assert_eq!(report.rows_purged(), 30);
        assert!(begun.elapsed() >= Duration::from_millis(300), "{:?}", begun.elapsed());
        assert!(report.took() >= Duration::from_millis(300));
    }

    async fn batches_shrink_to_the_time_that_they_may_take(db: &TestDb) {
        deleted_tags(db, 60).await?;
        let sizes = Arc::new(Mutex::new(Vec::new()));
        let told = sizes.clone();
        let mut before = 0;
        let report = purge_tags()
            .batch(10)
            .target_time(Duration::from_nanos(1))
            .on_progress(move |progress| {
                told.lock().unwrap().push(progress.purged - before);
                before = progress.purged;
            })
            .exec(db).await?;
        assert_eq!(report.rows_purged(), 60);
        let sizes = sizes.lock().unwrap().clone();
        assert_eq!((sizes[0], sizes[1]), (10, 1));
    }

    async fn a_dropped_purge_loses_nothing_and_the_next_goes_on(db: &TestDb) {
        deleted_tags(db, 25).await?;
        let slowly = purge_tags().batch(10).rows_per_second(1).exec(db);
        let stopped = tokio::time::timeout(Duration::from_millis(2_000), slowly).await;
        assert!(stopped.is_err());
        let left = count(db, "tag").await?;
        assert!(left == 15 || left == 25, "{left}");
        let rest = purge_tags().exec(db).await?;
        assert_eq!(rest.rows_purged(), left.unsigned_abs());
    }

    async fn a_report_prints_and_travels(db: &TestDb) {
        deleted_tags(db, 3).await?;
        let report = purge().exec(db).await?;
        let json = serde_json::to_string(&report)?;
        assert_eq!(serde_json::from_str::<PurgeReport>(&json)?, report);
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!("report", report.to_string());
        });
    }
}
