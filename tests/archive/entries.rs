//! Looking into the archive, and the end of its entries.

use chrono::{TimeDelta, Utc};

use super::fixture::{archive, number, purge, rows, run};
use support::{TestDb, domain, on_every_backend};

on_every_backend! {
    async fn an_entry_tells_what_the_row_was(db: &TestDb) {
        domain::create(db).await?;
        let workspace = domain::workspace(db, "a \"quoted\" ünit").await?;
        let deletion = domain::workspace::Entity::delete_by_id(workspace.id).by(3).reason("spam").exec(db).await?;
        purge(db, "default").await?;
        let entries = archive().list().all(db).await?;
        assert_eq!(entries.len(), 1);
        let entry = &entries[0];
        assert_eq!((entry.table.as_str(), &*entry.key), ("workspace", &["1".to_owned()][..]));
        assert_eq!(entry.deletion_id, Some(deletion.id()));
        assert_eq!(entry.deleted_at, Some(deletion.deleted_at()));
        assert!(entry.archived_at <= Utc::now() && entry.archived_at > Utc::now() - TimeDelta::minutes(5));
        assert_eq!(entry.data["slug"], "a \"quoted\" ünit");
        assert_eq!(entry.data["id"], 1);
        assert_eq!(entry.data["deleted_by"], 3);
        assert_eq!(entry.data["delete_reason"], "spam");
    }

    async fn entries_are_found_by_table_key_deletion_and_time(db: &TestDb) {
        domain::create(db).await?;
        let workspace = domain::workspace(db, "a").await?;
        let project = domain::project(db, &workspace, "engine").await?;
        let task = domain::task(db, &project, "start").await?;
        let tag = domain::tag(db, "urgent").await?;
        domain::task_tag(db, &task, &tag).await?;
        let deletion = domain::project::Entity::delete_by_id(project.id).exec(db).await?;
        purge(db, "default").await?;
        let between = Utc::now();
        domain::tag::Entity::delete_by_id(tag.id).exec(db).await?;
        purge(db, "default").await?;

        let all = archive().list().all(db).await?;
        assert_eq!(rows(&all), [("task_tag", "1"), ("task", "1"), ("project", "1"), ("tag", "1")]);
        assert_eq!(all[3].key, ["1", "1"]);
        assert_eq!(archive().list().table("task").all(db).await?, [all[2].clone()]);
        assert_eq!(archive().list().table("task_tag").key([1, 1]).all(db).await?, [all[3].clone()]);
        assert_eq!(archive().list().table("task_tag").key([1, 2]).all(db).await?, []);
        assert_eq!(archive().list().deletion(deletion.id()).all(db).await?, all[1..]);
        assert_eq!(archive().list().archived_before(between).all(db).await?, all[1..]);
        assert_eq!(archive().list().archived_after(between).all(db).await?, all[..1]);
        let page = archive().list().limit(2).all(db).await?;
        assert_eq!(page, all[..2]);
        assert_eq!(archive().list().limit(2).before_id(page[1].id).all(db).await?, all[2..]);
    }

    async fn rows_of_one_shape_have_one_fingerprint(db: &TestDb) {
        domain::create(db).await?;
        domain::tag(db, "a").await?;
        domain::tag(db, "b").await?;
        domain::tag::Entity::delete_many().all().exec(db).await?;
        purge(db, "default").await?;
        run(db, &["ALTER TABLE tag ADD COLUMN colour varchar(20)"]).await?;
        let tag = domain::tag(db, "c").await?;
        domain::tag::Entity::delete_by_id(tag.id).exec(db).await?;
        purge(db, "default").await?;
        let all = archive().list().all(db).await?;
        assert_eq!(all[1].fingerprint, all[2].fingerprint);
        assert_ne!(all[0].fingerprint, all[1].fingerprint);
    }

    async fn old_entries_expire(db: &TestDb) {
        domain::create(db).await?;
        domain::tag(db, "a").await?;
        domain::tag::Entity::delete_many().all().exec(db).await?;
        purge(db, "default").await?;
        let between = Utc::now();
        domain::tag(db, "b").await?;
        domain::tag::Entity::delete_many().all().exec(db).await?;
        purge(db, "default").await?;
        assert_eq!(archive().expire(between - TimeDelta::days(1), db).await?, 0);
        assert_eq!(archive().expire(between, db).await?, 1);
        let left = archive().list().all(db).await?;
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].data["name"], "b");
    }

    async fn more_entries_expire_than_one_batch_takes(db: &TestDb) {
        archive().create(db).await?;
        let sql = "INSERT INTO soft_delete_archive (table_name, row_key, archived_at, fingerprint, data) VALUES ";
        let values = vec!["('t', '[]', '2020-01-01 00:00:00', '', '{}')"; 2_500].join(", ");
        run(db, &[&format!("{sql}{values}")]).await?;
        assert_eq!(archive().expire(Utc::now(), db).await?, 2_500);
        assert_eq!(number(db, "SELECT COUNT(*) FROM soft_delete_archive").await?, 0);
    }
}
