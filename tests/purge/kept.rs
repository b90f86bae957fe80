//! What goes, what stays, and what is told of it.

use sea_orm::{ColumnTrait as _, QueryFilter as _, TransactionTrait as _};
use soft_delete::{Error, Purge, Registry, SoftDelete as _};

use super::fixture::{DAY, a_tree, count, days_ago, now, purge, purged, table};
use support::{
    self, TestDb,
    domain::{self, comment, member, project, tag, task, workspace},
    folder,
};

support::on_every_backend! {
    async fn expired_rows_go_children_first_and_the_rest_stays(db: &TestDb) {
        domain::create(db).await?;
        let (old, ..) = a_tree(db, "old").await?;
        let (recent, ..) = a_tree(db, "recent").await?;
        a_tree(db, "active").await?;
        workspace::Entity::delete_by_id(old).at(days_ago(31)).exec(db).await?;
        workspace::Entity::delete_by_id(recent).at(days_ago(29)).exec(db).await?;

        let report = purge().exec(db).await?;
        assert_eq!(purged(&report), [("comment", 3), ("task", 1), ("project", 1), ("workspace", 1)]);
        assert_eq!(report.rows_purged(), 6);
        assert!(report.is_complete() && !report.is_dry_run());
        assert_eq!((count(db, "workspace").await?, count(db, "comment").await?), (2, 6));
        assert_eq!(table(&report, "task").cutoff, days_ago(30));

        // Nothing is left to do, and the deletion that was too young is as it was.
        assert_eq!(purge().exec(db).await?.rows_purged(), 0);
        let restored = workspace::Entity::restore_by_id(recent).exec(db).await?;
        assert_eq!(restored.rows_by_table().into_iter().map(|(_, rows)| rows).sum::<u64>(), 6);
    }

    async fn the_very_moment_of_expiry_is_expired(db: &TestDb) {
        domain::create(db).await?;
        for (name, at) in [
            ("at", days_ago(30)),
            ("before", days_ago(30) - chrono::TimeDelta::microseconds(1)),
            ("after", days_ago(30) + chrono::TimeDelta::microseconds(1)),
        ] {
            let tag = domain::tag(db, name).await?;
            tag::Entity::delete_by_id(tag.id).at(at).exec(db).await?;
        }
        purge().exec(db).await?;
        let left = tag::Entity::with_deleted().all(db).await?;
        let left: Vec<_> = left.iter().map(|tag| tag.name.as_str()).collect();
        assert_eq!(left, ["after"]);
    }

    async fn a_row_that_another_still_references_stays_and_is_told(db: &TestDb) {
        domain::create(db).await?;
        let (workspace, project, task) = a_tree(db, "old").await?;
        // Deleted long ago, but one comment was only yesterday.
        let comment = comment::Entity::find().one(db).await?.expect("a comment");
        comment::Entity::delete_by_id(comment.id).at(days_ago(1)).exec(db).await?;
        workspace::Entity::delete_by_id(workspace).at(days_ago(60)).exec(db).await?;

        let dry = purge().plan(db).await?;
        let report = purge().exec(db).await?;
        assert_eq!(purged(&report), [("comment", 2)]);
        assert_eq!(purged(&dry), purged(&report));
        for (name, by, columns) in [
            ("task", "comment", ["task_id"]),
            ("project", "task", ["project_id"]),
            ("workspace", "project", ["workspace_id"]),
        ] {
            for report in [&dry, &report] {
                let kept = table(report, name);
                assert_eq!((kept.purged, kept.held, kept.remaining), (0, 0, 0));
                assert_eq!(kept.referenced.len(), 1);
                let reference = &kept.referenced[0];
                assert_eq!(
                    (reference.table.name.as_str(), reference.columns.as_slice(), reference.rows),
                    (by, columns.map(str::to_owned).as_slice(), 1)
                );
            }
        }
        assert!(report.is_complete());
        assert_eq!((project, task), (1, 1));

        // When the comment has had its time, all of it goes.
        let later = purge().at(now() + 40 * DAY).exec(db).await?;
        assert_eq!(purged(&later), [("comment", 1), ("task", 1), ("project", 1), ("workspace", 1)]);
    }

    async fn an_active_row_is_never_removed_even_if_the_database_would_cascade(db: &TestDb) {
        domain::create(db).await?;
        let (_, project, task) = a_tree(db, "old").await?;
        task::Entity::delete_by_id(task).at(days_ago(60)).exec(db).await?;
        // An active comment below a deleted task, which no trigger forbade.
        let model = task::Entity::with_deleted().one(db).await?.expect("the task");
        domain::comment(db, &model, "late").await?;

        let report = purge().exec(db).await?;
        assert_eq!(purged(&report), [("comment", 3)]);
        assert_eq!(count(db, "task").await?, 1);
        assert_eq!(comment::Entity::find().all(db).await?.len(), 1);
        assert_eq!(table(&report, "task").referenced[0].rows, 1);
        assert_eq!(project, 1);
    }

    async fn a_soft_deletable_row_keeps_its_parent_though_the_registry_lacks_its_entity(db: &TestDb) {
        domain::create(db).await?;
        let (.., task) = a_tree(db, "old").await?;
        task::Entity::delete_by_id(task).at(days_ago(60)).exec(db).await?;
        // The database would remove the comments along with it.
        let tasks = Registry::builder().entity::<task::Entity>().build();
        let report = Purge::new().registry(&tasks).default_retention(30 * DAY).at(now()).exec(db).await?;
        assert_eq!(report.rows_purged(), 0);
        assert_eq!((count(db, "task").await?, count(db, "comment").await?), (1, 3));
        assert_eq!(table(&report, "task").referenced[0].to_string(), "1 kept by `comment` (task_id)");
    }

    async fn a_hold_exempts_its_rows_and_those_they_refer_to(db: &TestDb) {
        domain::create(db).await?;
        let (workspace, ..) = a_tree(db, "old").await?;
        workspace::Entity::delete_by_id(workspace).at(days_ago(60)).exec(db).await?;

        let with_hold = || {
            purge()
                .hold::<task::Entity>(task::Column::Title.eq("start"))
                .hold::<task::Entity>(task::Column::Title.eq("nothing"))
                // Unknown for a NULL: not held.
                .hold::<workspace::Entity>(workspace::Column::DeleteReason.eq("lawsuit"))
        };
        let dry = with_hold().plan(db).await?;
        let report = with_hold().exec(db).await?;
        assert_eq!(purged(&report), [("comment", 3)]);
        assert_eq!(purged(&dry), purged(&report));
        assert_eq!(table(&report, "task").held, 1);
        assert_eq!(table(&report, "workspace").held, 0);
        assert_eq!(table(&report, "project").referenced[0].rows, 1);
        assert_eq!(table(&report, "workspace").referenced[0].rows, 1);

        assert_eq!(purge().exec(db).await?.rows_purged(), 3);
    }

    async fn only_entities_with_a_retention_are_purged_and_only_those_that_are_named(db: &TestDb) {
        domain::create(db).await?;
        let (workspace, ..) = a_tree(db, "old").await?;
        workspace::Entity::delete_by_id(workspace).at(days_ago(60)).exec(db).await?;
        let registry = Registry::global().of_group("default");

        let report = Purge::new().registry(&registry).at(now()).exec(db).await?;
        assert_eq!((report.rows_purged(), report.tables().len()), (0, 0));

        let report = Purge::new().registry(&registry)
            .at(now())
            .retention::<comment::Entity>(61 * DAY)
            .default_retention(30 * DAY)
            .only::<comment::Entity>()
            .exec(db).await?;
        assert_eq!((report.rows_purged(), report.tables().len()), (0, 1));

        // A parent whose children have no retention stays with them.
        let report = Purge::new().registry(&registry).at(now()).retention::<task::Entity>(DAY).exec(db).await?;
        assert_eq!(table(&report, "task").referenced[0].rows, 1);

        let report = purge().only::<comment::Entity>().only_table(task::Entity::meta().table.clone()).exec(db).await?;
        assert_eq!(purged(&report), [("comment", 3), ("task", 1)]);
    }

    async fn rows_deleted_in_the_future_stay(db: &TestDb) {
        domain::create(db).await?;
        let tag = domain::tag(db, "later").await?;
        // The clock of the machine that deleted it was wrong.
        tag::Entity::delete_by_id(tag.id).at(now() + 365 * DAY).exec(db).await?;
        assert_eq!(purge().exec(db).await?.rows_purged(), 0);
        let none = purge().retention::<tag::Entity>(std::time::Duration::ZERO).exec(db).await?;
        assert_eq!(none.rows_purged(), 0);
        assert_eq!(count(db, "tag").await?, 1);
    }

    async fn a_retention_longer_than_time_itself_keeps_everything(db: &TestDb) {
        domain::create(db).await?;
        let tag = domain::tag(db, "old").await?;
        tag::Entity::delete_by_id(tag.id).at(days_ago(9_000)).exec(db).await?;
        let report = purge().retention::<tag::Entity>(std::time::Duration::MAX).exec(db).await?;
        assert_eq!(report.rows_purged(), 0);
        assert!(report.tables().iter().all(|table| table.table != "tag"));
    }

    async fn restrict_and_set_null_keys_keep_rows_too(db: &TestDb) {
        domain::create(db).await?;
        let (_, project, task) = a_tree(db, "active").await?;
        let ada = domain::member(db, "ada").await?;
        let grace = domain::member(db, "grace").await?;
        for member in [&ada, &grace] {
            member::Entity::delete_by_id(member.id).at(days_ago(60)).exec(db).await?;
        }
        // Assigned after their deletion, by hand.
        project::Entity::update_many()
            .col_expr(project::Column::LeadId, ada.id.into())
            .filter(project::Column::Id.eq(project))
            .exec(db)
            .await?;
        task::Entity::update_many()
            .col_expr(task::Column::AssigneeId, grace.id.into())
            .filter(task::Column::Id.eq(task))
            .exec(db)
            .await?;
        let report = purge().exec(db).await?;
        let kept: Vec<_> = table(&report, "member").referenced.iter().map(ToString::to_string).collect();
        assert_eq!(kept, ["1 kept by `project` (lead_id)", "1 kept by `task` (assignee_id)"]);
        assert_eq!(report.rows_purged(), 0);
    }

    async fn a_transaction_is_refused_and_an_unknown_entity_is_named(db: &TestDb) {
        domain::create(db).await?;
        let transaction = db.connection().begin().await?;
        let error = purge().exec(&transaction).await.expect_err("a transaction");
        assert!(matches!(error, Error::InTransaction { operation: "purge", .. }), "{error}");
        purge().plan(&transaction).await?;
        transaction.rollback().await?;

        let error = purge().hold::<folder::Entity>(folder::Column::Id.eq(1)).exec(db).await;
        let message = error.expect_err("an entity of another group").to_string();
        assert_eq!(
            message,
            "the registry has no entity of table `folder`: add it, or use `Registry::global()`"
        );
    }

    async fn a_missing_table_is_named(db: &TestDb) {
        support::create_table(db, folder::Entity).await?;
        let error = purge().exec(db).await.expect_err("no such table");
        assert!(error.to_string().contains("the database has no table `comment`"), "{error}");
    }
}
