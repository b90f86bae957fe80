//! Rows that are inserted below others that are being deleted, beside triggers that see to it.

use sea_orm::{ConnectionTrait as _, SqlErr};
use soft_delete::{Error, schema::ActiveParentTriggers};

use super::{
    inserts::COMMENT,
    race::race,
    steps::Db,
    world::{TRACKER, World, year},
};
use support::{
    self, TestDb, TestResult,
    domain::{task, workspace},
};

/// Inserts a row without looking, and leaves that to the triggers.
async fn insert_anyhow(db: &Db, child: &str) -> Result<&'static str, Error> {
    match db.execute_unprepared(child).await {
        Ok(_) => Ok("inserted"),
        Err(error) => match error.sql_err() {
            Some(SqlErr::ForeignKeyConstraintViolation(_)) => Ok("refused"),
            _ => Err(error.into()),
        },
    }
}

async fn create_triggers(db: &TestDb) -> TestResult {
    let triggers = ActiveParentTriggers::on("comment").key("task_id", "id");
    triggers.parent("task").create(db).await?;
    Ok(())
}

support::on_servers! {
    async fn a_parents_delete_takes_the_child_that_they_let_in(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &TRACKER,
            async |db| create_triggers(db).await,
            async |db| insert_anyhow(db, COMMENT).await,
            async |db| task::Entity::delete_by_id(1).at(year(2022)).exec(db).await,
        )
        .await?;
    }

    async fn they_refuse_a_child_whose_parent_is_being_deleted(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &TRACKER,
            async |db| create_triggers(db).await,
            async |db| workspace::Entity::delete_by_id(1).at(year(2021)).exec(db).await,
            async |db| insert_anyhow(db, COMMENT).await,
        )
        .await?;
    }
}
