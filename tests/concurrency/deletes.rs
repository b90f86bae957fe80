//! Deletes of the same rows at the same time.

use super::{
    depot::bay,
    inserts::insert_below,
    race::{race, race_of_several},
    world::{DEPOTS, FOLDERS, TRACKER, World, year},
};
use support::{
    self, TestDb,
    domain::{comment, project, tag, task, workspace},
    folder,
};

support::on_servers! {
    async fn two_deletes_of_one_row_are_one_deletion(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &TRACKER,
            async |_| Ok(()),
            async |db| comment::Entity::delete_by_id(1).at(year(2021)).exec(db).await,
            async |db| comment::Entity::delete_by_id(1).at(year(2022)).exec(db).await,
        )
        .await?;
        race(
            db,
            &TRACKER,
            async |_| Ok(()),
            async |db| task::Entity::delete_by_id(1).at(year(2021)).exec(db).await,
            async |db| task::Entity::delete_by_id(1).at(year(2022)).exec(db).await,
        )
        .await?;
    }

    async fn a_delete_and_one_of_a_row_below_are_two_deletions(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &TRACKER,
            async |_| Ok(()),
            async |db| workspace::Entity::delete_by_id(1).at(year(2021)).exec(db).await,
            async |db| project::Entity::delete_by_id(1).at(year(2022)).exec(db).await,
        )
        .await?;
        race(
            db,
            &TRACKER,
            async |_| Ok(()),
            async |db| task::Entity::delete_by_id(1).at(year(2021)).exec(db).await,
            async |db| workspace::Entity::delete_by_id(1).at(year(2022)).exec(db).await,
        )
        .await?;
    }

    async fn two_deletes_share_the_rows_below_both(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &TRACKER,
            async |_| Ok(()),
            async |db| workspace::Entity::delete_by_id(1).at(year(2021)).exec(db).await,
            async |db| tag::Entity::delete_by_id(1).at(year(2022)).exec(db).await,
        )
        .await?;
    }

    async fn two_deletes_in_one_tree_are_two_deletions(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &FOLDERS,
            async |_| Ok(()),
            async |db| folder::Entity::delete_by_id(1).at(year(2021)).exec(db).await,
            async |db| folder::Entity::delete_by_id(3).at(year(2022)).exec(db).await,
        )
        .await?;
    }

    async fn a_plan_beside_a_delete_changes_nothing(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &TRACKER,
            async |_| Ok(()),
            async |db| workspace::Entity::delete_by_id(1).plan(db).await.map(|_| "planned"),
            async |db| task::Entity::delete_by_id(1).at(year(2022)).exec(db).await,
        )
        .await?;
        race(
            db,
            &FOLDERS,
            async |_| Ok(()),
            async |db| folder::Entity::delete_by_id(1).plan(db).await.map(|_| "planned"),
            async |db| folder::Entity::delete_by_id(3).at(year(2022)).exec(db).await,
        )
        .await?;
    }

    async fn what_references_a_row_that_is_being_restored_restricts(db: &TestDb) {
        World::create(db).await?;
        race_of_several(
            db,
            &DEPOTS,
            async |db| {
                bay::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
                Ok(())
            },
            async |db| bay::Entity::delete_by_id(1).exec(db).await,
            async |db| {
                bay::Entity::restore_by_id(1).exec(db).await?;
                insert_below(db, "bay WHERE id = 1", "INSERT INTO lease (id, bay_id) VALUES (9, 1)").await
            },
        )
        .await?;
        race_of_several(
            db,
            &DEPOTS,
            async |db| {
                bay::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
                Ok(())
            },
            async |db| bay::Entity::delete_many().all().exec(db).await,
            async |db| {
                bay::Entity::restore_by_id(1).exec(db).await?;
                insert_below(db, "bay WHERE id = 1", "INSERT INTO lease (id, bay_id) VALUES (9, 1)").await
            },
        )
        .await?;
    }
}
