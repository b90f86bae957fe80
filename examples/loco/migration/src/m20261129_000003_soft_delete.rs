//! What soft deletion adds to the tables.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};
use soft_delete::{
    migration::SoftDeleteSchema as _,
    schema::{
        ActiveParentTriggers, ActiveSchema, PurgeIndex, SoftDeleteColumns, UniqueActiveIndex,
    },
};

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: [&str; 2] = ["notebooks", "notes"];

fn stamp() -> SoftDeleteColumns {
    SoftDeleteColumns::new().deletion_id()
}

/// A name is taken as long as its notebook is active.
fn names() -> UniqueActiveIndex {
    UniqueActiveIndex::on("notebooks").col("name")
}

/// No note is written into a notebook that was deleted meanwhile.
fn notes_in_notebooks() -> ActiveParentTriggers {
    ActiveParentTriggers::on("notes")
        .key("notebook_id", "id")
        .parent("notebooks")
}

/// Views of active rows, for everything that reads without asking for them: on PostgreSQL, by its URL. See `config/active.yaml`.
fn views(m: &SchemaManager) -> Option<ActiveSchema> {
    let has_schemas = m.get_database_backend() == DbBackend::Postgres;
    has_schemas.then(|| ActiveSchema::named("active"))
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES {
            m.add_soft_delete_columns(table, &stamp()).await?;
            m.create_purge_index(&PurgeIndex::on(table)).await?;
        }
        m.create_unique_active_index(&names()).await?;
        m.create_active_parent_triggers(&notes_in_notebooks())
            .await?;
        if let Some(views) = views(m) {
            m.create_active_schema(&views).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        if let Some(views) = views(m) {
            m.drop_active_schema(&views).await?;
        }
        m.drop_active_parent_triggers(&notes_in_notebooks()).await?;
        m.drop_unique_active_index(&names()).await?;
        for table in TABLES {
            m.drop_purge_index(&PurgeIndex::on(table)).await?;
            m.drop_soft_delete_columns(table, &stamp()).await?;
        }
        Ok(())
    }
}
