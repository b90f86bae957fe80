//! What a trash page shows.

use sea_orm::{PaginatorTrait as _, QueryOrder as _, QuerySelect as _};

use support::{
    self, TestDb,
    domain::{self, comment, project, tag, task, task_tag, workspace},
    folder,
};

support::on_every_backend! {
    async fn deletion_roots_are_the_rows_deleted_themselves(db: &TestDb) {
        domain::create(db).await?;
        let workspace = domain::workspace(db, "main").await?;
        let project = domain::project(db, &workspace, "engine").await?;
        let task = domain::task(db, &project, "start").await?;
        domain::comment(db, &task, "first").await?;
        domain::comment(db, &task, "second").await?;
        let tag = domain::tag(db, "urgent").await?;
        domain::task_tag(db, &task, &tag).await?;
        comment::Entity::delete_by_id(1).exec(db).await?;
        project::Entity::delete_by_id(1).exec(db).await?;

        assert_eq!(workspace::Entity::deletion_roots().count(db).await?, 0);
        assert_eq!(project::Entity::deletion_roots().count(db).await?, 1);
        assert_eq!(task::Entity::deletion_roots().count(db).await?, 0);
        assert_eq!(task_tag::Entity::deletion_roots().count(db).await?, 0);
        let comments = comment::Entity::deletion_roots().all(db).await?;
        assert_eq!(comments.len(), 1);
        assert_eq!(comments[0].id, 1);
    }

    async fn rows_without_deletion_id_are_told_by_their_time(db: &TestDb) {
        domain::create(db).await?;
        let workspace = domain::workspace(db, "main").await?;
        let project = domain::project(db, &workspace, "engine").await?;
        let task = domain::task(db, &project, "start").await?;
        let tag = domain::tag(db, "urgent").await?;
        domain::task_tag(db, &task, &tag).await?;
        tag::Entity::delete_by_id(1).exec(db).await?;

        assert_eq!(tag::Entity::deletion_roots().count(db).await?, 1);
        assert_eq!(task_tag::Entity::only_deleted().count(db).await?, 1);
        assert_eq!(task_tag::Entity::deletion_roots().count(db).await?, 0);
    }

    async fn of_a_tree_the_topmost_deleted_row_is_the_root(db: &TestDb) {
        folder::create(db).await?;
        folder::tree(db).await?;
        folder::Entity::delete_by_id(3).exec(db).await?;
        folder::Entity::delete_by_id(1).exec(db).await?;
        let roots: Vec<i64> = folder::Entity::deletion_roots()
            .order_by_asc(folder::Column::Id)
            .select_only()
            .column(folder::Column::Id)
            .into_tuple()
            .all(db)
            .await?;
        assert_eq!(roots, [1, 3]);
    }
}
