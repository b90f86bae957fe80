//! Parents through keys of any rule: a row does not come back below a deleted one.

use sea_orm::{
    ActiveValue::Set, ConnectionTrait as _, DbErr, IntoActiveModel as _, PaginatorTrait as _,
};
use soft_delete::Error;

use support::{
    self, TestDb,
    domain::{self, member, project, task, workspace},
};

/// A project with a lead (a key that restricts), and a task with an assignee (one that is set to NULL).
async fn create(db: &TestDb) -> Result<[member::Model; 2], DbErr> {
    domain::create(db).await?;
    let (lead, assignee) = (
        domain::member(db, "lead").await?,
        domain::member(db, "assignee").await?,
    );
    let workspace = domain::workspace(db, "main").await?;
    let mut project = domain::project(db, &workspace, "engine")
        .await?
        .into_active_model();
    project.lead_id = Set(Some(lead.id));
    let project = project.update(db).await?;
    let mut task = domain::task(db, &project, "start")
        .await?
        .into_active_model();
    task.assignee_id = Set(Some(assignee.id));
    task.update(db).await?;
    Ok([lead, assignee])
}

support::on_every_backend! {
    async fn a_row_does_not_come_back_below_a_deleted_parent_whatever_the_keys_rule(db: &TestDb) {
        let [lead, assignee] = create(db).await?;
        let deletion = workspace::Entity::delete_by_id(1).exec(db).await?;
        for member in [&lead, &assignee] {
            member::Entity::delete_by_id(member.id).exec(db).await?;
        }

        let told = workspace::Entity::restore_by_id(1).exec(db).await.expect_err("both members are deleted");
        let Error::ParentDeleted { parents, .. } = &told else { panic!("{told:?}") };
        let mut relations: Vec<_> = parents.iter().map(|parent| (parent.table.name.as_str(), parent.relation.as_str())).collect();
        relations.sort_unstable();
        assert_eq!(relations, [("project", "Member"), ("task", "Member")], "rows below are told, and all at once");
        assert!(!workspace::Entity::restore_by_id(1).plan(db).await?.is_allowed());
        for refused in [
            deletion.undo().exec(db).await,
            workspace::Entity::restore_many().all().exec(db).await,
        ] {
            assert!(matches!(refused, Err(Error::ParentDeleted { .. })), "{refused:?}");
        }
        assert_eq!(workspace::Entity::find().count(db).await?, 0);

        let restored = workspace::Entity::restore_by_id(1).with_parents().exec(db).await?;
        let rows = restored.rows_by_table();
        for (table, number) in [("member", 2), ("project", 1), ("task", 1), ("workspace", 1)] {
            assert_eq!(rows.get(table), number, "{rows:?}");
        }
        assert_eq!(rows.len(), 4, "{rows:?}");
    }

    async fn a_row_named_does_not_come_back_below_a_deleted_parent_either(db: &TestDb) {
        let [_, assignee] = create(db).await?;
        task::Entity::delete_by_id(1).exec(db).await?;
        member::Entity::delete_by_id(assignee.id).exec(db).await?;
        let told = task::Entity::restore_by_id(1).exec(db).await;
        assert!(matches!(told, Err(Error::ParentDeleted { .. })), "{told:?}");
        member::Entity::restore_by_id(assignee.id).exec(db).await?;
        task::Entity::restore_by_id(1).exec(db).await?;
        let task = task::Entity::find_by_id(1).one(db).await?.expect("the task");
        assert_eq!(task.assignee_id, Some(assignee.id));
    }

    async fn a_parent_that_is_gone_is_told(db: &TestDb) {
        for table in ["shelf_book", "shelf_case"] {
            let column = if table == "shelf_book" { "case_id BIGINT," } else { "" };
            let time = if db.backend() == sea_orm::DbBackend::Postgres { "timestamptz" } else { "DATETIME" };
            db.execute_unprepared(&format!(
                "CREATE TABLE {table} (id BIGINT PRIMARY KEY, {column} deleted_at {time})"
            )).await?;
        }
        db.execute_unprepared("INSERT INTO shelf_case (id) VALUES (1)").await?;
        db.execute_unprepared("INSERT INTO shelf_book (id, case_id) VALUES (1, 1), (2, 9), (3, NULL)").await?;
        book::Entity::delete_many().all().exec(db).await?;

        let plan = book::Entity::restore_by_id(2).plan(db).await?;
        assert!(plan.is_allowed());
        let restored = book::Entity::restore_by_id(2).exec(db).await?;
        for restoration in [&plan.restoration, &restored] {
            assert_eq!(restoration.rows_affected, 1);
            assert_eq!(restoration.without_parent(), [("shelf_book", "Case", 1)]);
        }
        let restored = book::Entity::restore_many().all().exec(db).await?;
        assert_eq!((restored.rows_affected, restored.without_parent().len()), (2, 0));
    }

    async fn what_was_purged_since_is_told_of_an_undo(db: &TestDb) {
        create(db).await?;
        let project = project::Entity::find_by_id(1).one(db).await?.expect("the project");
        for title in ["second", "third"] {
            domain::task(db, &project, title).await?;
        }
        let deletion = project::Entity::delete_by_id(1).exec(db).await?;
        assert_eq!(deletion.rows_by_table(), [("project", 1), ("task", 3)]);
        db.execute_unprepared("DELETE FROM task WHERE title <> 'third'").await?;
        let undone = deletion.undo().exec(db).await?;
        assert_eq!(undone.rows_by_table(), [("project", 1), ("task", 1)]);
        assert_eq!(undone.not_found(), [("task", 2)]);
        let undone = deletion.undo().exec(db).await?;
        assert_eq!(undone.rows_affected, 0);
        assert_eq!(undone.not_found(), [("project", 1), ("task", 3)]);
    }
}

pub mod case {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "shelf_case")]
    #[soft_delete(group = "gone parents")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub deleted_at: Option<DateTimeUtc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod book {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "shelf_book")]
    #[soft_delete(group = "gone parents")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub case_id: Option<i64>,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(belongs_to, from = "case_id", to = "id", on_delete = "Restrict")]
        pub case: BelongsTo<Option<super::case::Entity>>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
