//! What the other tests take for granted.

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ConnectionTrait as _, Database, DbErr,
    IntoActiveModel as _, PaginatorTrait as _, TransactionSession as _, TransactionTrait as _,
};

use support::{
    self, Kind, TestDb, Through,
    domain::{self, comment, project, tag, task, workspace},
};

/// To the microsecond, which is more than a MySQL `timestamp` of SeaORM's making keeps.
fn a_moment() -> DateTime<Utc> {
    DateTime::from_timestamp_micros(1_800_000_000_123_456).expect("a moment")
}

support::on_every_backend! {
    async fn each_test_has_a_database_of_its_own(db: &TestDb) {
        domain::create(db).await?;
        domain::workspace(db, "mine").await?;
        assert_eq!(workspace::Entity::find().count(db).await?, 1);
    }

    async fn and_so_has_its_neighbour(db: &TestDb) {
        domain::create(db).await?;
        domain::workspace(db, "mine").await?;
        assert_eq!(workspace::Entity::find().count(db).await?, 1);
    }

    async fn times_keep_their_microseconds(db: &TestDb) {
        domain::create(db).await?;
        let deleted = tag::ActiveModel {
            name: Set("urgent".to_owned()),
            deleted_at: Set(Some(a_moment())),
            ..Default::default()
        };
        sea_orm::Insert::one(deleted).exec_without_returning(db).await?;

        let read = tag::Entity::with_deleted().one(db).await?.expect("the tag");
        assert_eq!(read.deleted_at, Some(a_moment()));
    }

    /// MariaDB gives a timestamp column that doesn't say NULL the time of each write.
    async fn an_unset_time_stays_null(db: &TestDb) {
        domain::create(db).await?;
        let tag = domain::tag(db, "urgent").await?;
        let mut renamed = tag.clone().into_active_model();
        renamed.name = Set("later".to_owned());
        renamed.update(db).await?;

        let read = tag::Entity::with_deleted().one(db).await?.expect("the tag");
        assert_eq!(read.deleted_at, None);
    }

    async fn foreign_keys_are_enforced(db: &TestDb) {
        domain::create(db).await?;
        let nowhere = comment::ActiveModel {
            task_id: Set(4711),
            body: Set("hello?".to_owned()),
            ..Default::default()
        };
        let refused = nowhere.insert(db).await.expect_err("there is no task 4711");
        assert!(matches!(
            refused.sql_err(),
            Some(sea_orm::SqlErr::ForeignKeyConstraintViolation(_))
        ));
    }

    async fn foreign_keys_do_what_the_entities_say(db: &TestDb) {
        domain::create(db).await?;
        let workspace = domain::workspace(db, "main").await?;
        let project = domain::project(db, &workspace, "engine").await?;
        let task = domain::task(db, &project, "start").await?;
        domain::comment(db, &task, "done").await?;
        domain::task_tag(db, &task, &domain::tag(db, "urgent").await?).await?;

        db.execute_unprepared("DELETE FROM workspace").await?;

        assert_eq!(project::Entity::with_deleted().count(db).await?, 0);
        assert_eq!(task::Entity::with_deleted().count(db).await?, 0);
        assert_eq!(comment::Entity::with_deleted().count(db).await?, 0);
        assert_eq!(tag::Entity::with_deleted().count(db).await?, 1);
    }

    async fn a_second_connection_sees_the_same_database(db: &TestDb) {
        if !db.kind().is_shared() {
            return Ok(());
        }
        domain::create(db).await?;
        domain::workspace(db, "mine").await?;
        let other = Database::connect(db.url()).await?;
        assert_eq!(workspace::Entity::find().count(&other).await?, 1);
    }

    async fn the_recorder_lists_statements_and_transactions(db: &TestDb) {
        domain::create(db).await?;
        let db = db.recorder();

        let transaction = db.begin().await?;
        let nested = transaction.begin().await?;
        workspace::Entity::find().one(&nested).await?;
        nested.commit().await?;
        transaction.rollback().await?;

        let statements = db.statements();
        assert_eq!(statements.len(), 5);
        assert_eq!(statements[..2], ["BEGIN", "SAVEPOINT"]);
        assert!(statements[2].starts_with("SELECT"));
        assert_eq!(statements[3..], ["RELEASE SAVEPOINT", "ROLLBACK"]);
    }

    async fn the_recorder_sees_into_closures_and_forgets_when_told(db: &TestDb) {
        domain::create(db).await?;
        let db = db.recorder();

        let failed = db
            .transaction(|transaction| {
                Box::pin(async move {
                    domain::workspace(transaction, "mine").await?;
                    Err::<(), _>(DbErr::Custom("on second thoughts".to_owned()))
                })
            })
            .await;

        assert!(failed.is_err());
        assert_eq!(db.statements().last().map(String::as_str), Some("ROLLBACK"));
        db.clear();
        assert_eq!(workspace::Entity::find().count(&db).await?, 0);
        assert_eq!(db.count(), 1);
    }

    async fn a_dropped_transaction_is_a_rollback_to_the_recorder(db: &TestDb) {
        let db = db.recorder();
        drop(db.begin().await?);
        assert_eq!(db.statements(), ["BEGIN", "ROLLBACK"]);
    }
}

support::on_servers! {
    async fn two_transactions_are_open_at_once(db: &TestDb) {
        domain::create(db).await?;
        let (one, two) = (db.begin().await?, db.begin().await?);
        domain::workspace(&one, "one").await?;
        domain::workspace(&two, "two").await?;
        one.commit().await?;
        two.commit().await?;
        assert_eq!(workspace::Entity::find().count(db).await?, 2);
    }
}

#[test]
fn a_test_that_panics_in_a_transaction_leaves_no_database_behind() {
    for kind in [Kind::SqliteFile, Kind::Postgres, Kind::MariaDb] {
        let mut database = None;
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            support::run(kind, Through::Pool, async |db| {
                database = Some(db.url().to_owned());
                domain::create(db).await?;
                let transaction = db.begin().await?;
                domain::workspace(&transaction, "mine").await?;
                assert_eq!(workspace::Entity::find().count(&transaction).await?, 99);
                Ok(())
            });
        }));

        let Some(url) = database else { continue };
        assert!(outcome.is_err());
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        assert!(runtime.block_on(Database::connect(url)).is_err());
    }
}
