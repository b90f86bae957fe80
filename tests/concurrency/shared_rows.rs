//! Restores of rows that have another parent, beside what happens to that one.

use super::{
    race::{race, race_of_several},
    world::{TRACKER, World, year},
};
use crate::support::{
    self, TestDb,
    domain::{comment, project, tag, task, workspace},
};

support::on_servers! {
    async fn a_row_comes_back_only_if_its_other_parent_is_not_being_deleted(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &TRACKER,
            async |db| {
                task::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
                Ok(())
            },
            async |db| task::Entity::restore_by_id(1).exec(db).await,
            async |db| tag::Entity::delete_by_id(1).at(year(2022)).exec(db).await,
        )
        .await?;
        race(
            db,
            &TRACKER,
            async |db| {
                task::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
                Ok(())
            },
            async |db| tag::Entity::delete_many().all().at(year(2022)).exec(db).await,
            async |db| task::Entity::restore_by_id(1).exec(db).await,
        )
        .await?;
    }

    async fn a_row_that_was_deleted_just_now_is_not_restored_below_another_deleted_parent(db: &TestDb) {
        World::create(db).await?;
        race_of_several(
            db,
            &TRACKER,
            async |_| Ok(()),
            async |db| task::Entity::restore_by_id(1).exec(db).await,
            async |db| {
                task::Entity::delete_by_id(1).exec(db).await?;
                tag::Entity::delete_by_id(1).exec(db).await
            },
        )
        .await?;
    }

    async fn what_a_deletion_got_from_another_is_not_restored_below_a_deleted_parent(db: &TestDb) {
        World::create(db).await?;
        race_of_several(
            db,
            &TRACKER,
            async |db| {
                tag::Entity::delete_by_id(1).at(year(2019)).exec(db).await?;
                task::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
                Ok(())
            },
            async |db| task::Entity::restore_by_id(1).exec(db).await,
            async |db| {
                tag::Entity::restore_by_id(1).exec(db).await?;
                tag::Entity::delete_by_id(1).exec(db).await
            },
        )
        .await?;
    }

    async fn what_a_cascade_got_from_another_is_not_restored_below_a_deleted_parent(db: &TestDb) {
        World::create(db).await?;
        race_of_several(
            db,
            &TRACKER,
            async |db| {
                tag::Entity::delete_by_id(1).at(year(2019)).exec(db).await?;
                project::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
                Ok(())
            },
            async |db| project::Entity::restore_by_id(1).exec(db).await,
            async |db| {
                tag::Entity::restore_by_id(1).exec(db).await?;
                tag::Entity::delete_by_id(1).exec(db).await
            },
        )
        .await?;
    }

    async fn what_a_deletion_got_is_not_undone_below_a_deleted_parent(db: &TestDb) {
        World::create(db).await?;
        race_of_several(
            db,
            &TRACKER,
            async |db| {
                tag::Entity::delete_by_id(1).at(year(2019)).exec(db).await?;
                task::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
                Ok(())
            },
            async |db| {
                let earlier = task::Entity::only_deleted().one(db).await?.expect("a deleted task");
                soft_delete::restore_deletion(earlier.deletion_id.expect("an id"), db).await
            },
            async |db| {
                tag::Entity::restore_by_id(1).exec(db).await?;
                tag::Entity::delete_by_id(1).exec(db).await
            },
        )
        .await?;
    }

    async fn with_parents_a_row_that_was_deleted_just_now_stays_below_another_deleted_parent(db: &TestDb) {
        World::create(db).await?;
        race_of_several(
            db,
            &TRACKER,
            async |_| Ok(()),
            async |db| task::Entity::restore_by_id(1).with_parents().exec(db).await,
            async |db| {
                project::Entity::delete_by_id(1).exec(db).await?;
                tag::Entity::delete_by_id(1).exec(db).await
            },
        )
        .await?;
    }

    async fn restores_of_both_parents_bring_it_back(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &TRACKER,
            async |db| {
                tag::Entity::delete_by_id(1).at(year(2019)).exec(db).await?;
                workspace::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
                Ok(())
            },
            async |db| workspace::Entity::restore_by_id(1).exec(db).await,
            async |db| tag::Entity::restore_by_id(1).exec(db).await,
        )
        .await?;
        race(
            db,
            &TRACKER,
            async |db| {
                tag::Entity::delete_by_id(1).at(year(2019)).exec(db).await?;
                workspace::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
                Ok(())
            },
            async |db| tag::Entity::restore_by_id(1).exec(db).await,
            async |db| workspace::Entity::restore_by_id(1).exec(db).await,
        )
        .await?;
    }

    async fn a_bulk_restore_beside_a_delete_of_another_parent(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &TRACKER,
            async |db| {
                task::Entity::delete_by_id(1).at(year(2019)).exec(db).await?;
                task::Entity::delete_by_id(2).at(year(2020)).exec(db).await?;
                comment::Entity::delete_many().all().at(year(2021)).exec(db).await?;
                Ok(())
            },
            async |db| task::Entity::restore_many().all().exec(db).await,
            async |db| tag::Entity::delete_by_id(1).at(year(2022)).exec(db).await,
        )
        .await?;
    }
}
