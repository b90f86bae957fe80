//! A program that links no entity, such as one that knows its tables by raw SQL alone: whatever goes by the global registry is
//! refused, and nothing is sent.

#![allow(dead_code, clippy::expect_used, clippy::unwrap_used)]

// Not the whole support module, which has entities.
#[path = "support/kind.rs"]
mod kind;
#[path = "support/place.rs"]
mod place;

use kind::Kind;
use place::Place;
use sea_orm::{
    ConnectionTrait, Database, DatabaseConnection, DbErr, Statement, StreamTrait as _,
    TransactionTrait as _,
};
use soft_delete::{
    Delete, Deletion, Error, Purge, Registry, ScopedConnection, SoftDelete,
    archive::ArchiveTable,
    schema::{KeepIndexes, SchemaSync, doctor},
    stats,
};
use unregistered::Entity as Post;

/// An entity that is not registered, as one whose crate the linker has dropped.
mod unregistered {
    use sea_orm::entity::prelude::*;
    use soft_delete::{EntityMeta, NoActor, NoVersion, SoftDelete, TimeKind};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "post")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub deleted_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl SoftDelete for Entity {
        type Actor = NoActor;
        type Version = NoVersion;

        fn deleted_at_column() -> Column {
            Column::DeletedAt
        }

        fn meta() -> &'static EntityMeta {
            static META: std::sync::LazyLock<EntityMeta> = std::sync::LazyLock::new(|| {
                EntityMeta::describe::<Entity>(module_path!(), TimeKind::ChronoUtc).build()
            });
            &META
        }
    }
}

/// Runs a test on a database of every kind that has one post.
fn with_a_post(test: impl AsyncFn(&DatabaseConnection)) {
    let kinds = [
        Kind::SqliteMemory,
        Kind::SqliteFile,
        Kind::Postgres,
        Kind::MariaDb,
    ];
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for kind in kinds {
        let Some(place) = Place::new(kind) else {
            continue;
        };
        runtime.block_on(async {
            place.create().await.expect("a database");
            let db = Database::connect(place.connect_options())
                .await
                .expect("a pool");
            let time = match kind {
                Kind::Postgres => "TIMESTAMPTZ",
                _ => "TIMESTAMP(6)",
            };
            let table =
                format!("CREATE TABLE post (id BIGINT PRIMARY KEY, deleted_at {time} NULL)");
            for sql in [table.as_str(), "INSERT INTO post (id) VALUES (1)"] {
                db.execute_unprepared(sql).await.expect("a post");
            }
            test(&db).await;
            assert_eq!(posts(&db).await, 1);
            db.close().await.expect("closed");
            place.remove().await.expect("removed");
        });
    }
}

async fn posts(db: &DatabaseConnection) -> i64 {
    let query = "SELECT COUNT(*) AS posts FROM post WHERE deleted_at IS NULL";
    let query = Statement::from_string(db.get_database_backend(), query);
    let row = db
        .query_one_raw(query)
        .await
        .expect("a count")
        .expect("a row");
    row.try_get("", "posts").expect("a number")
}

const SENTENCE: &str = "this program has no soft-deletable entities: derive `SoftDelete`; a library that nothing refers to \
                        is not linked: say `use my_library as _;`";

fn assert_refused<T: std::fmt::Debug>(result: Result<T, Error>) {
    let error = result.expect_err("there are no entities");
    assert!(
        matches!(error, Error::NoEntities { group: None, .. }),
        "{error:?}"
    );
    assert_eq!(error.to_string(), SENTENCE);
}

fn assert_refused_in_seaorm<T>(result: Result<T, DbErr>) {
    let error = result.err().expect("there are no entities");
    assert!(error.to_string().contains(SENTENCE), "{error}");
}

/// A deletion that another program has made.
fn deletion() -> Deletion {
    serde_json::from_value(serde_json::json!({
        "rows_affected": 1,
        "id": "01a202ef-b6c4-76c6-8810-e97595e211a8",
        "deleted_at": "2026-11-21T11:06:34Z",
        "outcome": "Deleted",
        "group": "default",
        "tables": [["post", 1]],
    }))
    .expect("a deletion")
}

#[test]
fn the_registry_says_so() {
    assert_eq!(Registry::global().entities().count(), 0);
    assert_refused(Registry::global().check());
}

#[test]
fn a_scoped_connection_sends_nothing() {
    with_a_post(async |pool| {
        let db = ScopedConnection::new(pool.clone());
        let select = || Statement::from_string(pool.get_database_backend(), "SELECT id FROM post");

        assert_refused_in_seaorm(db.execute_unprepared("DELETE FROM post").await);
        assert_refused_in_seaorm(db.execute_raw(select()).await);
        assert_refused_in_seaorm(db.query_one_raw(select()).await);
        assert_refused_in_seaorm(db.query_all_raw(select()).await);
        assert_refused_in_seaorm(db.stream_raw(select()).await);
        assert_refused_in_seaorm(db.with_deleted().query_all_raw(select()).await);
        assert_refused_in_seaorm(db.only_deleted().query_all_raw(select()).await);
        let borrowed = ScopedConnection::borrow(pool);
        assert_refused_in_seaorm(borrowed.execute_unprepared("DELETE FROM post").await);
        let transaction = db.begin().await.expect("a transaction");
        assert_refused_in_seaorm(transaction.execute_unprepared("DELETE FROM post").await);
        transaction.rollback().await.expect("rolled back");
        let refused = db
            .rewrite("SELECT id FROM post")
            .expect_err("there are no entities");
        assert!(refused.to_string().contains(SENTENCE), "{refused}");
        assert!(db.unscoped().query_one_raw(select()).await.is_ok());
    });
}

#[test]
fn deletes_and_restores_are_refused() {
    with_a_post(async |db| {
        assert_refused(Delete::<Post>::by_id(1).exec(db).await.map_err(Error::from));
        assert_refused(Delete::<Post>::by_id(1).plan(db).await);
        assert_refused(Post::restore_by_id(1).exec(db).await);
        assert_refused(Post::restore_by_id(1).plan(db).await);
        assert_refused(soft_delete::Erase::<Post>::by_id(1).exec(db).await);
        assert_refused(deletion().undo().exec(db).await);
        assert_refused(soft_delete::Undo::deletion(deletion().id()).exec(db).await);
        assert_refused(
            soft_delete::Undo::deletion(deletion().id())
                .group("billing")
                .exec(db)
                .await,
        );
        assert_refused(
            ArchiveTable::new()
                .restore()
                .row("post", [1])
                .exec(db)
                .await,
        );
    });
}

#[test]
fn nothing_is_purged_counted_or_found_well() {
    with_a_post(async |db| {
        let registry = Registry::global();
        assert_refused(Purge::new().registry(registry).exec(db).await);
        assert_refused(Purge::new().registry(registry).plan(db).await);
        assert_refused(stats(registry, db).await);
        assert_refused(doctor::examine(registry, db).await);
        assert_refused(SchemaSync::new().registry(registry).plan(db).await);
        assert_refused(SchemaSync::new().registry(registry).exec(db).await);
        assert_refused(KeepIndexes::of(registry, db).await.map(|_| ()));
    });
}

#[test]
fn a_group_without_entities_is_refused() {
    with_a_post(async |db| {
        let billing = Registry::global().of_group("billing");
        let error = stats(&billing, db)
            .await
            .expect_err("there are no entities");
        assert!(
            error
                .to_string()
                .contains("no soft-deletable entities in group `billing`"),
            "{error}"
        );
        let scoped = ScopedConnection::with_registry(db.clone(), &billing);
        let error = scoped
            .execute_unprepared("DELETE FROM post")
            .await
            .expect_err("refused");
        assert!(error.to_string().contains("in group `billing`"), "{error}");
    });
}

#[test]
fn a_registry_that_is_empty_on_purpose_is_used_as_it_is() {
    with_a_post(async |db| {
        let nothing = Registry::builder().build();
        nothing.check().expect("it is meant");
        let scoped = ScopedConnection::with_registry(db.clone(), &nothing);
        scoped
            .execute_unprepared("DELETE FROM post")
            .await
            .expect("no table is soft-deletable");
        scoped
            .execute_unprepared("INSERT INTO post (id) VALUES (1)")
            .await
            .expect("inserted");
        assert!(
            stats(&nothing, db)
                .await
                .expect("nothing to count")
                .tables()
                .is_empty()
        );
        assert!(
            doctor::examine(&nothing, db)
                .await
                .expect("nothing to find")
                .is_healthy()
        );
        Purge::new()
            .registry(&nothing)
            .exec(db)
            .await
            .expect("nothing to purge");
        Delete::<Post>::by_id(1)
            .registry(&nothing)
            .exec(db)
            .await
            .expect("alone");
        Post::restore_by_id(1)
            .registry(&nothing)
            .exec(db)
            .await
            .expect("alone");
    });
}
