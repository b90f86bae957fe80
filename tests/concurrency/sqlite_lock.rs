//! SQLite has one writer at a time. A delete or restore takes the write lock when it begins, so that it waits for another writer
//! and then sees what that one wrote.

use std::time::Duration;

use sea_orm::{
    ActiveValue::Set, ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection,
    DatabaseTransaction, IntoActiveModel as _, PaginatorTrait as _, SqliteTransactionMode,
    TransactionOptions, TransactionTrait as _,
};
use soft_delete::Error;

use support::{
    self, TestDb, TestResult,
    domain::{self, comment, member, project, task, workspace},
};

/// A workspace with a project and in it a task.
async fn a_task(db: &TestDb) -> TestResult<task::Model> {
    domain::create(db).await?;
    let workspace = domain::workspace(db, "main").await?;
    let project = domain::project(db, &workspace, "engine").await?;
    Ok(domain::task(db, &project, "start").await?)
}

/// Another program that writes: it has added a comment and not committed it.
async fn a_writer(db: &TestDb, task: &task::Model) -> TestResult<DatabaseTransaction> {
    let writer = begin_writing(db).await?;
    domain::comment(&writer, task, "late").await?;
    Ok(writer)
}

async fn begin_writing(db: &TestDb) -> TestResult<DatabaseTransaction> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    let other = another_connection(db).await?;
    Ok(other.begin_with_options(options).await?)
}

async fn another_connection(db: &TestDb) -> TestResult<DatabaseConnection> {
    let mut options = ConnectOptions::new(db.url());
    options.max_connections(1).sqlx_logging(false);
    Ok(Database::connect(options).await?)
}

/// A connection that waits for no lock.
async fn an_impatient_connection(db: &TestDb) -> TestResult<DatabaseConnection> {
    let connection = another_connection(db).await?;
    connection
        .execute_unprepared("PRAGMA busy_timeout = 0")
        .await?;
    Ok(connection)
}

async fn commit_soon(writer: DatabaseTransaction) -> TestResult {
    tokio::time::sleep(Duration::from_millis(300)).await;
    Ok(writer.commit().await?)
}

fn assert_contention<T: std::fmt::Debug>(result: Result<T, Error>) {
    let error = result.expect_err("another has the lock");
    assert!(matches!(error, Error::Contention(_)), "{error:?}");
    assert!(error.is_retryable());
    assert!(error.to_string().contains("try again"), "{error}");
}

support::on_backends! {
    [sqlite SqliteFile Pool, scoped_sqlite SqliteFile Scoped]

    async fn a_delete_beside_a_writer_waits_and_takes_what_that_one_wrote(db: &TestDb) {
        let task = a_task(db).await?;
        let writer = a_writer(db, &task).await?;
        let (deletion, committed) = tokio::join!(
            workspace::Entity::delete_by_id(1).exec(db),
            commit_soon(writer)
        );
        committed?;
        let taken = deletion?;
        assert_eq!(
            taken.rows_by_table(),
            [("workspace", 1), ("project", 1), ("task", 1), ("comment", 1)]
        );
        assert_eq!(comment::Entity::find().count(db).await?, 0);
    }

    async fn so_does_a_delete_of_a_model(db: &TestDb) {
        let task = a_task(db).await?;
        let writer = a_writer(db, &task).await?;
        let (deletion, committed) = tokio::join!(task.delete(db), commit_soon(writer));
        committed?;
        assert_eq!(deletion?.rows_by_table(), [("task", 1), ("comment", 1)]);
    }

    async fn a_delete_that_looks_first_sees_what_that_one_wrote(db: &TestDb) {
        a_task(db).await?;
        let ada = domain::member(db, "ada").await?;
        let writer = begin_writing(db).await?;
        let mut project = project::Entity::find().one(&writer).await?.expect("the project").into_active_model();
        project.lead_id = Set(Some(ada.id));
        project.update(&writer).await?;
        let (refused, committed) = tokio::join!(
            member::Entity::delete_by_id(ada.id).exec(db),
            commit_soon(writer)
        );
        committed?;
        let refused = refused.map_err(Error::from).expect_err("she leads a project by now");
        assert!(matches!(refused, Error::Restricted { .. }), "{refused}");
    }

    async fn so_does_a_restore(db: &TestDb) {
        let task = a_task(db).await?;
        let deletion = task::Entity::delete_by_id(task.id).exec(db).await?;
        let writer = a_writer(db, &task).await?;
        let (restored, committed) = tokio::join!(deletion.undo().exec(db), commit_soon(writer));
        committed?;
        assert_eq!(restored?.rows_by_table(), [("task", 1)]);
        assert_eq!(comment::Entity::find().count(db).await?, 1);
    }

    async fn many_deletes_at_once_all_succeed(db: &TestDb) {
        let task = a_task(db).await?;
        let mut deletes = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let comment = domain::comment(db, &task, "first").await?;
            let connection = another_connection(db).await?;
            deletes.spawn(async move { comment.delete(&connection).await });
        }
        while let Some(deletion) = deletes.join_next().await {
            assert_eq!(deletion.expect("no panic")?.rows_affected, 1);
        }
        assert_eq!(comment::Entity::only_deleted().count(db).await?, 8);
    }

    async fn a_lock_not_had_in_time_is_contention(db: &TestDb) {
        let task = a_task(db).await?;
        comment::Entity::delete_by_id(domain::comment(db, &task, "first").await?.id).exec(db).await?;
        let impatient = an_impatient_connection(db).await?;
        let writer = a_writer(db, &task).await?;

        assert_contention(task::Entity::delete_by_id(task.id).exec(&impatient).await.map_err(Error::from));
        assert_contention(task::Entity::delete_many().all().exec(&impatient).await.map_err(Error::from));
        assert_contention(comment::Entity::delete_many().all().exec(&impatient).await.map_err(Error::from));
        assert_contention(comment::Entity::restore_by_id(1).exec(&impatient).await);
        assert_contention(comment::Entity::force_delete_by_id(1).exec(&impatient).await);
        assert_contention(task.clone().delete(&impatient).await.map_err(Error::from));
        assert_contention(task.clone().force_delete(&impatient).await);

        writer.commit().await?;
        // The connection goes on, and nothing is half done.
        assert_eq!(comment::Entity::find().count(&impatient).await?, 1);
        assert_eq!(task.delete(&impatient).await?.rows_affected, 1);
    }
}
