//! `doctor`.

use sea_orm::ConnectionTrait as _;

use super::app::{json, run};
use support::{TestDb, domain};

on_shared_databases! {
    async fn examines_and_mends(db: &TestDb) {
        domain::create(db).await?;

        let sick = run(db, &["doctor"]);
        let told = json(db, &["doctor"]);
        let asked = run(db, &["doctor", "--fix"]);
        let mended = run(db, &["doctor", "--fix", "--yes"]);
        let well = run(db, &["doctor"]);

        assert_eq!((sick.code, sick.err.as_str()), (1, ""));
        assert!(sick.out.contains("workspace  nothing keeps (slug) unique among active rows"), "{}", sick.out);
        assert!(sick.out.ends_with("`doctor --fix` makes the changes\n"), "{}", sick.out);
        assert_eq!(told["healthy"], false);
        assert_eq!(told["findings"][0]["check"], "missing_unique");
        assert_eq!((asked.code, asked.out.as_str()), (1, ""));
        assert_text!(asked.err, r"
        error: `doctor --fix` changes the schema, so it asks first, and there is no terminal to ask on; nothing was changed
          tip: pass `--yes` to do it without asking, as a scheduler must
        ");
        assert_eq!(mended.code, 0, "{mended:?}");
        assert!(
            mended.out.contains("\ndone    create the index `idx_workspace_slug_active` of `workspace`"),
            "{}", mended.out
        );
        assert!(mended.out.ends_with("\nnothing else was found\n"), "{}", mended.out);
        assert_eq!((well.code, well.out.as_str()), (0, "nothing found\n"));
    }

    async fn what_can_not_be_mended_is_told(db: &TestDb) {
        domain::create(db).await?;
        domain::workspace(db, "acme").await?;
        domain::workspace(db, "acme").await?;

        let mended = json(db, &["doctor", "--fix", "--yes"]);

        assert_eq!(mended["healthy"], false);
        let failed = mended["failed"][0].as_str().unwrap();
        assert!(failed.contains("idx_workspace_slug_active"), "{failed}");
        assert!(mended["fixed"].as_array().unwrap().len() > 1, "{mended}");
        let left = mended["findings"].as_array().unwrap().iter();
        let left: Vec<_> = left.map(|finding| finding["check"].as_str().unwrap()).collect();
        assert!(left.contains(&"missing_unique") && left.contains(&"collisions"), "{left:?}");
    }

    async fn an_empty_database_lacks_every_table(db: &TestDb) {
        db.execute_unprepared("SELECT 1").await?;

        let ran = run(db, &["doctor"]);
        let listed = run(db, &["trash", "list"]);

        assert_eq!(ran.code, 1);
        assert!(ran.out.contains("error    project"), "{}", ran.out);
        assert_eq!((listed.code, listed.out.as_str()), (3, ""));
        assert!(
            listed.err.ends_with("\n  tip: does the database have the entities' tables? `doctor` tells\n"),
            "{}", listed.err
        );
    }
}
