//! The migration that adds the columns.

use sea_orm::ConnectionTrait as _;
use sea_orm_migration::prelude::*;
use soft_delete::{
    migration::SoftDeleteSchema as _,
    schema::{SoftDeleteColumns, UniqueActiveIndex},
};

use super::sakila::{self, TABLES};
use support::{TestDb, on_backends, on_servers};

fn columns() -> SoftDeleteColumns {
    SoftDeleteColumns::new().deletion_id()
}

#[derive(DeriveMigrationName)]
struct AddSoftDelete;

#[async_trait::async_trait]
impl MigrationTrait for AddSoftDelete {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES {
            manager.add_soft_delete_columns(table, &columns()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES {
            manager.drop_soft_delete_columns(table, &columns()).await?;
        }
        Ok(())
    }
}

fn rental_date() -> UniqueActiveIndex {
    UniqueActiveIndex::on("rental")
        .cols(["rental_date", "inventory_id", "customer_id"])
        .replacing_unique()
}

struct ReplaceUnique;

impl MigrationName for ReplaceUnique {
    fn name(&self) -> &str {
        "replace_unique"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for ReplaceUnique {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_unique_active_index(&rental_date()).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_unique_active_index(&rental_date()).await?;
        Ok(())
    }
}

struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(AddSoftDelete), Box::new(ReplaceUnique)]
    }
}

on_backends! {
    [postgres Postgres Pool, mariadb MariaDb Pool, scoped_postgres Postgres Scoped, scoped_mariadb MariaDb Scoped]

    async fn they_come_without_touching_the_data(db: &TestDb) {
        sakila::old(db).await?;
        let before = sakila::rows(db).await?;
        for table in TABLES {
            assert_eq!(columns().add(table, db).await?.len(), 2);
        }
        for table in TABLES {
            assert!(columns().add(table, db).await?.is_empty());
        }
        assert_eq!(sakila::rows(db).await?, before);
        assert_eq!(sakila::deleted(db).await?, 0);
    }

    async fn a_program_that_knows_nothing_of_them_inserts_active_rows(db: &TestDb) {
        sakila::with_columns(db).await?;
        db.execute_unprepared("INSERT INTO actor (first_name, last_name) VALUES ('ADA', 'MARSH')").await?;
        assert_eq!(sakila::deleted(db).await?, 0);
    }
}

on_servers! {
    async fn a_migration_adds_them_and_takes_them_away(db: &TestDb) {
        sakila::old(db).await?;
        let before = sakila::rows(db).await?;
        let pool = db.connection();
        Migrator::up(&pool, None).await?;
        assert_eq!(sakila::deleted(db).await?, 0);
        Migrator::down(&pool, None).await?;
        assert_eq!(sakila::rows(db).await?, before);
        assert!(db.execute_unprepared("SELECT deleted_at FROM rental").await.is_err());
    }
}
