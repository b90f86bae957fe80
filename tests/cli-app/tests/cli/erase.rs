//! `erase`.

use sea_orm::EntityTrait;
use serde_json::json;
use soft_delete::archive::ArchiveTable;

use super::{
    app::{json, run},
    world::{noon, shop, world},
};
use crate::shop::voucher;
use support::{TestDb, domain};

on_shared_databases! {
    async fn a_row_goes_with_all_below_it(db: &TestDb) {
        world(db).await?;

        let planned = run(db, &["erase", "project", "1", "--dry-run"]);
        let unasked = run(db, &["erase", "project", "1"]);
        let there = <domain::project::Entity as EntityTrait>::find().all(db).await?;
        let erased = json(db, &["erase", "project", "1", "--yes"]);
        let again = run(db, &["erase", "project", "1", "--yes"]);

        assert_eq!(planned.code, 0, "{planned:?}");
        assert!(planned.out.ends_with("\n6 rows would be erased; nothing was\n"), "{}", planned.out);
        assert_eq!(unasked.code, 1);
        assert_eq!(there.len(), 1);
        assert_eq!((&erased["rows"], &erased["archived"], &erased["dry_run"]), (&json!(6), &json!(0), &json!(false)));
        assert_eq!(erased["reports"][0]["tables"][0], json!({"table": "project", "rows": 1, "archived": 0}));
        assert!(<domain::comment::Entity as EntityTrait>::find().all(db).await?.is_empty());
        assert!(again.out.ends_with("\n0 rows erased\n"), "{}", again.out);
    }

    async fn the_archive_forgets_it(db: &TestDb) {
        shop(db).await?;
        ArchiveTable::new().create(db).await?;
        voucher::Entity::delete_by_id("B").at(noon(1)).exec(db).await?;
        run(db, &["purge", "--yes", "--archive", "--group", "shop"]);

        let erased = run(db, &["erase", "voucher", "B", "C", "--yes", "--group", "shop"]);

        assert_eq!(erased.code, 0, "{erased:?}");
        assert!(erased.out.ends_with("\n1 row and 1 archived row erased\n"), "{}", erased.out);
        assert_eq!(run(db, &["archive", "list", "--group", "shop"]).out, "nothing is archived\n");
        let left = <voucher::Entity as EntityTrait>::find().all(db).await?;
        assert_eq!(left.len(), 1);
    }

    async fn one_that_is_forbidden_keeps_all(db: &TestDb) {
        world(db).await?;
        let before = <domain::workspace::Entity as EntityTrait>::find().all(db).await?.len();

        let ran = run(db, &["erase", "workspace", "1", "nope", "--yes"]);

        assert_eq!(ran.code, 2);
        assert_eq!(<domain::workspace::Entity as EntityTrait>::find().all(db).await?.len(), before);
    }
}
