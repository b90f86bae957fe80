//! `purge --archive`, `archive list` and `archive restore`.

use sea_orm::PaginatorTrait as _;
use serde_json::json;
use soft_delete::archive::ArchiveTable;

use super::{
    app::{contents, json, run},
    world::{noon, shop},
};
use crate::shop::voucher;
use support::TestDb;

on_shared_databases! {
    async fn what_is_purged_can_be_listed_and_put_back(db: &TestDb) {
        shop(db).await?;
        ArchiveTable::new().create(db).await?;
        let deletion = voucher::Entity::delete_by_id("B").at(noon(1)).exec(db).await?;
        voucher::Entity::delete_by_id("C").at(noon(2)).exec(db).await?;
        let id = deletion.id().to_string();

        let purged = json(db, &["purge", "--yes", "--archive", "--group", "shop"]);
        let listed = run(db, &["archive", "list", "--group", "shop"]);
        let told = json(db, &["archive", "list", "voucher", "--deletion", &id, "--group", "shop"]);
        let by_deletion = run(db, &["archive", "restore", "--deletion", &id, "--group", "shop"]);
        let by_key = json(db, &["archive", "restore", "voucher", "C", "--group", "shop"]);
        let again = run(db, &["archive", "restore", "voucher", "C", "--group", "shop"]);
        let empty = run(db, &["archive", "list", "--group", "shop"]);

        assert_eq!(purged["tables"][0]["archived"], 2);
        assert_eq!((listed.code, listed.err.as_str()), (0, ""));
        assert!(listed.out.starts_with("ENTRY  TABLE    KEY  DELETED               ARCHIVED "), "{}", listed.out);
        assert_eq!(listed.out.lines().count(), 3);
        assert_eq!(told["entries"].as_array().unwrap().len(), 1);
        assert_eq!(told["entries"][0]["key"], json!(["B"]));
        assert_eq!(told["entries"][0]["data"]["kind"], "gift");
        assert_eq!(told["more"], false);
        assert_eq!(by_deletion.code, 0, "{}", by_deletion.err);
        assert_text!(by_deletion.out, r"
        back in the trash: 1 voucher
        `trash restore` or `deletion undo` makes them active
        ");
        assert_eq!(contents(by_key), json!({"restored": [{"table": "voucher", "rows": 1}], "dropped": [], "defaulted": []}));
        assert_eq!((again.code, again.out.as_str()), (1, ""));
        assert_eq!(empty.out, "nothing is archived\n");
        assert_eq!(voucher::Entity::only_deleted().count(db).await?, 2);
    }

    async fn an_entry_is_put_back_by_its_number(db: &TestDb) {
        shop(db).await?;
        ArchiveTable::new().name("kept").create(db).await?;
        voucher::Entity::delete_by_id("B").at(noon(1)).exec(db).await?;
        let on_kept = |arguments: &[&str]| json(db, &[arguments, &["--group", "shop", "--archive-table", "kept"]].concat());

        let purged = on_kept(&["purge", "--yes"]);
        let listed = on_kept(&["archive", "list", "--limit", "1"]);
        let entry = listed["entries"][0]["id"].to_string();
        let restored = on_kept(&["archive", "restore", "--entry", &entry]);

        assert_eq!(purged["tables"][0]["archived"], 1);
        assert_eq!(restored["restored"], json!([{"table": "voucher", "rows": 1}]));
    }

    async fn what_can_not_be_put_back_is_refused(db: &TestDb) {
        shop(db).await?;
        ArchiveTable::new().create(db).await?;
        voucher::Entity::delete_by_id("B").at(noon(1)).exec(db).await?;
        run(db, &["purge", "--yes", "--archive", "--group", "shop"]);
        let other = voucher::ActiveModel {
            code: sea_orm::Set("B".to_owned()),
            kind: sea_orm::Set(voucher::Kind::Refund),
            amount: sea_orm::Set(1.into()),
            terms: sea_orm::Set(json!({})),
            ..Default::default()
        };
        <voucher::Entity as sea_orm::EntityTrait>::insert(other).exec_without_returning(db).await?;

        let refused = run(db, &["archive", "restore", "voucher", "B", "--group", "shop"]);

        assert_eq!((refused.code, refused.out.as_str()), (1, ""));
        assert_text!(refused.err, "error: the row (B) of `voucher` can't be restored from the archive: a row of that key is there; remove it first, or give it another key");
    }

    async fn a_missing_archive_is_told(db: &TestDb) {
        shop(db).await?;
        voucher::Entity::delete_by_id("B").at(noon(1)).exec(db).await?;

        let purge = run(db, &["purge", "--yes", "--archive", "--group", "shop"]);
        let nothing = run(db, &["archive", "restore", "--group", "shop"]);
        let unknown = run(db, &["archive", "restore", "vouchr", "B", "--group", "shop"]);

        assert_eq!((purge.code, purge.out.as_str()), (3, ""));
        assert_text!(purge.err, r"
        error: the database has no archive table `soft_delete_archive`
          tip: `archive create` creates it; pass `--archive-table` if it has another name
        ");
        assert_eq!([nothing.code, unknown.code], [2; 2]);
        assert_eq!(voucher::Entity::only_deleted().count(db).await?, 1);
    }

    async fn every_command_tells_that_the_archive_is_missing_and_creates_it(db: &TestDb) {
        shop(db).await?;
        let commands: [&[&str]; 4] = [
            &["archive", "list"],
            &["archive", "restore", "--entry", "1"],
            &["archive", "expire", "--older-than", "1d", "--yes"],
            &["purge", "--yes", "--archive"],
        ];
        for arguments in commands {
            let ran = run(db, &[arguments, &["--group", "shop"]].concat());
            assert_eq!(ran.code, 3, "{arguments:?} {ran:?}");
            assert_text!(ran.err, r"
            error: the database has no archive table `soft_delete_archive`
              tip: `archive create` creates it; pass `--archive-table` if it has another name
            ");
        }

        let created = json(db, &["archive", "create", "--group", "shop"]);
        let again = run(db, &["archive", "create", "--group", "shop"]);

        assert_eq!(created["changes"][0]["description"], "create the archive table `soft_delete_archive`");
        assert_eq!(again.out, "the archive table `soft_delete_archive` is there already\n");
        assert_eq!(run(db, &["archive", "list", "--group", "shop"]).out, "nothing is archived\n");
    }

    async fn old_entries_are_removed_when_confirmed(db: &TestDb) {
        shop(db).await?;
        ArchiveTable::new().create(db).await?;
        voucher::Entity::delete_by_id("B").at(noon(1)).exec(db).await?;
        run(db, &["purge", "--yes", "--archive", "--group", "shop"]);
        let expire = |arguments: &[&str]| run(db, &[&["archive", "expire", "--group", "shop"], arguments].concat());

        let young = expire(&["--older-than", "1d", "--yes"]);
        let planned = expire(&["--older-than", "2030-01-01", "--dry-run"]);
        let unasked = expire(&["--older-than", "2030-01-01"]);
        let told = json(db, &["archive", "expire", "--older-than", "2030-01-01", "--yes", "--group", "shop"]);

        assert_eq!(young.out, "0 entries removed\n");
        assert_eq!(planned.out, "1 entry would be removed; nothing was\n");
        assert_eq!(unasked.code, 1);
        assert_eq!(contents(told), json!({"dry_run": false, "before": "2030-01-01T00:00:00Z", "entries": 1}));
        assert_eq!(run(db, &["archive", "list", "--group", "shop"]).out, "nothing is archived\n");
    }
}
