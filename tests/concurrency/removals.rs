//! Removals of deleted rows beside what brings rows back below them.

use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, IsolationLevel, PaginatorTrait as _, QueryFilter as _,
    TransactionTrait as _,
};
use soft_delete::{DEFAULT_GROUP, Error, Removal, Trash};

use super::{
    race::race,
    session::Session,
    steps::Db,
    world::{TRACKER, World, year},
};
use support::{
    self, TestDb, TestResult,
    domain::{self, comment, task, workspace},
};

fn trash() -> Trash {
    Trash::of(&domain::registry(), DEFAULT_GROUP).expect("the domain is sound")
}

async fn remove_task(db: &Db) -> Result<Removal, Error> {
    trash().remove("task", vec![1_i64.into()])?.exec(db).await
}

/// The first task is removed while another session has changed a row below it and not committed that.
async fn removed_beside(db: &TestDb, change: &str) -> TestResult<Result<Removal, Error>> {
    let other = Session::open(db, None).await?;
    let own = Session::open(db, None).await?;
    let begun = other.connection.begin().await?;
    begun.execute_unprepared(change).await?;
    let remove = trash().remove("task", vec![1_i64.into()])?;
    let (removed, committed) = tokio::join!(remove.exec(&own.connection), async {
        own.until_waiting(db).await?;
        begun.commit().await?;
        TestResult::Ok(())
    });
    committed?;
    Ok(removed)
}

support::on_servers! {
    async fn a_removal_and_a_restore_of_one_row_take_turns(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &TRACKER,
            async |db| {
                task::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
                Ok(())
            },
            remove_task,
            async |db| task::Entity::restore_by_id(1).exec(db).await,
        )
        .await?;
    }

    async fn a_removal_and_a_restore_from_above_take_turns(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &TRACKER,
            async |db| {
                workspace::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
                Ok(())
            },
            remove_task,
            async |db| workspace::Entity::restore_by_id(1).exec(db).await,
        )
        .await?;
    }

    async fn a_row_that_another_session_brings_back_is_waited_for_and_kept(db: &TestDb) {
        World::create(db).await?;
        let of_task = comment::Entity::find().filter(comment::Column::TaskId.eq(1_i64));
        for change in [
            "UPDATE comment SET deleted_at = NULL, deletion_id = NULL WHERE id = 1",
            "INSERT INTO comment (id, task_id, body) VALUES (77, 1, 'late')",
        ] {
            TRACKER.reset(db).await?;
            task::Entity::delete_by_id(1).exec(db).await?;
            let removed = removed_beside(db, change).await?;
            assert!(matches!(removed, Err(Error::Referenced { .. })), "{change}: {removed:?}");
            assert_eq!(of_task.clone().count(db).await?, 1);
        }
    }
}

support::on_backends! {
    [postgres Postgres Pool]

    async fn an_old_snapshot_is_refused_or_sees_the_row(db: &TestDb) {
        World::create(db).await?;
        let meanwhile = [
            "UPDATE comment SET deleted_at = NULL, deletion_id = NULL WHERE id = 1",
            "INSERT INTO comment (id, task_id, body) VALUES (77, 1, 'late')",
        ];
        for (level, change) in [IsolationLevel::ReadCommitted, IsolationLevel::RepeatableRead, IsolationLevel::Serializable]
            .into_iter()
            .flat_map(|level| meanwhile.map(|change| (level, change)))
        {
            TRACKER.reset(db).await?;
            task::Entity::delete_by_id(1).exec(db).await?;
            let transaction = db.begin_with_config(Some(level), None).await?;
            comment::Entity::find().count(&transaction).await?;
            db.execute_unprepared(change).await?;
            let removed = trash().remove("task", vec![1_i64.into()])?.exec(&transaction).await;
            match removed {
                Err(Error::Referenced { .. }) => assert_eq!(level, IsolationLevel::ReadCommitted),
                Err(error) => assert!(error.is_retryable(), "{error:?}"),
                Ok(removal) => panic!("{level:?} {change}: {removal:?}"),
            }
            transaction.rollback().await?;
        }
    }
}
