//! Rows that are edited through an active model while another connection deletes or restores them: the edit is made before, or
//! it is an error. It is never lost without a word, and never brings a row back.

use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseTransaction, IntoActiveModel as _, Statement,
    TransactionSession as _, TransactionTrait as _,
};
use soft_delete::Error;

use super::{
    race::{Answer, race},
    steps::{Db, Steps},
    world::{TRACKER, World, year},
};
use support::{
    self, TestDb,
    domain::{task, workspace},
};

/// The title that the row had when the edit was made: the database's, and not the one that was sent.
struct Title(String);

impl Answer for Title {
    fn tell(&self) -> String {
        self.0.clone()
    }
}

/// The first task as it is seen before anything happens, with another title.
fn retitled() -> task::ActiveModel {
    let seen = task::Model {
        id: 1,
        project_id: 1,
        assignee_id: None,
        title: "start".to_owned(),
        deleted_at: None,
        deletion_id: None,
        deleted_by: None,
        delete_reason: None,
    };
    let mut task = seen.into_active_model();
    task.title = Set("begin".to_owned());
    task
}

/// The same with every column to be written, those of the stamp too.
fn rewritten() -> task::ActiveModel {
    sea_orm::ActiveModelTrait::reset_all(retitled())
}

async fn title(db: &impl ConnectionTrait) -> Result<Title, Error> {
    let query = "SELECT title FROM task WHERE id = 1";
    let query = Statement::from_string(db.get_database_backend(), query);
    let row = db.query_one_raw(query).await?;
    let title = row.map(|row| row.try_get("", "title")).transpose()?;
    Ok(Title(title.unwrap_or_default()))
}

/// In a transaction that has read the row, and so may not see that it was deleted since.
async fn after_reading(
    db: &Db,
    edit: impl AsyncFn(&Steps<DatabaseTransaction>) -> Result<Title, Error>,
) -> Result<Title, Error> {
    let transaction = db.begin().await?;
    title(&transaction).await?;
    match edit(&transaction).await {
        Ok(title) => {
            transaction.commit().await?;
            Ok(title)
        }
        Err(error) => {
            transaction.rollback().await?;
            Err(error)
        }
    }
}

support::on_servers! {
    async fn an_update_beside_a_delete(db: &TestDb) {
        World::create(db).await?;
        let update = async |db: &Db| Ok::<_, Error>(Title(rewritten().update(db).await?.title));
        let delete = async |db: &Db| task::Entity::delete_by_id(1).at(year(2021)).exec(db).await;
        race(db, &TRACKER, async |_| Ok(()), update, delete).await?;
        race(db, &TRACKER, async |_| Ok(()), delete, update).await?;
    }

    async fn a_save_beside_a_delete_of_the_parents(db: &TestDb) {
        World::create(db).await?;
        let save = async |db: &Db| {
            let saved = rewritten().save(db).await?;
            Ok::<_, Error>(Title(saved.title.unwrap()))
        };
        let delete = async |db: &Db| workspace::Entity::delete_by_id(1).at(year(2021)).exec(db).await;
        race(db, &TRACKER, async |_| Ok(()), save, delete).await?;
        race(db, &TRACKER, async |_| Ok(()), delete, save).await?;
    }

    async fn an_update_without_reading_back_beside_a_delete(db: &TestDb) {
        World::create(db).await?;
        let update = async |db: &Db| {
            let updated = retitled().update_without_returning(db).await?;
            // What is read here may be of later, but no edit is of earlier.
            Ok::<_, Error>(if updated.rows_affected == 1 { title(db).await? } else { Title("not updated".to_owned()) })
        };
        let delete = async |db: &Db| task::Entity::delete_by_id(1).at(year(2021)).exec(db).await;
        race(db, &TRACKER, async |_| Ok(()), update, delete).await?;
    }

    async fn an_update_in_a_transaction_that_saw_the_row_active(db: &TestDb) {
        World::create(db).await?;
        let update = async |db: &Db| {
            after_reading(db, async |db| Ok(Title(rewritten().update(db).await?.title))).await
        };
        let delete = async |db: &Db| task::Entity::delete_by_id(1).at(year(2021)).exec(db).await;
        race(db, &TRACKER, async |_| Ok(()), update, delete).await?;
        race(db, &TRACKER, async |_| Ok(()), delete, update).await?;
    }

    async fn an_update_of_a_deleted_row_beside_its_restore(db: &TestDb) {
        World::create(db).await?;
        let update = async |db: &Db| {
            let mut deleted = retitled();
            deleted.deleted_at = sea_orm::Unchanged(Some(year(2020)));
            Ok::<_, Error>(Title(deleted.update(db).await?.title))
        };
        let restore = async |db: &Db| task::Entity::restore_by_id(1).exec(db).await;
        let deleted = async |db: &TestDb| {
            task::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
            Ok(())
        };
        race(db, &TRACKER, deleted, update, restore).await?;
        race(db, &TRACKER, deleted, restore, update).await?;
    }
}
