//! Restores that race for a unique value.

use sea_orm::{ActiveValue::Set, EntityTrait as _, SqlErr};
use soft_delete::{ConflictPolicy, Error};

use super::{
    race::race,
    steps::Db,
    world::{SLUGS, World, year},
};
use support::{self, TestDb, TestResult, domain::workspace};

/// Inserts a workspace of that key, with the slug that all want.
async fn insert(db: &Db, id: i64) -> Result<&'static str, Error> {
    let workspace = workspace::ActiveModel {
        id: Set(id),
        name: Set("main".to_owned()),
        slug: Set("main".to_owned()),
        ..Default::default()
    };
    match workspace::Entity::insert(workspace)
        .exec_without_returning(db)
        .await
    {
        Ok(_) => Ok("inserted"),
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
            Ok("taken")
        }
        Err(error) => Err(error.into()),
    }
}

/// Two workspaces that had the same slug, one after the other, and are deleted.
async fn two_deleted(db: &TestDb) -> TestResult {
    for id in [1, 2] {
        insert(&Db::plain(db), id).await?;
        let _ = workspace::Entity::delete_by_id(id)
            .at(year(2018 + i32::try_from(id)?))
            .exec(db)
            .await?;
    }
    Ok(())
}

support::on_servers! {
    async fn a_restore_and_an_insert_of_one_value_are_told_apart(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &SLUGS,
            two_deleted,
            async |db| workspace::Entity::restore_by_id(1).exec(db).await,
            async |db| insert(db, 3).await,
        )
        .await?;
        race(
            db,
            &SLUGS,
            two_deleted,
            async |db| insert(db, 3).await,
            async |db| workspace::Entity::restore_by_id(1).exec(db).await,
        )
        .await?;
    }

    async fn of_two_restores_of_one_value_one_is_a_conflict(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &SLUGS,
            two_deleted,
            async |db| workspace::Entity::restore_by_id(1).exec(db).await,
            async |db| workspace::Entity::restore_by_id(2).exec(db).await,
        )
        .await?;
    }

    async fn of_two_restores_that_skip_one_is_skipped(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &SLUGS,
            two_deleted,
            async |db| workspace::Entity::restore_by_id(1).on_conflict(ConflictPolicy::Skip).exec(db).await,
            async |db| workspace::Entity::restore_by_id(2).on_conflict(ConflictPolicy::Skip).exec(db).await,
        )
        .await?;
    }

    async fn a_restore_that_renames_is_renamed_when_it_comes_second(db: &TestDb) {
        World::create(db).await?;
        let rename = || ConflictPolicy::rename(|_| vec!["renamed".into()]);
        race(
            db,
            &SLUGS,
            two_deleted,
            async |db| workspace::Entity::restore_by_id(1).on_conflict(rename()).exec(db).await,
            async |db| workspace::Entity::restore_by_id(2).on_conflict(rename()).exec(db).await,
        )
        .await?;
    }
}
