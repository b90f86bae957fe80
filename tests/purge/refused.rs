//! Rows that the database will not let go: they are passed over and told, and keep nothing else from going.

use sea_orm::{ConnectionTrait as _, DbBackend};
use soft_delete::{Error, archive::ArchiveTable};

use super::{
    fixture::{a_tree, count, days_ago, purge, purge_of, purged, table},
    odd::{deleted_notes, note},
};
use support::{
    self, TestDb, TestResult,
    domain::{self, comment, ids, workspace},
    folder,
};

const LEFT: &str = "SELECT id FROM note WHERE deleted_at IS NOT NULL ORDER BY id";

/// A trigger that lets rows of some keys not go: by an error, or silently.
async fn freeze(db: &TestDb, table: &str, ids: &str, silently: bool) -> TestResult {
    let act = match (db.backend(), silently) {
        (DbBackend::Sqlite, true) => "SELECT RAISE(IGNORE);",
        (DbBackend::Sqlite, false) => "SELECT RAISE(ABORT, 'it is frozen');",
        (DbBackend::Postgres, true) => "RETURN NULL;",
        (DbBackend::Postgres, false) => "RAISE EXCEPTION 'it is frozen';",
        _ => "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'it is frozen';",
    };
    let name = format!("frozen_{table}");
    match db.backend() {
        DbBackend::Sqlite => {
            db.execute_unprepared(&format!(
                "CREATE TRIGGER {name} BEFORE DELETE ON {table} WHEN OLD.id IN ({ids}) BEGIN {act} END"
            ))
            .await?;
        }
        DbBackend::Postgres => {
            for sql in [
                format!(
                    "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS \
                     $$ BEGIN IF OLD.id IN ({ids}) THEN {act} END IF; RETURN OLD; END $$"
                ),
                format!(
                    "CREATE TRIGGER {name} BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
                ),
            ] {
                db.execute_unprepared(&sql).await?;
            }
        }
        _ => {
            db.execute_unprepared(&format!(
                "CREATE TRIGGER {name} BEFORE DELETE ON {table} FOR EACH ROW IF OLD.id IN ({ids}) THEN {act} END IF"
            ))
            .await?;
        }
    }
    Ok(())
}

support::on_every_backend! {
    /// Pitfall: a purge stops for ever at one bad row.
    async fn a_row_whose_trigger_raises_is_passed_over_and_told(db: &TestDb) {
        deleted_notes(db, 1..=50).await?;
        freeze(db, "note", "1, 20, 21, 50", false).await?;
        for batch in [1_000, 7, 1] {
            let report = purge_of("notes").batch(batch).exec(db).await?;
            let expected: &[_] = if batch == 1_000 { &[("note", 46)] } else { &[] };
            assert_eq!(purged(&report), *expected);
            assert_eq!(ids(db, LEFT).await?, [1, 20, 21, 50]);
            let note = table(&report, "note");
            assert_eq!(note.remaining, 4);
            assert!(!report.is_complete());
            assert_eq!(note.passed_over.len(), 1, "{report}");
            assert_eq!(note.passed_over[0].keys, ["1", "20", "21", "50"]);
            assert!(note.passed_over[0].reason.contains("it is frozen"), "{report}");
            assert!(report.to_string().contains("`note`: 4 passed over (1, 20, 21, 50): "), "{report}");
        }
    }

    async fn rows_behind_it_go_in_every_run(db: &TestDb) {
        deleted_notes(db, 1..=3).await?;
        freeze(db, "note", "1", false).await?;
        purge_of("notes").exec(db).await?;
        note::Entity::delete_by_id(1).exec(db).await?;
        db.execute_unprepared("INSERT INTO note SELECT id + 10, deleted_at FROM note").await?;
        let report = purge_of("notes").exec(db).await?;
        assert_eq!(purged(&report), [("note", 1)]);
        assert_eq!(ids(db, LEFT).await?, [1]);
    }

    async fn other_tables_go_on_and_its_parents_stay(db: &TestDb) {
        domain::create(db).await?;
        let (old, ..) = a_tree(db, "old").await?;
        let (other, ..) = a_tree(db, "other").await?;
        for workspace in [old, other] {
            workspace::Entity::delete_by_id(workspace).at(days_ago(60)).exec(db).await?;
        }
        freeze(db, "comment", "1", false).await?;
        let report = purge().exec(db).await?;
        assert_eq!(purged(&report), [("comment", 5), ("task", 1), ("project", 1), ("workspace", 1)]);
        assert_eq!(table(&report, "comment").passed_over[0].rows, 1);
        assert_eq!(table(&report, "task").referenced[0].rows, 1);
        assert_eq!(comment::Entity::only_deleted().all(db).await?.len(), 1);
    }

    async fn a_tree_goes_but_for_what_is_above_it(db: &TestDb) {
        folder::create(db).await?;
        folder::tree(db).await?;
        folder::Entity::delete_by_id(1).at(days_ago(60)).exec(db).await?;
        let all = count(db, "folder").await?;
        freeze(db, "folder", "3", false).await?;
        for batch in [1, 1_000] {
            let report = purge_of("folders").batch(batch).exec(db).await?;
            let folder = table(&report, "folder");
            assert_eq!((folder.passed_over[0].rows, folder.passed_over[0].keys[0].as_str()), (1, "3"));
            // 3, and 2 and 1 above it.
            assert_eq!(ids(db, "SELECT id FROM folder WHERE deleted_at IS NOT NULL ORDER BY id").await?, [1, 2, 3]);
            let removed = if batch == 1 { all - 3 } else { 0 };
            assert_eq!(i64::try_from(report.rows_purged())?, removed);
        }
    }

    async fn a_row_that_stays_is_not_in_the_archive(db: &TestDb) {
        deleted_notes(db, 1..=30).await?;
        let archive = ArchiveTable::new();
        archive.create(db).await?;
        freeze(db, "note", "4, 17", db.backend() != DbBackend::MySql).await?;
        let report = purge_of("notes").archive(archive).exec(db).await?;
        assert_eq!(purged(&report), [("note", 28)]);
        assert_eq!(ids(db, LEFT).await?, [4, 17]);
        let note = table(&report, "note");
        assert_eq!((note.archived, note.passed_over[0].rows), (28, 2), "{report}");
        let archived = ids(db, "SELECT COUNT(*) AS id FROM soft_delete_archive WHERE deleted_at IS NOT NULL").await?;
        assert_eq!(archived, [28]);
    }
}

support::on_backends! {
    [sqlite SqliteMemory Pool, postgres Postgres Pool, scoped_postgres Postgres Scoped]

    async fn a_row_that_a_trigger_keeps_silently_is_told_as_remaining(db: &TestDb) {
        deleted_notes(db, 1..=30).await?;
        freeze(db, "note", "4, 17", true).await?;
        let report = purge_of("notes").batch(10).exec(db).await?;
        assert_eq!(purged(&report), [("note", 28)]);
        assert_eq!(table(&report, "note").remaining, 2);
    }
}

support::on_backends! {
    [postgres Postgres Pool]

    async fn a_check_at_the_commit_is_no_end_either(db: &TestDb) {
        deleted_notes(db, 1..=30).await?;
        let elsewhere = format!("elsewhere_{}", uuid::Uuid::now_v7().simple());
        for sql in [
            format!("CREATE SCHEMA {elsewhere}"),
            format!("CREATE TABLE {elsewhere}.bill (note_id BIGINT REFERENCES note (id) DEFERRABLE INITIALLY DEFERRED)"),
            format!("INSERT INTO {elsewhere}.bill VALUES (17)"),
        ] {
            db.execute_unprepared(&sql).await?;
        }
        let archive = ArchiveTable::new();
        archive.create(db).await?;
        let report = purge_of("notes").archive(archive).exec(db).await?;
        assert_eq!(purged(&report), [("note", 29)], "{report}");
        assert_eq!(table(&report, "note").passed_over[0].keys, ["17"]);
    }

    async fn who_may_not_delete_is_told_at_once(db: &TestDb) {
        deleted_notes(db, 1..=30).await?;
        let role = format!("reader_{}", uuid::Uuid::now_v7().simple());
        db.execute_unprepared(&format!("CREATE ROLE {role}; GRANT SELECT, UPDATE ON note TO {role}")).await?;
        let mut options = sea_orm::ConnectOptions::new(db.url());
        options.max_connections(1).sqlx_logging(false);
        let reader = sea_orm::Database::connect(options).await?;
        reader.execute_unprepared(&format!("SET ROLE {role}")).await?;
        let result = purge_of("notes").exec(&reader).await;
        reader.close().await?;
        db.execute_unprepared(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await?;
        let error = result.expect_err("no privilege");
        assert!(matches!(error, Error::Db(_)), "{error:?}");
        assert_eq!(count(db, "note").await?, 30);
    }
}
