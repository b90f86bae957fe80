//! The helpers in migrations of SeaORM's.

// Migrations are written so.
#![allow(elided_lifetimes_in_paths)]

use sea_orm::ConnectionTrait as _;
use sea_orm_migration::{
    prelude::*,
    schema::{integer, pk_auto, string},
};
use soft_delete::{
    migration::{SoftDeleteSchema as _, SoftDeleteTable as _},
    schema::{
        ActiveParentTriggers, ActiveView, FlagConversion, PurgeIndex, SoftDeleteColumns,
        UniqueActiveIndex,
    },
};

use super::tables::{number, run};
use support::{TestDb, on_backends};

#[derive(DeriveIden)]
enum Author {
    Table,
    Id,
    Name,
    IsDeleted,
}

#[derive(DeriveIden)]
enum Post {
    Table,
    Id,
    AuthorId,
    Slug,
}

/// The tables as they were, with a flag in one.
struct Before;

impl MigrationName for Before {
    fn name(&self) -> &str {
        "m1_before"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Before {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut author = Table::create();
        author
            .table(Author::Table)
            .col(pk_auto(Author::Id))
            .col(
                ColumnDef::new(Author::Name)
                    .string()
                    .not_null()
                    .unique_key(),
            )
            .col(
                ColumnDef::new(Author::IsDeleted)
                    .boolean()
                    .not_null()
                    .default(false),
            );
        manager.create_table(author).await?;
        let mut post = Table::create();
        post.table(Post::Table)
            .col(pk_auto(Post::Id))
            .col(integer(Post::AuthorId))
            .col(string(Post::Slug))
            .soft_delete_columns(manager, &SoftDeleteColumns::new().deletion_id());
        manager.create_table(post).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(Post::Table).to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table(Author::Table).to_owned())
            .await
    }
}

/// All helpers, and back.
struct SoftDeletion;

impl SoftDeletion {
    fn columns() -> SoftDeleteColumns {
        SoftDeleteColumns::new().deletion_id().delete_reason()
    }

    fn name() -> UniqueActiveIndex {
        UniqueActiveIndex::on(Author::Table)
            .col(Author::Name)
            .replacing_unique()
    }

    fn slug() -> UniqueActiveIndex {
        UniqueActiveIndex::on(Post::Table).cols([Post::AuthorId, Post::Slug])
    }

    fn triggers() -> ActiveParentTriggers {
        ActiveParentTriggers::on(Post::Table)
            .key(Post::AuthorId, Author::Id)
            .parent(Author::Table)
    }
}

impl MigrationName for SoftDeletion {
    fn name(&self) -> &str {
        "m2_soft_deletion"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for SoftDeletion {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .convert_deleted_flag(&FlagConversion::on(Author::Table))
            .await?;
        manager
            .add_soft_delete_columns(Author::Table, &Self::columns())
            .await?;
        manager.create_unique_active_index(&Self::name()).await?;
        manager.create_unique_active_index(&Self::slug()).await?;
        manager
            .create_purge_index(&PurgeIndex::on(Post::Table))
            .await?;
        manager
            .create_active_view(&ActiveView::of(Post::Table))
            .await?;
        manager
            .create_active_parent_triggers(&Self::triggers())
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_active_parent_triggers(&Self::triggers())
            .await?;
        manager
            .drop_active_view(&ActiveView::of(Post::Table))
            .await?;
        manager
            .drop_purge_index(&PurgeIndex::on(Post::Table))
            .await?;
        manager.drop_unique_active_index(&Self::slug()).await?;
        manager.drop_unique_active_index(&Self::name()).await?;
        manager
            .revert_deleted_flag(&FlagConversion::on(Author::Table))
            .await?;
        // The flag has taken the place of `deleted_at`, so that no row becomes active.
        manager
            .drop_soft_delete_columns(Author::Table, &Self::columns())
            .await?;
        Ok(())
    }
}

struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Before), Box::new(SoftDeletion)]
    }
}

on_backends! {
    [sqlite_memory SqliteMemory Pool, sqlite_file SqliteFile Pool, postgres Postgres Pool, mariadb MariaDb Pool]

    async fn they_go_up_and_down_and_up_with_data(db: &TestDb) {
        let connection = db.connection();
        Migrator::up(&connection, Some(1)).await?;
        run(db, &[
            "INSERT INTO author (id, name, is_deleted) VALUES (1, 'ann', TRUE), (2, 'bob', FALSE)",
            "INSERT INTO post (id, author_id, slug) VALUES (1, 2, 'a')",
        ]).await?;
        Migrator::up(&connection, None).await?;
        assert_eq!(number(db, "SELECT COUNT(*) FROM author WHERE deleted_at IS NOT NULL AND id = 1").await?, 1);
        assert_eq!(number(db, "SELECT COUNT(*) FROM active_post").await?, 1);
        assert!(run(db, &["INSERT INTO post (id, author_id, slug) VALUES (2, 1, 'b')"]).await.is_err());
        assert!(run(db, &["INSERT INTO post (id, author_id, slug) VALUES (2, 2, 'a')"]).await.is_err());
        run(db, &["INSERT INTO author (id, name) VALUES (3, 'ann')"]).await?;
        run(db, &["DELETE FROM author WHERE id = 3"]).await?;

        Migrator::down(&connection, Some(1)).await?;
        assert_eq!(number(db, "SELECT COUNT(*) FROM author WHERE is_deleted AND id = 1").await?, 1);
        assert!(run(db, &["INSERT INTO author (id, name) VALUES (3, 'ann')"]).await.is_err());
        Migrator::up(&connection, None).await?;
        assert_eq!(number(db, "SELECT COUNT(*) FROM author WHERE deleted_at IS NOT NULL AND id = 1").await?, 1);
        Migrator::reset(&connection).await?;
        assert!(connection.execute_unprepared("SELECT 1 FROM author").await.is_err());
    }

    async fn a_migration_that_failed_is_completed_by_the_next_run(db: &TestDb) {
        let connection = db.connection();
        Migrator::up(&connection, Some(1)).await?;
        run(db, &["INSERT INTO post (id, author_id, slug) VALUES (1, 2, 'a'), (2, 2, 'a')"]).await?;
        let error = Migrator::up(&connection, None).await.unwrap_err();
        assert!(error.to_string().contains("active rows of `post` have equal values in (author_id, slug): (2, a) 2 times"), "{error}");
        run(db, &["DELETE FROM post WHERE id = 2"]).await?;
        Migrator::up(&connection, None).await?;
        assert!(run(db, &["INSERT INTO post (id, author_id, slug) VALUES (2, 2, 'a')"]).await.is_err());
    }
}
