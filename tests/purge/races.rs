//! A purge beside restores of the same rows, and beside inserts of rows that refer to them.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, Ordering},
};

use sea_orm::{ActiveModelTrait as _, Set, SqlErr};
use soft_delete::{Error, Purge};

use super::{
    fixture::{days_ago, purge, purge_of},
    odd::note,
    scale::fill,
};
use support::{
    self, TestDb, TestResult,
    domain::{self, comment, tag, task},
};

const ROWS: i64 = 300;

/// Runs purges, one after the other, until the other is done, and then once more; tells how many rows they removed.
async fn purge_beside(
    db: &TestDb,
    purge: impl Fn() -> Purge,
    other: impl Future<Output = TestResult>,
) -> TestResult<u64> {
    let done = AtomicBool::new(false);
    let purges = async {
        let mut purged = 0;
        loop {
            let is_last = done.load(Ordering::SeqCst);
            purged += purge().batch(3).exec(db).await?.rows_purged();
            if is_last {
                return TestResult::Ok(purged);
            }
        }
    };
    let other = async {
        let result = other.await;
        done.store(true, Ordering::SeqCst);
        result
    };
    let (purged, other) = tokio::join!(purges, other);
    other?;
    purged
}

support::on_backends! {
    [sqlite_file SqliteFile Pool, postgres Postgres Pool, mariadb MariaDb Pool]

    async fn a_row_is_restored_or_purged_and_never_both(db: &TestDb) {
        domain::create(db).await?;
        for name in 1..=ROWS {
            domain::tag(db, &name.to_string()).await?;
        }
        tag::Entity::delete_many().all().at(days_ago(60)).exec(db).await?;
        let mut restored = BTreeSet::new();
        let restores = async {
            // From the end, so that the two meet.
            for id in (1..=ROWS).rev() {
                match tag::Entity::restore_by_id(id).exec(db).await {
                    Ok(done) => assert_eq!((done.rows_affected, restored.insert(id)), (1, true)),
                    Err(Error::NotFound { .. }) => {}
                    Err(error) => Err(error)?,
                }
            }
            Ok(())
        };
        let purged = purge_beside(db, purge, restores).await?;
        let left = tag::Entity::with_deleted().all(db).await?;
        assert!(left.iter().all(|tag| tag.deleted_at.is_none()));
        assert_eq!(left.iter().map(|tag| tag.id).collect::<BTreeSet<_>>(), restored);
        assert_eq!(purged + restored.len() as u64, ROWS.unsigned_abs());
    }

    async fn a_row_that_nothing_refers_to_is_restored_or_purged_and_never_both(db: &TestDb) {
        fill(db, ROWS, 1).await?;
        let mut restored = BTreeSet::new();
        let restores = async {
            for id in (1..=ROWS).rev() {
                match note::Entity::restore_by_id(id).exec(db).await {
                    Ok(done) => assert_eq!((done.rows_affected, restored.insert(id)), (1, true)),
                    Err(Error::NotFound { .. }) => {}
                    Err(error) => Err(error)?,
                }
            }
            Ok(())
        };
        let purged = purge_beside(db, || purge_of("notes"), restores).await?;
        let left = note::Entity::with_deleted().all(db).await?;
        assert!(left.iter().all(|note| note.deleted_at.is_none()));
        assert_eq!(left.iter().map(|note| note.id).collect::<BTreeSet<_>>(), restored);
        assert_eq!(purged + restored.len() as u64, ROWS.unsigned_abs());
    }

    async fn a_child_is_inserted_or_its_parent_is_purged_and_never_both(db: &TestDb) {
        domain::create(db).await?;
        let workspace = domain::workspace(db, "main").await?;
        let project = domain::project(db, &workspace, "engine").await?;
        for title in 1..=ROWS {
            domain::task(db, &project, &title.to_string()).await?;
        }
        task::Entity::delete_many().all().at(days_ago(60)).exec(db).await?;
        let mut inserted = BTreeSet::new();
        let inserts = async {
            for id in (1..=ROWS).rev() {
                let child = comment::ActiveModel { task_id: Set(id), body: Set(id.to_string()), ..Default::default() };
                match child.insert(db).await {
                    Ok(_) => assert!(inserted.insert(id)),
                    Err(error) => {
                        let is_parentless = matches!(error.sql_err(), Some(SqlErr::ForeignKeyConstraintViolation(_)));
                        assert!(is_parentless, "{error}");
                    }
                }
            }
            Ok(())
        };
        let purged = purge_beside(db, purge, inserts).await?;
        // The database would have cascaded: not one of them is gone, nor is what it refers to.
        let children = comment::Entity::find().all(db).await?;
        let children: BTreeSet<_> = children.iter().map(|comment| comment.task_id).collect();
        assert_eq!(children, inserted);
        let parents = task::Entity::with_deleted().all(db).await?;
        assert_eq!(parents.iter().map(|task| task.id).collect::<BTreeSet<_>>(), inserted);
        assert_eq!(purged + inserted.len() as u64, ROWS.unsigned_abs());
    }
}
