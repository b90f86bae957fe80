//! SQLite's times are texts, and every program writes its own.

use soft_delete::Figure;

use super::tables::{create, create_purge_index, days_ago, now, run, ticket_figures};
use support::{TestDb, on_backends};

on_backends! {
    [pool SqliteMemory Pool, scoped SqliteMemory Scoped]

    async fn every_form_of_a_time_is_the_same_time(db: &TestDb) {
        // Without a type, so that numbers stay what they are.
        run(db, &["CREATE TABLE ticket (id INTEGER PRIMARY KEY, deleted_at)"]).await?;
        for (form, fraction) in [
            ("'2026-05-01 12:00:00'", 0),
            ("'2026-05-01T12:00:00'", 0),
            ("'2026-05-01T12:00:00Z'", 0),
            ("'2026-05-01T12:00:00+00:00'", 0),
            ("'2026-05-01 14:00:00+02:00'", 0),
            ("'2026-05-01T04:30:00.5-07:30'", 500_000),
            ("'2026-05-01 12:00:00.123456'", 123_456),
            ("'2026-05-01T12:00:00.123456789Z'", 123_456),
            ("'2026-05-01T12:00:00.999999+00:00'", 999_999),
            ("'2026-05-01 12:00'", 0),
            ("1777636800", 0),
            ("julianday('2026-05-01 12:00:00')", 0),
        ] {
            run(db, &["DELETE FROM ticket", &format!("INSERT INTO ticket (deleted_at) VALUES ({form})")]).await?;
            let figures = ticket_figures(db).await?;
            let at = days_ago(31) + chrono::TimeDelta::microseconds(fraction);
            let Figure::Exact(Some(oldest)) = figures.oldest_deletion else {
                panic!("{form}: {figures:?}");
            };
            // A Julian day keeps no microseconds.
            let off = (oldest - at).abs();
            assert!(off.is_zero() || form.starts_with('j') && off.num_milliseconds() == 0, "{form}: {oldest}");
            assert_eq!(figures.expired, Some(Figure::Exact(1)), "{form}");
        }
    }

    async fn forms_may_be_mixed(db: &TestDb) {
        create(db, "ticket").await?;
        create_purge_index(db, "ticket").await?;
        // As texts, the blank comes before the `T`, and the later time before the earlier.
        run(db, &["INSERT INTO ticket (deleted_at) VALUES ('2026-05-02 11:59:59'), ('2026-05-02T00:00:00+00:00'), \
                   ('2026-05-02 12:00:01'), ('2026-06-01T13:00:00+02:00'), ('2026-06-01 12:30:00')"]).await?;
        let figures = ticket_figures(db).await?;
        assert_eq!(figures.expired, Some(Figure::Exact(2)));
        assert_eq!(figures.deleted_in_future, Figure::Exact(1));
        assert_eq!(figures.oldest_deletion, Figure::Exact("2026-05-02T00:00:00Z".parse().ok()));
        assert_eq!(figures.newest_deletion, Figure::Exact("2026-06-01T12:30:00Z".parse().ok()));
    }

    async fn current_timestamp_is_now(db: &TestDb) {
        create(db, "ticket").await?;
        run(db, &["INSERT INTO ticket (deleted_at) VALUES (CURRENT_TIMESTAMP)"]).await?;
        let Figure::Exact(Some(at)) = ticket_figures(db).await?.newest_deletion else {
            panic!("no time");
        };
        assert!((chrono::Utc::now() - at).num_seconds().abs() < 60, "{at}");
    }

    async fn what_is_no_time_is_deleted_and_never_expires(db: &TestDb) {
        create(db, "ticket").await?;
        run(db, &["INSERT INTO ticket (deleted_at) VALUES ('yesterday'), (''), (x'00ff'), ('2026-99-99 00:00:00')"]).await?;
        let figures = ticket_figures(db).await?;
        assert_eq!(figures.deleted, Figure::Exact(4));
        assert_eq!(figures.expired, Some(Figure::Exact(0)));
        assert_eq!(figures.deleted_in_future, Figure::Exact(0));
        assert!(now() > days_ago(1));
    }
}
