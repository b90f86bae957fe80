//! What the entity layer shows: active rows by default, others when asked for.

use sea_orm::{
    ColumnTrait as _, Condition, ModelTrait as _, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _, Select, sea_query::ExprTrait as _,
};
use soft_delete::{Scope, SelectActive as _, SelectScope as _, SoftDelete};

use support::{
    self, TestDb, TestResult,
    domain::{self, comment, project, tag, task, task_tag, workspace},
};

/// Task 1 is active with comments 1 and 2, of which 2 is deleted; task 2 is deleted.
async fn two_tasks(db: &TestDb) -> TestResult<(project::Model, task::Model)> {
    domain::create(db).await?;
    let workspace = domain::workspace(db, "main").await?;
    let project = domain::project(db, &workspace, "engine").await?;
    let task = domain::task(db, &project, "kept").await?;
    domain::comment(db, &task, "first").await?;
    domain::comment(db, &task, "second").await?;
    domain::task(db, &project, "gone").await?;
    task::Entity::delete_by_id(2).exec(db).await?;
    comment::Entity::delete_by_id(2).exec(db).await?;
    Ok((project, task))
}

async fn titles(select: Select<task::Entity>, db: &TestDb) -> TestResult<Vec<String>> {
    let tasks = select.order_by_id_asc().all(db).await?;
    Ok(tasks.into_iter().map(|task| task.title).collect())
}

/// As an application's own code is, generic over the entity.
async fn count_trash<E>(db: &TestDb) -> TestResult<u64>
where
    E: SoftDelete,
    E::Model: Send + Sync,
{
    Ok(E::only_deleted().count(db).await?)
}

support::on_every_backend! {
    async fn find_sees_active_rows(db: &TestDb) {
        two_tasks(db).await?;
        assert_eq!(titles(task::Entity::find(), db).await?, ["kept"]);
    }

    async fn with_deleted_sees_all_rows(db: &TestDb) {
        two_tasks(db).await?;
        assert_eq!(titles(task::Entity::with_deleted(), db).await?, ["kept", "gone"]);
    }

    async fn only_deleted_sees_the_trash(db: &TestDb) {
        two_tasks(db).await?;
        assert_eq!(titles(task::Entity::only_deleted(), db).await?, ["gone"]);
    }

    async fn a_scope_can_be_chosen_at_run_time(db: &TestDb) {
        two_tasks(db).await?;
        assert_eq!(titles(task::Entity::scoped(Scope::Active), db).await?, ["kept"]);
        assert_eq!(titles(task::Entity::scoped(Scope::WithDeleted), db).await?, ["kept", "gone"]);
        assert_eq!(titles(task::Entity::scoped(Scope::OnlyDeleted), db).await?, ["gone"]);
    }

    async fn find_by_id_sees_active_rows(db: &TestDb) {
        two_tasks(db).await?;
        assert!(task::Entity::find_by_id(1).one(db).await?.is_some());
        assert!(task::Entity::find_by_id(2).one(db).await?.is_none());
    }

    async fn a_unique_key_finds_the_active_row(db: &TestDb) {
        domain::create(db).await?;
        domain::tag(db, "urgent").await?;
        tag::Entity::delete_by_name("urgent").exec(db).await?;
        assert!(tag::Entity::find_by_name("urgent").one(db).await?.is_none());

        tag::Entity::restore_by_name("urgent").exec(db).await?;
        assert!(tag::Entity::find_by_name("urgent").one(db).await?.is_some());
    }

    async fn paginators_counts_and_streams_see_active_rows(db: &TestDb) {
        two_tasks(db).await?;
        let mut pages = task::Entity::find().order_by_id_asc().paginate(db, 10);
        assert_eq!(pages.num_items().await?, 1);
        assert_eq!(pages.fetch_and_next().await?.expect("a page").len(), 1);
        assert_eq!(task::Entity::find().count(db).await?, 1);
    }

    async fn an_or_in_the_filter_does_not_escape_the_scope(db: &TestDb) {
        two_tasks(db).await?;
        let either = Condition::any()
            .add(task::Column::Title.eq("kept"))
            .add(task::Column::Title.eq("gone"));
        assert_eq!(titles(task::Entity::find().filter(either.clone()), db).await?, ["kept"]);
        let either = task::Column::Title.eq("kept").or(task::Column::Title.eq("gone"));
        assert_eq!(titles(task::Entity::find().filter(either), db).await?, ["kept"]);
    }

    async fn the_order_of_calls_does_not_matter(db: &TestDb) {
        two_tasks(db).await?;
        let filter = task::Column::Title.eq("gone");
        let before = task::Entity::with_deleted().filter(filter.clone()).order_by_asc(task::Column::Id);
        let after = task::Entity::with_deleted().order_by_asc(task::Column::Id).filter(filter);
        assert_eq!(titles(before, db).await?, ["gone"]);
        assert_eq!(titles(after, db).await?, ["gone"]);
    }

    async fn a_related_select_takes_a_scope(db: &TestDb) {
        let (project, _) = two_tasks(db).await?;
        let tasks = || project.find_related(task::Entity);
        assert_eq!(titles(tasks().active(), db).await?, ["kept"]);
        assert_eq!(titles(tasks().only_deleted(), db).await?, ["gone"]);
        assert_eq!(titles(tasks().scope(Scope::WithDeleted), db).await?, ["kept", "gone"]);
    }

    async fn a_left_join_keeps_rows_whose_related_rows_are_all_deleted(db: &TestDb) {
        two_tasks(db).await?;
        comment::Entity::delete_many().all().exec(db).await?;

        let tasks = task::Entity::find().find_with_active(comment::Entity).all(db).await?;
        assert_eq!(tasks.len(), 1);
        assert!(tasks[0].1.is_empty());

        let tasks = task::Entity::find().find_also_active(comment::Entity).all(db).await?;
        assert_eq!(tasks.len(), 1);
        assert_eq!(tasks[0].1, None);
    }

    async fn a_join_sees_active_rows_on_its_right(db: &TestDb) {
        two_tasks(db).await?;
        let tasks = task::Entity::find().find_with_active(comment::Entity).all(db).await?;
        assert_eq!(tasks[0].1.len(), 1);
        assert_eq!(tasks[0].1[0].body, "first");

        let both = task::Entity::with_deleted().find_both_active(comment::Entity).all(db).await?;
        assert_eq!(both.len(), 1);

        let joined = task::Entity::with_deleted().inner_join_active(comment::Entity).all(db).await?;
        assert_eq!(joined.len(), 1);
    }

    async fn a_join_through_a_junction_sees_active_junction_rows(db: &TestDb) {
        let (_, task) = two_tasks(db).await?;
        let (urgent, later) = (domain::tag(db, "urgent").await?, domain::tag(db, "later").await?);
        domain::task_tag(db, &task, &urgent).await?;
        domain::task_tag(db, &task, &later).await?;
        task_tag::Entity::delete_by_id((task.id, later.id)).exec(db).await?;

        let tasks = task::Entity::find().find_with_active(tag::Entity).all(db).await?;
        assert_eq!(tasks.len(), 1);
        assert_eq!(tasks[0].1, [urgent]);
    }

    async fn generic_code_uses_the_trait(db: &TestDb) {
        two_tasks(db).await?;
        assert_eq!(count_trash::<task::Entity>(db).await?, 1);
        assert_eq!(count_trash::<comment::Entity>(db).await?, 1);
        assert_eq!(count_trash::<workspace::Entity>(db).await?, 0);
    }

    async fn the_dense_loader_sees_active_rows_at_its_root(db: &TestDb) {
        two_tasks(db).await?;
        let tasks = task::Entity::load().all(db).await?;
        assert_eq!(tasks.len(), 1);
        assert!(!tasks[0].is_deleted());
    }

    async fn a_model_knows_whether_it_is_deleted(db: &TestDb) {
        two_tasks(db).await?;
        let tasks = task::Entity::with_deleted().order_by_id_asc().all(db).await?;
        assert!(!tasks[0].is_deleted());
        assert!(tasks[1].is_deleted());
    }

    async fn update_many_leaves_deleted_rows_alone(db: &TestDb) {
        two_tasks(db).await?;
        let updated = task::Entity::update_many()
            .col_expr(task::Column::Title, "renamed".into())
            .exec(db)
            .await?;
        assert_eq!(updated.rows_affected, 1);
        assert_eq!(titles(task::Entity::with_deleted(), db).await?, ["renamed", "gone"]);
    }
}
