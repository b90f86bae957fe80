//! `trash restore`.

use serde_json::json;

use crate::cli::{
    app::{json, run},
    world::world,
};
use support::{TestDb, domain};

on_shared_databases! {
    async fn brings_back_what_the_deletion_took(db: &TestDb) {
        world(db).await?;

        let planned = run(db, &["trash", "restore", "project", "1", "--dry-run"]);
        let nothing = domain::project::Entity::find().all(db).await?;
        let done = run(db, &["trash", "restore", "project", "1"]);

        assert_eq!((planned.code, planned.err.as_str()), (0, ""));
        assert_text!(planned.out, "would restore: 1 project, 1 task, 2 comment (4 rows)");
        assert_eq!(nothing.len(), 0);
        assert_eq!((done.code, done.err.as_str()), (0, ""));
        assert_text!(done.out, "restored: 1 project, 1 task, 2 comment (4 rows)");
        assert_eq!(domain::task::Entity::find().all(db).await?.len(), 1);
        assert_eq!(domain::comment::Entity::find().all(db).await?.len(), 2);
    }

    async fn an_active_row_is_fine(db: &TestDb) {
        world(db).await?;

        let ran = run(db, &["trash", "restore", "workspace", "1"]);

        assert_eq!((ran.code, ran.out.as_str()), (0, "workspace 1 is not deleted, there is nothing to restore\n"));
    }

    async fn is_refused_below_a_deleted_parent(db: &TestDb) {
        world(db).await?;

        let refused = run(db, &["trash", "restore", "task", "1"]);
        let told = json(db, &["trash", "restore", "task", "1"]);
        let planned = run(db, &["trash", "restore", "task", "1", "--dry-run"]);
        let done = run(db, &["trash", "restore", "task", "1", "--with-parents"]);

        assert_eq!((refused.code, refused.out.as_str()), (1, ""));
        assert_text!(refused.err, r"
        error: a restored row can't be below a deleted one:
          task 1 is below project 1
          tip: restore the parent first, or pass `--with-parents`
        ");
        assert_eq!(told["error"]["exit_code"], 1);
        assert_eq!(told["error"]["parents"][0]["parent_key"], json!([1]));
        assert_eq!(planned.code, 1);
        assert_text!(planned.out, r"
        would restore: 1 task, 2 comment (3 rows)
        refused, a parent is deleted:
          task 1 is below project 1
        ");
        assert_eq!((done.code, done.out.as_str()), (0, "restored: 1 project, 1 task, 2 comment (4 rows)\n"));
    }

    async fn is_refused_while_a_unique_value_is_taken(db: &TestDb) {
        domain::create(db).await?;
        let workspace = domain::workspace(db, "acme").await?;
        domain::project(db, &workspace, "apollo").await?;
        domain::workspace::Entity::delete_by_id(workspace.id).exec(db).await?;
        domain::workspace(db, "acme").await?;

        let refused = run(db, &["trash", "restore", "workspace", "1"]);
        let told = json(db, &["trash", "restore", "workspace", "1"]);
        let skipped = run(db, &["trash", "restore", "workspace", "1", "--on-conflict", "skip"]);
        let replaced = json(db, &["trash", "restore", "workspace", "1", "--on-conflict", "replace"]);

        assert_eq!((refused.code, refused.out.as_str()), (1, ""));
        assert_text!(refused.err, r"
        error: unique values are taken:
          workspace 1: active row 2 has slug = acme
          tip: change or delete the rows that have them, or pass `--on-conflict skip` or `--on-conflict replace`
        ");
        assert_eq!(told["error"]["conflicts"], json!([{
            "table": "workspace", "key": [1], "unique": "slug", "columns": ["slug"], "values": ["acme"], "holder": [2],
            "holder_is_active": true,
        }]));
        assert_eq!(skipped.code, 0);
        assert_text!(skipped.out, r"
        restored: nothing
        left out, because unique values are taken: 1 workspace, 1 project
        ");
        assert_eq!(replaced["restored"], json!([{"table": "workspace", "rows": 1}, {"table": "project", "rows": 1}]));
        assert_eq!(replaced["replaced"][0]["tables"], json!([{"table": "workspace", "rows": 1}]));
        let active = domain::workspace::Entity::find().all(db).await?;
        assert_eq!(active.iter().map(|row| row.id).collect::<Vec<_>>(), [1]);
    }
}
