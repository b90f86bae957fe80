//! `purge`, where nobody can be asked.

use sea_orm::EntityTrait;
use serde_json::json;

use super::{
    app::{json, run},
    world::{noon, shop},
};
use crate::shop::{redemption, voucher};
use support::TestDb;

on_shared_databases! {
    async fn a_dry_run_removes_nothing(db: &TestDb) {
        shop(db).await?;
        voucher::Entity::delete_by_id("B").at(noon(1)).exec(db).await?;

        let ran = run(db, &["purge", "--group", "shop", "--dry-run"]);

        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        assert_text!(ran.out, r"
        TABLE      TO PURGE        HELD   REMAINING  KEPT BECAUSE REFERENCED
        voucher           1           0           0  -
        1 row would be removed; nothing was
        ");
        assert_eq!(<voucher::Entity as EntityTrait>::find().all(db).await?.len(), 3);
    }

    async fn needs_yes_where_nobody_can_answer(db: &TestDb) {
        shop(db).await?;
        voucher::Entity::delete_by_id("B").at(noon(1)).exec(db).await?;

        let ran = run(db, &["purge", "--group", "shop"]);

        assert_eq!((ran.code, ran.out.as_str()), (1, ""));
        assert_text!(ran.err, r"
        error: `purge` removes rows permanently, so it asks first, and there is no terminal to ask on; nothing was changed
          tip: pass `--yes` to do it without asking, as a scheduler must
        ");
        assert_eq!(<voucher::Entity as EntityTrait>::find().all(db).await?.len(), 3);
    }

    async fn a_scheduler_s_job_is_not_asked(db: &TestDb) {
        shop(db).await?;
        voucher::Entity::delete_by_id("B").at(noon(1)).exec(db).await?;
        voucher::Entity::delete_by_id("C").at(noon(1)).exec(db).await?;

        let ran = run(db, &["purge", "--yes", "--group", "shop", "--batch", "1"]);

        assert_eq!(ran.code, 0);
        assert!(ran.out.contains("\nvoucher           2           0           0  -\n2 rows removed in "), "{}", ran.out);
        assert_eq!(ran.err, "purging voucher: 1 of about 2 rows removed\n");
        assert_eq!(<voucher::Entity as EntityTrait>::find().all(db).await?.len(), 1);
    }

    async fn tells_what_stays_as_json(db: &TestDb) {
        shop(db).await?;
        voucher::Entity::delete_by_id("A,1").at(noon(1)).exec(db).await?;

        let report = json(db, &["purge", "--yes", "--group", "shop", "--only", "voucher", "--rows-per-second", "100", "--deadline", "1m"]);

        let table = &report["tables"][0];
        assert_eq!(table["table"], "voucher");
        assert_eq!(table["purged"], 0);
        assert_eq!(table["referenced"], json!([{"table": "redemption", "columns": ["voucher_code"], "rows": 1}]));
        assert_eq!(report["dry_run"], false);
        assert_eq!(<redemption::Entity as EntityTrait>::find().all(db).await?.len(), 1);
    }

    async fn an_entity_without_a_retention_is_not_purged(db: &TestDb) {
        shop(db).await?;

        let ran = run(db, &["purge", "--yes", "--group", "shop", "--only", "redemption"]);

        assert_eq!(ran.code, 0);
        assert!(ran.out.starts_with("nothing is purged: no entity has a retention"), "{}", ran.out);
    }
}
