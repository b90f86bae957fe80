//! `trash list`.

use serde_json::json;

use crate::cli::{
    app::{json, run},
    world::{noon, world},
};
use support::{TestDb, domain};

on_shared_databases! {
    async fn lists_what_was_deleted_itself_the_newest_first(db: &TestDb) {
        let world = world(db).await?;

        let ran = run(db, &["trash", "list"]);

        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        assert_text!(world.named(&ran.out), r"
        DELETED               TABLE    KEY  BY  REASON     DELETION
        2026-01-03 12:00:00Z  project  1    42  cancelled  <project's deletion>
        2026-01-02 12:00:00Z  task     2    7              <task's deletion>
        2026-01-01 12:00:00Z  comment  1                   <comment's deletion>
        ");
    }

    async fn tells_the_same_as_json(db: &TestDb) {
        let world = world(db).await?;

        let trash = json(db, &["trash", "list", "--limit", "2"]);

        assert_eq!(trash, json!({
            "version": 1,
            "command": "trash list",
            "rows": [
                {
                    "table": "project", "key": [1], "deleted_at": "2026-01-03T12:00:00Z", "deleted_by": 42,
                    "delete_reason": "cancelled", "deletion_id": world.project_deleted.id(),
                },
                {
                    "table": "task", "key": [2], "deleted_at": "2026-01-02T12:00:00Z", "deleted_by": 7,
                    "delete_reason": null, "deletion_id": world.task_deleted.id(),
                },
            ],
            "more": true,
        }));
    }

    async fn narrows_it_by_table_actor_and_time(db: &TestDb) {
        world(db).await?;
        let tables = |arguments: &[&str]| {
            let trash = json(db, &[&["trash", "list"], arguments].concat());
            let rows = trash["rows"].as_array().unwrap().iter();
            rows.map(|row| row["table"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };

        assert_eq!(tables(&["comment"]), ["comment"]);
        assert_eq!(tables(&["--by", "7"]), ["task"]);
        assert_eq!(tables(&["--since", "2026-01-02"]), ["project", "task"]);
        assert_eq!(tables(&["--since", "2026-01-02 12:00", "--until", "2026-01-03T12:00:00Z"]), ["task"]);
        assert_eq!(tables(&["--until", "2026-01-02"]), ["comment"]);
        assert_eq!(tables(&["--since", "1h"]), Vec::<String>::new());
    }

    async fn shows_keys_as_the_command_line_takes_them(db: &TestDb) {
        domain::create(db).await?;
        let member = domain::member(db, "ada").await?;
        let workspace = domain::workspace(db, "acme").await?;
        let project = domain::project(db, &workspace, "apollo").await?;
        let task = domain::task(db, &project, "design").await?;
        let tag = domain::tag(db, "urgent").await?;
        let task_tag = domain::task_tag(db, &task, &tag).await?;
        domain::task_tag::Entity::delete_by_id((task_tag.task_id, task_tag.tag_id)).at(noon(2)).exec(db).await?;
        domain::member::Entity::delete_by_id(member.id).at(noon(1)).exec(db).await?;

        let trash = json(db, &["trash", "list"]);
        let text = run(db, &["trash", "list"]).out;

        assert_eq!(trash["rows"][0]["key"], json!([1, 1]));
        assert_eq!(trash["rows"][1]["key"], json!([member.id]));
        assert!(text.contains(" task_tag  1,1 "), "{text}");
        assert!(text.contains(&format!(" member    {} ", member.id)), "{text}");
        assert_eq!(run(db, &["trash", "show", "member", &member.id.to_string()]).code, 0);
        assert_eq!(run(db, &["trash", "show", "task_tag", "1,1"]).code, 0);
        assert_eq!(run(db, &["trash", "show", "task_tag", "1", "1"]).code, 0);
    }

    async fn an_empty_trash_is_fine(db: &TestDb) {
        domain::create(db).await?;

        let ran = run(db, &["trash", "list", "project"]);

        assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "nothing was deleted\n", ""));
    }

    async fn filters_that_match_nothing_are_told(db: &TestDb) {
        world(db).await?;
        let said = |arguments: &[&str]| run(db, &[&["trash", "list"], arguments].concat()).out;

        assert_eq!(said(&["--since", "1h"]), "the filters match nothing; 3 deleted rows do not match\n");
        assert_eq!(said(&["task", "--by", "99"]), "the filters match nothing; 1 deleted row does not match\n");
        assert_eq!(said(&["workspace", "--by", "99"]), "nothing was deleted\n");
        assert_eq!(said(&["workspace"]), "nothing was deleted\n");
    }

    async fn all_tables_are_listed_when_none_is_named(db: &TestDb) {
        world(db).await?;

        assert_eq!(run(db, &["trash", "list", "--all-tables"]).out, run(db, &["trash", "list"]).out);
        assert_eq!(run(db, &["trash", "list", "task", "--all-tables"]).code, 2);
    }
}
