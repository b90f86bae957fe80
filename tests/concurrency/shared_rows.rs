//! Restores of rows that have another parent, beside what happens to that one.

use sea_orm::ConnectionTrait as _;
use soft_delete::schema::ActiveParentTriggers;

use super::{
    race::{race, race_of_several},
    world::{TRACKER, World, year},
};
use support::{
    self, TestDb, TestResult,
    domain::{comment, project, tag, task, workspace},
};

/// Tasks and tags in a group of their own, which has met triggers that want parents to come back first.
mod guarded {
    pub mod task {
        use sea_orm::entity::prelude::*;
        use soft_delete::SoftDelete;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
        #[sea_orm(table_name = "task")]
        #[soft_delete(group = "guarded")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i64,
            pub deleted_at: Option<DateTimeUtc>,
            pub deletion_id: Option<Uuid>,
            #[sea_orm(has_many)]
            pub task_tags: HasMany<super::task_tag::Entity>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod tag {
        use sea_orm::entity::prelude::*;
        use soft_delete::SoftDelete;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
        #[sea_orm(table_name = "tag")]
        #[soft_delete(group = "guarded")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i64,
            pub deleted_at: Option<DateTimeUtc>,
            #[sea_orm(has_many)]
            pub task_tags: HasMany<super::task_tag::Entity>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod task_tag {
        use sea_orm::entity::prelude::*;
        use soft_delete::SoftDelete;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
        #[sea_orm(table_name = "task_tag")]
        #[soft_delete(group = "guarded")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub task_id: i64,
            #[sea_orm(primary_key, auto_increment = false)]
            pub tag_id: i64,
            pub deleted_at: Option<DateTimeUtc>,
            pub deletion_id: Option<Uuid>,
            #[sea_orm(belongs_to, from = "task_id", to = "id", on_delete = "Cascade")]
            pub task: BelongsTo<super::task::Entity>,
            #[sea_orm(belongs_to, from = "tag_id", to = "id", on_delete = "Cascade")]
            pub tag: BelongsTo<super::tag::Entity>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }
}

/// Lets a trigger refuse a restore in the group once. From then on parents come back first.
async fn meet_a_trigger(db: &TestDb) -> TestResult {
    let triggers = ActiveParentTriggers::on("task_tag").key("task_id", "id");
    let triggers = triggers.parent("task");
    TRACKER.reset(db).await?;
    triggers.create(db).await?;
    guarded::task::Entity::delete_by_id(1).exec(db).await?;
    guarded::task::Entity::restore_by_id(1).exec(db).await?;
    triggers.drop(db).await?;
    Ok(())
}

/// The group has no comments, and would leave them active below a deleted task.
async fn without_comments(db: &TestDb) -> TestResult {
    db.execute_unprepared("DELETE FROM comment").await?;
    Ok(())
}

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
                soft_delete::Undo::deletion(earlier.deletion_id.expect("an id")).exec(db).await
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

    async fn parents_first_a_row_comes_back_only_if_its_other_parent_is_not_being_deleted(db: &TestDb) {
        World::create(db).await?;
        meet_a_trigger(db).await?;
        race(
            db,
            &TRACKER,
            async |db| {
                without_comments(db).await?;
                guarded::task::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
                Ok(())
            },
            async |db| guarded::task::Entity::restore_by_id(1).exec(db).await,
            async |db| guarded::tag::Entity::delete_by_id(1).at(year(2022)).exec(db).await,
        )
        .await?;
        race(
            db,
            &TRACKER,
            async |db| {
                without_comments(db).await?;
                guarded::task::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
                Ok(())
            },
            async |db| guarded::tag::Entity::delete_by_id(1).at(year(2022)).exec(db).await,
            async |db| guarded::task::Entity::restore_by_id(1).exec(db).await,
        )
        .await?;
    }

    async fn parents_first_restores_of_both_parents_bring_it_back(db: &TestDb) {
        World::create(db).await?;
        meet_a_trigger(db).await?;
        race(
            db,
            &TRACKER,
            async |db| {
                without_comments(db).await?;
                guarded::tag::Entity::delete_by_id(1).at(year(2019)).exec(db).await?;
                guarded::task::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
                Ok(())
            },
            async |db| guarded::task::Entity::restore_by_id(1).exec(db).await,
            async |db| guarded::tag::Entity::restore_by_id(1).exec(db).await,
        )
        .await?;
    }

    async fn parents_first_a_row_that_was_deleted_just_now_is_not_restored_below_another_deleted_parent(db: &TestDb) {
        World::create(db).await?;
        meet_a_trigger(db).await?;
        race_of_several(
            db,
            &TRACKER,
            async |db| without_comments(db).await,
            async |db| guarded::task::Entity::restore_by_id(1).exec(db).await,
            async |db| {
                guarded::task::Entity::delete_by_id(1).exec(db).await?;
                guarded::tag::Entity::delete_by_id(1).exec(db).await
            },
        )
        .await?;
        race_of_several(
            db,
            &TRACKER,
            async |db| {
                without_comments(db).await?;
                guarded::tag::Entity::delete_by_id(1).at(year(2019)).exec(db).await?;
                guarded::task::Entity::delete_by_id(1).at(year(2020)).exec(db).await?;
                Ok(())
            },
            async |db| guarded::task::Entity::restore_by_id(1).exec(db).await,
            async |db| {
                guarded::tag::Entity::restore_by_id(1).exec(db).await?;
                guarded::tag::Entity::delete_by_id(1).exec(db).await
            },
        )
        .await?;
    }
}
