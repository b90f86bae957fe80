//! Values of `deleted_at` that are no time, and texts in several forms.

use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DbBackend};
use soft_delete::schema::doctor::{self, Check, Severity::*};

use super::{AUTHOR, author, found, mends, registry_of};
use crate::schema::tables::{number, run};
use support::{TestDb, TestResult, on_backends, on_every_backend};

async fn insert(db: &TestDb, sql: &str) -> TestResult {
    if db.backend() != DbBackend::MySql {
        return Ok(run(db, &[sql]).await?);
    }
    // Zero dates are let in by servers that are less strict.
    let mut options = ConnectOptions::new(db.url());
    options.max_connections(1).sqlx_logging(false);
    let lenient = Database::connect(options).await?;
    lenient.execute_unprepared("SET sql_mode = ''").await?;
    lenient.execute_unprepared(sql).await?;
    lenient.close().await?;
    Ok(())
}

on_every_backend! {
    async fn times_that_can_not_be_read_are_told_with_their_keys(db: &TestDb) {
        let bad: &[&str] = match db.backend() {
            DbBackend::Sqlite => &["yesterday", "2026-13-40 00:00:00", "", "never"],
            DbBackend::Postgres => &["infinity", "-infinity", "20000-01-01 00:00:00+00", "0044-03-15 00:00:00+00 BC"],
            _ => &["0000-00-00 00:00:00", "2024-00-10 00:00:00", "2024-01-00 00:00:00", "0000-00-00 00:00:00"],
        };
        let registry = registry_of::<author::Entity>();
        for index in [None, Some("CREATE INDEX author_deleted ON author (deleted_at)")] {
            run(db, &["DROP TABLE IF EXISTS author", AUTHOR]).await?;
            if let Some(index) = index {
                run(db, &[index]).await?;
            }
            run(db, &["INSERT INTO author (id, deleted_at) VALUES (1, NULL), (2, '2026-01-02 03:04:05'), (3, '9999-12-31 00:00:00')"]).await?;
            assert_eq!(found(&doctor::examine(&registry, db).await?), []);
            for (id, at) in (11..).zip(bad) {
                insert(db, &format!("INSERT INTO author (id, deleted_at) VALUES ({id}, '{at}')")).await?;
            }
            let report = doctor::examine(&registry, db).await?;
            assert_eq!(found(&report), [(Error, Check::UnreadableTime, "author".to_owned())], "{report}");
            let problem = report.findings()[0].problem();
            let keys = problem.split_once("key (id): ").expect("keys").1;
            let keys = keys.strip_suffix(", and more").expect("there are four");
            assert_eq!(keys.split("; ").count(), 3, "{problem}");
            assert!(keys.split("; ").all(|key| ["11", "12", "13", "14"].contains(&key)), "{problem}");
            assert!(!report.findings()[0].apply(db).await?);
        }
    }
}

on_backends! {
    [sqlite_memory SqliteMemory Pool, sqlite_file SqliteFile Pool, scoped_sqlite SqliteMemory Scoped]

    async fn texts_of_several_forms_are_told_and_written_in_one(db: &TestDb) {
        run(db, &[
            AUTHOR,
            "INSERT INTO author (id, deleted_at) VALUES \
             (1, '2026-01-02 03:04:05'), (2, '2026-01-02T03:04:05Z'), (3, '2026-01-02T03:04:05.000123+00:00'), \
             (4, '2026-01-02T05:04:05.5+02:00'), (5, '2026-01-02 03:04:05.123456789'), (6, NULL), (7, '2026-01-01T22:04:05.120-05:00')",
        ]).await?;
        let finding = mends(db, &registry_of::<author::Entity>(), Warning, Check::MixedTimes, "author").await?;
        assert!(finding.problem().starts_with("`deleted_at` has texts of 5 forms: "), "{}", finding.problem());
        let expected = [
            (1, "2026-01-02T03:04:05+00:00"),
            (2, "2026-01-02T03:04:05+00:00"),
            (3, "2026-01-02T03:04:05.000123+00:00"),
            (4, "2026-01-02T03:04:05.500+00:00"),
            (5, "2026-01-02T03:04:05.123456+00:00"),
            (7, "2026-01-02T03:04:05.120+00:00"),
        ];
        for (id, at) in expected {
            let same = format!("SELECT COUNT(*) FROM author WHERE id = {id} AND deleted_at = '{at}'");
            assert_eq!(number(db, &same).await?, 1, "{id}");
        }
    }

    async fn texts_of_one_form_are_no_fault(db: &TestDb) {
        run(db, &[AUTHOR, "INSERT INTO author (id, deleted_at) VALUES (1, '2026-01-02T03:04:05+00:00'), (2, '2026-01-02T03:04:05.123+00:00')"]).await?;
        assert_eq!(found(&doctor::examine(&registry_of::<author::Entity>(), db).await?), []);
    }
}
