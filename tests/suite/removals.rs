//! Removing deleted rows permanently, where rows of other states refer to them.

use sea_orm::{ConnectionTrait as _, PaginatorTrait as _, Value};
use soft_delete::{Blocker, DEFAULT_GROUP, Error, Registry, Trash};

use support::{
    self, TestDb, TestResult,
    domain::{self, comment, member, project, tag, task, task_tag, workspace},
    folder,
};

fn trash() -> Trash {
    Trash::of(&domain::registry(), DEFAULT_GROUP).expect("the domain is sound")
}

fn folders() -> Trash {
    let registry = Registry::builder().entity::<folder::Entity>().build();
    Trash::of(&registry, "folders").expect("it is sound")
}

/// A workspace, a project, a task and a comment, each with the id 1 and below the one before, all deleted at once.
async fn a_deleted_workspace(db: &TestDb) -> TestResult {
    domain::create(db).await?;
    let workspace = domain::workspace(db, "main").await?;
    let project = domain::project(db, &workspace, "engine").await?;
    let task = domain::task(db, &project, "start").await?;
    domain::comment(db, &task, "first").await?;
    workspace::Entity::delete_by_id(1).exec(db).await?;
    Ok(())
}

async fn write(db: &TestDb, statement: &str) -> TestResult {
    db.connection().execute_unprepared(statement).await?;
    Ok(())
}

/// What forbids the removal, told by the plan and by the removal alike.
async fn refused(
    trash: &Trash,
    table: &str,
    key: Vec<Value>,
    db: &TestDb,
) -> TestResult<Vec<Blocker>> {
    let remove = trash.remove(table, key)?;
    let plan = remove.plan(db).await?;
    match remove.exec(db).await {
        Err(Error::Referenced {
            table: told,
            blockers,
            ..
        }) => {
            assert_eq!(told.to_string(), table);
            assert_eq!(blockers, plan.blockers);
            Ok(blockers)
        }
        other => panic!("it is not refused: {other:?}"),
    }
}

fn told(blockers: &[Blocker]) -> Vec<String> {
    blockers.iter().map(ToString::to_string).collect()
}

support::on_every_backend! {
    async fn a_row_to_which_an_active_row_refers_is_kept(db: &TestDb) {
        a_deleted_workspace(db).await?;
        write(db, "INSERT INTO comment (id, task_id, body) VALUES (7, 1, 'late')").await?;
        let blockers = refused(&trash(), "task", vec![1_i64.into()], db).await?;
        assert_eq!(told(&blockers), ["1 active row of `comment` through `Task` (7)"]);
        assert_eq!(comment::Entity::find().count(db).await?, 1);
        assert_eq!(task::Entity::with_deleted().count(db).await?, 1);

        comment::Entity::delete_by_id(7).exec(db).await?;
        trash().remove("task", vec![1_i64.into()])?.exec(db).await?;
        assert_eq!(task::Entity::with_deleted().count(db).await?, 0);
    }

    async fn a_row_is_kept_for_an_active_row_below_deleted_ones_in_between(db: &TestDb) {
        a_deleted_workspace(db).await?;
        write(db, "INSERT INTO comment (id, task_id, body) VALUES (7, 1, 'late'), (8, 1, 'later')").await?;
        write(db, "INSERT INTO task (id, project_id, title) VALUES (9, 1, 'late')").await?;
        let blockers = refused(&trash(), "workspace", vec![1_i64.into()], db).await?;
        assert_eq!(told(&blockers), [
            "2 active rows of `comment` through `Task` (7, 8)",
            "1 active row of `task` through `Project` (9)",
        ]);
        assert_eq!(comment::Entity::find().count(db).await?, 2);
        assert_eq!(workspace::Entity::with_deleted().count(db).await?, 1);
    }

    async fn a_row_whose_key_would_be_set_to_null_keeps_it(db: &TestDb) {
        domain::create(db).await?;
        let ada = domain::member(db, "Ada").await?;
        let workspace = domain::workspace(db, "main").await?;
        let project = domain::project(db, &workspace, "engine").await?;
        let task = domain::task(db, &project, "start").await?;
        member::Entity::delete_by_id(ada.id).exec(db).await?;
        let mut assigned: task::ActiveModel = task.into();
        assigned.assignee_id = sea_orm::Set(Some(ada.id));
        sea_orm::ActiveModelTrait::update(assigned, db).await?;
        let blockers = refused(&trash(), "member", vec![ada.id.into()], db).await?;
        assert_eq!(blockers.len(), 1);
        assert_eq!(task::Entity::find().count(db).await?, 1);
    }

    async fn a_row_with_a_key_of_several_columns_counts(db: &TestDb) {
        a_deleted_workspace(db).await?;
        domain::tag(db, "urgent").await?;
        write(db, "INSERT INTO task_tag (task_id, tag_id) VALUES (1, 1)").await?;
        let blockers = refused(&trash(), "task", vec![1_i64.into()], db).await?;
        assert_eq!(told(&blockers), ["1 active row of `task_tag` through `Task` ((1, 1))"]);
        tag::Entity::delete_by_id(1).exec(db).await?;
        assert_eq!(task_tag::Entity::find().count(db).await?, 0);
        trash().remove("task_tag", vec![1_i64.into(), 1_i64.into()])?.exec(db).await?;
        trash().remove("tag", vec![1_i64.into()])?.exec(db).await?;
    }

    async fn a_tree_is_looked_through_to_its_end(db: &TestDb) {
        folder::create(db).await?;
        folder::chain(db, 12).await?;
        folder::Entity::delete_by_id(1).exec(db).await?;
        write(db, "UPDATE folder SET deleted_at = NULL, deletion_id = NULL WHERE id = 12").await?;
        let blockers = refused(&folders(), "folder", vec![1_i64.into()], db).await?;
        assert_eq!(told(&blockers), ["1 active row of `folder` through `Parent` (12)"]);
        assert_eq!(folder::Entity::with_deleted().count(db).await?, 12);

        folder::Entity::delete_by_id(12).exec(db).await?;
        folders().remove("folder", vec![1_i64.into()])?.exec(db).await?;
        assert_eq!(folder::Entity::with_deleted().count(db).await?, 0, "the database's own rule");
    }

    async fn a_circle_of_rows_ends(db: &TestDb) {
        folder::create(db).await?;
        folder::chain(db, 3).await?;
        write(db, "UPDATE folder SET parent_id = 3 WHERE id = 1").await?;
        folder::Entity::delete_by_id(1).exec(db).await?;
        write(db, "UPDATE folder SET deleted_at = NULL, deletion_id = NULL WHERE id = 2").await?;
        let blockers = refused(&folders(), "folder", vec![3_i64.into()], db).await?;
        assert_eq!(told(&blockers), ["1 active row of `folder` through `Parent` (2)"]);
    }

    async fn more_rows_than_one_statement_names_are_looked_at(db: &TestDb) {
        a_deleted_workspace(db).await?;
        let tasks: Vec<_> = (2..=1_203).map(|id| format!("({id}, 1, 'many')")).collect();
        write(db, &format!("INSERT INTO task (id, project_id, title) VALUES {}", tasks.join(", "))).await?;
        let comments: Vec<_> = (2..=1_203).filter(|id| id % 200 == 0).map(|id| format!("({id}, {id}, 'late')")).collect();
        write(db, &format!("INSERT INTO comment (id, task_id, body) VALUES {}", comments.join(", "))).await?;
        write(db, "UPDATE task SET deleted_at = (SELECT deleted_at FROM project WHERE id = 1)").await?;
        let blockers = refused(&trash(), "project", vec![1_i64.into()], db).await?;
        assert_eq!(told(&blockers), ["6 active rows of `comment` through `Task` (200, 400, 600, 800, 1000, …)"]);
        assert_eq!(project::Entity::with_deleted().count(db).await?, 1);
    }

    async fn in_a_transaction_it_is_part_of_it(db: &TestDb) {
        use sea_orm::{TransactionTrait as _};
        a_deleted_workspace(db).await?;
        write(db, "INSERT INTO task (id, project_id, title) VALUES (9, 1, 'late')").await?;
        let transaction = db.begin().await?;
        let comment = trash().remove("comment", vec![1_i64.into()])?;
        comment.exec(&transaction).await?;
        let project = trash().remove("project", vec![1_i64.into()])?;
        assert!(matches!(project.exec(&transaction).await, Err(Error::Referenced { .. })));
        transaction.rollback().await?;
        assert_eq!(comment::Entity::with_deleted().count(db).await?, 1);
    }
}
