//! Operations in a transaction of the caller's, which has read all tables before. In MariaDB it sees them as they were then.

use sea_orm::{
    ConnectionTrait as _, DatabaseTransaction, Statement, TransactionSession as _,
    TransactionTrait as _,
};
use soft_delete::Error;

use super::{
    depot::bay,
    inserts::insert_below,
    race::{race, race_of_several},
    steps::{Db, Steps},
    world::{DEPOTS, TRACKER, World, year},
};
use support::{
    self, TestDb,
    domain::{comment, project, tag, task, workspace},
};

/// Runs the operation in a transaction that has read before.
async fn after_reading<T, E>(
    db: &Db,
    operation: impl AsyncFn(&Steps<DatabaseTransaction>) -> Result<T, E>,
) -> Result<T, Error>
where
    E: Into<Error>,
{
    let transaction = db.begin().await?;
    let read = ["workspace", "task", "comment", "tag", "bay", "lease"]
        .map(|table| format!("SELECT id, deleted_at FROM {table}"))
        .join(" UNION ALL ");
    let read = Statement::from_string(transaction.get_database_backend(), read);
    transaction.query_all_raw(read).await?;
    match operation(&transaction).await {
        Ok(result) => {
            transaction.commit().await?;
            Ok(result)
        }
        Err(error) => {
            transaction.rollback().await?;
            Err(error.into())
        }
    }
}

support::on_servers! {
    async fn a_delete_tells_a_row_that_was_deleted_meanwhile(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &TRACKER,
            async |_| Ok(()),
            async |db| after_reading(db, async |db| task::Entity::delete_by_id(1).at(year(2021)).exec(db).await).await,
            async |db| task::Entity::delete_by_id(1).at(year(2022)).exec(db).await,
        )
        .await?;
    }

    async fn a_restore_sees_that_its_parent_was_deleted_meanwhile(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &TRACKER,
            async |db| {
                comment::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
                Ok(())
            },
            async |db| after_reading(db, async |db| comment::Entity::restore_by_id(1).exec(db).await).await,
            async |db| workspace::Entity::delete_by_id(1).at(year(2022)).exec(db).await,
        )
        .await?;
    }

    async fn a_restore_sees_that_another_parent_was_deleted_meanwhile(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &TRACKER,
            async |db| {
                workspace::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
                Ok(())
            },
            async |db| after_reading(db, async |db| workspace::Entity::restore_by_id(1).exec(db).await).await,
            async |db| tag::Entity::delete_by_id(1).at(year(2022)).exec(db).await,
        )
        .await?;
    }

    async fn a_delete_takes_what_was_inserted_meanwhile(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &TRACKER,
            async |_| Ok(()),
            async |db| after_reading(db, async |db| workspace::Entity::delete_by_id(1).at(year(2021)).exec(db).await).await,
            async |db| {
                insert_below(db, "task WHERE id = 1", "INSERT INTO comment (id, task_id, body) VALUES (9, 1, 'late')").await
            },
        )
        .await?;
    }

    async fn what_was_inserted_meanwhile_restricts(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &DEPOTS,
            async |_| Ok(()),
            async |db| after_reading(db, async |db| bay::Entity::delete_by_id(1).at(year(2021)).exec(db).await).await,
            async |db| insert_below(db, "bay WHERE id = 1", "INSERT INTO lease (id, bay_id) VALUES (9, 1)").await,
        )
        .await?;
    }

    async fn a_restore_sees_another_parent_of_what_was_deleted_meanwhile(db: &TestDb) {
        World::create(db).await?;
        race_of_several(
            db,
            &TRACKER,
            async |_| Ok(()),
            async |db| after_reading(db, async |db| task::Entity::restore_by_id(1).exec(db).await).await,
            async |db| {
                task::Entity::delete_by_id(1).exec(db).await?;
                tag::Entity::delete_by_id(1).exec(db).await
            },
        )
        .await?;
        race_of_several(
            db,
            &TRACKER,
            async |_| Ok(()),
            async |db| after_reading(db, async |db| project::Entity::restore_by_id(1).exec(db).await).await,
            async |db| {
                project::Entity::delete_by_id(1).exec(db).await?;
                tag::Entity::delete_by_id(1).exec(db).await
            },
        )
        .await?;
    }

    async fn a_bulk_restore_sees_another_parent_of_what_was_deleted_meanwhile(db: &TestDb) {
        World::create(db).await?;
        race_of_several(
            db,
            &TRACKER,
            async |_| Ok(()),
            async |db| after_reading(db, async |db| task::Entity::restore_many().all().exec(db).await).await,
            async |db| {
                task::Entity::delete_many().all().exec(db).await?;
                tag::Entity::delete_by_id(1).exec(db).await
            },
        )
        .await?;
        race_of_several(
            db,
            &TRACKER,
            async |_| Ok(()),
            async |db| after_reading(db, async |db| task::Entity::restore_by_id(1).with_parents().exec(db).await).await,
            async |db| {
                project::Entity::delete_by_id(1).exec(db).await?;
                tag::Entity::delete_by_id(1).exec(db).await
            },
        )
        .await?;
    }

    async fn what_references_a_row_that_was_restored_meanwhile_restricts(db: &TestDb) {
        World::create(db).await?;
        race_of_several(
            db,
            &DEPOTS,
            async |db| {
                bay::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
                Ok(())
            },
            async |db| after_reading(db, async |db| bay::Entity::delete_by_id(1).exec(db).await).await,
            async |db| {
                bay::Entity::restore_by_id(1).exec(db).await?;
                insert_below(db, "bay WHERE id = 1", "INSERT INTO lease (id, bay_id) VALUES (9, 1)").await
            },
        )
        .await?;
    }
}
