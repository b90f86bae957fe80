//! Erasure in the task tracker: what goes, what stays, what forbids it.

use sea_orm::{ActiveValue::Set, IntoActiveModel as _};
use soft_delete::{
    Erase, Error, Scope,
    archive::{ArchiveError, ArchiveTable},
};

use super::fixture::{archive, number, purge, rows, run};
use support::{TestDb, domain, on_every_backend};

on_every_backend! {
    async fn a_row_goes_with_all_below_it_in_any_state(db: &TestDb) {
        domain::create(db).await?;
        let workspace = domain::workspace(db, "a").await?;
        let other = domain::workspace(db, "b").await?;
        domain::project(db, &other, "stays").await?;
        let project = domain::project(db, &workspace, "engine").await?;
        let task = domain::task(db, &project, "start").await?;
        let tag = domain::tag(db, "urgent").await?;
        domain::task_tag(db, &task, &tag).await?;
        for body in ["one", "two", "three"] {
            domain::comment(db, &task, body).await?;
        }
        domain::comment::Entity::delete_by_id(1).exec(db).await?;
        domain::task::Entity::delete_by_id(task.id).exec(db).await?;

        let report = domain::workspace::Entity::erase_by_id(workspace.id).exec(db).await?;
        assert_eq!(
            report.rows_by_table(),
            [("workspace", 1), ("project", 1), ("task", 1), ("comment", 3), ("task_tag", 1)]
        );
        assert_eq!((report.table.to_string().as_str(), &*report.key), ("workspace", &["1".to_owned()][..]));
        assert_eq!(report.archive, None);
        for (table, rows) in [("workspace", 1), ("project", 1), ("task", 0), ("comment", 0), ("task_tag", 0), ("tag", 1)] {
            assert_eq!(number(db, &format!("SELECT COUNT(*) FROM {table}")).await?, rows, "{table}");
        }
    }

    async fn a_second_erasure_finds_nothing(db: &TestDb) {
        domain::create(db).await?;
        archive().create(db).await?;
        domain::tag(db, "a").await?;
        assert_eq!(domain::tag::Entity::erase_by_id(1).exec(db).await?.rows_erased(), 1);
        let report = domain::tag::Entity::erase_by_id(1).exec(db).await?;
        assert_eq!((report.rows_erased(), report.archived_erased()), (0, 0));
        let told = report.to_string();
        assert!(told.contains("nothing was there\n  archive: soft_delete_archive"), "{told}");
    }

    async fn keys_that_set_null_are_set_to_null_in_rows_of_any_state(db: &TestDb) {
        domain::create(db).await?;
        let member = domain::member(db, "ann").await?;
        let workspace = domain::workspace(db, "a").await?;
        let project = domain::project(db, &workspace, "engine").await?;
        for title in ["one", "two"] {
            let mut task = domain::task(db, &project, title).await?.into_active_model();
            task.assignee_id = Set(Some(member.id));
            task.update(db).await?;
        }
        domain::task::Entity::delete_by_id(1).exec(db).await?;
        let report = domain::member::Entity::erase_by_id(member.id).exec(db).await?;
        assert_eq!(report.rows_by_table(), [("member", 1)]);
        assert_eq!(report.set_null.len(), 1);
        let nulled = &report.set_null[0];
        assert_eq!((nulled.table.to_string().as_str(), &*nulled.columns, nulled.rows), ("task", &["assignee_id".to_owned()][..], 2));
        assert_eq!(number(db, "SELECT COUNT(*) FROM task WHERE assignee_id IS NULL").await?, 2);
        assert_eq!(report.key, [member.id.to_string()]);
    }

    async fn rows_that_restrict_forbid_it_deleted_ones_too(db: &TestDb) {
        domain::create(db).await?;
        let member = domain::member(db, "ann").await?;
        let workspace = domain::workspace(db, "a").await?;
        for name in ["one", "two"] {
            let mut project = domain::project(db, &workspace, name).await?.into_active_model();
            project.lead_id = Set(Some(member.id));
            project.update(db).await?;
        }
        domain::project::Entity::delete_by_id(1).exec(db).await?;
        let error = domain::member::Entity::erase_by_id(member.id).exec(db).await.unwrap_err();
        match &error {
            Error::Restricted { table, blockers, .. } => {
                assert_eq!((table.name.as_str(), blockers.len()), ("member", 1));
                assert_eq!((blockers[0].rows, blockers[0].scope), (2, Scope::WithDeleted));
            }
            other => panic!("{other}"),
        }
        assert!(error.to_string().contains("referenced by 2 rows of `project` through `Member` (1, 2)"), "{error}");
        assert_eq!(number(db, "SELECT COUNT(*) FROM member").await?, 1);
        // Rows that go themselves are in nobody's way.
        domain::workspace::Entity::erase_by_id(workspace.id).exec(db).await?;
        domain::member::Entity::erase_by_id(member.id).exec(db).await?;
        assert_eq!(number(db, "SELECT COUNT(*) FROM member").await?, 0);
    }

    async fn a_plan_tells_what_an_erasure_does_and_only_reads(db: &TestDb) {
        domain::create(db).await?;
        let member = domain::member(db, "ann").await?;
        let workspace = domain::workspace(db, "a").await?;
        let project = domain::project(db, &workspace, "engine").await?;
        let task = domain::task(db, &project, "start").await?;
        domain::comment(db, &task, "one").await?;
        domain::comment::Entity::delete_many().all().exec(db).await?;
        purge(db, "default").await?;
        let mut assigned = task.into_active_model();
        assigned.assignee_id = Set(Some(member.id));
        assigned.update(db).await?;

        let erase = Erase::<domain::member::Entity>::by_id(member.id);
        let plan = erase.clone().plan(db).await?;
        assert!(plan.blockers.is_empty());
        assert_eq!(number(db, "SELECT COUNT(*) FROM task WHERE assignee_id IS NOT NULL").await?, 1);
        let mut report = erase.exec(db).await?;
        report.erased_at = plan.erasure.erased_at;
        assert_eq!(plan.erasure, report);

        let erase = Erase::<domain::workspace::Entity>::by_id(workspace.id);
        let plan = erase.clone().plan(db).await?;
        assert_eq!(number(db, "SELECT COUNT(*) FROM workspace").await?, 1);
        assert_eq!(archive().list().all(db).await?.len(), 1);
        assert_eq!(plan.erasure.archived_by_table(), [("comment", 1)]);
        let mut report = erase.exec(db).await?;
        report.erased_at = plan.erasure.erased_at;
        assert_eq!(plan.erasure, report);
    }

    async fn a_plan_tells_the_rows_that_forbid_an_erasure(db: &TestDb) {
        domain::create(db).await?;
        let member = domain::member(db, "ann").await?;
        let workspace = domain::workspace(db, "a").await?;
        let mut project = domain::project(db, &workspace, "one").await?.into_active_model();
        project.lead_id = Set(Some(member.id));
        project.update(db).await?;
        let plan = domain::member::Entity::erase_by_id(member.id).plan(db).await?;
        assert_eq!(plan.erasure.rows_by_table(), [("member", 1)]);
        assert_eq!((plan.blockers.len(), plan.blockers[0].rows), (1, 1));
        let nothing = domain::tag::Entity::erase_by_id(99).plan(db).await?;
        assert_eq!((nothing.erasure.rows_erased(), nothing.blockers.len()), (0, 0));
    }

    async fn rows_purged_earlier_leave_the_archive(db: &TestDb) {
        domain::create(db).await?;
        let workspace = domain::workspace(db, "a").await?;
        let other = domain::workspace(db, "b").await?;
        for workspace in [&workspace, &other] {
            let project = domain::project(db, workspace, "engine").await?;
            let task = domain::task(db, &project, "start").await?;
            domain::comment(db, &task, "one").await?;
        }
        // The comments go first, then the tasks: each is below what is not there any more.
        domain::comment::Entity::delete_many().all().exec(db).await?;
        purge(db, "default").await?;
        domain::project::Entity::delete_many().all().exec(db).await?;
        purge(db, "default").await?;
        assert_eq!(archive().list().all(db).await?.len(), 6);

        let report = domain::workspace::Entity::erase_by_id(workspace.id).exec(db).await?;
        assert_eq!(report.rows_by_table(), [("workspace", 1)]);
        assert_eq!(report.archived_by_table(), [("project", 1), ("task", 1), ("comment", 1)]);
        assert_eq!(report.archive.as_deref(), Some("soft_delete_archive"));
        let left = archive().list().all(db).await?;
        assert_eq!(rows(&left), [("comment", "2"), ("task", "2"), ("project", "2")]);
    }

    async fn a_row_that_is_in_the_archive_alone_is_erased_from_there(db: &TestDb) {
        domain::create(db).await?;
        let member = domain::member(db, "ann").await?;
        domain::member(db, "bob").await?;
        domain::member::Entity::delete_many().all().exec(db).await?;
        purge(db, "default").await?;
        let report = Erase::<domain::member::Entity>::by_id(member.id).archive(archive()).exec(db).await?;
        assert_eq!(report.rows_erased(), 0);
        assert_eq!(report.archived_by_table(), [("member", 1)]);
        let left = archive().list().all(db).await?;
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].data["name"], "bob");
    }

    async fn links_with_two_keys_are_erased_from_the_archive(db: &TestDb) {
        domain::create(db).await?;
        let workspace = domain::workspace(db, "a").await?;
        let project = domain::project(db, &workspace, "engine").await?;
        let task = domain::task(db, &project, "start").await?;
        for name in ["a", "b"] {
            let tag = domain::tag(db, name).await?;
            domain::task_tag(db, &task, &tag).await?;
        }
        domain::task_tag::Entity::delete_many().all().exec(db).await?;
        purge(db, "default").await?;
        let report = domain::tag::Entity::erase_by_id(2).exec(db).await?;
        assert_eq!(report.archived_by_table(), [("task_tag", 1)]);
        assert_eq!(archive().list().all(db).await?[0].key, ["1", "1"]);
        let report = domain::task::Entity::erase_by_id(1).exec(db).await?;
        assert_eq!(report.archived_by_table(), [("task_tag", 1)]);
    }

    async fn an_archive_that_was_given_must_be_there(db: &TestDb) {
        domain::create(db).await?;
        domain::tag(db, "a").await?;
        let erase = domain::tag::Entity::erase_by_id(1).archive(ArchiveTable::new().name("elsewhere"));
        let error = erase.exec(db).await.unwrap_err();
        assert!(matches!(error, Error::Archive(ArchiveError::Missing { .. })), "{error}");
        assert_eq!(number(db, "SELECT COUNT(*) FROM tag").await?, 1);
    }

    async fn more_rows_are_erased_than_one_statement_takes(db: &TestDb) {
        domain::create(db).await?;
        let workspace = domain::workspace(db, "a").await?;
        let project = domain::project(db, &workspace, "engine").await?;
        let task = domain::task(db, &project, "start").await?;
        let values = vec![format!("({}, 'x')", task.id); 2_300].join(", ");
        run(db, &[&format!("INSERT INTO comment (task_id, body) VALUES {values}")]).await?;
        run(db, &["UPDATE comment SET deleted_at = '2024-01-01 00:00:00' WHERE id > 900"]).await?;
        purge(db, "default").await?;
        let report = domain::workspace::Entity::erase_by_id(workspace.id).exec(db).await?;
        assert_eq!(report.rows_by_table().get("comment"), 900);
        assert_eq!(report.archived_by_table(), [("comment", 1_400)]);
        assert_eq!(number(db, "SELECT COUNT(*) FROM soft_delete_archive").await?, 0);
    }

    async fn the_report_is_a_text_and_can_be_serialized(db: &TestDb) {
        domain::create(db).await?;
        let workspace = domain::workspace(db, "a").await?;
        domain::project(db, &workspace, "engine").await?;
        let report = domain::workspace::Entity::erase_by_id(1).exec(db).await?;
        let told = report.to_string();
        assert!(told.starts_with("Erasure of `workspace` (1), 20"), "{told}");
        assert!(told.contains("  workspace: 1 rows, 0 archived\n  project: 1 rows, 0 archived\n"), "{told}");
        let json = serde_json::to_string(&report)?;
        assert_eq!(serde_json::from_str::<soft_delete::ErasureReport>(&json)?, report);
    }

    async fn an_erasure_can_be_part_of_a_transaction(db: &TestDb) {
        use sea_orm::TransactionTrait as _;

        domain::create(db).await?;
        domain::tag(db, "a").await?;
        let transaction = db.begin().await?;
        assert_eq!(domain::tag::Entity::erase_by_id(1).exec(&transaction).await?.rows_erased(), 1);
        transaction.rollback().await?;
        assert_eq!(number(db, "SELECT COUNT(*) FROM tag").await?, 1);
    }
}
