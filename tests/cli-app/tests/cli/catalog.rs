//! Without entities: what the database's catalog tells is enough.

use sea_orm::{ConnectionTrait as _, PaginatorTrait as _};
use serde_json::json;

use super::{
    app::{read_json, run, run_on_catalog},
    doctor::fix_errors,
    world::{noon, world},
};
use support::{TestDb, domain};

const NOTE: &str = "note: tables and rules are those of the database's catalog; the hooks of programs don't run, and what only their \
                    entities declare unique, or otherwise than the foreign keys, is not known\n";

/// Makes each function a test on all four databases.
macro_rules! on_all_databases {
    ($($tests:tt)*) => {
        support::on_backends! {
            [sqlite SqliteFile Pool, postgres Postgres Pool, mariadb MariaDb Pool, mysql MySql Pool] $($tests)*
        }
    };
}

on_all_databases! {
    async fn says_what_a_program_with_the_entities_says(db: &TestDb) {
        let world = world(db).await?;
        fix_errors(db).await?;
        let id = world.project_deleted.id().to_string();
        let commands: [&[&str]; 11] = [
            &["trash", "list"],
            &["trash", "list", "--json"],
            &["trash", "list", "--by", "42", "--since", "2026-01-02"],
            &["trash", "show", "project", "1"],
            &["trash", "show", "task", "2"],
            &["trash", "restore", "project", "1", "--dry-run"],
            &["trash", "restore", "task", "1", "--dry-run", "--with-parents"],
            &["delete", "workspace", "1", "--plan"],
            &["deletion", "show", &id],
            &["deletion", "undo", &id, "--dry-run"],
            &["trash", "delete", "comment", "1", "--dry-run"],
        ];
        for arguments in commands {
            let program = run(db, arguments);
            let catalog = run_on_catalog(db, arguments);
            assert_eq!((catalog.code, &catalog.out), (program.code, &program.out), "{arguments:?} {catalog:?}");
        }
    }

    async fn changes_what_it_is_told_to(db: &TestDb) {
        world(db).await?;
        fix_errors(db).await?;

        let restored = run_on_catalog(db, &["trash", "restore", "project", "1"]);
        let deleted = run_on_catalog(db, &["delete", "project", "1", "--by", "7", "--reason", "spam", "--json"]);
        let listed = run(db, &["trash", "list", "project"]);
        let removed = run_on_catalog(db, &["trash", "delete", "comment", "1", "--yes"]);
        let unasked = run_on_catalog(db, &["trash", "delete", "task", "2"]);
        let erased = run_on_catalog(db, &["erase", "project", "1", "--yes"]);

        assert_eq!((restored.code, restored.out.as_str()), (0, "restored: 1 project, 1 task, 2 comment (4 rows)\n"), "{restored:?}");
        assert_eq!(restored.err, NOTE);
        assert_eq!(read_json(&deleted)["rows"][0]["tables"][2], json!({"table": "comment", "rows": 2}));
        assert!(listed.out.contains(" project  1    7   spam    "), "{}", listed.out);
        assert_eq!((removed.code, removed.out.as_str()), (0, "removed comment 1 permanently\n"), "{removed:?}");
        assert_eq!(unasked.code, 1);
        assert_eq!(erased.code, 0, "{erased:?}");
        let projects = <domain::project::Entity as sea_orm::EntityTrait>::find().count(db).await?;
        let workspaces = domain::workspace::Entity::find().count(db).await?;
        assert_eq!((projects, workspaces), (0, 1));
    }

    async fn purges_after_the_retention_it_is_given(db: &TestDb) {
        world(db).await?;

        let without = run_on_catalog(db, &["purge", "--yes"]);
        let planned = run_on_catalog(db, &["purge", "--retention", "1d", "--dry-run", "--json"]);
        let later = run_on_catalog(db, &["purge", "--retention", "36500d", "--yes", "--json"]);
        let unasked = run_on_catalog(db, &["purge", "--retention", "1d"]);
        let stats = run_on_catalog(db, &["stats", "--retention", "1d", "--exact", "--json"]);
        let purged = run_on_catalog(db, &["purge", "--retention", "1d", "--yes", "--json"]);

        assert_eq!((without.code, without.out.as_str()), (2, ""));
        assert_text!(without.err, r"
        error: the database does not tell how long deleted rows are kept
          tip: pass `--retention 30d`
        ");
        assert_eq!(read_json(&planned)["rows"], 6, "{planned:?}");
        assert_eq!(read_json(&later)["rows"], 0);
        assert_eq!((unasked.code, unasked.out.as_str()), (1, ""));
        let stats = read_json(&stats);
        let comment = stats["tables"].as_array().unwrap().iter().find(|of| of["table"] == "comment").unwrap();
        assert_eq!(comment["expired"], json!({"is": "exact", "value": 3}));
        assert_eq!(comment["retention_seconds"], 86400.0);
        assert_eq!(read_json(&purged)["rows"], 6);
        assert_eq!(<domain::task::Entity as sea_orm::EntityTrait>::find().count(db).await?, 0);
        assert_eq!(domain::workspace::Entity::find().count(db).await?, 1);
    }

    async fn knows_what_indexes_keep_unique_among_active_rows(db: &TestDb) {
        domain::create(db).await?;
        fix_errors(db).await?;
        let first = domain::workspace(db, "acme").await?;
        domain::workspace::Entity::delete_by_id(first.id).at(noon(1)).exec(db).await?;
        domain::workspace(db, "acme").await?;

        let refused = run_on_catalog(db, &["trash", "restore", "workspace", "1"]);
        let replaced = run_on_catalog(db, &["trash", "restore", "workspace", "1", "--on-conflict", "replace"]);

        assert_eq!(refused.code, 1, "{refused:?}");
        assert!(refused.err.contains("unique values are taken"), "{}", refused.err);
        assert_eq!(replaced.code, 0, "{replaced:?}");
        assert_eq!(domain::workspace::Entity::find().count(db).await?, 1);
    }

    async fn keys_of_every_kind_can_be_named(db: &TestDb) {
        domain::create(db).await?;
        let member = domain::member(db, "ada").await?;
        let workspace = domain::workspace(db, "acme").await?;
        let project = domain::project(db, &workspace, "apollo").await?;
        let task = domain::task(db, &project, "design").await?;
        let tag = domain::tag(db, "urgent").await?;
        domain::task_tag(db, &task, &tag).await?;
        let member_id = member.id.to_string();

        for row in [&["member", &member_id][..], &["task_tag", "1,1"], &["task_tag", "1", "1"]] {
            let deleted = run_on_catalog(db, &[&["delete"], row].concat());
            let shown = run_on_catalog(db, &[&["trash", "show"], row].concat());
            let restored = run_on_catalog(db, &[&["trash", "restore"], row].concat());
            assert_eq!([deleted.code, shown.code, restored.code], [0; 3], "{deleted:?} {shown:?} {restored:?}");
            assert!(restored.out.starts_with("restored: 1 "), "{}", restored.out);
        }
    }

    async fn a_doctor_examines_any_database(db: &TestDb) {
        domain::create(db).await?;

        let report = run_on_catalog(db, &["doctor", "--json"]);
        let junit = run_on_catalog(db, &["doctor", "--check", "--format", "junit"]);
        let fixed = run_on_catalog(db, &["doctor", "--fix", "--yes"]);
        let after = run_on_catalog(db, &["doctor"]);

        assert_eq!((report.code, report.err.as_str()), (1, NOTE));
        let report = read_json(&report);
        let checks: Vec<_> = report["findings"].as_array().unwrap().iter().map(|of| of["check"].clone()).collect();
        // Their indexes are what makes keys unique; what entities declare is not known.
        assert!(!checks.contains(&json!("missing_unique")), "{checks:?}");
        assert!(checks.contains(&json!("physical_cascade")), "{checks:?}");
        assert!(!checks.contains(&json!("wrong_column")), "{report}");
        assert!(junit.out.contains("<failure type="), "{}", junit.out);
        assert!(fixed.out.contains("done    "), "{fixed:?}");
        assert_eq!((fixed.code, after.code), (0, 0), "{fixed:?} {after:?}");
    }

    async fn tells_what_it_leaves_out_and_what_goes_along(db: &TestDb) {
        for sql in [
            "CREATE TABLE thing (id BIGINT NOT NULL PRIMARY KEY, deleted_at TIMESTAMP NULL)",
            "CREATE TABLE audit (id BIGINT NOT NULL PRIMARY KEY, thing_id BIGINT NOT NULL, FOREIGN KEY (thing_id) REFERENCES thing (id) ON DELETE CASCADE)",
            "CREATE TABLE flagged (id BIGINT NOT NULL PRIMARY KEY, deleted_at BIGINT NULL)",
            "CREATE TABLE keyless (id BIGINT NOT NULL, deleted_at TIMESTAMP NULL)",
            "CREATE VIEW active AS SELECT * FROM thing",
            "INSERT INTO thing (id, deleted_at) VALUES (1, '2026-01-01 12:00:00')",
        ] {
            db.execute_unprepared(sql).await?;
        }

        let listed = run_on_catalog(db, &["trash", "list"]);
        let removed = run_on_catalog(db, &["trash", "delete", "thing", "1", "--dry-run"]);

        assert_eq!(listed.code, 0, "{listed:?}");
        assert!(listed.out.starts_with("DELETED               TABLE  KEY  BY  REASON  DELETION\n2026-01-01 12:00:00Z  thing  1"), "{}", listed.out);
        assert!(listed.err.contains("note: `flagged` is left out: its `deleted_at` is `bigint"), "{}", listed.err);
        assert!(listed.err.contains("note: `keyless` is left out: it has no primary key\n"), "{}", listed.err);
        assert!(!listed.err.contains("audit") && !listed.err.contains("active"), "{}", listed.err);
        assert!(
            removed.err.contains("note: rows of `audit` go with the rows of `thing` that are removed permanently: its foreign key says ON DELETE CASCADE\n"),
            "{}", removed.err
        );
    }

    async fn the_column_may_have_another_name(db: &TestDb) {
        db.execute_unprepared("CREATE TABLE thing (id BIGINT NOT NULL PRIMARY KEY, removed_at TIMESTAMP NULL)").await?;
        db.execute_unprepared("INSERT INTO thing (id, removed_at) VALUES (1, '2026-01-01 12:00:00')").await?;

        let nothing = run_on_catalog(db, &["trash", "list"]);
        let named = run_on_catalog(db, &["trash", "list", "--deleted-at", "removed_at"]);
        let restored = run_on_catalog(db, &["trash", "restore", "thing", "1", "--deleted-at", "removed_at"]);

        assert_eq!((nothing.code, nothing.out.as_str()), (2, ""));
        assert_text!(nothing.err, r"
        error: no table of the database has a column `deleted_at` that holds a time
          tip: `--deleted-at` names the column if it is called otherwise, and `--schema` another schema
        ");
        assert!(named.out.contains(" thing  1"), "{}", named.out);
        assert_eq!(restored.out, "restored: 1 thing\n", "{restored:?}");
    }
}

support::on_backends! {
    [postgres Postgres Pool]

    async fn a_partition_is_no_table_of_its_own(db: &TestDb) {
        for sql in [
            "CREATE TABLE event (id bigint, region int, deleted_at timestamptz, PRIMARY KEY (id, region)) PARTITION BY LIST (region)",
            "CREATE TABLE event_1 PARTITION OF event FOR VALUES IN (1)",
            "INSERT INTO event VALUES (1, 1, '2026-01-01')",
        ] {
            db.execute_unprepared(sql).await?;
        }

        let listed = run_on_catalog(db, &["trash", "list", "--json"]);

        let rows = read_json(&listed)["rows"].as_array().unwrap().len();
        assert_eq!(rows, 1, "{listed:?}");
    }
}
