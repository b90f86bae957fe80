//! How much is asked for.

use soft_delete::{Registry, SoftDelete as _};

use super::tables::{
    analyze, create, create_purge_index, insert_many, make_large, reader, run, ticket, tickets,
};
use support::{TestDb, on_backends, on_every_backend};

async fn count(db: &TestDb, registry: &Registry) -> Result<usize, soft_delete::Error> {
    let recorder = db.recorder();
    reader(registry).exec(&recorder).await?;
    Ok(recorder.count())
}

on_every_backend! {
    async fn thirty_tables_take_one_statement_more_than_one(db: &TestDb) {
        create(db, "ticket").await?;
        let one = count(db, &tickets()).await?;
        assert!(one <= 9, "{one}");
        let mut registry = Registry::builder();
        for number in 0..30 {
            let mut meta = ticket::Entity::meta().clone();
            meta.table.name = format!("ticket_{number}");
            create(db, &meta.table.name).await?;
            registry = registry.meta(meta);
        }
        let registry = registry.build();
        assert_eq!(count(db, &registry).await?, one + 1);
    }
}

on_backends! {
    [sqlite_file SqliteFile Pool, postgres Postgres Pool, mariadb MariaDb Pool]

    async fn rows_add_no_statement(db: &TestDb) {
        create(db, "ticket").await?;
        make_large(db).await?;
        let few = count(db, &tickets()).await?;
        insert_many(db, "ticket", 3, "2026-01-01").await?;
        assert_eq!(count(db, &tickets()).await?, few);
        create_purge_index(db, "ticket").await?;
        assert_eq!(count(db, &tickets()).await?, few);
        analyze(db, "ticket").await?;
        run(db, &["UPDATE ticket SET deleted_at = NULL WHERE id % 2 = 0"]).await?;
        let many = count(db, &tickets()).await?;
        // `sqlite_stat1`.
        assert!(many <= few + 1, "{many} after {few}");
    }

    async fn the_same_question_is_the_same_text(db: &TestDb) {
        create(db, "ticket").await?;
        let recorder = db.recorder();
        let now = chrono::Utc::now();
        reader(&tickets()).at(now).exec(&recorder).await?;
        let first = recorder.statements();
        recorder.clear();
        reader(&tickets()).at(now + chrono::TimeDelta::days(1)).exec(&recorder).await?;
        assert_eq!(recorder.statements(), first);
    }
}

on_backends! {
    [sqlite SqliteMemory Pool, postgres Postgres Pool, mariadb MariaDb Pool]

    async fn the_statements(db: &TestDb) {
        create(db, "ticket").await?;
        create_purge_index(db, "ticket").await?;
        make_large(db).await?;
        let recorder = db.recorder();
        reader(&tickets()).exec(&recorder).await?;
        let statements = recorder.statements();
        let rows = statements.iter().find(|sql| sql.contains("10001")).expect("the one that reads rows");
        insta::assert_snapshot!(format!("{:?}", db.backend()), rows);
    }
}
