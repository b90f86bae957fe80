//! What a force delete removes: the row, and what the database's foreign keys remove with it.

use sea_orm::{IntoActiveModel as _, PaginatorTrait as _, Set, TransactionTrait as _};
use soft_delete::Error;

use support::{
    self, TestDb, TestResult,
    domain::{self, comment, member, project, task, task_tag, workspace},
};

/// A workspace with a project that has two tasks, one of them deleted, each with a comment and a tag. The first is assigned to
/// the member.
async fn two_tasks(db: &TestDb) -> TestResult<(workspace::Model, member::Model)> {
    domain::create(db).await?;
    let workspace = domain::workspace(db, "main").await?;
    let project = domain::project(db, &workspace, "engine").await?;
    let urgent = domain::tag(db, "urgent").await?;
    let ada = domain::member(db, "ada").await?;
    for title in ["start", "finish"] {
        let task = domain::task(db, &project, title).await?;
        domain::comment(db, &task, "first").await?;
        domain::task_tag(db, &task, &urgent).await?;
        let mut task = task.into_active_model();
        task.assignee_id = Set(Some(ada.id));
        task.update(db).await?;
    }
    task::Entity::delete_by_id(2).exec(db).await?;
    Ok((workspace, ada))
}

/// How many rows there are in any state: workspaces, projects, tasks, comments, tags on tasks.
async fn all_rows(db: &TestDb) -> TestResult<[u64; 5]> {
    Ok([
        workspace::Entity::with_deleted().count(db).await?,
        project::Entity::with_deleted().count(db).await?,
        task::Entity::with_deleted().count(db).await?,
        comment::Entity::with_deleted().count(db).await?,
        task_tag::Entity::with_deleted().count(db).await?,
    ])
}

support::on_every_backend! {
    async fn what_the_database_cascades_is_gone_in_any_state(db: &TestDb) {
        let (workspace, _) = two_tasks(db).await?;
        assert_eq!(all_rows(db).await?, [1, 1, 2, 2, 2]);
        let removed = workspace::Entity::force_delete_by_id(workspace.id).exec(db).await?;
        assert_eq!(removed.rows_affected, 1);
        assert_eq!(all_rows(db).await?, [0; 5]);
    }

    async fn so_it_is_below_a_deleted_row(db: &TestDb) {
        two_tasks(db).await?;
        assert_eq!(task::Entity::force_delete_by_id(2).exec(db).await?.rows_affected, 1);
        assert_eq!(all_rows(db).await?, [1, 1, 1, 1, 1]);
    }

    async fn of_a_model_too(db: &TestDb) {
        let (workspace, _) = two_tasks(db).await?;
        assert_eq!(workspace.force_delete(db).await?.rows_affected, 1);
        assert_eq!(all_rows(db).await?, [0; 5]);
    }

    async fn what_the_database_sets_to_null_stays(db: &TestDb) {
        let (_, ada) = two_tasks(db).await?;
        member::Entity::force_delete_by_id(ada.id).exec(db).await?;
        let tasks = task::Entity::with_deleted().all(db).await?;
        assert_eq!(tasks.len(), 2);
        assert!(tasks.iter().all(|task| task.assignee_id.is_none()), "{tasks:?}");
    }

    async fn what_the_database_restricts_is_its_error_and_all_stays(db: &TestDb) {
        let (_, ada) = two_tasks(db).await?;
        let mut project = project::Entity::find().one(db).await?.expect("the project").into_active_model();
        project.lead_id = Set(Some(ada.id));
        let project = project.update(db).await?;
        let refused = member::Entity::force_delete_by_id(ada.id).exec(db).await.expect_err("she leads");
        let Error::Db(error) = &refused else {
            panic!("{refused:?}");
        };
        assert!(error.to_string().to_lowercase().contains("foreign key"), "{error}");

        // A deleted row restricts as well: the database does not know that it is.
        project.delete(db).await?;
        let refused = ada.clone().force_delete(db).await.expect_err("she led");
        assert!(matches!(refused, Error::Db(_)), "{refused}");
        assert_eq!(member::Entity::find().count(db).await?, 1);
        assert_eq!(all_rows(db).await?, [1, 1, 2, 2, 2]);
    }

    async fn a_refused_one_of_a_model_leaves_the_callers_transaction_usable(db: &TestDb) {
        let (_, ada) = two_tasks(db).await?;
        let mut project = project::Entity::find().one(db).await?.expect("the project").into_active_model();
        project.lead_id = Set(Some(ada.id));
        project.update(db).await?;
        let transaction = db.begin().await?;
        ada.force_delete(&transaction).await.expect_err("she leads");
        domain::tag(&transaction, "later").await?;
        transaction.commit().await?;
        assert_eq!(domain::tag::Entity::find().count(db).await?, 2);
    }
}
