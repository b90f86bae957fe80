//! Restores beside deletes and other restores.

use super::{
    race::{race, race_of_several},
    world::{FOLDERS, TRACKER, World, year},
};
use support::{
    self, TestDb,
    domain::{comment, project, tag, task, workspace},
    folder,
};

support::on_servers! {
    async fn a_delete_and_a_restore_of_one_row_take_turns(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &TRACKER,
            async |db| {
                task::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
                Ok(())
            },
            async |db| task::Entity::restore_by_id(1).exec(db).await,
            async |db| task::Entity::delete_by_id(1).at(year(2022)).exec(db).await,
        )
        .await?;
    }

    async fn nothing_is_restored_below_a_parent_that_is_being_deleted(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &TRACKER,
            async |db| {
                comment::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
                Ok(())
            },
            async |db| comment::Entity::restore_by_id(1).exec(db).await,
            async |db| task::Entity::delete_by_id(1).at(year(2022)).exec(db).await,
        )
        .await?;
    }

    async fn nothing_is_restored_below_an_ancestor_that_is_being_deleted(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &TRACKER,
            async |db| {
                comment::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
                Ok(())
            },
            async |db| comment::Entity::restore_by_id(1).exec(db).await,
            async |db| workspace::Entity::delete_by_id(1).at(year(2022)).exec(db).await,
        )
        .await?;
    }

    async fn nothing_that_was_deleted_just_now_is_restored_below_a_parent_that_is_being_deleted(db: &TestDb) {
        World::create(db).await?;
        race_of_several(
            db,
            &TRACKER,
            async |_| Ok(()),
            async |db| comment::Entity::restore_by_id(1).exec(db).await,
            async |db| {
                comment::Entity::delete_by_id(1).exec(db).await?;
                task::Entity::delete_by_id(1).exec(db).await
            },
        )
        .await?;
    }

    async fn what_a_parents_delete_waits_for_is_taken_by_it(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &TRACKER,
            async |db| {
                comment::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
                Ok(())
            },
            async |db| workspace::Entity::delete_by_id(1).at(year(2022)).exec(db).await,
            async |db| comment::Entity::restore_by_id(1).exec(db).await,
        )
        .await?;
    }

    async fn nothing_is_undone_below_a_parent_that_is_being_deleted(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &TRACKER,
            async |db| {
                comment::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
                Ok(())
            },
            async |db| {
                let earlier = comment::Entity::only_deleted().one(db).await?.expect("a deleted comment");
                soft_delete::Undo::deletion(earlier.deletion_id.expect("an id")).exec(db).await
            },
            async |db| task::Entity::delete_by_id(1).at(year(2022)).exec(db).await,
        )
        .await?;
    }

    async fn parents_are_not_restored_below_one_that_is_being_deleted(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &TRACKER,
            async |db| {
                project::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
                Ok(())
            },
            async |db| task::Entity::restore_by_id(1).with_parents().exec(db).await,
            async |db| workspace::Entity::delete_by_id(1).at(year(2022)).exec(db).await,
        )
        .await?;
    }

    async fn a_row_is_kept_when_its_other_parent_is_being_deleted(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &TRACKER,
            async |db| {
                workspace::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
                Ok(())
            },
            async |db| workspace::Entity::restore_by_id(1).exec(db).await,
            async |db| tag::Entity::delete_by_id(1).at(year(2022)).exec(db).await,
        )
        .await?;
    }

    async fn two_restores_of_rows_that_share_one_below_bring_it_back(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &TRACKER,
            async |db| {
                workspace::Entity::delete_by_id(1).at(year(2019)).exec(db).await?;
                tag::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
                Ok(())
            },
            async |db| workspace::Entity::restore_by_id(1).exec(db).await,
            async |db| tag::Entity::restore_by_id(1).exec(db).await,
        )
        .await?;
    }

    async fn nothing_is_restored_in_a_tree_that_is_being_deleted(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &FOLDERS,
            async |db| {
                folder::Entity::delete_by_id(3).at(year(2020)).exec(db).await?;
                Ok(())
            },
            async |db| folder::Entity::restore_by_id(3).exec(db).await,
            async |db| folder::Entity::delete_by_id(1).at(year(2022)).exec(db).await,
        )
        .await?;
        race(
            db,
            &FOLDERS,
            async |db| {
                folder::Entity::delete_by_id(3).at(year(2020)).exec(db).await?;
                Ok(())
            },
            async |db| folder::Entity::delete_by_id(1).at(year(2022)).exec(db).await,
            async |db| folder::Entity::restore_by_id(3).exec(db).await,
        )
        .await?;
    }

    async fn two_restores_of_one_row_are_one(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &TRACKER,
            async |db| {
                task::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
                Ok(())
            },
            async |db| task::Entity::restore_by_id(1).exec(db).await,
            async |db| task::Entity::restore_by_id(1).exec(db).await,
        )
        .await?;
    }

    async fn a_restore_and_one_of_a_row_below_take_turns(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &TRACKER,
            async |db| {
                workspace::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
                Ok(())
            },
            async |db| workspace::Entity::restore_by_id(1).exec(db).await,
            async |db| task::Entity::restore_by_id(1).exec(db).await,
        )
        .await?;
        race(
            db,
            &TRACKER,
            async |db| {
                workspace::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
                Ok(())
            },
            async |db| workspace::Entity::restore_by_id(1).exec(db).await,
            async |db| task::Entity::restore_by_id(1).with_parents().exec(db).await,
        )
        .await?;
    }

    async fn a_plan_beside_a_restore_changes_nothing(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &TRACKER,
            async |db| {
                workspace::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
                Ok(())
            },
            async |db| task::Entity::restore_by_id(1).with_parents().plan(db).await.map(|_| "planned"),
            async |db| workspace::Entity::restore_by_id(1).exec(db).await,
        )
        .await?;
    }
}
