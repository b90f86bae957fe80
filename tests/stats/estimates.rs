//! Figures of larger tables: what is counted, what is estimated, and that the two are told apart.

use sea_orm::DbBackend;
use soft_delete::{Figure, Registry};

use super::tables::{
    analyze, assert_near, create, create_purge_index, insert_many, make_large, note, now, read,
    reader, ticket_figures, tickets,
};
use support::{TestDb, on_backends};

/// 30,000 rows.
async fn many(db: &TestDb, every: u32, day: &str) -> support::TestResult {
    create(db, "ticket").await?;
    insert_many(db, "ticket", every, day).await?;
    make_large(db).await?;
    Ok(())
}

fn at(text: &str) -> Option<chrono::DateTime<chrono::Utc>> {
    Some(text.parse().expect("a time"))
}

on_backends! {
    [sqlite_file SqliteFile Pool, postgres Postgres Pool, mariadb MariaDb Pool, scoped_sqlite SqliteMemory Scoped,
     scoped_postgres Postgres Scoped, scoped_mariadb MariaDb Scoped]

    async fn few_deleted_rows_are_counted_by_their_index(db: &TestDb) {
        many(db, 100, "2026-01-01").await?;
        create_purge_index(db, "ticket").await?;
        analyze(db, "ticket").await?;
        let figures = ticket_figures(db).await?;
        assert_eq!(figures.deleted, Figure::Exact(300));
        assert_eq!(figures.expired, Some(Figure::Exact(300)));
        assert_eq!(figures.deleted_in_future, Figure::Exact(0));
        assert_eq!(figures.oldest_deletion, Figure::Exact(at("2026-01-01T00:00:00Z")));
        assert_eq!(figures.newest_deletion, Figure::Exact(at("2026-01-01T08:18:20Z")));
        assert_near(figures.rows, 30_000);
        assert_near(figures.active, 29_700);
    }

    async fn of_many_deleted_rows_the_ends_are_read(db: &TestDb) {
        many(db, 2, "2026-01-01").await?;
        create_purge_index(db, "ticket").await?;
        analyze(db, "ticket").await?;
        let figures = ticket_figures(db).await?;
        assert_near(figures.rows, 30_000);
        assert_near(figures.deleted, 15_000);
        let ends = (at("2026-01-01T00:00:00Z"), at("2026-01-01T08:19:58Z"));
        if db.backend() == DbBackend::Sqlite {
            assert_eq!(figures.expired, Some(Figure::AtLeast(10_001)));
            assert_eq!(figures.oldest_deletion, Figure::Estimate(ends.0));
            assert_eq!(figures.newest_deletion, Figure::Estimate(ends.1));
        } else {
            assert_near(figures.expired.expect("a retention"), 15_000);
            assert_eq!(figures.deleted_in_future, Figure::Exact(0));
            assert_eq!(figures.oldest_deletion, Figure::Exact(ends.0));
            assert_eq!(figures.newest_deletion, Figure::Exact(ends.1));
        }
    }

    async fn exact_counts_all(db: &TestDb) {
        many(db, 2, "2026-01-01").await?;
        let stats = reader(&tickets()).exact().exec(db).await?;
        let figures = &stats.tables()[0];
        assert_eq!(figures.rows, Figure::Exact(30_000));
        assert_eq!(figures.active, Figure::Exact(15_000));
        assert_eq!(figures.deleted, Figure::Exact(15_000));
        assert_eq!(figures.expired, Some(Figure::Exact(15_000)));
        assert_eq!(figures.deleted_in_future, Figure::Exact(0));
        assert_eq!(figures.oldest_deletion, Figure::Exact(at("2026-01-01T00:00:00Z")));
        assert_eq!(figures.newest_deletion, Figure::Exact(at("2026-01-01T08:19:58Z")));
    }

    async fn without_an_index_and_statistics_nothing_is_claimed(db: &TestDb) {
        many(db, 7, "2026-01-01").await?;
        let figures = ticket_figures(db).await?;
        assert!(!figures.rows.is_exact());
        assert!(!figures.active.is_exact());
        assert!(!figures.deleted.is_exact());
        assert!(!figures.expired.expect("a retention").is_exact());
        assert!(!figures.oldest_deletion.is_exact());
        assert!(!figures.newest_deletion.is_exact());
        assert!(!figures.deleted_in_future.is_exact());
    }
}

on_backends! {
    [postgres Postgres Pool, mariadb MariaDb Pool, scoped_postgres Postgres Scoped]

    async fn expired_rows_are_counted_among_many_deleted_ones(db: &TestDb) {
        // At two in the morning, 30 days later: of the even seconds, those of two hours.
        many(db, 2, "2026-05-02").await?;
        create_purge_index(db, "ticket").await?;
        analyze(db, "ticket").await?;
        let stats = reader(&tickets()).at(now() - chrono::TimeDelta::hours(10)).exec(db).await?;
        let figures = &stats.tables()[0];
        assert_eq!(figures.expired, Some(Figure::Exact(3_601)));
        assert_eq!(figures.expired_since, Figure::Exact(at("2026-06-01T00:00:00Z")));
        assert_near(figures.deleted, 15_000);
    }

    async fn rows_deleted_in_the_future_are_counted_among_many_deleted_ones(db: &TestDb) {
        many(db, 2, "2026-06-01").await?;
        create_purge_index(db, "ticket").await?;
        analyze(db, "ticket").await?;
        let stats = reader(&tickets()).at(now() - chrono::TimeDelta::hours(4)).exec(db).await?;
        let figures = &stats.tables()[0];
        assert_eq!(figures.deleted_in_future, Figure::Exact(599));
        assert_eq!(figures.expired, Some(Figure::Exact(0)));
    }
}

on_backends! {
    [postgres Postgres Pool, scoped_postgres Postgres Scoped]

    async fn statistics_estimate_what_no_index_finds(db: &TestDb) {
        many(db, 3, "2026-05-02").await?;
        analyze(db, "ticket").await?;
        let hours = chrono::TimeDelta::hours;
        let stats = reader(&tickets()).at(now() - hours(12) + hours(2)).exec(db).await?;
        let figures = &stats.tables()[0];
        assert_near(figures.rows, 30_000);
        assert_near(figures.active, 20_000);
        assert_near(figures.deleted, 10_000);
        assert_near(figures.expired.expect("a retention"), 2_400);
        let Figure::Estimate(Some(oldest)) = figures.oldest_deletion else {
            panic!("{:?}", figures.oldest_deletion);
        };
        assert!((oldest - at("2026-05-02T00:00:00Z").expect("a time")).num_minutes() < 5);

        let stats = reader(&tickets()).at(at("2026-05-02T06:00:00Z").expect("a time")).exec(db).await?;
        assert_near(stats.tables()[0].deleted_in_future, 2_800);
    }

    async fn a_mass_deletion_is_a_common_value(db: &TestDb) {
        use super::tables::run;

        many(db, 3, "2026-01-01").await?;
        run(db, &["UPDATE ticket SET deleted_at = '2026-02-01 00:00:00Z' WHERE deleted_at IS NULL AND id % 2 = 0"]).await?;
        analyze(db, "ticket").await?;
        let stats = reader(&tickets()).at(at("2026-02-15T00:00:00Z").expect("a time")).exec(db).await?;
        let figures = &stats.tables()[0];
        assert_near(figures.deleted, 20_000);
        assert_near(figures.expired.expect("a retention"), 10_000);
    }

    async fn an_estimate_follows_a_table_that_grew_since(db: &TestDb) {
        many(db, 3, "2026-05-02").await?;
        analyze(db, "ticket").await?;
        insert_many(db, "ticket", 3, "2026-05-02").await?;
        assert_near(ticket_figures(db).await?.rows, 60_000);
    }
}

on_backends! {
    [mariadb MariaDb Pool, scoped_mariadb MariaDb Scoped]

    async fn the_optimiser_estimates_many_deleted_rows(db: &TestDb) {
        many(db, 2, "2026-05-02").await?;
        super::tables::run(db, &["UPDATE ticket SET deleted_at = NULL WHERE id % 5 = 0"]).await?;
        create_purge_index(db, "ticket").await?;
        analyze(db, "ticket").await?;
        let figures = ticket_figures(db).await?;
        let Figure::Estimate(deleted) = figures.deleted else {
            panic!("{figures:?}");
        };
        // InnoDB is that far off.
        assert!((10_001..=15_500).contains(&deleted), "{deleted} for 12,000");
        assert_near(figures.rows, 30_000);
        assert!(matches!(figures.expired, Some(Figure::Estimate(_))), "{figures:?}");
    }

    async fn the_optimiser_is_asked_without_a_retention_too(db: &TestDb) {
        create(db, "note").await?;
        insert_many(db, "note", 2, "2026-05-02").await?;
        create_purge_index(db, "note").await?;
        let notes = Registry::builder().entity::<note::Entity>().build();
        let stats = read(db, &notes).await?;
        assert!(matches!(stats.tables()[0].deleted, Figure::Estimate(_)), "{stats}");
        assert_eq!(stats.tables()[0].expired, None);
    }

    async fn without_an_index_deleted_rows_are_not_guessed(db: &TestDb) {
        many(db, 3, "2026-05-02").await?;
        analyze(db, "ticket").await?;
        let figures = ticket_figures(db).await?;
        assert_near(figures.rows, 30_000);
        // Those that the first rows happen to have.
        assert_eq!(figures.deleted, Figure::AtLeast(3_334));
        assert_eq!(figures.active, Figure::Unknown);
        assert_eq!(figures.oldest_deletion, Figure::Unknown);
    }
}

on_backends! {
    [sqlite_memory SqliteMemory Pool, sqlite_file SqliteFile Pool]

    async fn a_large_database_without_statistics_has_lower_bounds(db: &TestDb) {
        many(db, 2, "2026-01-01").await?;
        create_purge_index(db, "ticket").await?;
        let figures = ticket_figures(db).await?;
        assert_eq!(figures.rows, Figure::AtLeast(10_001));
        assert_eq!(figures.deleted, Figure::AtLeast(10_001));
        assert_eq!(figures.active, Figure::Unknown);
        assert_eq!(figures.table_bytes, Figure::Unknown);
        let stats = reader(&tickets()).exact().exec(db).await?;
        assert!(stats.tables()[0].table_bytes.is_exact());
    }

    async fn a_database_that_is_not_large_is_read_whole(db: &TestDb) {
        create(db, "ticket").await?;
        insert_many(db, "ticket", 2, "2026-01-01").await?;
        let figures = ticket_figures(db).await?;
        assert_eq!(figures.rows, Figure::Exact(30_000));
        assert_eq!(figures.expired, Some(Figure::Exact(15_000)));
        assert!(figures.table_bytes.is_exact());
    }
}
