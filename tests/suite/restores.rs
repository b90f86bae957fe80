//! What a restore brings back, and what it says when it can't.

use sea_orm::{
    ColumnTrait as _, IntoActiveModel as _, PaginatorTrait as _, QueryFilter as _, Set,
    TransactionTrait as _,
};
use soft_delete::{ConflictPolicy, Error};

use support::{
    self, TestDb, TestResult,
    domain::{self, comment, project, tag, task, task_tag, workspace},
    folder,
};

/// A workspace with a project, a task, two comments and a tag on the task.
async fn a_workspace(db: &TestDb, slug: &str) -> TestResult<workspace::Model> {
    let workspace = domain::workspace(db, slug).await?;
    let project = domain::project(db, &workspace, "engine").await?;
    let task = domain::task(db, &project, "start").await?;
    domain::comment(db, &task, "first").await?;
    domain::comment(db, &task, "second").await?;
    let tag = domain::tag(db, &format!("of {slug}")).await?;
    domain::task_tag(db, &task, &tag).await?;
    Ok(workspace)
}

support::on_every_backend! {
    async fn a_restore_brings_back_what_its_delete_took(db: &TestDb) {
        domain::create(db).await?;
        let workspace = a_workspace(db, "main").await?;
        let deletion = workspace::Entity::delete_by_id(workspace.id).by(1).reason("oops").exec(db).await?;

        let restored = workspace::Entity::restore_by_id(workspace.id).exec(db).await?;

        assert_eq!(restored.rows_affected, 1);
        assert_eq!(restored.rows_by_table(), deletion.rows_by_table());
        assert_eq!(workspace::Entity::find().one(db).await?, Some(workspace));
        assert_eq!(comment::Entity::find().count(db).await?, 2);
        assert_eq!(task_tag::Entity::find().count(db).await?, 1);
    }

    async fn rows_deleted_on_their_own_before_stay_deleted(db: &TestDb) {
        domain::create(db).await?;
        let workspace = a_workspace(db, "main").await?;
        let own = comment::Entity::delete_by_id(1).exec(db).await?;
        workspace::Entity::delete_by_id(workspace.id).exec(db).await?;

        workspace::Entity::restore_by_id(workspace.id).exec(db).await?;

        let trash = comment::Entity::only_deleted().all(db).await?;
        assert_eq!(trash.len(), 1);
        assert_eq!(trash[0].deletion_id, Some(own.id()));
    }

    async fn restoring_an_active_row_is_no_error(db: &TestDb) {
        domain::create(db).await?;
        let workspace = a_workspace(db, "main").await?;
        let restored = workspace::Entity::restore_by_id(workspace.id).exec(db).await?;
        assert_eq!(restored.rows_affected, 0);
        assert_eq!(restored.rows_by_table(), []);
    }

    async fn restoring_what_never_was_is_an_error(db: &TestDb) {
        domain::create(db).await?;
        let missing = workspace::Entity::restore_by_id(4711).exec(db).await.expect_err("no such row");
        assert!(matches!(missing, Error::NotFound { .. }), "{missing}");
        let none = workspace::Entity::restore_many().filter(workspace::Column::Id.eq(4711)).exec(db).await?;
        assert_eq!(none.rows_affected, 0);
        assert!(matches!(
            workspace::Entity::restore_many().exec(db).await,
            Err(Error::Unfiltered { .. })
        ));
    }

    async fn a_model_and_an_active_model_are_restored_by_their_key(db: &TestDb) {
        domain::create(db).await?;
        let workspace = a_workspace(db, "main").await?;
        workspace.clone().delete(db).await?;
        assert_eq!(workspace.clone().restore(db).await?.rows_affected, 1);
        workspace.clone().delete(db).await?;
        assert_eq!(workspace.into_active_model().restore(db).await?.rows_affected, 1);
    }

    async fn a_row_below_a_deleted_parent_is_not_restored(db: &TestDb) {
        domain::create(db).await?;
        let workspace = a_workspace(db, "main").await?;
        workspace::Entity::delete_by_id(workspace.id).exec(db).await?;

        let refused = task::Entity::restore_by_id(1).exec(db).await.expect_err("its project is deleted");

        let Error::ParentDeleted { parents, .. } = &refused else { panic!("{refused}") };
        assert_eq!(parents.len(), 1);
        assert_eq!(parents[0].parent_table, "project");
        assert_eq!(parents[0].parent_key, [1_i64.into()]);
        assert!(refused.to_string().contains("`task` 1 is below `project` 1"), "{refused}");
        assert_eq!(task::Entity::find().count(db).await?, 0);
    }

    async fn with_parents_restores_the_ancestors_themselves_only(db: &TestDb) {
        domain::create(db).await?;
        let workspace = a_workspace(db, "main").await?;
        let project = project::Entity::find_by_id(1).one(db).await?.expect("the project");
        domain::task(db, &project, "other").await?;
        workspace::Entity::delete_by_id(workspace.id).exec(db).await?;

        let restored = task::Entity::restore_by_id(1).with_parents().exec(db).await?;

        let tables = restored.rows_by_table();
        for (table, rows) in [("comment", 2), ("project", 1), ("task", 1), ("task_tag", 1), ("workspace", 1)] {
            assert_eq!(tables.get(table), rows, "{tables:?}");
        }
        assert_eq!(tables.len(), 5, "{tables:?}");
        assert_eq!(restored.rows_affected, 1);
        assert_eq!(task::Entity::only_deleted().count(db).await?, 1);
        // What is still deleted can still be restored.
        assert_eq!(task::Entity::restore_by_id(2).exec(db).await?.rows_affected, 1);
    }

    async fn a_row_with_another_deleted_parent_is_kept_and_comes_back_with_that(db: &TestDb) {
        domain::create(db).await?;
        let workspace = a_workspace(db, "main").await?;
        workspace::Entity::delete_by_id(workspace.id).exec(db).await?;
        let of_tag = tag::Entity::delete_by_id(1).exec(db).await?;
        assert_eq!(of_tag.rows_by_table(), [("tag", 1)]);

        let restored = workspace::Entity::restore_by_id(workspace.id).exec(db).await?;

        assert_eq!(restored.kept(), [("task_tag", 1)]);
        assert_eq!(task_tag::Entity::find().count(db).await?, 0);
        let kept = task_tag::Entity::only_deleted().one(db).await?.expect("the junction row");
        assert_eq!(kept.deleted_at, Some(of_tag.deleted_at()));

        let restored = tag::Entity::restore_by_id(1).exec(db).await?;
        assert_eq!(restored.rows_by_table(), [("tag", 1), ("task_tag", 1)]);
    }

    async fn one_root_of_a_bulk_delete_comes_back_alone(db: &TestDb) {
        domain::create(db).await?;
        a_workspace(db, "one").await?;
        a_workspace(db, "two").await?;
        let deletion = workspace::Entity::delete_many().all().exec(db).await?;
        assert_eq!(deletion.rows_affected, 2);

        let restored = workspace::Entity::restore_by_id(1).exec(db).await?;
        assert_eq!(restored.rows_by_table().get("comment"), 2);
        assert_eq!(workspace::Entity::find().count(db).await?, 1);
        assert_eq!(comment::Entity::find().count(db).await?, 2);
    }

    async fn restore_many_brings_back_several_deletions(db: &TestDb) {
        domain::create(db).await?;
        a_workspace(db, "one").await?;
        a_workspace(db, "two").await?;
        workspace::Entity::delete_by_id(1).exec(db).await?;
        workspace::Entity::delete_by_id(2).exec(db).await?;
        let restored = workspace::Entity::restore_many().all().exec(db).await?;
        assert_eq!(restored.rows_affected, 2);
        assert_eq!(comment::Entity::find().count(db).await?, 4);
    }

    async fn a_deletion_is_undone(db: &TestDb) {
        domain::create(db).await?;
        a_workspace(db, "one").await?;
        a_workspace(db, "two").await?;
        let deletion = workspace::Entity::delete_many().all().exec(db).await?;

        let restored = deletion.undo().exec(db).await?;
        assert_eq!(restored.rows_by_table(), deletion.rows_by_table());
        assert_eq!(restored.rows_affected, 2);
        assert_eq!(deletion.undo().exec(db).await?.rows_affected, 0);
    }

    async fn a_deletion_is_undone_by_its_id_alone(db: &TestDb) {
        domain::create(db).await?;
        a_workspace(db, "main").await?;
        let id = workspace::Entity::delete_by_id(1).exec(db).await?.id();
        let restored = soft_delete::Undo::deletion(id).exec(db).await?;
        assert_eq!(restored.rows_by_table().get("comment"), 2);
        assert!(matches!(soft_delete::Undo::deletion(id).exec(db).await, Err(Error::DeletionNotFound { .. })));
    }

    async fn an_entity_without_deletion_id_is_undone_by_time(db: &TestDb) {
        domain::create(db).await?;
        for name in ["a", "b"] {
            domain::tag(db, name).await?;
        }
        let first = tag::Entity::delete_by_id(1).exec(db).await?;
        tag::Entity::delete_by_id(2).exec(db).await?;
        assert_eq!(first.undo().exec(db).await?.rows_by_table(), [("tag", 1)]);
        assert_eq!(tag::Entity::find().one(db).await?.expect("a").name, "a");
    }

    async fn a_taken_unique_value_is_a_conflict_and_nothing_changes(db: &TestDb) {
        domain::create(db).await?;
        let workspace = a_workspace(db, "main").await?;
        workspace::Entity::delete_by_id(workspace.id).exec(db).await?;
        let holder = domain::workspace(db, "main").await?;

        let refused = workspace::Entity::restore_by_id(workspace.id).exec(db).await.expect_err("taken");

        let Error::Conflict(conflict) = &refused else { panic!("{refused}") };
        assert_eq!(conflict.len(), 1);
        let row = conflict.iter().next().expect("a row");
        assert_eq!(row.table, "workspace");
        assert_eq!(row.key, [workspace.id.into()]);
        assert_eq!(row.columns, ["slug"]);
        assert_eq!(row.values, ["main".into()]);
        assert_eq!(row.holder, [holder.id.into()]);
        assert!(row.holder_is_active);
        assert_eq!(comment::Entity::find().count(db).await?, 0);
    }

    async fn two_restored_rows_that_collide_are_a_conflict(db: &TestDb) {
        domain::create(db).await?;
        for _ in 0..2 {
            let tag = domain::tag(db, "urgent").await?;
            tag.delete(db).await?;
        }
        let refused = tag::Entity::restore_by_name("urgent").exec(db).await.expect_err("they collide");
        let Error::Conflict(conflict) = &refused else { panic!("{refused}") };
        assert_eq!(conflict.len(), 1);
        assert!(!conflict.iter().next().expect("a row").holder_is_active);
    }

    async fn parents_and_conflicts_are_reported_together(db: &TestDb) {
        domain::create(db).await?;
        let workspace = a_workspace(db, "main").await?;
        workspace::Entity::delete_by_id(workspace.id).exec(db).await?;
        domain::workspace(db, "main").await?;
        let plan = workspace::Entity::restore_by_id(workspace.id).plan(db).await?;
        assert_eq!((plan.parents.len(), plan.conflict.len()), (0, 1));
        let plan = project::Entity::restore_by_id(1).with_parents().plan(db).await?;
        assert_eq!((plan.parents.len(), plan.conflict.len()), (0, 1));
        let plan = project::Entity::restore_by_id(1).plan(db).await?;
        assert_eq!((plan.parents.len(), plan.conflict.len()), (1, 0));
        assert!(!plan.is_allowed());
    }

    async fn skip_leaves_the_conflicting_subtree_deleted(db: &TestDb) {
        domain::create(db).await?;
        a_workspace(db, "one").await?;
        a_workspace(db, "two").await?;
        let deletion = workspace::Entity::delete_many().all().exec(db).await?;
        domain::workspace(db, "two").await?;

        let restored = workspace::Entity::restore_many()
            .filter(workspace::Column::DeletionId.eq(deletion.id()))
            .on_conflict(ConflictPolicy::Skip)
            .exec(db)
            .await?;

        assert_eq!(restored.rows_affected, 1);
        assert_eq!(restored.skipped().get("workspace"), 1);
        assert_eq!(restored.skipped().get("comment"), 2);
        assert_eq!(comment::Entity::find().count(db).await?, 2);
        // It still belongs to its deletion, and comes back when there is room.
        let left = workspace::Entity::only_deleted().one(db).await?.expect("two");
        assert_eq!(left.deletion_id, Some(deletion.id()));
        workspace::Entity::delete_by_id(3).exec(db).await?;
        assert_eq!(workspace::Entity::restore_by_id(2).exec(db).await?.rows_by_table().get("comment"), 2);
    }

    async fn replace_deletes_the_holder(db: &TestDb) {
        domain::create(db).await?;
        let workspace = a_workspace(db, "main").await?;
        workspace::Entity::delete_by_id(workspace.id).exec(db).await?;
        let holder = a_workspace(db, "other").await?;
        let mut holder = holder.into_active_model();
        holder.slug = Set("main".to_owned());
        holder.update(db).await?;

        let restored = workspace::Entity::restore_by_id(workspace.id)
            .on_conflict(ConflictPolicy::Replace)
            .by(7)
            .exec(db)
            .await?;

        assert_eq!(restored.replaced.len(), 1);
        let replaced = workspace::Entity::only_deleted().one(db).await?.expect("the holder");
        assert_eq!((replaced.slug.as_str(), replaced.deleted_by), ("main", Some(7)));
        assert_eq!(restored.replaced[0].rows_by_table().get("comment"), 2);
        let active = workspace::Entity::find().all(db).await?;
        assert_eq!(active.len(), 1);
        assert_eq!(active[0].id, workspace.id);
    }

    async fn rename_changes_the_restored_row(db: &TestDb) {
        domain::create(db).await?;
        let workspace = a_workspace(db, "main").await?;
        workspace::Entity::delete_by_id(workspace.id).exec(db).await?;
        domain::workspace(db, "main").await?;
        domain::workspace(db, "main-1").await?;

        let rename = ConflictPolicy::rename(|row| {
            let slug: String = row.values[0].clone().unwrap();
            vec![format!("{slug}-1").into()]
        });
        workspace::Entity::restore_by_id(workspace.id).on_conflict(rename).exec(db).await?;

        let row = workspace::Entity::find_by_id(workspace.id).one(db).await?.expect("restored");
        assert_eq!(row.slug, "main-1-1");
    }

    async fn a_plan_agrees_with_the_restore(db: &TestDb) {
        domain::create(db).await?;
        let workspace = a_workspace(db, "main").await?;
        workspace::Entity::delete_by_id(workspace.id).exec(db).await?;
        let plan = workspace::Entity::restore_by_id(workspace.id).plan(db).await?;
        assert!(plan.is_allowed());
        assert_eq!(workspace::Entity::find().count(db).await?, 0);
        let restored = workspace::Entity::restore_by_id(workspace.id).exec(db).await?;
        assert_eq!(plan.restoration, restored);
    }

    async fn part_of_a_tree_is_restored(db: &TestDb) {
        folder::create(db).await?;
        folder::tree(db).await?;
        folder::Entity::delete_by_id(3).exec(db).await?;
        folder::Entity::delete_by_id(1).exec(db).await?;

        let restored = folder::Entity::restore_by_id(2).with_parents().exec(db).await?;
        assert_eq!(restored.rows_by_table(), [("folder", 3)]);
        assert_eq!(folder::active(db).await?, [1, 2, 4]);
    }

    async fn a_failed_restore_leaves_the_callers_transaction_usable(db: &TestDb) {
        domain::create(db).await?;
        let workspace = a_workspace(db, "main").await?;
        workspace::Entity::delete_by_id(workspace.id).exec(db).await?;
        domain::workspace(db, "main").await?;
        let transaction = db.begin().await?;
        let refused = workspace::Entity::restore_by_id(workspace.id).exec(&transaction).await;
        assert!(matches!(refused, Err(Error::Conflict(_))));
        domain::tag(&transaction, "after").await?;
        transaction.commit().await?;
        assert!(tag::Entity::find_by_name("after").one(db).await?.is_some());
    }
}
