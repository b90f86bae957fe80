//! What may keep a row from being marked.

use sea_orm::{ConnectionTrait as _, DbBackend, Statement, TransactionTrait as _};
use soft_delete::schema::{
    ActiveParentTriggers,
    doctor::{self, Check, Severity::*},
};

use super::{AUTHOR, author, examine, found, healthy, registry_of};
use crate::schema::tables::run;
use support::{TestDb, TestResult, on_backends, on_every_backend};

/// A trigger that runs when a row of `author` is updated.
async fn trigger(db: &TestDb, columns: &str, body: &str) -> TestResult {
    match db.backend() {
        DbBackend::Postgres => {
            db.execute_unprepared(&format!(
                "CREATE OR REPLACE FUNCTION of_author() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"
            ))
            .await?;
            db.execute_unprepared("DROP TRIGGER IF EXISTS of_author ON author")
                .await?;
            db.execute_unprepared(&format!(
                "CREATE TRIGGER of_author BEFORE UPDATE {columns} ON author FOR EACH ROW EXECUTE FUNCTION of_author()"
            ))
            .await?;
        }
        backend => {
            let (columns, body) = match backend {
                DbBackend::MySql => ("", format!("FOR EACH ROW {body}")),
                _ => (columns, format!("BEGIN {body} END")),
            };
            // On one connection, which looks at the schema before: others of SQLite learn late of triggers that are there.
            let transaction = db.connection().begin().await?;
            let look = Statement::from_string(backend, "SELECT COUNT(*) FROM author");
            transaction.query_one_raw(look).await?;
            for sql in [
                "DROP TRIGGER IF EXISTS of_author".to_owned(),
                format!("CREATE TRIGGER of_author BEFORE UPDATE {columns} ON author {body}"),
            ] {
                transaction.execute_unprepared(&sql).await?;
            }
            transaction.commit().await?;
        }
    }
    Ok(())
}

on_every_backend! {
    async fn a_trigger_that_keeps_a_row_is_told(db: &TestDb) {
        run(db, &[AUTHOR]).await?;
        let veto = match db.backend() {
            DbBackend::Postgres => "IF OLD.id = 2 THEN RETURN NULL; END IF; RETURN NEW;",
            DbBackend::MySql => "IF OLD.id = 2 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'; END IF",
            _ => "SELECT CASE WHEN OLD.id = 2 THEN RAISE(IGNORE) END;",
        };
        trigger(db, "", veto).await?;
        let registry = registry_of::<author::Entity>();
        let report = doctor::examine(&registry, db).await?;
        assert_eq!(found(&report), [(Warning, Check::KeepsRows, "author".to_owned())], "{report}");
        assert!(report.findings()[0].problem().contains("`of_author`"), "{report}");

        if db.backend() != DbBackend::MySql {
            // Of another column.
            trigger(db, "OF id", veto).await?;
            assert_eq!(found(&doctor::examine(&registry, db).await?), []);
            trigger(db, "OF deletion_id", veto).await?;
            assert!(!doctor::examine(&registry, db).await?.is_healthy());
        }
    }

    async fn a_trigger_that_sets_a_time_is_no_fault(db: &TestDb) {
        run(db, &[AUTHOR, "ALTER TABLE author ADD COLUMN updated_at TIME", "CREATE TABLE seen (id INTEGER)"]).await?;
        let body = match db.backend() {
            DbBackend::Postgres => "NEW.updated_at := now(); RETURN NEW;",
            DbBackend::MySql => "SET NEW.updated_at = NOW(6)",
            _ => "INSERT INTO seen VALUES (NEW.id);",
        };
        trigger(db, "", body).await?;
        assert_eq!(found(&doctor::examine(&registry_of::<author::Entity>(), db).await?), []);
    }

    async fn one_that_has_to_do_with_deleted_at_is_worth_a_look(db: &TestDb) {
        run(db, &[AUTHOR, "CREATE TABLE seen (id INTEGER)"]).await?;
        let body = match db.backend() {
            DbBackend::Postgres => "NEW.deleted_at := NULL; RETURN NEW;",
            DbBackend::MySql => "SET NEW.deleted_at = NULL",
            _ => "INSERT INTO seen SELECT NEW.id WHERE NEW.deleted_at IS NOT NULL;",
        };
        trigger(db, "", body).await?;
        let report = doctor::examine(&registry_of::<author::Entity>(), db).await?;
        assert_eq!(found(&report), [(Advice, Check::KeepsRows, "author".to_owned())], "{report}");
        assert!(report.is_healthy());
    }

    async fn the_triggers_of_this_library_are_none(db: &TestDb) {
        healthy(db).await?;
        ActiveParentTriggers::on("post").key("author_id", "id").parent("author").create(db).await?;
        assert_eq!(found(&examine(db).await?), []);
    }
}

on_backends! {
    [postgres Postgres Pool]

    async fn policies_and_rules_are_told(db: &TestDb) {
        run(db, &[AUTHOR]).await?;
        let registry = registry_of::<author::Entity>();
        let policy = async |sql: &str| -> TestResult<usize> {
            run(db, &[sql]).await?;
            let report = doctor::examine(&registry, db).await?;
            assert!(report.into_iter().all(|finding| finding.check() == Check::KeepsRows), "{report}");
            Ok(report.findings().len())
        };
        // A policy counts once row-level security is on.
        assert_eq!(policy("CREATE POLICY own_rows ON author FOR UPDATE USING (id < 10)").await?, 0);
        assert_eq!(policy("ALTER TABLE author ENABLE ROW LEVEL SECURITY").await?, 1);
        assert_eq!(policy("CREATE POLICY all_rows ON author USING (true)").await?, 1);
        assert_eq!(policy("DROP POLICY own_rows ON author").await?, 0);
        assert_eq!(policy("CREATE POLICY readers ON author FOR SELECT USING (id < 5)").await?, 0);
        // Nobody but the owner updates anything.
        assert_eq!(policy("DROP POLICY all_rows ON author").await?, 1);
        assert_eq!(policy("ALTER TABLE author DISABLE ROW LEVEL SECURITY").await?, 0);
        assert_eq!(policy("CREATE RULE frozen AS ON UPDATE TO author WHERE OLD.id = 2 DO INSTEAD NOTHING").await?, 1);
    }
}
