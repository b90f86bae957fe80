//! Deletes and restores whose session is killed.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
use soft_delete::Error;

use super::{
    race::Answer,
    session::Session,
    steps::{Db, Steps},
    world::{FOLDERS, TRACKER, World, year},
};
use support::{
    self, TestDb, TestResult,
    domain::{task, workspace},
    folder,
};

/// Kills the operation's session before its n-th statement, for every n. Nothing has happened then, and the operation
/// does its work when called again, on a new session of the same pool.
async fn killed_before_each_statement<A: Answer, E: Into<Error>>(
    db: &TestDb,
    world: &World,
    setup: impl AsyncFn(&TestDb) -> TestResult,
    operation: impl AsyncFn(&Db) -> Result<A, E>,
) -> TestResult {
    let reset = async || {
        world.reset(db).await?;
        setup(db).await?;
        world.rows(db).await
    };
    let before = reset().await?;
    let operation = async |db: &Db| operation(db).await.map_err(Into::into);
    let done = operation(&Db::plain(db)).await?.tell();
    let after = world.rows(db).await?;
    for last in 1.. {
        reset().await?;
        let session = Arc::new(Session::open(db, None).await?);
        let killed = Arc::new(AtomicBool::new(false));
        let doomed = {
            let (db, session, killed) = (db.connection(), session.clone(), killed.clone());
            Steps::new(session.connection.clone(), move |step, _| {
                let (db, session, killed) = (db.clone(), session.clone(), killed.clone());
                async move {
                    if step == last {
                        session.kill(&db).await.expect("it can be killed");
                        killed.store(true, Ordering::SeqCst);
                    }
                }
            })
        };
        let result = operation(&doomed).await;
        if !killed.load(Ordering::SeqCst) {
            assert_eq!(result?.tell(), done);
            return Ok(());
        }
        assert!(result.is_err(), "killed before statement {last}");
        assert_eq!(world.rows(db).await?, before);

        let again = operation(&Db::plain(&session.connection)).await?;
        assert_eq!(
            (again.tell(), world.rows(db).await?),
            (done.clone(), after.clone())
        );
        world.check(db).await?;
    }
    Ok(())
}

support::on_servers! {
    async fn a_delete_is_done_as_a_whole_or_not_at_all(db: &TestDb) {
        World::create(db).await?;
        killed_before_each_statement(
            db,
            &TRACKER,
            async |_| Ok(()),
            async |db| workspace::Entity::delete_by_id(1).at(year(2021)).exec(db).await,
        )
        .await?;
        killed_before_each_statement(
            db,
            &FOLDERS,
            async |_| Ok(()),
            async |db| folder::Entity::delete_by_id(1).at(year(2021)).exec(db).await,
        )
        .await?;
    }

    async fn a_restore_is_done_as_a_whole_or_not_at_all(db: &TestDb) {
        World::create(db).await?;
        killed_before_each_statement(
            db,
            &TRACKER,
            async |db| {
                workspace::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
                Ok(())
            },
            async |db| workspace::Entity::restore_by_id(1).exec(db).await,
        )
        .await?;
        killed_before_each_statement(
            db,
            &TRACKER,
            async |db| {
                workspace::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
                Ok(())
            },
            async |db| task::Entity::restore_by_id(1).with_parents().exec(db).await,
        )
        .await?;
    }

    async fn a_delete_that_is_killed_while_it_waits_has_deleted_nothing(db: &TestDb) {
        World::create(db).await?;
        for row in ["project WHERE id = 1", "task WHERE id = 2", "comment WHERE id = 3", "task_tag WHERE task_id = 2"] {
            TRACKER.reset(db).await?;
            let before = TRACKER.rows(db).await?;
            let in_the_way = db.begin().await?;
            in_the_way.execute_unprepared(&format!("SELECT * FROM {row} FOR UPDATE")).await?;
            let session = Session::open(db, None).await?;
            let (result, killed) = tokio::join!(
                workspace::Entity::delete_by_id(1).exec(&session.connection),
                async {
                    session.until_waiting(db).await?;
                    session.kill(db).await
                }
            );
            killed?;
            assert!(result.is_err());
            in_the_way.rollback().await?;

            assert_eq!(TRACKER.rows(db).await?, before);
            let again = workspace::Entity::delete_by_id(1).exec(&session.connection).await?;
            assert_eq!(again.rows_by_table().len(), 5);
            TRACKER.check(db).await?;
        }
    }
}
