//! The archive table: created, dropped, and both in migrations.

// Migrations are written so.
#![allow(elided_lifetimes_in_paths)]

use sea_orm_migration::prelude::*;
use soft_delete::{
    Error, Purge, Registry,
    archive::{ArchiveError, ArchiveTable},
    migration::ArchiveSchema as _,
    schema::{Change, SchemaError},
};

use super::fixture::{archive, archive_specimens, create_specimens, number, run};
use support::{TestDb, on_backends};

fn descriptions(changes: &[Change]) -> Vec<&str> {
    changes.iter().map(Change::description).collect()
}

struct Archiving;

impl MigrationName for Archiving {
    fn name(&self) -> &str {
        "m1_archiving"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Archiving {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_archive_table(&archive()).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_archive_table(&archive()).await?;
        Ok(())
    }
}

struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Archiving)]
    }
}

on_backends! {
    [sqlite_memory SqliteMemory Pool, sqlite_file SqliteFile Pool, postgres Postgres Pool, mariadb MariaDb Pool,
     mysql MySql Pool, scoped_postgres Postgres Scoped, scoped_mariadb MariaDb Scoped]

    async fn it_is_created_once_and_dropped_once(db: &TestDb) {
        assert_eq!(
            descriptions(&archive().create(db).await?),
            [
                "create the archive table `soft_delete_archive`",
                "create the index `idx_soft_delete_archive_table_name_row_key` of `soft_delete_archive`",
                "create the index `idx_soft_delete_archive_deletion_id` of `soft_delete_archive`",
                "create the index `idx_soft_delete_archive_archived_at` of `soft_delete_archive`",
            ]
        );
        assert_eq!(descriptions(&archive().create(db).await?), [""; 0]);
        assert_eq!(
            descriptions(&archive().drop(db).await?),
            ["drop the archive table `soft_delete_archive`"]
        );
        assert_eq!(descriptions(&archive().drop(db).await?), [""; 0]);
    }

    async fn what_is_missing_is_added(db: &TestDb) {
        archive().create(db).await?;
        let on = if db.backend() == sea_orm::DbBackend::MySql { " ON soft_delete_archive" } else { "" };
        run(db, &[&format!("DROP INDEX idx_soft_delete_archive_deletion_id{on}")]).await?;
        assert_eq!(archive().create(db).await?.len(), 1);
    }

    async fn another_table_of_that_name_is_left_alone(db: &TestDb) {
        run(db, &["CREATE TABLE history (id bigint PRIMARY KEY)"]).await?;
        let history = ArchiveTable::new().name("history");
        for error in [history.create(db).await.unwrap_err(), history.drop(db).await.unwrap_err()] {
            assert!(matches!(error, Error::Schema(SchemaError::NameTaken { .. })), "{error}");
        }
    }

    async fn a_purge_wants_the_table_first(db: &TestDb) {
        create_specimens(db, "title text").await?;
        let purge = Purge::new().registry(&Registry::global().of_group("specimens")).archive(archive());
        let error = purge.exec(db).await.unwrap_err();
        assert!(matches!(error, Error::Archive(ArchiveError::Missing { .. })), "{error}");
    }

    async fn it_is_not_dropped_with_entries_unless_that_is_said(db: &TestDb) {
        create_specimens(db, "title text").await?;
        run(db, &["INSERT INTO specimen (id, title) VALUES (1, 'a'), (2, 'b')"]).await?;
        archive_specimens(db).await?;
        let error = archive().drop(db).await.unwrap_err();
        assert!(error.to_string().contains("has 2 entries, which would be lost"), "{error}");
        assert_eq!(number(db, "SELECT COUNT(*) FROM soft_delete_archive").await?, 2);
        archive().even_with_entries().drop(db).await?;
    }

    async fn migrations_go_up_and_down_and_up_with_data(db: &TestDb) {
        let connection = db.connection();
        create_specimens(db, "title text").await?;
        run(db, &["INSERT INTO specimen (id, title) VALUES (1, 'a')"]).await?;
        Migrator::up(&connection, None).await?;
        let deletion = archive_specimens(db).await?;
        assert!(Migrator::down(&connection, None).await.is_err());
        archive().restore().deletion(deletion).exec(db).await?;
        Migrator::down(&connection, None).await?;
        Migrator::up(&connection, None).await?;
        assert_eq!(number(db, "SELECT COUNT(*) FROM soft_delete_archive").await?, 0);
        assert_eq!(number(db, "SELECT COUNT(*) FROM specimen").await?, 1);
    }
}
