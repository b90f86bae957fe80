//! The figures as text and as JSON.

use soft_delete::{Figure, Stats};

use super::tables::{create, days_ago, insert, insert_many, make_large, read, registry, run};
use support::{TestDb, TestResult, on_backends, on_every_backend};

async fn some(db: &TestDb) -> TestResult<Stats> {
    create(db, "ticket").await?;
    create(db, "note").await?;
    let rows = [None, None, Some(40), Some(31), Some(1)];
    insert(db, "ticket", &rows.map(|days| days.map(days_ago))).await?;
    let active = vec![None; 1_234];
    insert(db, "note", &active).await?;
    Ok(read(db, &registry()).await?)
}

on_backends! {
    [sqlite SqliteMemory Pool]

    async fn they_print_as_a_table(db: &TestDb) {
        insta::assert_snapshot!(some(db).await?.to_string());
    }

    async fn estimates_are_marked(db: &TestDb) {
        create(db, "ticket").await?;
        create(db, "note").await?;
        insert_many(db, "ticket", 3, "2026-01-01").await?;
        insert_many(db, "note", 20_000, "2026-01-01").await?;
        make_large(db).await?;
        run(db, &["ANALYZE"]).await?;
        insta::assert_snapshot!(read(db, &registry()).await?.to_string());
    }

    async fn they_serialise(db: &TestDb) {
        insta::assert_snapshot!(serde_json::to_string_pretty(&some(db).await?)?);
    }
}

on_every_backend! {
    async fn they_come_back_from_json_as_they_were(db: &TestDb) {
        let stats = some(db).await?;
        let json = serde_json::to_string(&stats)?;
        assert_eq!(serde_json::from_str::<Stats>(&json)?, stats);
        assert!(stats.to_string().contains("1,234"));
        assert_eq!(stats.tables()[1].deleted, Figure::Exact(3));
    }
}
