//! `deletion show` and `deletion undo`.

use serde_json::json;

use super::{
    app::{contents, json, run},
    world::world,
};
use support::{TestDb, domain};

on_shared_databases! {
    async fn shows_what_a_deletion_took(db: &TestDb) {
        let world = world(db).await?;
        let id = world.project_deleted.id().to_string();

        let ran = run(db, &["deletion", "show", &id]);
        let told = json(db, &["deletion", "show", &id]);

        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        assert_text!(world.named(&ran.out), r#"
        deleted 2026-01-03 12:00:00Z by 42: "cancelled"  <project's deletion>

        TABLE    ROWS
        project  1
        task     1
        comment  2

        4 rows deleted; `deletion undo` brings them back
        "#);
        assert_eq!(contents(told), json!({
            "deleted_at": "2026-01-03T12:00:00Z", "deleted_by": 42, "delete_reason": "cancelled", "deletion_id": id,
            "tables": [{"table": "project", "rows": 1}, {"table": "task", "rows": 1}, {"table": "comment", "rows": 2}],
        }));
    }

    async fn undoes_a_deletion(db: &TestDb) {
        let world = world(db).await?;
        let id = world.project_deleted.id().to_string();

        let planned = run(db, &["deletion", "undo", &id, "--dry-run"]);
        let done = run(db, &["deletion", "undo", &id]);
        let again = run(db, &["deletion", "undo", &id]);

        assert_eq!((planned.code, planned.out.as_str()), (0, "would restore: 1 project, 1 task, 2 comment (4 rows)\n"));
        assert_eq!((done.code, done.out.as_str()), (0, "restored: 1 project, 1 task, 2 comment (4 rows)\n"));
        assert_eq!(domain::comment::Entity::find().all(db).await?.len(), 2);
        assert_eq!((again.code, again.out.as_str()), (1, ""));
        assert_text!(world.named(&again.err), r"
        error: no row carries the deletion id <project's deletion>
          tip: it was restored or purged since, or its entities have no `deletion_id`
        ");
    }

    async fn tells_what_forbids_it(db: &TestDb) {
        let world = world(db).await?;
        let id = world.task_deleted.id().to_string();

        let planned = json(db, &["deletion", "undo", &id, "--dry-run"]);
        let refused = run(db, &["deletion", "undo", &id]);

        assert_eq!(planned["parents"][0]["parent_table"], "project");
        assert_eq!(refused.code, 1);
        assert_text!(refused.err, r"
        error: a restored row can't be below a deleted one:
          task 2 is below project 1
          tip: restore the parent first, or pass `--with-parents`
        ");

        let restored = run(db, &["deletion", "undo", &id, "--with-parents", "--on-conflict", "skip"]);
        assert_eq!(restored.code, 0, "{}", restored.err);
    }
}
