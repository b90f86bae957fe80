//! Transactions of callers that get in each other's way.

use sea_orm::{
    ConnectionTrait as _, DatabaseTransaction, PaginatorTrait as _, TransactionTrait as _,
};
use soft_delete::{Error, Outcome};
use tokio::sync::Barrier;

use super::{
    race::detect_deadlocks_soon,
    session::Session,
    world::{TRACKER, World},
};
use support::{
    self, Kind, TestDb, TestResult,
    domain::{tag, task},
};

/// Two transactions, of which each has deleted one task and then deletes the other's. The results of the second deletes;
/// what fails is given to `after_failure`.
async fn in_opposite_orders(
    db: &TestDb,
    after_failure: impl AsyncFn(DatabaseTransaction) -> TestResult,
) -> TestResult<[Result<Outcome, Error>; 2]> {
    World::create(db).await?;
    TRACKER.reset(db).await?;
    detect_deadlocks_soon(db).await;
    let sessions = [
        Session::open(db, None).await?,
        Session::open(db, None).await?,
    ];
    let barrier = Barrier::new(2);
    let delete_both = async |session: &Session, own: i64, other: i64| {
        let transaction = session.connection.begin().await?;
        let first = task::Entity::delete_by_id(own)
            .by(own)
            .exec(&transaction)
            .await?;
        assert_eq!(first.outcome(), Outcome::Deleted);
        barrier.wait().await;
        match task::Entity::delete_by_id(other)
            .by(own)
            .exec(&transaction)
            .await
        {
            Ok(deletion) => {
                transaction.commit().await?;
                Ok(Ok(deletion.outcome()))
            }
            Err(error) => {
                after_failure(transaction).await?;
                TestResult::Ok(Err(Error::from(error)))
            }
        }
    };
    let (first, second) = tokio::join!(
        delete_both(&sessions[0], 1, 2),
        delete_both(&sessions[1], 2, 1)
    );
    Ok([first?, second?])
}

/// Who deleted the two tasks.
async fn deleted_by(db: &TestDb) -> TestResult<[Option<i64>; 2]> {
    let mut by = [None; 2];
    for task in task::Entity::only_deleted().all(db).await? {
        by[usize::try_from(task.id - 1)?] = task.deleted_by;
    }
    Ok(by)
}

async fn insert_tag(db: &DatabaseTransaction) -> TestResult {
    let tag = "INSERT INTO tag (id, name) VALUES (9, 'late')";
    db.execute_unprepared(tag).await?;
    Ok(())
}

support::on_servers! {
    async fn a_deadlock_is_contention_and_leaves_nothing_half_done(db: &TestDb) {
        let results = in_opposite_orders(db, async |transaction| Ok(transaction.rollback().await?)).await?;

        let winner = results.iter().position(Result::is_ok).expect("a winner");
        assert!(matches!(results[winner], Ok(Outcome::Deleted)));
        let error = results[1 - winner].as_ref().expect_err("one is in the way");
        assert!(matches!(error, Error::Contention(_)) && error.is_retryable(), "{error}");
        let winner = i64::try_from(winner)? + 1;
        assert_eq!(deleted_by(db).await?, [Some(winner); 2]);
        TRACKER.check(db).await?;

        let again = task::Entity::delete_by_id(1).exec(db).await?;
        assert!(matches!(again.outcome(), Outcome::AlreadyDeleted { .. }));
    }

    /// MariaDB ends the whole transaction, and what the caller does next is in another one.
    async fn after_a_deadlock_the_callers_transaction_goes_on_in_postgres_and_is_gone_in_mariadb(db: &TestDb) {
        let results = in_opposite_orders(db, async |transaction| {
            insert_tag(&transaction).await?;
            Ok(transaction.commit().await?)
        })
        .await?;

        let winner = results.iter().position(Result::is_ok).expect("a winner");
        let by = |place: usize| i64::try_from(place + 1).ok();
        let mut expected = [by(winner); 2];
        if db.kind() == Kind::Postgres {
            assert!(matches!(results[winner], Ok(Outcome::AlreadyDeleted { .. })));
            expected[1 - winner] = by(1 - winner);
        }
        assert_eq!(deleted_by(db).await?, expected);
        assert_eq!(tag::Entity::find().count(db).await?, 2);
        TRACKER.check(db).await?;
    }

    async fn a_lock_not_had_in_time_is_contention_and_the_callers_transaction_goes_on(db: &TestDb) {
        World::create(db).await?;
        TRACKER.reset(db).await?;
        let in_the_way = db.begin().await?;
        task::Entity::delete_by_id(1).exec(&in_the_way).await?;
        let impatient = match db.kind() {
            Kind::Postgres => "SET lock_timeout = '10ms'",
            _ => "SET SESSION innodb_lock_wait_timeout = 0",
        };
        let session = Session::open(db, Some(impatient)).await?;

        let transaction = session.connection.begin().await?;
        insert_tag(&transaction).await?;
        let error = task::Entity::delete_by_id(1).exec(&transaction).await.map_err(Error::from).expect_err("locked");
        assert!(error.is_retryable(), "{error}");
        in_the_way.rollback().await?;
        let again = task::Entity::delete_by_id(1).exec(&transaction).await?;
        assert_eq!(again.outcome(), Outcome::Deleted);
        transaction.commit().await?;

        assert_eq!(tag::Entity::find().count(db).await?, 2);
        TRACKER.check(db).await?;
    }

    async fn a_restore_that_waits_too_long_is_contention(db: &TestDb) {
        World::create(db).await?;
        TRACKER.reset(db).await?;
        task::Entity::delete_by_id(1).exec(db).await?;
        let in_the_way = db.begin().await?;
        in_the_way.execute_unprepared("UPDATE task SET title = 'edited' WHERE id = 1").await?;
        let impatient = match db.kind() {
            Kind::Postgres => "SET lock_timeout = '10ms'",
            _ => "SET SESSION innodb_lock_wait_timeout = 0",
        };
        let session = Session::open(db, Some(impatient)).await?;

        let error = task::Entity::restore_by_id(1).exec(&session.connection).await.expect_err("locked");
        assert!(error.is_retryable(), "{error}");
        in_the_way.rollback().await?;
        assert_eq!(task::Entity::restore_by_id(1).exec(&session.connection).await?.rows_affected, 1);
        TRACKER.check(db).await?;
    }
}
