//! Several rows at once, on the command line and in files.

use std::{fs, io::Write as _, process::Stdio};

use sea_orm::PaginatorTrait as _;
use serde_json::json;

use super::{
    app::{command, json, run},
    world::{noon, shop, world},
};
use crate::shop::voucher;
use support::{TestDb, TestResult, domain};

/// A workspace with a project and three tasks, all three deleted.
async fn three_deleted_tasks(db: &TestDb) -> TestResult {
    domain::create(db).await?;
    let workspace = domain::workspace(db, "acme").await?;
    let project = domain::project(db, &workspace, "apollo").await?;
    for title in ["a", "b", "c"] {
        let task = domain::task(db, &project, title).await?;
        domain::task::Entity::delete_by_id(task.id)
            .at(noon(1))
            .exec(db)
            .await?;
    }
    Ok(())
}

on_shared_databases! {
    async fn rows_are_restored_together(db: &TestDb) {
        three_deleted_tasks(db).await?;

        let planned = run(db, &["trash", "restore", "task", "1", "2", "2", "--dry-run"]);
        let restored = json(db, &["trash", "restore", "task", "1", "2", "2"]);
        let again = run(db, &["trash", "restore", "task", "1", "3"]);
        let nothing = run(db, &["trash", "restore", "task", "1"]);

        assert_eq!(planned.out, "would restore: 2 task\n");
        assert_eq!(restored["restored"], json!([{"table": "task", "rows": 2}]));
        assert_eq!(again.out, "task 1 is not deleted, there is nothing to restore\nrestored: 1 task\n");
        assert_eq!((nothing.code, nothing.out.as_str()), (0, "task 1 is not deleted, there is nothing to restore\n"));
        assert_eq!(domain::task::Entity::find().count(db).await?, 3);
    }

    async fn one_that_fails_keeps_all_as_they_are(db: &TestDb) {
        three_deleted_tasks(db).await?;

        let restored = run(db, &["trash", "restore", "task", "1", "8", "2", "9"]);
        let removed = run(db, &["trash", "delete", "task", "1", "8", "--yes"]);
        let deleted = run(db, &["delete", "project", "1", "5"]);

        assert_eq!((restored.code, restored.out.as_str()), (1, ""));
        assert_text!(restored.err, r"
        error: nothing was changed, because 2 of 4 rows failed:
          task 8: there is no such row in `task`, neither active nor deleted
          task 9: there is no such row in `task`, neither active nor deleted
        ");
        assert_eq!([removed.code, deleted.code], [1; 2]);
        assert_eq!(domain::task::Entity::only_deleted().count(db).await?, 3);
        assert_eq!(domain::project::Entity::find().count(db).await?, 1);
    }

    async fn rows_are_removed_together(db: &TestDb) {
        three_deleted_tasks(db).await?;

        let planned = json(db, &["trash", "delete", "task", "1", "2", "--dry-run"]);
        let removed = run(db, &["trash", "delete", "task", "1", "2", "--yes"]);

        assert_eq!(planned["rows"].as_array().unwrap().len(), 2);
        assert_eq!(removed.out, "removed task 1 permanently\nremoved task 2 permanently\n");
        assert_eq!(domain::task::Entity::only_deleted().count(db).await?, 1);
    }

    async fn keys_come_from_a_file_or_from_the_input(db: &TestDb) {
        three_deleted_tasks(db).await?;
        let file = std::env::temp_dir().join(format!("soft_delete_{}", uuid::Uuid::now_v7().simple()));
        fs::write(&file, "1\n\n[2]\n")?;
        let path = file.to_str().unwrap();

        let restored = run(db, &["trash", "restore", "task", "--from-file", path]);
        fs::write(&file, "1\nx\n")?;
        let malformed = run(db, &["trash", "restore", "task", "--from-file", path]);
        fs::write(&file, "\n")?;
        let empty = run(db, &["trash", "restore", "task", "--from-file", path]);
        fs::remove_file(&file)?;
        let missing = run(db, &["trash", "restore", "task", "--from-file", path]);
        let mut input = command(&["trash", "restore", "task", "--from-file", "-"])
            .env("DATABASE_URL", db.url())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        input.stdin.take().unwrap().write_all(b"3")?;
        let input = input.wait_with_output()?;

        assert_eq!(restored.out, "restored: 2 task\n");
        assert_eq!([malformed.code, empty.code, missing.code], [2; 3]);
        assert!(malformed.err.starts_with(&format!("error: line 2 of `{path}`: `x` is not a key of `task`\n")), "{}", malformed.err);
        assert!(empty.err.contains("names no row"), "{}", empty.err);
        assert!(missing.err.contains("can't be read"), "{}", missing.err);
        assert_eq!(String::from_utf8(input.stdout)?, "restored: 1 task\n");
    }

    async fn keys_of_several_columns_are_one_or_several(db: &TestDb) {
        domain::create(db).await?;
        let workspace = domain::workspace(db, "acme").await?;
        let project = domain::project(db, &workspace, "apollo").await?;
        let tag = domain::tag(db, "urgent").await?;
        for title in ["a", "b"] {
            let task = domain::task(db, &project, title).await?;
            domain::task_tag(db, &task, &tag).await?;
        }
        let left = async || domain::task_tag::Entity::find().count(db).await;

        assert_eq!(run(db, &["delete", "task_tag", "1", "1"]).code, 0);
        assert_eq!(left().await?, 1);
        assert_eq!(run(db, &["trash", "restore", "task_tag", "[1, 1]"]).code, 0);
        assert_eq!(left().await?, 2);
        assert_eq!(run(db, &["delete", "task_tag", "1,1", "2,1"]).code, 0);
        assert_eq!(left().await?, 0);
        assert_eq!(run(db, &["trash", "restore", "task_tag", "1,1", "2"]).code, 2);
        assert_eq!(run(db, &["trash", "restore", "task_tag", "1", "1", "2"]).code, 2);
        assert_eq!(left().await?, 0);
    }

    async fn a_text_with_a_comma_is_one_key(db: &TestDb) {
        shop(db).await?;

        assert_eq!(run(db, &["delete", "voucher", "A,1", "--group", "shop"]).code, 0);

        assert_eq!(voucher::Entity::only_deleted().count(db).await?, 1);
    }

    async fn rows_and_a_file_exclude_each_other(db: &TestDb) {
        world(db).await?;

        assert_eq!(run(db, &["trash", "restore", "task", "1", "--from-file", "x"]).code, 2);
        assert_eq!(run(db, &["trash", "restore", "task"]).code, 2);
    }
}
