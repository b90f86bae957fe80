//! Deletes at every isolation level of PostgreSQL: no row stays active below a deleted one, or the call fails and can be tried again.

use sea_orm::{
    AccessMode, ConnectionTrait as _, DatabaseConnection, IsolationLevel, Statement,
    TransactionTrait as _,
};
use soft_delete::{Deletion, Error};

use super::{
    session::Session,
    world::{TRACKER, World},
};
use support::{
    self, TestDb, TestResult,
    domain::{task, workspace},
};

const LEVELS: [IsolationLevel; 3] = [
    IsolationLevel::ReadCommitted,
    IsolationLevel::RepeatableRead,
    IsolationLevel::Serializable,
];

/// A child that another session commits below the first task.
const INSERT: &str = "INSERT INTO comment (id, task_id, body) VALUES (77, 1, 'late')";

async fn see(db: &impl sea_orm::ConnectionTrait) -> TestResult {
    let look = Statement::from_string(db.get_database_backend(), "SELECT COUNT(*) FROM comment");
    db.query_one_raw(look).await?;
    Ok(())
}

/// Deletes in a transaction of the level, after what another session did since the transaction has looked.
async fn delete_after(
    db: &DatabaseConnection,
    level: IsolationLevel,
    meanwhile: &str,
) -> TestResult<Result<Deletion, Error>> {
    let transaction = db
        .begin_with_config(Some(level), None::<AccessMode>)
        .await?;
    see(&transaction).await?;
    db.execute_unprepared(meanwhile).await?;
    let deleted = workspace::Entity::delete_by_id(1)
        .exec(&transaction)
        .await
        .map_err(Error::from);
    // The caller's transaction goes on, whatever came of it.
    see(&transaction).await?;
    transaction.commit().await?;
    Ok(deleted)
}

support::on_backends! {
    [postgres Postgres Pool]

    async fn a_snapshot_that_may_be_too_old_is_refused(db: &TestDb) {
        World::create(db).await?;
        for level in LEVELS {
            TRACKER.reset(db).await?;
            let deleted = delete_after(db, level, INSERT).await?;
            match level {
                IsolationLevel::ReadCommitted => assert!(deleted?.rows_affected == 1),
                _ => {
                    let error = deleted.expect_err("it does not see the new comment");
                    assert!(matches!(error, Error::OldSnapshot { .. } | Error::Contention(_)), "{error:?}");
                    assert!(error.is_retryable());
                }
            }
            TRACKER.check(db).await?;
        }
    }

    async fn a_child_that_came_back_since_is_not_overlooked_either(db: &TestDb) {
        World::create(db).await?;
        for level in LEVELS {
            TRACKER.reset(db).await?;
            db.execute_unprepared("UPDATE comment SET deleted_at = now() WHERE id = 1").await?;
            let back = "UPDATE comment SET deleted_at = NULL WHERE id = 1";
            let deleted = delete_after(db, level, back).await?;
            assert!(deleted.is_ok() || deleted.is_err_and(|error| error.is_retryable()));
            TRACKER.check(db).await?;
        }
    }

    /// Other tests commit on the same server, and one may do so just between: then it is tried again, as the error says.
    async fn a_transaction_that_deletes_first_goes_through(db: &TestDb) {
        World::create(db).await?;
        for level in LEVELS {
            TRACKER.reset(db).await?;
            let mut attempts = 0;
            let (transaction, deletion) = loop {
                let transaction = db.begin_with_config(Some(level), None).await?;
                match workspace::Entity::delete_by_id(1).exec(&transaction).await.map_err(Error::from) {
                    Ok(deletion) => break (transaction, deletion),
                    Err(error) if error.is_retryable() && attempts < 20 => attempts += 1,
                    Err(error) => return Err(error.into()),
                }
                transaction.rollback().await?;
            };
            assert_eq!(deletion.rows_affected, 1);
            let undone = deletion.undo().exec(&transaction).await?;
            assert_eq!(undone.rows_by_table(), deletion.rows_by_table());
            transaction.commit().await?;
            TRACKER.check(db).await?;
        }
    }

    /// Rows named by a filter are locked one after the other.
    async fn a_filter_in_an_old_snapshot_is_refused_too(db: &TestDb) {
        World::create(db).await?;
        for level in [IsolationLevel::RepeatableRead, IsolationLevel::Serializable] {
            TRACKER.reset(db).await?;
            let transaction = db.begin_with_config(Some(level), None).await?;
            see(&transaction).await?;
            db.execute_unprepared(INSERT).await?;
            let deleted = task::Entity::delete_many().all().exec(&transaction).await.map_err(Error::from);
            let error = deleted.expect_err("it does not see the new comment");
            assert!(error.is_retryable(), "{error:?}");
            transaction.commit().await?;
            TRACKER.check(db).await?;
        }
    }

    /// A transaction of the library's own sees the child, whatever the pool's default: it waits for it by the lock of its parent.
    async fn the_pools_default_is_of_no_account(db: &TestDb) {
        World::create(db).await?;
        for level in LEVELS {
            TRACKER.reset(db).await?;
            let setting = format!("SET default_transaction_isolation = '{}'", level.to_string().to_lowercase());
            let session = Session::open(db, Some(&setting)).await?;
            let other = db.begin().await?;
            other.execute_unprepared(INSERT).await?;
            let locked = "SELECT id FROM workspace WHERE id = 1 FOR SHARE";
            other.execute_unprepared(locked).await?;
            let connection = session.connection.clone();
            let deleting = tokio::spawn(async move { workspace::Entity::delete_by_id(1).exec(&connection).await });
            session.until_waiting(db).await?;
            other.commit().await?;
            let deletion = deleting.await??;
            assert_eq!(deletion.rows_affected, 1, "{level}");
            TRACKER.check(db).await?;
        }
    }
}
