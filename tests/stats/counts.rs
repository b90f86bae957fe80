//! Figures of small tables, which are counted.

use soft_delete::{Figure, Registry, schema::ActiveView, stats};

use super::tables::{
    DAY, analyze, create, create_purge_index, days_ago, insert, note, now, read, reader, registry,
    run, ticket, ticket_as, ticket_figures, tickets,
};
use soft_delete::TableName;
use support::{TestDb, on_backends, on_every_backend};

on_every_backend! {
    async fn every_figure_of_a_small_table_is_exact(db: &TestDb) {
        create(db, "ticket").await?;
        let rows = [None, None, None, Some(40), Some(31), Some(30), Some(29), Some(1), Some(-2)];
        insert(db, "ticket", &rows.map(|days| days.map(days_ago))).await?;
        for indexed in [false, true] {
            if indexed {
                create_purge_index(db, "ticket").await?;
            }
            let figures = ticket_figures(db).await?;
            assert_eq!(figures.rows, Figure::Exact(9));
            assert_eq!(figures.active, Figure::Exact(3));
            assert_eq!(figures.deleted, Figure::Exact(6));
            assert_eq!(figures.expired, Some(Figure::Exact(3)));
            assert_eq!(figures.deleted_in_future, Figure::Exact(1));
            assert_eq!(figures.oldest_deletion, Figure::Exact(Some(days_ago(40))));
            assert_eq!(figures.newest_deletion, Figure::Exact(Some(days_ago(-2))));
            assert_eq!(figures.retention, Some(30 * DAY));
            assert_eq!(figures.expired_since, Figure::Exact(Some(days_ago(10))));
        }
    }

    async fn statistics_of_the_catalog_do_not_replace_counts_of_a_small_table(db: &TestDb) {
        create(db, "ticket").await?;
        create_purge_index(db, "ticket").await?;
        insert(db, "ticket", &[None, Some(days_ago(40))]).await?;
        analyze(db, "ticket").await?;
        insert(db, "ticket", &[None, Some(days_ago(41))]).await?;
        let figures = ticket_figures(db).await?;
        assert_eq!(figures.active, Figure::Exact(2));
        assert_eq!(figures.expired, Some(Figure::Exact(2)));
    }

    async fn a_time_is_exact_to_the_microsecond(db: &TestDb) {
        create(db, "ticket").await?;
        let microsecond = chrono::TimeDelta::microseconds(1);
        insert(db, "ticket", &[
            Some(days_ago(30) - microsecond), Some(days_ago(30)), Some(days_ago(30) + microsecond),
            Some(now()), Some(now() + microsecond),
        ]).await?;
        let figures = ticket_figures(db).await?;
        assert_eq!(figures.expired, Some(Figure::Exact(2)));
        assert_eq!(figures.deleted_in_future, Figure::Exact(1));
        assert_eq!(figures.oldest_deletion, Figure::Exact(Some(days_ago(30) - microsecond)));
        assert_eq!(figures.newest_deletion, Figure::Exact(Some(now() + microsecond)));
    }

    async fn an_empty_database_has_no_deletions(db: &TestDb) {
        create(db, "ticket").await?;
        create(db, "note").await?;
        let stats = read(db, &registry()).await?;
        assert_eq!(stats.tables().len(), 2);
        for table in &stats {
            assert_eq!(table.rows, Figure::Exact(0));
            assert_eq!(table.deleted, Figure::Exact(0));
            assert_eq!(table.oldest_deletion, Figure::Exact(None));
            assert_eq!(table.newest_deletion, Figure::Exact(None));
            assert_eq!(table.expired_since, Figure::Exact(None));
        }
    }

    async fn without_a_retention_nothing_expires(db: &TestDb) {
        create(db, "ticket").await?;
        create(db, "note").await?;
        insert(db, "note", &[None, Some(days_ago(1000))]).await?;
        let stats = read(db, &registry()).await?;
        let note = stats.table(&TableName::new("note")).expect("its figures");
        assert_eq!(note.deleted, Figure::Exact(1));
        assert_eq!((note.retention, note.expired), (None, None));
        assert_eq!(note.expired_since, Figure::Exact(None));
    }

    async fn retentions_can_be_given(db: &TestDb) {
        create(db, "ticket").await?;
        create(db, "note").await?;
        insert(db, "ticket", &[Some(days_ago(8)), Some(days_ago(6))]).await?;
        insert(db, "note", &[Some(days_ago(8)), Some(days_ago(100))]).await?;
        let stats = reader(&registry())
            .retention::<ticket::Entity>(7 * DAY)
            .default_retention(90 * DAY)
            .exec(db)
            .await?;
        let expired: Vec<_> = stats.tables().iter().map(|table| (table.table.to_string(), table.expired)).collect();
        assert_eq!(expired, [("note".to_owned(), Some(Figure::Exact(1))), ("ticket".to_owned(), Some(Figure::Exact(1)))]);

        let for_ever = reader(&registry()).retention::<note::Entity>(std::time::Duration::MAX).exec(db).await?;
        assert_eq!(for_ever.tables()[0].expired, Some(Figure::Exact(0)));
    }

    async fn the_short_form_takes_the_time_of_the_call(db: &TestDb) {
        create(db, "ticket").await?;
        let now = chrono::Utc::now();
        insert(db, "ticket", &[Some(now - 31 * DAY), Some(now - 29 * DAY), Some(now + DAY)]).await?;
        let stats = stats(&tickets(), db).await?;
        assert_eq!(stats.tables()[0].expired, Some(Figure::Exact(1)));
        assert_eq!(stats.tables()[0].deleted_in_future, Figure::Exact(1));
        assert!(stats.at() >= now);
    }

    async fn a_transaction_sees_its_own_rows(db: &TestDb) {
        use sea_orm::{ActiveModelTrait as _, TransactionTrait as _};

        create(db, "ticket").await?;
        let transaction = db.begin().await?;
        let active = ticket::ActiveModel { deleted_at: sea_orm::Set(None), ..Default::default() };
        active.insert(&transaction).await?;
        let stats = reader(&tickets()).exec(&transaction).await?;
        assert_eq!(stats.tables()[0].active, Figure::Exact(1));
        transaction.rollback().await?;
    }
}

on_backends! {
    [sqlite_memory SqliteMemory Pool, sqlite_file SqliteFile Pool, postgres Postgres Pool, mariadb MariaDb Pool]

    async fn a_registry_without_entities_asks_nothing(db: &TestDb) {
        let recorder = db.recorder();
        let stats = reader(&Registry::builder().build()).exec(&recorder).await?;
        assert!(stats.tables().is_empty());
        assert_eq!(recorder.count(), 0);
    }

    async fn a_view_has_rows_and_no_size(db: &TestDb) {
        create(db, "ticket").await?;
        insert(db, "ticket", &[None, None, Some(days_ago(40))]).await?;
        run(db, &["CREATE VIEW every_ticket AS SELECT id, deleted_at FROM ticket"]).await?;
        let stats = read(db, &ticket_as(TableName::new("every_ticket"))).await?;
        let view = &stats.tables()[0];
        assert_eq!((view.active, view.deleted), (Figure::Exact(2), Figure::Exact(1)));
        assert_eq!((view.table_bytes, view.index_bytes), (Figure::Unknown, Figure::Unknown));

        ActiveView::of("ticket").name("active_ticket").create(db).await?;
        let stats = read(db, &ticket_as(TableName::new("active_ticket"))).await?;
        assert_eq!(stats.tables()[0].deleted, Figure::Exact(0));
    }
}
