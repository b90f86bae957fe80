//! `delete` and its plan.

use sea_orm::PaginatorTrait as _;
use serde_json::json;

use super::{
    app::{contents, json, run},
    hooks::a_shelf,
    world::world,
};
use support::{TestDb, domain, shelf::log};

on_shared_databases! {
    async fn a_plan_tells_what_a_delete_would_take(db: &TestDb) {
        world(db).await?;

        let ran = run(db, &["delete", "workspace", "1", "--plan"]);
        let told = json(db, &["delete", "workspace", "1", "--dry-run"]);
        run(db, &["trash", "restore", "project", "1"]);
        let with_more = run(db, &["delete", "workspace", "1", "--plan"]);

        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        assert_eq!(ran.out, "would delete workspace 1: 1 workspace\n");
        assert_eq!(contents(told), json!({"dry_run": true, "rows": [{
            "table": "workspace", "key": [1], "outcome": "deleted", "deletion_id": null, "deleted_at": null,
            "tables": [{"table": "workspace", "rows": 1}], "set_null": [], "not_followed": [], "blockers": [],
        }]}));
        assert_eq!(with_more.out, "would delete workspace 1: 1 workspace, 1 project, 1 task, 2 comment (5 rows)\n");
        assert_eq!(domain::workspace::Entity::find().count(db).await?, 1);
    }

    async fn a_delete_says_by_whom_and_why_and_can_be_undone(db: &TestDb) {
        world(db).await?;
        run(db, &["trash", "restore", "project", "1"]);

        let deleted = json(db, &["delete", "project", "1", "--by", "7", "--reason", "spam"]);
        let again = run(db, &["delete", "project", "1"]);
        let trash = json(db, &["trash", "list", "project"]);
        let id = deleted["rows"][0]["deletion_id"].as_str().unwrap().to_owned();
        let undone = run(db, &["deletion", "undo", &id]);

        assert_eq!(deleted["rows"][0]["outcome"], "deleted");
        assert_eq!(deleted["rows"][0]["tables"][2], json!({"table": "comment", "rows": 2}));
        assert_eq!((again.code, again.out.as_str()), (0, "project 1 is deleted already, nothing was changed\n"));
        assert_eq!((&trash["rows"][0]["deleted_by"], &trash["rows"][0]["delete_reason"]), (&json!(7), &json!("spam")));
        assert_eq!(undone.out, "restored: 1 project, 1 task, 2 comment (4 rows)\n");
    }

    async fn what_is_not_there_or_not_recorded_is_told(db: &TestDb) {
        world(db).await?;

        let missing = run(db, &["delete", "task", "99"]);
        let actor = run(db, &["delete", "task", "1", "--by", "ada"]);
        let nobody = run(db, &["delete", "tag", "1", "--by", "7"]);
        let reason = run(db, &["delete", "tag", "1", "--reason", "spam"]);

        assert_eq!([missing.code, actor.code, nobody.code, reason.code], [1, 2, 2, 2]);
        assert_text!(missing.err, "error: there is no such row in `task`, neither active nor deleted");
        assert_text!(actor.err, r"
        error: `ada` is not a value of `deleted_by`
          tip: it is a whole number
        ");
        assert_text!(nobody.err, r"
        error: `tag` does not record who deleted a row
          tip: leave `--by` out, or give the table a column `deleted_by`
        ");
        assert_text!(reason.err, r"
        error: `tag` has no column `delete_reason`
          tip: leave the option out, or add the column
        ");
    }

    async fn hooks_run_but_not_in_a_plan(db: &TestDb) {
        a_shelf(db).await?;

        run(db, &["delete", "shelf", "1", "--plan", "--group", "shelves"]);
        assert_eq!(log::lines(db).await?, [""; 0]);
        run(db, &["delete", "shelf", "1", "--group", "shelves"]);
        assert!(!log::lines(db).await?.is_empty());
    }
}
