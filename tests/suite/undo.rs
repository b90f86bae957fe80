//! What an undo brings back, whatever happened to the rows in between.

use sea_orm::{ConnectionTrait as _, PaginatorTrait as _, Statement};
use soft_delete::{Error, Undo};

use support::{
    self, TestDb, TestResult,
    domain::{self, comment, project, tag, task, task_tag, workspace},
    shelf::{self, book, log, shelf as shelves},
};

/// A workspace with a project, a task and two comments.
async fn a_workspace(db: &TestDb, slug: &str) -> TestResult<workspace::Model> {
    let workspace = domain::workspace(db, slug).await?;
    let project = domain::project(db, &workspace, "engine").await?;
    let task = domain::task(db, &project, "start").await?;
    domain::comment(db, &task, "first").await?;
    domain::comment(db, &task, "second").await?;
    Ok(workspace)
}

/// Runs plain SQL, as another program would.
async fn run(db: &TestDb, sql: &str) -> TestResult {
    db.execute_raw(Statement::from_string(db.backend(), sql))
        .await?;
    Ok(())
}

support::on_every_backend! {
    async fn an_undo_finds_rows_that_were_moved(db: &TestDb) {
        domain::create(db).await?;
        a_workspace(db, "one").await?;
        a_workspace(db, "two").await?;
        let deletion = workspace::Entity::delete_by_id(1).exec(db).await?;
        run(db, "UPDATE comment SET task_id = 2 WHERE id = 1 AND deleted_at IS NOT NULL").await?;

        let restored = deletion.undo().exec(db).await?;

        assert_eq!(restored.rows_by_table(), deletion.rows_by_table());
        assert_eq!(comment::Entity::find().count(db).await?, 4);
        let moved = comment::Entity::find_by_id(1).one(db).await?.expect("the comment");
        assert_eq!(moved.task_id, 2);
    }

    async fn an_undo_brings_back_what_is_left(db: &TestDb) {
        domain::create(db).await?;
        a_workspace(db, "main").await?;
        let deletion = workspace::Entity::delete_by_id(1).exec(db).await?;
        task::Entity::restore_by_id(1).with_parents().exec(db).await?;
        comment::Entity::delete_by_id(1).exec(db).await?;
        run(db, "UPDATE comment SET deleted_at = NULL, deletion_id = NULL WHERE id = 2 AND deleted_at IS NOT NULL").await?;
        assert_eq!(deletion.undo().exec(db).await?.rows_by_table(), []);

        let deletion = workspace::Entity::delete_by_id(1).exec(db).await?;
        comment::Entity::force_delete_by_id(2).exec(db).await?;
        let restored = deletion.undo().exec(db).await?;
        assert_eq!(restored.rows_by_table(), [("workspace", 1), ("project", 1), ("task", 1)]);
        assert_eq!(comment::Entity::find().count(db).await?, 0);
    }

    async fn an_undo_finds_a_row_whose_time_was_changed(db: &TestDb) {
        domain::create(db).await?;
        a_workspace(db, "main").await?;
        let deletion = workspace::Entity::delete_by_id(1).exec(db).await?;
        for table in ["workspace", "comment"] {
            run(db, &format!("UPDATE {table} SET deleted_at = '2030-01-01 00:00:00' WHERE deleted_at IS NOT NULL")).await?;
        }
        assert_eq!(deletion.undo().exec(db).await?.rows_by_table(), deletion.rows_by_table());
    }

    async fn an_undo_by_id_and_a_plan_find_each_row_whose_time_was_changed(db: &TestDb) {
        domain::create(db).await?;
        a_workspace(db, "one").await?;
        a_workspace(db, "two").await?;
        let deletion = workspace::Entity::delete_many().all().exec(db).await?;
        for table in ["workspace", "comment"] {
            run(db, &format!("UPDATE {table} SET deleted_at = '2030-01-01 00:00:00' WHERE id = 2 AND deleted_at IS NOT NULL")).await?;
        }
        for undo in [deletion.undo(), Undo::deletion(deletion.id())] {
            assert_eq!(undo.plan(db).await?.restoration.rows_by_table(), deletion.rows_by_table());
        }
        let restored = Undo::deletion(deletion.id()).exec(db).await?;
        assert_eq!(restored.rows_by_table(), deletion.rows_by_table());
        assert_eq!(comment::Entity::only_deleted().count(db).await?, 0);
    }

    /// A row of another deletion was kept below this one's and has its stamp now, so that their number is right.
    async fn an_undo_finds_a_row_that_was_moved_though_another_took_its_place(db: &TestDb) {
        domain::create(db).await?;
        a_workspace(db, "one").await?;
        a_workspace(db, "two").await?;
        let task = task::Entity::find_by_id(1).one(db).await?.expect("the task");
        for name in ["own", "other"] {
            let tag = domain::tag(db, name).await?;
            domain::task_tag(db, &task, &tag).await?;
        }
        tag::Entity::delete_by_id(2).exec(db).await?;
        let deletion = workspace::Entity::delete_by_id(1).exec(db).await?;
        run(db, "UPDATE task_tag SET task_id = 2 WHERE tag_id = 1 AND deleted_at IS NOT NULL").await?;
        let restored = tag::Entity::restore_by_id(2).exec(db).await?;
        assert_eq!(restored.kept(), [("task_tag", 1)], "its task is deleted");

        deletion.undo().exec(db).await?;

        let mut tags = task_tag::Entity::find().all(db).await?;
        tags.sort_by_key(|row| row.tag_id);
        let tags: Vec<_> = tags.iter().map(|row| (row.task_id, row.tag_id)).collect();
        assert_eq!(tags, [(2, 1), (1, 2)]);
    }

    async fn an_undo_leaves_other_deletions_below_alone(db: &TestDb) {
        domain::create(db).await?;
        a_workspace(db, "main").await?;
        let own = comment::Entity::delete_by_id(1).exec(db).await?;
        let deletion = workspace::Entity::delete_by_id(1).exec(db).await?;
        deletion.undo().exec(db).await?;
        let left = comment::Entity::only_deleted().all(db).await?;
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].deletion_id, Some(own.id()));
    }

    async fn a_conflict_of_an_undo_is_told_in_full_though_a_row_was_moved(db: &TestDb) {
        domain::create(db).await?;
        for slug in ["one", "two", "three"] {
            a_workspace(db, slug).await?;
        }
        let deletion = workspace::Entity::delete_many().filter_by_ids([1, 2]).exec(db).await?;
        for slug in ["one", "two"] {
            domain::workspace(db, slug).await?;
        }
        run(db, "UPDATE comment SET task_id = 3 WHERE id = 1 AND deleted_at IS NOT NULL").await?;
        let refused = deletion.undo().exec(db).await.expect_err("both slugs are taken");
        let Error::Conflict(conflict) = &refused else { panic!("{refused}") };
        assert_eq!(conflict.len(), 2);
        assert_eq!(comment::Entity::find().count(db).await?, 2);
    }

    async fn an_undo_of_one_row_tells_its_conflict(db: &TestDb) {
        domain::create(db).await?;
        a_workspace(db, "main").await?;
        let deletion = workspace::Entity::delete_by_id(1).exec(db).await?;
        let holder = domain::workspace(db, "main").await?;
        let refused = deletion.undo().exec(db).await.expect_err("the slug is taken");
        let Error::Conflict(conflict) = &refused else { panic!("{refused}") };
        let row = conflict.iter().next().expect("a row");
        assert_eq!((conflict.len(), &row.holder), (1, &vec![holder.id.into()]));
        assert_eq!(comment::Entity::find().count(db).await?, 0);
    }

    async fn an_undo_below_a_deleted_parent_is_refused(db: &TestDb) {
        domain::create(db).await?;
        a_workspace(db, "main").await?;
        let deletion = project::Entity::delete_by_id(1).exec(db).await?;
        workspace::Entity::delete_by_id(1).exec(db).await?;
        let refused = deletion.undo().exec(db).await.expect_err("the workspace is deleted");
        let Error::ParentDeleted { parents, .. } = &refused else { panic!("{refused}") };
        assert_eq!(parents.len(), 1);
        assert_eq!(parents[0].parent_table, "workspace");
        workspace::Entity::restore_by_id(1).exec(db).await?;
        assert_eq!(deletion.undo().exec(db).await?.rows_by_table(), deletion.rows_by_table());
    }

    async fn hooks_of_an_undo_run_once_though_a_row_was_moved(db: &TestDb) {
        shelf::create(db).await?;
        for sql in [
            "INSERT INTO shelf (id) VALUES (1), (2)",
            "INSERT INTO book (id, shelf_id, title) VALUES (1, 1, 'a'), (2, 2, 'b')",
        ] {
            run(db, sql).await?;
        }
        let deletion = shelves::Entity::delete_by_id(1).exec(db).await?;
        run(db, "UPDATE book SET shelf_id = 2 WHERE id = 1 AND deleted_at IS NOT NULL").await?;
        log::clear(db).await?;
        let sent = db.recorder();
        deletion.undo().exec(&sent).await?;
        let sent = sent.statements();
        let written = sent.iter().filter(|sql| sql.starts_with("INSERT"));
        assert_eq!(written.count(), 4, "none ran for what was tried again: {sent:#?}");
        assert_eq!(book::Entity::find().count(db).await?, 2);
        assert_eq!(
            log::lines(db).await?,
            [
                "before_restore shelf 1 []",
                "before_restore book 1 [1]",
                "after_restore shelf 1 []",
                "after_restore book 1 [1]",
            ]
        );
    }
}

support::on_backends! {
    [sqlite SqliteFile Pool]

    async fn an_undo_looks_for_rows_by_the_index_that_a_purge_uses(db: &TestDb) {
        domain::create(db).await?;
        a_workspace(db, "main").await?;
        let task = task::Entity::find_by_id(1).one(db).await?.expect("the task");
        let tag = domain::tag(db, "later").await?;
        domain::task_tag(db, &task, &tag).await?;
        for (table, key) in [("workspace", "id"), ("task_tag", "task_id, tag_id")] {
            let columns = format!("(deleted_at, {key}) WHERE deleted_at IS NOT NULL");
            db.execute_unprepared(&format!("CREATE INDEX {table}_purge ON {table} {columns}")).await?;
        }
        let deletion = workspace::Entity::delete_by_id(1).exec(db).await?;
        let sent = db.recorder();
        deletion.undo().exec(&sent).await?;
        let sent = sent.statements();
        for (said, step) in [
            ("FROM \"workspace\"", "SEARCH workspace USING INDEX workspace_purge (deleted_at>? AND deleted_at<?)"),
            ("soft_delete_is_left", "SEARCH task_tag USING INDEX task_tag_purge (deleted_at>? AND deleted_at<?)"),
        ] {
            let sql = sent.iter().find(|sql| sql.contains(said)).expect("the look");
            let plan = db.sqlite_plan(sql).await?;
            assert!(plan.lines().any(|line| line == step), "{plan}");
        }
    }
}
