//! What is told of the databases' errors: by their codes, whatever values their texts repeat.

use std::time::Duration;

use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DbErr, Statement, TransactionTrait as _,
};
use soft_delete::Error;

use support::{Kind, TestDb, on_backends, on_every_backend};

const SPEAKING: [&str; 7] = [
    "number: 1213",
    "1213 (40001): Deadlock found when trying to get lock",
    "database is locked",
    "database table is locked",
    "code: \"40P01\"",
    "code: \"40001\"",
    "can''t be under a deleted row of",
];

async fn run(db: &TestDb, sql: &str) -> Result<(), DbErr> {
    db.connection().execute_unprepared(sql).await?;
    Ok(())
}

on_every_backend! {
    async fn a_value_in_an_error_is_not_taken_for_its_code(db: &TestDb) {
        run(db, "CREATE TABLE label (name varchar(100) UNIQUE)").await?;
        for value in SPEAKING {
            let insert = format!("INSERT INTO label VALUES ('{value}')");
            run(db, &insert).await?;
            let error = Error::from(run(db, &insert).await.unwrap_err());
            assert!(!error.is_retryable(), "{error}");
            assert!(matches!(error, Error::Db(_)), "{error}");
        }
    }

    async fn an_error_that_no_database_reported_is_not_retryable(_db: &TestDb) {
        for value in SPEAKING {
            let error = Error::from(DbErr::Custom(value.to_owned()));
            assert!(!error.is_retryable(), "{error}");
        }
    }
}

on_backends! {
    [postgres Postgres Pool, mariadb MariaDb Pool]

    async fn a_lock_not_had_in_time_is_retryable(db: &TestDb) {
        run(db, "CREATE TABLE label (id int PRIMARY KEY)").await?;
        run(db, "INSERT INTO label VALUES (1)").await?;
        let lock = |how: &str| Statement::from_string(db.backend(), format!("SELECT id FROM label FOR UPDATE{how}"));
        let holder = db.connection().begin().await?;
        holder.query_one_raw(lock("")).await?;
        let error = db.connection().query_one_raw(lock(" NOWAIT")).await.unwrap_err();
        let error = Error::from(error);
        assert!(error.is_retryable(), "{error}");
        holder.rollback().await?;
    }
}

on_backends! {
    [sqlite SqliteFile Pool]

    async fn a_database_that_is_being_written_is_retryable(db: &TestDb) {
        assert_eq!(db.kind(), Kind::SqliteFile);
        run(db, "CREATE TABLE label (id int PRIMARY KEY)").await?;
        let mut options = ConnectOptions::new(db.url());
        options.map_sqlx_sqlite_opts(|sqlite| sqlite.busy_timeout(Duration::ZERO));
        let hasty = Database::connect(options).await?;
        let writer = db.connection().begin().await?;
        writer.execute_unprepared("INSERT INTO label VALUES (1)").await?;
        let error = hasty.execute_unprepared("INSERT INTO label VALUES (2)").await.unwrap_err();
        let error = Error::from(error);
        assert!(error.is_retryable(), "{error}");
        writer.rollback().await?;
    }
}
