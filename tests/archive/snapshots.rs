//! Erasure in a caller's transaction that has looked at the tables before others changed them.

use sea_orm::{IsolationLevel, PaginatorTrait as _, TransactionTrait as _};

use super::fixture::{archive, number, purge, run};
use support::{TestDb, TestResult, domain, on_backends};

/// A workspace with a project, a task and a comment.
async fn create(db: &TestDb) -> TestResult {
    domain::create(db).await?;
    archive().create(db).await?;
    let workspace = domain::workspace(db, "a").await?;
    let project = domain::project(db, &workspace, "engine").await?;
    let task = domain::task(db, &project, "start").await?;
    domain::comment(db, &task, "one").await?;
    Ok(())
}

on_backends! {
    [mariadb MariaDb Pool, mysql MySql Pool]

    async fn rows_that_are_purged_meanwhile_leave_the_archive(db: &TestDb) {
        create(db).await?;
        domain::workspace::Entity::delete_by_id(1).exec(db).await?;
        let transaction = db.begin_with_config(Some(IsolationLevel::RepeatableRead), None).await?;
        assert_eq!(domain::comment::Entity::with_deleted().count(&transaction).await?, 1);
        assert_eq!(purge(db, "default").await?.rows_purged(), 4);
        let report = domain::workspace::Entity::erase_by_id(1).exec(&transaction).await?;
        transaction.commit().await?;
        assert_eq!(report.archived_by_table(), [("workspace", 1), ("project", 1), ("task", 1), ("comment", 1)], "{report}");
        assert_eq!(number(db, "SELECT COUNT(*) FROM soft_delete_archive").await?, 0);
    }

    async fn rows_that_come_meanwhile_are_erased_along(db: &TestDb) {
        domain::create(db).await?;
        archive().create(db).await?;
        let workspace = domain::workspace(db, "a").await?;
        let transaction = db.begin_with_config(Some(IsolationLevel::RepeatableRead), None).await?;
        assert_eq!(domain::project::Entity::find().count(&transaction).await?, 0);
        let project = domain::project(db, &workspace, "engine").await?;
        domain::task(db, &project, "start").await?;
        let report = domain::workspace::Entity::erase_by_id(1).exec(&transaction).await?;
        transaction.commit().await?;
        assert_eq!(report.rows_by_table(), [("workspace", 1), ("project", 1), ("task", 1)], "{report}");
        assert_eq!(number(db, "SELECT COUNT(*) FROM task").await?, 0);
    }
}

on_backends! {
    [postgres Postgres Pool, scoped_postgres Postgres Scoped]

    async fn a_transaction_that_does_not_see_the_latest_is_refused(db: &TestDb) {
        create(db).await?;
        for level in [IsolationLevel::RepeatableRead, IsolationLevel::Serializable] {
            let transaction = db.begin_with_config(Some(level), None).await?;
            let error = domain::workspace::Entity::erase_by_id(1).exec(&transaction).await.unwrap_err();
            assert!(error.is_retryable(), "{error}");
            assert!(error.to_string().contains("READ COMMITTED"), "{error}");
            // The caller's transaction goes on.
            assert_eq!(domain::workspace::Entity::find().count(&transaction).await?, 1);
            transaction.commit().await?;
        }
    }

    async fn a_transaction_of_its_own_names_its_level(db: &TestDb) {
        create(db).await?;
        run(db, &["DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = ''repeatable read''', current_database()); END $$"]).await?;
        // Sessions that begin now have it.
        let later = sea_orm::Database::connect(db.url()).await?;
        assert_eq!(domain::workspace::Entity::erase_by_id(1).exec(&later).await?.rows_erased(), 4);
    }
}
