//! `trash delete`.

use serde_json::json;

use crate::cli::{
    app::{json, run},
    doctor::apply_all,
    world::world,
};
use support::{TestDb, domain};

on_shared_databases! {
    async fn removes_a_deleted_row_for_good(db: &TestDb) {
        let world = world(db).await?;

        let removed = json(db, &["trash", "delete", "comment", "1", "--yes"]);
        let again = run(db, &["trash", "delete", "comment", "1", "--yes"]);

        assert_eq!(removed["rows"], json!([{
            "table": "comment", "key": [1], "deleted_at": "2026-01-01T12:00:00Z", "deletion_id": world.comment_deleted.id(),
            "deleted_by": null, "delete_reason": null, "referred_to_by": [],
        }]));
        let left = <domain::comment::Entity as sea_orm::EntityTrait>::find().all(db).await?;
        assert_eq!(left.len(), 2);
        assert_eq!((again.code, again.out.as_str()), (1, ""));
    }

    async fn needs_yes_where_nobody_can_answer(db: &TestDb) {
        world(db).await?;

        let ran = run(db, &["trash", "delete", "comment", "1"]);

        assert_eq!((ran.code, ran.out.as_str()), (1, ""));
        assert_text!(ran.err, r"
        error: `trash delete` removes rows permanently, so it asks first, and there is no terminal to ask on; nothing was changed
          tip: pass `--yes` to do it without asking, as a scheduler must
        ");
        let left = <domain::comment::Entity as sea_orm::EntityTrait>::find().all(db).await?;
        assert_eq!(left.len(), 3);
    }

    async fn tells_what_referred_to_the_row(db: &TestDb) {
        world(db).await?;

        let ran = run(db, &["trash", "delete", "project", "1", "--yes"]);

        assert_eq!(ran.code, 0);
        assert_text!(
            ran.out,
            "removed project 1 permanently; the database did as its foreign keys say with 2 task"
        );
    }

    async fn is_refused_while_the_database_forbids_it(db: &TestDb) {
        world(db).await?;
        apply_all(db).await?;

        let ran = run(db, &["trash", "delete", "project", "1", "--yes"]);

        assert_eq!((ran.code, ran.out.as_str()), (1, ""));
        assert!(ran.err.starts_with("error: rows of another table still refer to it: "), "{}", ran.err);
        assert!(ran.err.ends_with("\n  tip: remove those first\n"), "{}", ran.err);
    }

    async fn leaves_active_rows_alone(db: &TestDb) {
        world(db).await?;

        let ran = run(db, &["trash", "delete", "workspace", "1", "--yes"]);

        assert_eq!((ran.code, ran.out.as_str()), (1, ""));
        assert_text!(ran.err, r"
        error: workspace 1 is active, and not in the trash
          tip: delete it first, in your application or with `delete`
        ");
        assert_eq!(domain::workspace::Entity::find().all(db).await?.len(), 1);
    }
}
