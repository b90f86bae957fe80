//! Deletions of one time where rows can be told by their time only: in a tree, in a circle of tables, and side by side.

// SeaORM generates more for an entity than one test uses.
#![allow(dead_code)]

use chrono::{DateTime, TimeDelta, TimeZone as _, Utc};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DbErr, PaginatorTrait as _, QueryFilter as _,
};
use soft_delete::{Error, Outcome};

use support::{self, TestDb, create_table};

mod garden {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "garden")]
    #[soft_delete(group = "gardens")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub deleted_at: Option<DateTimeUtc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Beds lie in gardens, or in other beds.
mod bed {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "bed")]
    #[soft_delete(group = "gardens")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub garden_id: Option<i64>,
        pub bed_id: Option<i64>,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(
            belongs_to,
            relation_enum = "Garden",
            from = "garden_id",
            to = "id",
            on_delete = "Cascade"
        )]
        pub garden: BelongsTo<Option<super::garden::Entity>>,
        #[sea_orm(
            self_ref,
            relation_enum = "Outer",
            relation_reverse = "Inner",
            from = "bed_id",
            to = "id",
            on_delete = "Cascade"
        )]
        pub outer: HasOne<Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod pot {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "pot")]
    #[soft_delete(group = "gardens")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub garden_id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(belongs_to, from = "garden_id", to = "id", on_delete = "Cascade")]
        pub garden: BelongsTo<super::garden::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A question may follow an answer, and an answer a question.
mod question {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "question")]
    #[soft_delete(group = "questions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub answer_id: Option<i64>,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(
            belongs_to,
            skip_fk,
            from = "answer_id",
            to = "id",
            on_delete = "Cascade"
        )]
        pub answer: BelongsTo<Option<super::answer::Entity>>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod answer {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "answer")]
    #[soft_delete(group = "questions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub question_id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(belongs_to, from = "question_id", to = "id", on_delete = "Cascade")]
        pub question: BelongsTo<super::question::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod vote {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "vote")]
    #[soft_delete(group = "questions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub answer_id: Option<i64>,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(belongs_to, from = "answer_id", to = "id", on_delete = "SetNull")]
        pub answer: BelongsTo<Option<super::answer::Entity>>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

async fn fill(db: &TestDb, inserts: &[&str]) -> Result<(), DbErr> {
    for insert in inserts {
        db.execute_unprepared(&format!("INSERT INTO {insert}"))
            .await?;
    }
    Ok(())
}

async fn gardens(db: &TestDb) -> Result<(), DbErr> {
    create_table(db, garden::Entity).await?;
    create_table(db, bed::Entity).await?;
    create_table(db, pot::Entity).await?;
    fill(
        db,
        &[
            "garden (id) VALUES (1), (2), (3)",
            "bed (id, garden_id, bed_id) VALUES (1, 1, NULL), (2, NULL, 1), (3, NULL, 2), (4, 2, NULL)",
            "pot (id, garden_id) VALUES (1, 1), (2, 2)",
        ],
    )
    .await
}

async fn questions(db: &TestDb) -> Result<(), DbErr> {
    create_table(db, question::Entity).await?;
    create_table(db, answer::Entity).await?;
    create_table(db, vote::Entity).await?;
    fill(
        db,
        &[
            "question (id, answer_id) VALUES (1, NULL), (2, 1), (3, NULL)",
            "answer (id, question_id) VALUES (1, 1), (2, 2), (3, 3)",
            "vote (id, answer_id) VALUES (1, 2), (2, 3), (3, 1)",
        ],
    )
    .await
}

fn noon() -> DateTime<Utc> {
    Utc.timestamp_nanos(1_800_000_000_000_000_000)
}

support::on_every_backend! {
    async fn a_tree_is_one_deletion_from_its_root_down(db: &TestDb) {
        gardens(db).await?;
        let deletion = bed::Entity::delete_by_id(1).at(noon()).exec(db).await?;
        assert_eq!(deletion.rows_by_table(), [("bed", 3)]);
        assert_eq!(deletion.undo().exec(db).await?.rows_by_table(), [("bed", 3)]);
        let deletion = garden::Entity::delete_by_id(1).at(noon()).exec(db).await?;
        assert_eq!(deletion.rows_by_table(), [("garden", 1), ("bed", 3), ("pot", 1)]);
        assert_eq!(deletion.undo().exec(db).await?.rows_by_table(), deletion.rows_by_table());
    }

    async fn a_circle_of_tables_is_one_deletion(db: &TestDb) {
        questions(db).await?;
        let plan = question::Entity::delete_by_id(1).plan(db).await?;
        let deletion = question::Entity::delete_by_id(1).at(noon()).exec(db).await?;
        assert_eq!(deletion.rows_by_table(), [("question", 2), ("answer", 2)]);
        assert_eq!(plan.rows_by_table(), deletion.rows_by_table());
        assert_eq!(plan.set_null(), [("vote", "Answer", 2)]);
        let votes = vote::Entity::find().filter(vote::Column::AnswerId.is_null());
        assert_eq!(votes.count(db).await?, 2);
        assert_eq!(deletion.undo().exec(db).await?.rows_by_table(), deletion.rows_by_table());
        assert_eq!(answer::Entity::find().count(db).await?, 3);
    }

    async fn of_a_circle_of_tables_a_row_that_never_was_is_told_apart_from_an_active_one(db: &TestDb) {
        questions(db).await?;
        assert_eq!(question::Entity::restore_by_id(1).exec(db).await?.rows_affected, 0);
        let missing = question::Entity::restore_by_id(4711).exec(db).await;
        assert!(matches!(missing, Err(Error::NotFound { .. })), "{missing:?}");
        let several = question::Entity::restore_many();
        assert_eq!(several.clone().all().exec(db).await?.rows_affected, 0);
        let none = several.filter(question::Column::Id.eq(4711_i64)).exec(db).await?;
        assert_eq!(none.rows_affected, 0, "a filter may find none");
    }

    async fn rows_below_no_common_row_may_have_one_time(db: &TestDb) {
        gardens(db).await?;
        db.execute_unprepared("DELETE FROM bed").await?;
        let first = garden::Entity::delete_by_id(1).at(noon()).exec(db).await?;
        let second = garden::Entity::delete_by_id(2).at(noon()).exec(db).await?;
        assert_eq!((first.deleted_at(), second.deleted_at()), (noon(), noon()));
        assert_eq!(first.undo().exec(db).await?.rows_by_table(), [("garden", 1), ("pot", 1)]);
        assert_eq!(pot::Entity::only_deleted().count(db).await?, 1);
        assert_eq!(second.undo().exec(db).await?.rows_by_table(), [("garden", 1), ("pot", 1)]);
    }

    async fn rows_of_one_circle_that_have_one_time_are_refused_where_it_is_given(db: &TestDb) {
        questions(db).await?;
        question::Entity::delete_by_id(3).at(noon()).exec(db).await?;
        let refused = question::Entity::delete_by_id(1).at(noon()).exec(db).await.map_err(Error::from);
        assert!(matches!(refused, Err(Error::SameTime { .. })), "{refused:?}");
        assert_eq!(question::Entity::find().count(db).await?, 2);
        assert_eq!(question::Entity::delete_by_id(1).exec(db).await?.outcome(), Outcome::Deleted);
    }

    async fn a_tree_goes_over_to_another_parent_down_to_its_last_level(db: &TestDb) {
        gardens(db).await?;
        db.execute_unprepared("UPDATE bed SET garden_id = 2 WHERE id = 2").await?;
        db.execute_unprepared("UPDATE bed SET bed_id = 3, garden_id = NULL WHERE id = 4").await?;
        let deletion = garden::Entity::delete_by_id(1).at(noon()).exec(db).await?;
        assert_eq!(deletion.rows_by_table(), [("garden", 1), ("bed", 4), ("pot", 1)]);
        garden::Entity::delete_by_id(2).at(noon() + TimeDelta::hours(1)).exec(db).await?;

        let restored = garden::Entity::restore_by_id(1).exec(db).await?;
        assert_eq!(restored.rows_by_table(), [("garden", 1), ("bed", 1), ("pot", 1)]);
        assert_eq!(restored.kept(), [("bed", 3)]);
        let restored = garden::Entity::restore_by_id(2).exec(db).await?;
        assert_eq!(restored.rows_by_table(), [("garden", 1), ("bed", 3), ("pot", 1)]);
    }
}

support::on_backends! {
    [sqlite SqliteMemory Pool, postgres Postgres Pool, mariadb MariaDb Pool]

    async fn as_many_rows_are_undone_by_their_keys_as_a_deletion_remembers(db: &TestDb) {
        create_table(db, garden::Entity).await?;
        create_table(db, bed::Entity).await?;
        create_table(db, pot::Entity).await?;
        let rows: Vec<_> = (1..=10_001).map(|id| format!("({id})")).collect();
        fill(db, &[&format!("garden (id) VALUES {}", rows.join(", "))]).await?;
        let most = garden::Entity::delete_many().filter(garden::Column::Id.lte(10_000)).exec(db).await?;
        assert_eq!(most.undo().exec(db).await?.rows_affected, 10_000);
        let more = garden::Entity::delete_many().all().exec(db).await?;
        let refused = more.undo().exec(db).await;
        assert!(matches!(refused, Err(Error::NoIdentity { .. })), "{refused:?}");
    }
}
