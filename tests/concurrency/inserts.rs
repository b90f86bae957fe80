//! Rows that are inserted below others that are being deleted.

use sea_orm::{
    ConnectionTrait as _, DbBackend, Statement, TransactionSession as _, TransactionTrait as _,
};
use soft_delete::Error;

use super::{
    depot::{bay, depot},
    race::race,
    session::Session,
    steps::Db,
    world::{DEPOTS, FOLDERS, TRACKER, World, year},
};
use support::{
    self, Kind, TestDb, TestResult,
    domain::{task, workspace},
    folder,
};

/// Inserts a row as one should: locks the parent first, and looks whether it is active.
pub async fn insert_below(db: &Db, parent: &str, child: &str) -> Result<&'static str, Error> {
    let transaction = db.begin().await?;
    let backend = transaction.get_database_backend();
    let share = match backend {
        DbBackend::Postgres => "FOR SHARE",
        _ => "LOCK IN SHARE MODE",
    };
    let lock = format!("SELECT id FROM {parent} AND deleted_at IS NULL {share}");
    let parent = transaction
        .query_one_raw(Statement::from_string(backend, lock))
        .await?;
    if parent.is_none() {
        transaction.rollback().await?;
        return Ok("refused");
    }
    transaction.execute_unprepared(child).await?;
    transaction.commit().await?;
    Ok("inserted")
}

pub const COMMENT: &str = "INSERT INTO comment (id, task_id, body) VALUES (9, 1, 'late')";

support::on_servers! {
    async fn a_parents_delete_takes_the_child_that_is_being_inserted(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &TRACKER,
            async |_| Ok(()),
            async |db| insert_below(db, "task WHERE id = 1", COMMENT).await,
            async |db| task::Entity::delete_by_id(1).at(year(2022)).exec(db).await,
        )
        .await?;
    }

    async fn no_child_is_inserted_below_a_parent_that_is_being_deleted(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &TRACKER,
            async |_| Ok(()),
            async |db| workspace::Entity::delete_by_id(1).at(year(2021)).exec(db).await,
            async |db| insert_below(db, "task WHERE id = 1", COMMENT).await,
        )
        .await?;
    }

    async fn no_child_is_inserted_in_a_tree_that_is_being_deleted(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &FOLDERS,
            async |_| Ok(()),
            async |db| insert_below(db, "folder WHERE id = 3", "INSERT INTO folder (id, parent_id) VALUES (9, 3)").await,
            async |db| folder::Entity::delete_by_id(1).at(year(2022)).exec(db).await,
        )
        .await?;
    }

    async fn a_child_that_is_being_inserted_restricts(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &DEPOTS,
            async |_| Ok(()),
            async |db| bay::Entity::delete_by_id(1).at(year(2021)).exec(db).await,
            async |db| insert_below(db, "bay WHERE id = 1", "INSERT INTO lease (id, bay_id) VALUES (9, 1)").await,
        )
        .await?;
    }

    async fn a_child_that_is_being_inserted_restricts_the_delete_of_its_grandparent(db: &TestDb) {
        World::create(db).await?;
        race(
            db,
            &DEPOTS,
            async |_| Ok(()),
            async |db| depot::Entity::delete_by_id(1).at(year(2021)).exec(db).await,
            async |db| insert_below(db, "bay WHERE id = 1", "INSERT INTO lease (id, bay_id) VALUES (9, 1)").await,
        )
        .await?;
    }

    async fn a_child_that_only_its_foreign_key_guards_is_taken_if_it_came_first(db: &TestDb) {
        World::create(db).await?;
        TRACKER.reset(db).await?;
        let session = Session::open(db, None).await?;
        let insert = db.begin().await?;
        insert.execute_unprepared(COMMENT).await?;

        let (deletion, committed) = tokio::join!(
            task::Entity::delete_by_id(1).exec(&session.connection),
            async {
                session.until_waiting(db).await?;
                TestResult::Ok(insert.commit().await?)
            }
        );

        committed?;
        assert_eq!(deletion?.rows_by_table().get("comment"), 3);
        TRACKER.check(db).await?;
    }

    /// What a trigger has to refuse: a foreign key knows nothing of `deleted_at`.
    async fn a_child_that_only_its_foreign_key_guards_stays_if_it_came_second(db: &TestDb) {
        World::create(db).await?;
        TRACKER.reset(db).await?;
        let session = Session::open(db, None).await?;
        let delete = db.begin().await?;
        task::Entity::delete_by_id(1).exec(&delete).await?;

        let (inserted, committed) = tokio::join!(
            session.connection.execute_unprepared(COMMENT),
            async {
                session.until_waiting(db).await?;
                TestResult::Ok(delete.commit().await?)
            }
        );

        committed?;
        inserted?;
        assert!(TRACKER.rows(db).await?.contains(&"comment 9 active".to_owned()));
    }

    /// In PostgreSQL, what an insert locks of its parent doesn't keep an UPDATE of other columns waiting. It does keep the
    /// `FOR UPDATE` waiting, but only the rows that the delete names are locked by that.
    async fn further_down_such_a_child_is_taken_in_mariadb_and_stays_in_postgres(db: &TestDb) {
        World::create(db).await?;
        TRACKER.reset(db).await?;
        let session = Session::open(db, None).await?;
        let insert = db.begin().await?;
        insert.execute_unprepared(COMMENT).await?;
        let waits = db.kind() == Kind::MariaDb;

        let deleted = tokio::sync::Notify::new();
        let (deletion, committed) = tokio::join!(
            async {
                let deletion = workspace::Entity::delete_by_id(1).exec(&session.connection).await;
                deleted.notify_one();
                deletion
            },
            async {
                if waits {
                    session.until_waiting(db).await?;
                } else {
                    deleted.notified().await;
                }
                TestResult::Ok(insert.commit().await?)
            }
        );

        committed?;
        let comments = if waits { 4 } else { 3 };
        assert_eq!(deletion?.rows_by_table().get("comment"), comments);
        let stays = TRACKER.rows(db).await?.contains(&"comment 9 active".to_owned());
        assert_eq!(stays, !waits);
    }
}
