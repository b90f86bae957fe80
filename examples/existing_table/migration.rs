use sea_orm_migration::prelude::*;
use soft_delete::{migration::SoftDeleteSchema as _, schema::SoftDeleteColumns};

pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(AddSoftDelete)]
    }
}

#[derive(DeriveMigrationName)]
struct AddSoftDelete;

#[allow(elided_lifetimes_in_paths)]
#[async_trait::async_trait]
impl MigrationTrait for AddSoftDelete {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = SoftDeleteColumns::new().deletion_id();
        manager.add_soft_delete_columns("post", &columns).await?;
        Ok(())
    }
}
