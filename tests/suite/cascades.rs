//! What a delete takes with it, and what stands in its way.

use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, IntoActiveModel as _,
    PaginatorTrait as _, QueryFilter as _, Set, TransactionTrait as _,
};
use soft_delete::{Error, Outcome};

use support::{
    self, TestDb, TestResult,
    domain::{self, comment, member, project, tag, task, task_tag, workspace},
    folder,
};

/// One workspace, two projects with two tasks each, two comments and one tag on each task.
async fn a_workspace(db: &TestDb) -> TestResult<workspace::Model> {
    domain::create(db).await?;
    let workspace = domain::workspace(db, "main").await?;
    let urgent = domain::tag(db, "urgent").await?;
    for name in ["engine", "hull"] {
        let project = domain::project(db, &workspace, name).await?;
        for title in ["start", "finish"] {
            let task = domain::task(db, &project, title).await?;
            domain::comment(db, &task, "first").await?;
            domain::comment(db, &task, "second").await?;
            domain::task_tag(db, &task, &urgent).await?;
        }
    }
    Ok(workspace)
}

async fn lead(db: &TestDb, project: i64, member: &member::Model) -> TestResult {
    let project = project::Entity::find_by_id(project)
        .one(db)
        .await?
        .expect("the project");
    let mut project = project.into_active_model();
    project.lead_id = Set(Some(member.id));
    project.update(db).await?;
    Ok(())
}

async fn assign(db: &TestDb, task: i64, member: &member::Model) -> TestResult {
    let task = task::Entity::find_by_id(task)
        .one(db)
        .await?
        .expect("the task");
    let mut task = task.into_active_model();
    task.assignee_id = Set(Some(member.id));
    task.update(db).await?;
    Ok(())
}

support::on_every_backend! {
    async fn below_a_table_that_no_row_is_taken_of_nothing_is_looked_for(db: &TestDb) {
        let workspace = a_workspace(db).await?;
        project::Entity::delete_many().all().exec(db).await?;
        let sent = db.recorder();
        workspace::Entity::delete_by_id(workspace.id).exec(&sent).await?;
        let marks = sent.statements().into_iter().filter(|sql| sql.starts_with("UPDATE"));
        assert_eq!(marks.count(), 2, "the workspace, and its projects: {:#?}", sent.statements());
        workspace::Entity::restore_by_id(workspace.id).exec(db).await?;
        sent.clear();
        workspace::Entity::delete_by_id(workspace.id).plan(&sent).await?;
        let looks = sent.statements().into_iter().filter(|sql| sql.contains("comment"));
        assert_eq!(looks.filter(|sql| sql.starts_with("SELECT COUNT")).count(), 0, "{:#?}", sent.statements());
    }

    async fn a_delete_takes_the_whole_subtree(db: &TestDb) {
        let workspace = a_workspace(db).await?;
        let deletion = workspace::Entity::delete_by_id(workspace.id).exec(db).await?;

        assert_eq!(deletion.rows_affected, 1);
        let tables = deletion.rows_by_table();
        assert_eq!(tables.iter().next().map(|(table, _)| table.name.as_str()), Some("workspace"));
        for (table, rows) in [("comment", 8), ("project", 2), ("task", 4), ("task_tag", 4), ("workspace", 1)] {
            assert_eq!(tables.get(table), rows, "{tables:?}");
        }
        assert_eq!((tables.len(), tables.total()), (5, 19), "{tables:?}");
        assert_eq!(comment::Entity::find().count(db).await?, 0);
        assert_eq!(task_tag::Entity::find().count(db).await?, 0);
        assert_eq!(tag::Entity::find().count(db).await?, 1);
    }

    async fn all_rows_of_a_deletion_have_one_stamp(db: &TestDb) {
        let workspace = a_workspace(db).await?;
        let deletion = workspace::Entity::delete_by_id(workspace.id).by(42).reason("closed").exec(db).await?;

        for task in task::Entity::only_deleted().all(db).await? {
            assert_eq!(task.deleted_at, Some(deletion.deleted_at()));
            assert_eq!(task.deletion_id, Some(deletion.id()));
            assert_eq!(task.deleted_by, Some(42));
            assert_eq!(task.delete_reason.as_deref(), Some("closed"));
        }
        for comment in comment::Entity::only_deleted().all(db).await? {
            assert_eq!(comment.deletion_id, Some(deletion.id()));
        }
    }

    async fn deleting_a_parent_leaves_earlier_deleted_children_with_their_own_stamp(db: &TestDb) {
        let workspace = a_workspace(db).await?;
        let earlier = task::Entity::delete_by_id(1).exec(db).await?;
        assert_eq!(earlier.rows_by_table(), [("task", 1), ("comment", 2), ("task_tag", 1)]);

        let deletion = workspace::Entity::delete_by_id(workspace.id).exec(db).await?;

        assert_eq!(deletion.rows_by_table().get("task"), 3);
        let task = task::Entity::only_deleted().filter(task::Column::Id.eq(1)).one(db).await?;
        assert_eq!(task.expect("task 1").deletion_id, Some(earlier.id()));
        let comment = comment::Entity::only_deleted().filter(comment::Column::TaskId.eq(1)).one(db).await?;
        assert_eq!(comment.expect("a comment").deletion_id, Some(earlier.id()));
    }

    async fn active_rows_below_a_deleted_one_are_not_entered(db: &TestDb) {
        let workspace = a_workspace(db).await?;
        // Without cascade: the comments of task 1 stay active below it.
        db.execute_unprepared("UPDATE task SET deleted_at = '2020-01-01 00:00:00' WHERE id = 1").await?;
        let deletion = workspace::Entity::delete_by_id(workspace.id).exec(db).await?;
        assert_eq!(deletion.rows_by_table().get("comment"), 6);
        assert_eq!(comment::Entity::find().count(db).await?, 2);
    }

    async fn restrict_refuses_and_names_what_is_in_the_way(db: &TestDb) {
        a_workspace(db).await?;
        let ada = domain::member(db, "ada").await?;
        lead(db, 1, &ada).await?;
        lead(db, 2, &ada).await?;

        let refused = member::Entity::delete_by_id(ada.id).exec(db).await.map_err(Error::from).expect_err("leads two projects");

        let Error::Restricted { blockers, .. } = &refused else { panic!("{refused}") };
        assert_eq!(blockers.len(), 1);
        assert_eq!(blockers[0].table, "project");
        assert_eq!(blockers[0].relation, "Member");
        assert_eq!(blockers[0].rows, 2);
        assert_eq!(blockers[0].keys, [vec![1_i64.into()], vec![2_i64.into()]]);
        assert!(refused.to_string().contains("2 active rows of `project` through `Member` (1, 2)"), "{refused}");
        assert!(member::Entity::find_by_id(ada.id).one(db).await?.is_some());
    }

    async fn deleted_rows_do_not_restrict(db: &TestDb) {
        let workspace = a_workspace(db).await?;
        let ada = domain::member(db, "ada").await?;
        lead(db, 1, &ada).await?;
        workspace::Entity::delete_by_id(workspace.id).exec(db).await?;
        let deletion = member::Entity::delete_by_id(ada.id).exec(db).await?;
        assert_eq!(deletion.outcome(), Outcome::Deleted);
    }

    async fn restrict_is_checked_before_the_first_write(db: &TestDb) {
        a_workspace(db).await?;
        let ada = domain::member(db, "ada").await?;
        lead(db, 1, &ada).await?;
        let recorder = db.recorder();
        assert!(member::Entity::delete_by_id(ada.id).exec(&recorder).await.is_err());
        let writes = recorder.statements().into_iter().filter(|sql| sql.starts_with("UPDATE")).count();
        assert_eq!(writes, 0);
    }

    async fn set_null_clears_the_key_of_active_rows(db: &TestDb) {
        a_workspace(db).await?;
        let ada = domain::member(db, "ada").await?;
        assign(db, 1, &ada).await?;
        assign(db, 2, &ada).await?;
        task::Entity::delete_by_id(2).exec(db).await?;

        let plan = member::Entity::delete_by_id(ada.id).plan(db).await?;
        assert_eq!(plan.set_null(), [("task", "Member", 1)]);
        member::Entity::delete_by_id(ada.id).exec(db).await?;

        let tasks = task::Entity::with_deleted().order_by_id_asc().all(db).await?;
        assert_eq!(tasks[0].assignee_id, None);
        assert_eq!(tasks[1].assignee_id, Some(ada.id));
    }

    async fn a_plan_tells_what_a_delete_would_do_and_does_nothing(db: &TestDb) {
        let workspace = a_workspace(db).await?;
        let recorder = db.recorder();
        let plan = workspace::Entity::delete_by_id(workspace.id).plan(&recorder).await?;
        let selects = recorder.statements().into_iter().all(|sql| sql.starts_with("SELECT"));
        assert!(selects);
        assert!(plan.is_allowed());
        assert_eq!(plan.rows_affected, 1);

        let deletion = workspace::Entity::delete_by_id(workspace.id).exec(db).await?;
        assert_eq!(plan.rows_by_table(), deletion.rows_by_table());
    }

    async fn a_plan_shows_what_is_in_the_way(db: &TestDb) {
        a_workspace(db).await?;
        let ada = domain::member(db, "ada").await?;
        lead(db, 1, &ada).await?;
        let plan = member::Entity::delete_by_id(ada.id).plan(db).await?;
        assert!(!plan.is_allowed());
        assert_eq!(plan.blockers[0].rows, 1);
    }

    async fn a_bulk_delete_takes_the_subtrees_of_all_its_rows(db: &TestDb) {
        a_workspace(db).await?;
        let deletion = task::Entity::delete_many().filter(task::Column::Title.eq("start")).exec(db).await?;
        assert_eq!(deletion.rows_affected, 2);
        assert_eq!(deletion.rows_by_table(), [("task", 2), ("comment", 4), ("task_tag", 2)]);
    }

    async fn a_tree_is_deleted_to_its_last_leaf(db: &TestDb) {
        folder::create(db).await?;
        folder::tree(db).await?;
        let deletion = folder::Entity::delete_by_id(2).exec(db).await?;
        assert_eq!(deletion.rows_affected, 1);
        assert_eq!(deletion.rows_by_table(), [("folder", 3)]);
        assert_eq!(folder::active(db).await?, [1, 5]);
    }

    async fn a_chain_of_ten_thousand_is_deleted_and_restored(db: &TestDb) {
        folder::create(db).await?;
        folder::chain(db, 10_000).await?;
        let recorder = db.recorder();
        let deletion = folder::Entity::delete_by_id(1).exec(&recorder).await?;
        assert_eq!(deletion.rows_by_table(), [("folder", 10_000)]);
        assert!(recorder.count() < 40, "{} statements", recorder.count());

        let restored = folder::Entity::restore_by_id(1).exec(db).await?;
        assert_eq!(restored.rows_by_table(), [("folder", 10_000)]);
        assert_eq!(folder::Entity::only_deleted().count(db).await?, 0);
    }

    async fn a_circle_of_rows_is_deleted_once(db: &TestDb) {
        folder::create(db).await?;
        folder::tree(db).await?;
        db.execute_unprepared("UPDATE folder SET parent_id = 3 WHERE id = 1").await?;
        let plan = folder::Entity::delete_by_id(1).plan(db).await?;
        let deletion = folder::Entity::delete_by_id(1).exec(db).await?;
        assert_eq!(deletion.rows_by_table(), [("folder", 5)]);
        assert_eq!(plan.rows_by_table(), deletion.rows_by_table());
        let restored = folder::Entity::restore_by_id(1).exec(db).await?;
        assert_eq!(restored.rows_by_table(), [("folder", 5)]);
    }
}

/// Statements of a delete, its undo, and a restore of a workspace with so many comments on one task.
async fn statements_for(db: &TestDb, slug: &str, comments: usize) -> TestResult<[usize; 3]> {
    let workspace = domain::workspace(db, slug).await?;
    let project = domain::project(db, &workspace, "engine").await?;
    let task = domain::task(db, &project, "start").await?;
    let rows = (0..comments).map(|place| comment::ActiveModel {
        task_id: Set(task.id),
        body: Set(place.to_string()),
        ..Default::default()
    });
    let rows: Vec<_> = rows.collect();
    for rows in rows.chunks(1_000) {
        comment::Entity::insert_many(rows.to_vec())
            .exec_without_returning(db)
            .await?;
    }
    let recorder = db.recorder();
    let deletion = workspace::Entity::delete_by_id(workspace.id)
        .exec(&recorder)
        .await?;
    assert_eq!(deletion.rows_by_table().get("comment"), comments as u64);
    let for_delete = recorder.count();
    recorder.clear();
    deletion.undo().exec(&recorder).await?;
    let for_undo = recorder.count();
    workspace::Entity::delete_by_id(workspace.id)
        .exec(db)
        .await?;
    recorder.clear();
    workspace::Entity::restore_by_id(workspace.id)
        .exec(&recorder)
        .await?;
    Ok([for_delete, for_undo, recorder.count()])
}

support::on_every_backend! {
    async fn the_number_of_statements_does_not_depend_on_the_number_of_rows(db: &TestDb) {
        domain::create(db).await?;
        let few = statements_for(db, "few", 10).await?;
        let many = statements_for(db, "many", 10_000).await?;
        assert_eq!(few, many);
        let [for_delete, for_undo, for_restore] = few;
        assert!(for_delete <= 9, "{few:?}");
        assert_eq!(for_undo, for_restore);
    }

    /// A literal is an i32, the keys are i64: sqlx prepares a text once, for the types that it came with first.
    async fn a_cascade_is_not_taken_for_a_filter_of_another_type(db: &TestDb) {
        let workspace = a_workspace(db).await?;
        let transaction = db.begin().await?;
        let of_first_task = || comment::Entity::delete_many().filter(comment::Column::TaskId.eq(1));
        assert_eq!(of_first_task().exec(&transaction).await?.rows_affected, 2);
        assert_eq!(task::Entity::delete_by_id(1).exec(&transaction).await?.rows_affected, 1);
        assert_eq!(task::Entity::delete_by_id(2).exec(&transaction).await?.rows_affected, 1);
        assert_eq!(of_first_task().exec(&transaction).await?.rows_affected, 0);
        let deletion = workspace::Entity::delete_by_id(workspace.id).exec(&transaction).await?;
        deletion.undo().exec(&transaction).await?;
        transaction.commit().await?;
    }
}

support::on_backends! {
    [sqlite SqliteFile Pool]

    /// Without statistics SQLite takes an index of `deleted_at` for the better one, and would read all active rows.
    async fn a_cascade_goes_by_the_keys_though_deleted_at_has_an_index(db: &TestDb) {
        let workspace = a_workspace(db).await?;
        for index in ["comment_task ON comment (task_id)", "comment_deleted_at ON comment (deleted_at)"] {
            db.execute_unprepared(&format!("CREATE INDEX {index}")).await?;
        }
        let sent = db.recorder();
        workspace::Entity::delete_by_id(workspace.id).exec(&sent).await?;
        workspace::Entity::restore_by_id(workspace.id).exec(&sent).await?;
        let mut updates = sent.statements();
        updates.retain(|sql| sql.starts_with("UPDATE \"comment\""));
        assert_eq!(updates.len(), 2);
        for sql in updates {
            let plan = db.sqlite_plan(&sql).await?;
            assert!(plan.contains("comment_task (task_id=?)"), "{plan}");
            assert!(!plan.contains("comment_deleted_at (deleted_at=?)"), "{plan}");
        }
    }
}
