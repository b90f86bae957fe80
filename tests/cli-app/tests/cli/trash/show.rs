//! `trash show`.

use serde_json::json;

use crate::{
    cli::{
        app::{json, run},
        world::{noon, shop, world},
    },
    shop::voucher,
};
use support::{TestDb, domain};

on_shared_databases! {
    async fn shows_the_row_its_deletion_and_what_would_come_back(db: &TestDb) {
        let world = world(db).await?;

        let ran = run(db, &["trash", "show", "project", "1"]);

        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        assert_text!(world.named(&ran.out), r#"
        project 1
          id             1
          workspace_id   1
          name           apollo
          lead_id        NULL
          deleted_at     2026-01-03 12:00:00Z
          deletion_id    <project's deletion>
          deleted_by     42
          delete_reason  cancelled

        deleted 2026-01-03 12:00:00Z by 42: "cancelled"  <project's deletion>
        itself; the deletion took 1 project, 1 task, 2 comment

        would restore: 1 project, 1 task, 2 comment (4 rows)
        "#);
    }

    async fn tells_what_forbids_a_restore(db: &TestDb) {
        let world = world(db).await?;
        let tasks = json(db, &["trash", "show", "task", "1"]);

        assert_eq!(tasks["columns"]["title"], "design");
        assert_eq!(tasks["deletion"]["with_parent"], true);
        assert_eq!(tasks["deletion"]["deletion_id"], json!(world.project_deleted.id()));
        assert_eq!(tasks["deletion"]["restore"]["parents"], json!([
            {"table": "task", "key": [1], "relation": "Project", "parent_table": "project", "parent_key": [1]}
        ]));
    }

    async fn an_active_row_is_not_in_the_trash(db: &TestDb) {
        world(db).await?;

        let ran = run(db, &["trash", "show", "workspace", "1"]);

        assert_eq!(ran.code, 0);
        assert!(ran.out.ends_with("\n\nactive: it is not in the trash\n"), "{}", ran.out);
        assert_eq!(json(db, &["trash", "show", "workspace", "1"])["deletion"], json!(null));
    }

    async fn a_row_that_does_not_exist_is_refused(db: &TestDb) {
        domain::create(db).await?;

        let ran = run(db, &["trash", "show", "task", "9"]);

        assert_eq!((ran.code, ran.out.as_str()), (1, ""));
        assert_text!(ran.err, "error: there is no such row in `task`, neither active nor deleted");
    }

    async fn shows_columns_that_no_driver_reads_as_plain_values(db: &TestDb) {
        shop(db).await?;
        voucher::Entity::delete_by_id("A,1").at(noon(1)).exec(db).await?;

        let row = json(db, &["trash", "show", "voucher", "A,1", "--group", "shop"]);

        assert_eq!(row["key"], json!(["A,1"]));
        assert_eq!(row["columns"]["code"], "A,1");
        assert_eq!(row["columns"]["kind"], "gift");
        assert_eq!(row["columns"]["amount"].as_str().unwrap().parse::<f64>()?, 12.5);
        assert_eq!(row["columns"]["deleted_at"], "2026-01-01T12:00:00Z");
        let terms: serde_json::Value = serde_json::from_str(row["columns"]["terms"].as_str().unwrap())?;
        assert_eq!(terms, json!({"min": 50}));
    }
}
