//! From the archive into the trash, and from there to life.

use sea_orm::PaginatorTrait as _;
use soft_delete::{Error, Registry, archive::ArchiveError};

use super::fixture::{archive, number, purge, run, text};
use support::{TestDb, domain, folder, on_every_backend, on_servers};

on_every_backend! {
    async fn a_whole_deletion_comes_back_from_the_archive_and_then_to_life(db: &TestDb) {
        domain::create(db).await?;
        let workspace = domain::workspace(db, "a").await?;
        let project = domain::project(db, &workspace, "engine").await?;
        let task = domain::task(db, &project, "start").await?;
        let tag = domain::tag(db, "urgent").await?;
        domain::task_tag(db, &task, &tag).await?;
        for body in ["one", "two", "three"] {
            domain::comment(db, &task, body).await?;
        }
        let before = domain::comment::Entity::find().all(db).await?;
        let deletion = domain::workspace::Entity::delete_by_id(workspace.id).by(7).exec(db).await?;
        let trash = domain::task::Entity::only_deleted().all(db).await?;
        assert_eq!(purge(db, "default").await?.rows_purged(), 7);
        assert_eq!(number(db, "SELECT COUNT(*) FROM workspace").await?, 0);

        let restored = archive().restore().deletion(deletion.id()).exec(db).await?;
        assert_eq!(restored.rows_affected(), 7);
        assert_eq!(restored.rows_by_table().get("workspace"), 1);
        assert_eq!((restored.dropped.len(), restored.defaulted.len()), (0, 0));
        assert!(archive().list().all(db).await?.is_empty());
        assert_eq!(domain::task::Entity::only_deleted().all(db).await?, trash);

        assert_eq!(soft_delete::Undo::deletion(deletion.id()).exec(db).await?.rows_affected, 1);
        assert_eq!(domain::comment::Entity::find().all(db).await?, before);
        assert_eq!(domain::workspace::Entity::find_by_id(workspace.id).one(db).await?, Some(workspace));
    }

    async fn rows_of_a_table_without_deletion_id_belong_to_their_deletion(db: &TestDb) {
        // A tag has `deleted_at` alone, and takes its links along, which have a `deletion_id`.
        domain::create(db).await?;
        let workspace = domain::workspace(db, "a").await?;
        let project = domain::project(db, &workspace, "engine").await?;
        let task = domain::task(db, &project, "start").await?;
        let tag = domain::tag(db, "urgent").await?;
        domain::task_tag(db, &task, &tag).await?;
        let deletion = domain::tag::Entity::delete_by_id(tag.id).exec(db).await?;
        purge(db, "default").await?;
        let restored = archive().restore().deletion(deletion.id()).exec(db).await?;
        assert_eq!(restored.rows_by_table(), [("tag", 1), ("task_tag", 1)]);
        assert_eq!(deletion.undo().exec(db).await?.rows_affected, 1);
        assert_eq!(domain::task_tag::Entity::find().count(db).await?, 1);
    }

    async fn one_row_comes_back_by_its_entry_or_by_its_key(db: &TestDb) {
        domain::create(db).await?;
        domain::tag(db, "a").await?;
        domain::tag(db, "b").await?;
        domain::tag::Entity::delete_many().all().exec(db).await?;
        purge(db, "default").await?;
        let first = archive().list().table("tag").key([1]).all(db).await?;
        let restored = archive().restore().entry(first[0].id).exec(db).await?;
        assert_eq!(restored.rows_by_table(), [("tag", 1)]);
        archive().restore().row("tag", ["2"]).exec(db).await?;
        assert_eq!(domain::tag::Entity::only_deleted().count(db).await?, 2);
        let error = archive().restore().row("tag", [2]).exec(db).await.unwrap_err();
        assert!(error.to_string().starts_with("the archive has no row (2) of `tag`"), "{error}");
    }

    async fn of_several_entries_of_a_key_the_newest_comes_back(db: &TestDb) {
        domain::create(db).await?;
        let id = domain::member(db, "old").await?.id;
        domain::member::Entity::delete_by_id(id).exec(db).await?;
        purge(db, "default").await?;
        let mut member = domain::member(db, "new").await?;
        let literal = match db.backend() {
            sea_orm::DbBackend::Postgres => format!("'{id}'"),
            _ => format!("x'{}'", id.simple()),
        };
        run(db, &[&format!("UPDATE member SET id = {literal}")]).await?;
        member.id = id;
        domain::member::Entity::delete_by_id(id).exec(db).await?;
        purge(db, "default").await?;
        let key = &archive().list().all(db).await?[0].key;
        archive().restore().row("member", key).exec(db).await?;
        let restored = domain::member::Entity::only_deleted().one(db).await?;
        assert_eq!(restored.map(|member| (member.id, member.name)), Some((id, "new".to_owned())));
        assert_eq!(archive().list().all(db).await?.len(), 1);
    }

    async fn a_plan_tells_what_a_restore_puts_back_and_changes_nothing(db: &TestDb) {
        domain::create(db).await?;
        let workspace = domain::workspace(db, "a").await?;
        let project = domain::project(db, &workspace, "engine").await?;
        domain::task(db, &project, "start").await?;
        let deletion = domain::project::Entity::delete_by_id(project.id).exec(db).await?;
        purge(db, "default").await?;
        let archive = archive();
        let plan = archive.restore().deletion(deletion.id()).plan(db).await?;
        assert_eq!(plan.rows_by_table(), [("project", 1), ("task", 1)]);
        assert_eq!(archive.list().all(db).await?.len(), 2);
        assert_eq!(domain::task::Entity::only_deleted().count(db).await?, 0);
        assert_eq!(archive.restore().deletion(deletion.id()).exec(db).await?, plan);
    }

    async fn a_row_whose_key_is_taken_stays_in_the_archive(db: &TestDb) {
        domain::create(db).await?;
        domain::tag(db, "a").await?;
        domain::tag::Entity::delete_many().all().exec(db).await?;
        purge(db, "default").await?;
        run(db, &["INSERT INTO tag (id, name) VALUES (1, 'other')"]).await?;
        for is_plan in [true, false] {
            let (archive, registry) = (archive(), Registry::global().of_group("default"));
            let restore = archive.restore().row("tag", [1]).registry(&registry);
            let error = match is_plan {
                true => restore.plan(db).await.unwrap_err(),
                false => restore.exec(db).await.unwrap_err(),
            };
            assert!(matches!(&error, Error::Archive(ArchiveError::RowExists { row, .. }) if row.table == "tag"), "{error}");
        }
        assert_eq!(archive().list().all(db).await?.len(), 1);
        assert_eq!(text(db, "SELECT name FROM tag").await?, Some("other".to_owned()));
    }

    async fn a_row_whose_parent_is_gone_stays_in_the_archive_until_it_is_back(db: &TestDb) {
        domain::create(db).await?;
        let workspace = domain::workspace(db, "a").await?;
        let project = domain::project(db, &workspace, "engine").await?;
        let task = domain::task(db, &project, "start").await?;
        let deletion = domain::project::Entity::delete_by_id(project.id).exec(db).await?;
        purge(db, "default").await?;
        let error = archive().restore().row("task", [task.id]).exec(db).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the row (1) of `task` can't be restored from the archive: by (project_id) it refers to the row (1) of `project`, \
             which is not there; restore that first, or the whole deletion with `.deletion(…)`"
        );
        assert_eq!(archive().list().all(db).await?.len(), 2);
        archive().restore().row("project", [project.id]).exec(db).await?;
        archive().restore().row("task", [task.id]).exec(db).await?;
        soft_delete::Undo::deletion(deletion.id()).exec(db).await?;
        assert_eq!(domain::task::Entity::find().count(db).await?, 1);
    }

    async fn an_error_in_the_middle_changes_nothing(db: &TestDb) {
        domain::create(db).await?;
        let workspace = domain::workspace(db, "a").await?;
        let project = domain::project(db, &workspace, "engine").await?;
        for title in ["one", "two"] {
            domain::task(db, &project, title).await?;
        }
        let deletion = domain::project::Entity::delete_by_id(project.id).exec(db).await?;
        purge(db, "default").await?;
        run(db, &[
            "INSERT INTO project (id, workspace_id, name) VALUES (9, 1, 'x')",
            "INSERT INTO task (id, project_id, title) VALUES (2, 9, 'x')",
        ]).await?;
        let error = archive().restore().deletion(deletion.id()).exec(db).await.unwrap_err();
        assert!(error.to_string().contains("the row (2) of `task`"), "{error}");
        assert_eq!(number(db, "SELECT COUNT(*) FROM project").await?, 1);
        assert_eq!(archive().list().all(db).await?.len(), 3);
    }

    async fn rows_below_each_other_in_one_table_come_back_in_their_order(db: &TestDb) {
        folder::create(db).await?;
        folder::chain(db, 60).await?;
        let deletion = folder::Entity::delete_by_id(1).exec(db).await?;
        assert_eq!(purge(db, "folders").await?.rows_purged(), 60);
        let restored = archive().restore().deletion(deletion.id()).exec(db).await?;
        assert_eq!(restored.rows_by_table(), [("folder", 60)]);
        deletion.undo().exec(db).await?;
        assert_eq!(folder::active(db).await?.len(), 60);
    }

    async fn a_restore_can_be_part_of_a_transaction(db: &TestDb) {
        use sea_orm::TransactionTrait as _;

        domain::create(db).await?;
        domain::tag(db, "a").await?;
        domain::tag::Entity::delete_many().all().exec(db).await?;
        purge(db, "default").await?;
        let transaction = db.begin().await?;
        archive().restore().row("tag", [1]).exec(&transaction).await?;
        assert!(archive().restore().row("tag", [1]).exec(&transaction).await.is_err());
        transaction.rollback().await?;
        assert_eq!(number(db, "SELECT COUNT(*) FROM tag").await?, 0);
        assert_eq!(archive().list().all(db).await?.len(), 1);
    }
}

on_servers! {
    async fn of_two_restores_at_once_one_finds_the_row(db: &TestDb) {
        domain::create(db).await?;
        domain::tag(db, "a").await?;
        domain::tag::Entity::delete_many().all().exec(db).await?;
        purge(db, "default").await?;
        let archive = archive();
        let restore = || archive.restore().row("tag", [1]).exec(db);
        let (one, other) = tokio::join!(restore(), restore());
        let errors = [one.err(), other.err()].into_iter().flatten().collect::<Vec<_>>();
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(
            matches!(&errors[0], Error::Archive(ArchiveError::NotArchived { .. }) | Error::Contention(_)),
            "{}", errors[0]
        );
        assert_eq!(number(db, "SELECT COUNT(*) FROM tag").await?, 1);
    }
}
