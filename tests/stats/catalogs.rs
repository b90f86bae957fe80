//! What the catalogs tell of sizes, VACUUM, schemas and partitions.

use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use soft_delete::{Figure, TableName};

use super::tables::{
    analyze, create, create_purge_index, days_ago, insert, insert_many, read, run, ticket_as,
    ticket_figures,
};
use support::{TestDb, on_backends};

async fn database(db: &TestDb) -> Result<String, sea_orm::DbErr> {
    let statement = Statement::from_string(db.backend(), "SELECT CAST(DATABASE() AS CHAR)");
    let row = db.query_one_raw(statement).await?;
    row.expect("a row").try_get_by_index(0)
}

on_backends! {
    [sqlite_memory SqliteMemory Pool, sqlite_file SqliteFile Pool, postgres Postgres Pool, mariadb MariaDb Pool]

    async fn sizes_grow_with_the_table_and_its_indexes(db: &TestDb) {
        create(db, "ticket").await?;
        insert_many(db, "ticket", 2, "2026-01-01").await?;
        create_purge_index(db, "ticket").await?;
        analyze(db, "ticket").await?;
        let figures = ticket_figures(db).await?;
        assert!(figures.table_bytes.value() > Some(500_000), "{figures:?}");
        assert!(figures.index_bytes.value() > Some(100_000), "{figures:?}");
        // InnoDB's statistics are estimates.
        assert_eq!(figures.table_bytes.is_exact(), db.backend() != DbBackend::MySql);
        assert_eq!(figures.free_bytes == Figure::Unknown, db.backend() == DbBackend::Postgres);
        assert_eq!(figures.dead_rows == Figure::Unknown, db.backend() != DbBackend::Postgres);
    }
}

on_backends! {
    [sqlite_memory SqliteMemory Pool]

    async fn sizes_are_those_that_dbstat_gives(db: &TestDb) {
        create(db, "ticket").await?;
        create_purge_index(db, "ticket").await?;
        insert(db, "ticket", &[None]).await?;
        let figures = ticket_figures(db).await?;
        assert_eq!(figures.table_bytes, Figure::Exact(4096));
        assert_eq!(figures.index_bytes, Figure::Exact(4096));
    }

    async fn names_are_found_in_any_case(db: &TestDb) {
        create(db, "Ticket").await?;
        insert(db, "Ticket", &[None, Some(days_ago(40))]).await?;
        let figures = ticket_figures(db).await?;
        assert_eq!(figures.deleted, Figure::Exact(1));
        assert!(figures.table_bytes.is_exact());
    }
}

on_backends! {
    [postgres Postgres Pool, scoped Postgres Scoped]

    async fn dead_rows_and_vacuum_are_told(db: &TestDb) {
        create(db, "ticket").await?;
        insert_many(db, "ticket", 2, "2026-01-01").await?;
        assert_eq!(ticket_figures(db).await?.last_vacuum, None);
        run(db, &["VACUUM ticket"]).await?;
        let figures = ticket_figures(db).await?;
        let vacuum = figures.last_vacuum.expect("the time of it");
        assert!((chrono::Utc::now() - vacuum).num_minutes().abs() < 5, "{vacuum}");
        assert_eq!(figures.dead_rows, Figure::Estimate(0));
    }

    async fn a_table_in_another_schema_is_found_there(db: &TestDb) {
        run(db, &["CREATE SCHEMA archive"]).await?;
        create(db, "ticket").await?;
        create(db, "archive.ticket").await?;
        insert(db, "archive.ticket", &[None, Some(days_ago(40))]).await?;
        let table = TableName { schema: Some("archive".to_owned()), name: "ticket".to_owned() };
        let stats = read(db, &ticket_as(table.clone())).await?;
        assert_eq!(stats.table(&table).expect("its figures").expired, Some(Figure::Exact(1)));
        assert!(stats.tables()[0].table_bytes.is_exact());
        assert_eq!(ticket_figures(db).await?.rows, Figure::Exact(0));
    }

    async fn a_schema_of_the_search_path_may_be_named(db: &TestDb) {
        create(db, "ticket").await?;
        insert(db, "ticket", &[None]).await?;
        let table = TableName { schema: Some("public".to_owned()), name: "ticket".to_owned() };
        let stats = read(db, &ticket_as(table)).await?;
        assert_eq!(stats.tables()[0].active, Figure::Exact(1));
    }

    async fn partitions_are_summed(db: &TestDb) {
        run(db, &[
            "CREATE TABLE ticket (id serial, deleted_at timestamptz) PARTITION BY HASH (id)",
            "CREATE TABLE ticket_a PARTITION OF ticket FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
            "CREATE TABLE ticket_b PARTITION OF ticket FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
        ]).await?;
        insert_many(db, "ticket", 2, "2026-01-01").await?;
        run(db, &["ANALYZE ticket"]).await?;
        let figures = ticket_figures(db).await?;
        super::tables::assert_near(figures.rows, 30_000);
        super::tables::assert_near(figures.deleted, 15_000);
        assert!(figures.table_bytes.value() > Some(500_000), "{figures:?}");
    }

    async fn an_infinite_time_is_a_deletion_in_the_future(db: &TestDb) {
        create(db, "ticket").await?;
        run(db, &["INSERT INTO ticket (deleted_at) VALUES ('infinity'), ('-infinity'), (NULL)"]).await?;
        let figures = ticket_figures(db).await?;
        assert_eq!(figures.deleted_in_future, Figure::Exact(1));
        assert_eq!(figures.expired, Some(Figure::Exact(1)));
        assert_eq!(figures.newest_deletion, Figure::Exact(Some(chrono::DateTime::<chrono::Utc>::MAX_UTC)));
        assert_eq!(figures.oldest_deletion, Figure::Exact(Some(chrono::DateTime::<chrono::Utc>::MIN_UTC)));
    }
}

on_backends! {
    [mariadb MariaDb Pool, scoped MariaDb Scoped]

    async fn a_table_is_found_in_the_database_it_names(db: &TestDb) {
        create(db, "ticket").await?;
        insert(db, "ticket", &[None, Some(days_ago(40))]).await?;
        let table = TableName { schema: Some(database(db).await?), name: "ticket".to_owned() };
        let stats = read(db, &ticket_as(table.clone())).await?;
        assert_eq!(stats.table(&table).expect("its figures").expired, Some(Figure::Exact(1)));
        assert!(stats.tables()[0].table_bytes.value().is_some());
    }
}
