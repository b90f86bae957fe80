//! What the entities need, in one call.

use sea_orm::{ConnectionTrait as _, DbBackend, Schema};
use soft_delete::{
    Error, Registry,
    schema::{
        KeepIndexes, SchemaError, SchemaSync,
        doctor::{self, Check},
    },
};

use super::tables::{descriptions, run};
use support::{TestDb, on_backends, on_every_backend};

mod author {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
    #[sea_orm(table_name = "author")]
    #[soft_delete(group = "sync")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        #[soft_delete(unique)]
        pub name: String,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(has_many)]
        pub posts: HasMany<super::post::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod post {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
    #[sea_orm(table_name = "post")]
    #[soft_delete(group = "sync", retention = "30 days")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        #[soft_delete(unique = "slug")]
        pub author_id: i32,
        #[soft_delete(unique = "slug")]
        pub slug: String,
        pub deleted_at: Option<DateTimeUtc>,
        pub deleted_by: Option<i64>,
        pub delete_reason: Option<String>,
        #[sea_orm(belongs_to, from = "author_id", to = "id", on_delete = "Cascade")]
        pub author: BelongsTo<super::author::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

fn registry() -> Registry {
    Registry::global().of_group("sync")
}

/// As SeaORM makes the tables of entities.
async fn create_tables(db: &TestDb) -> Result<(), sea_orm::DbErr> {
    let schema = Schema::new(db.backend());
    db.execute(&schema.create_table_from_entity(author::Entity))
        .await?;
    db.execute(&schema.create_table_from_entity(post::Entity))
        .await?;
    for index in schema.create_index_from_entity(post::Entity) {
        db.execute(&index).await?;
    }
    Ok(())
}

on_every_backend! {
    async fn it_brings_tables_made_from_entities_in_line(db: &TestDb) {
        create_tables(db).await?;
        let changes = SchemaSync::new().registry(&registry()).exec(db).await?;
        let told: Vec<_> = descriptions(&changes).into_iter().map(ToOwned::to_owned).collect();
        let expected = |what: &str| assert!(told.iter().any(|change| change == what), "{what} is not in {told:#?}");
        match db.backend() {
            DbBackend::MySql => {
                expected("keep microseconds in `deleted_at` of `author`");
                expected("keep microseconds in `deleted_at` of `post`");
            }
            _ => expected("create the index `idx_post_author_id_slug_active` of `post`, unique among active rows"),
        }
        expected("create the index `idx_author_name_active` of `author`, unique among active rows");
        expected("create the index `idx_post_deleted_at_purge` of `post`, for purges");

        assert_eq!(descriptions(&SchemaSync::new().registry(&registry()).exec(db).await?), [""; 0]);
        let report = doctor::examine(&registry(), db).await?;
        assert!(report.is_healthy(), "{report}");
        // SeaORM's foreign keys cascade physically.
        assert!(report.into_iter().all(|finding| finding.check() == Check::PhysicalCascade), "{report}");
    }

    async fn values_of_deleted_rows_are_free_then(db: &TestDb) {
        create_tables(db).await?;
        SchemaSync::new().registry(&registry()).exec(db).await?;
        run(db, &["INSERT INTO author (id, name) VALUES (1, 'ann')"]).await?;
        author::Entity::delete_by_id(1).exec(db).await?;
        run(db, &["INSERT INTO author (id, name) VALUES (2, 'ann')"]).await?;
        assert!(run(db, &["INSERT INTO author (id, name) VALUES (3, 'ann')"]).await.is_err());
    }

    async fn one_entity_alone(db: &TestDb) {
        create_tables(db).await?;
        let changes = SchemaSync::of::<author::Entity>().exec(db).await?;
        assert!(changes.iter().all(|change| change.table().name == "author"), "{changes:?}");
        assert!(!SchemaSync::of::<post::Entity>().plan(db).await?.is_empty());
    }

    async fn columns_are_added_with_the_indexes_over_them(db: &TestDb) {
        run(db, &[
            "CREATE TABLE author (id INTEGER PRIMARY KEY, name VARCHAR(50) NOT NULL)",
            "CREATE TABLE post (id INTEGER PRIMARY KEY, author_id INTEGER NOT NULL, slug VARCHAR(50) NOT NULL)",
            "INSERT INTO author VALUES (1, 'ann')",
            "INSERT INTO post VALUES (1, 1, 'a')",
        ]).await?;
        let plan = SchemaSync::new().registry(&registry()).plan(db).await?;
        let changes = SchemaSync::new().registry(&registry()).exec(db).await?;
        assert_eq!(descriptions(&plan), descriptions(&changes));
        assert_eq!(descriptions(&changes), [
            "add the column `deleted_at` to `author`",
            "add the column `deletion_id` to `author`",
            "add the column `deleted_at` to `post`",
            "add the column `deleted_by` to `post`",
            "add the column `delete_reason` to `post`",
            "create the index `idx_author_name_active` of `author`, unique among active rows",
            "create the index `idx_post_author_id_slug_active` of `post`, unique among active rows",
            "create the index `idx_post_deleted_at_purge` of `post`, for purges",
        ]);
        assert!(doctor::examine(&registry(), db).await?.findings().is_empty());
    }

    async fn rows_that_collide_stop_it(db: &TestDb) {
        run(db, &[
            "CREATE TABLE author (id INTEGER PRIMARY KEY, name VARCHAR(50) NOT NULL)",
            "INSERT INTO author VALUES (1, 'ann'), (2, 'ann')",
        ]).await?;
        let error = SchemaSync::of::<author::Entity>().exec(db).await.unwrap_err();
        assert!(matches!(error, Error::Schema(SchemaError::Duplicates { .. })), "{error}");
        // MySQL and MariaDB have the columns by now.
        let has_columns = run(db, &["SELECT deleted_at FROM author"]).await.is_ok();
        assert_eq!(has_columns, db.backend() == DbBackend::MySql);
        run(db, &["UPDATE author SET name = 'bob' WHERE id = 2"]).await?;
        SchemaSync::of::<author::Entity>().exec(db).await?;
    }

    async fn triggers_come_on_request(db: &TestDb) {
        create_tables(db).await?;
        SchemaSync::new().registry(&registry()).active_parent_triggers().exec(db).await?;
        let again = SchemaSync::new().registry(&registry()).active_parent_triggers().exec(db).await?;
        assert_eq!(descriptions(&again), [""; 0]);
        run(db, &["INSERT INTO author (id, name, deleted_at) VALUES (1, 'ann', NOW)"]).await?;
        assert!(run(db, &["INSERT INTO post (id, author_id, slug) VALUES (1, 1, 'a')"]).await.is_err());
    }

    /// Children come back before their parents until a trigger refuses it.
    async fn restores_work_beside_the_triggers(db: &TestDb) {
        create_tables(db).await?;
        SchemaSync::new().registry(&registry()).active_parent_triggers().exec(db).await?;
        run(db, &[
            "INSERT INTO author (id, name) VALUES (1, 'ann')",
            "INSERT INTO post (id, author_id, slug) VALUES (1, 1, 'a'), (2, 1, 'b')",
        ]).await?;
        for _ in 0..2 {
            let deletion = author::Entity::delete_by_id(1).exec(db).await?;
            assert!(run(db, &["UPDATE post SET deleted_at = NULL WHERE id = 1"]).await.is_err());
            deletion.undo().exec(db).await?;
            author::Entity::delete_by_id(1).exec(db).await?;
            let restored = author::Entity::restore_by_id(1).exec(db).await?;
            assert_eq!(restored.rows_by_table(), [("author", 1), ("post", 2)]);
        }
    }

    async fn a_table_that_is_not_there_is_told(db: &TestDb) {
        let error = SchemaSync::of::<author::Entity>().exec(db).await.unwrap_err();
        assert!(matches!(error, Error::Schema(SchemaError::UnknownTable { .. })), "{error}");
    }
}

on_backends! {
    [sqlite SqliteMemory Pool, postgres Postgres Pool, mariadb MariaDb Pool]

    /// By itself, SeaORM drops unique indexes that it finds no `#[sea_orm(unique)]` for.
    async fn sea_orms_sync_leaves_kept_indexes_alone(db: &TestDb) {
        let connection = db.connection();
        let sea_orms = async || -> Result<(), Error> {
            let keeping = KeepIndexes::of(&registry(), &connection).await?;
            let builder = connection.get_schema_builder();
            Ok(builder.register(author::Entity).register(post::Entity).sync(&keeping).await?)
        };
        sea_orms().await?;
        assert!(!SchemaSync::new().registry(&registry()).exec(db).await?.is_empty());
        for _ in 0..2 {
            sea_orms().await?;
            assert_eq!(descriptions(&SchemaSync::new().registry(&registry()).exec(db).await?), [""; 0]);
        }
        let builder = connection.get_schema_builder().register(author::Entity).register(post::Entity);
        let alone = builder.sync(&connection).await;
        // MariaDB has a foreign key that needs the index.
        assert_eq!(alone.is_err(), db.backend() != DbBackend::Sqlite, "{alone:?}");
        if alone.is_ok() {
            assert!(!SchemaSync::new().registry(&registry()).plan(db).await?.is_empty());
        }
    }
}

on_backends! {
    [mariadb MariaDb Pool, scoped_mariadb MariaDb Scoped]

    async fn a_timestamp_becomes_a_datetime_and_keeps_its_values(db: &TestDb) {
        run(db, &[
            "CREATE TABLE author (id INTEGER PRIMARY KEY, name VARCHAR(50) NOT NULL, deleted_at timestamp NULL, deletion_id UUID)",
            "CREATE TABLE post (id INTEGER PRIMARY KEY, author_id INTEGER, slug VARCHAR(50) NOT NULL, deleted_at timestamp(6) NULL, \
             FOREIGN KEY (author_id) REFERENCES author (id))",
            "INSERT INTO author VALUES (1, 'a', '2026-01-02 03:04:05', NULL)",
        ]).await?;
        let registry = Registry::global().of_group("sync");
        SchemaSync::new().registry(&registry).exec(db).await?;
        assert_eq!(descriptions(&SchemaSync::new().registry(&registry).plan(db).await?), [""; 0]);
        run(db, &["UPDATE author SET name = 'b' WHERE deleted_at = '2026-01-02 03:04:05'"]).await?;
        let same = "SELECT COUNT(*) FROM author WHERE name = 'b' AND deleted_at IS NOT NULL";
        assert_eq!(super::tables::number(db, same).await?, 1);
        let types = "SELECT COUNT(*) FROM information_schema.COLUMNS c WHERE c.TABLE_SCHEMA = DATABASE() \
                     AND c.COLUMN_NAME = 'deleted_at' AND c.COLUMN_TYPE = 'datetime(6)'";
        assert_eq!(super::tables::number(db, types).await?, 2);
    }
}
