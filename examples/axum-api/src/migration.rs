//! The schema. `serve` brings the database up to date when it starts.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, pk_auto, string_len, string_null, text},
};
use soft_delete::{
    migration::{SoftDeleteSchema as _, SoftDeleteTable as _},
    schema::{PurgeIndex, SoftDeleteColumns, UniqueActiveIndex},
};

/// Brings databases up to date.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(CreateTables)]
    }
}

struct CreateTables;

impl MigrationName for CreateTables {
    fn name(&self) -> &str {
        "m0001_create_tables"
    }
}

// `async_trait` wants the trait's own spelling of lifetimes.
#[allow(elided_lifetimes_in_paths)]
#[async_trait::async_trait]
impl MigrationTrait for CreateTables {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                table("workspace", manager)
                    .col(string_len("slug", 60))
                    .col(string_len("name", 200))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                table("member", manager)
                    .col(big_integer_null("workspace_id"))
                    .col(string_len("name", 200))
                    .col(string_len("email", 254))
                    .col(string_len("role", 8))
                    .col(string_null("token_hash"))
                    .foreign_key(&mut reference("member", "workspace_id", "workspace"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                table("project", manager)
                    .col(big_integer("workspace_id"))
                    .col(string_len("slug", 60))
                    .col(string_len("name", 200))
                    .col(text("description"))
                    .foreign_key(&mut reference("project", "workspace_id", "workspace"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                table("task", manager)
                    .col(big_integer("workspace_id"))
                    .col(big_integer("project_id"))
                    .col(string_len("title", 200))
                    .col(string_len("status", 8))
                    .col(big_integer_null("assignee_id"))
                    .col(big_integer("created_by"))
                    .foreign_key(&mut reference("task", "project_id", "project"))
                    .foreign_key(
                        reference("task", "assignee_id", "member")
                            .on_delete(ForeignKeyAction::SetNull),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                table("comment", manager)
                    .col(big_integer("workspace_id"))
                    .col(big_integer("task_id"))
                    .col(big_integer("author_id"))
                    .col(text("body"))
                    .foreign_key(&mut reference("comment", "task_id", "task"))
                    .foreign_key(&mut reference("comment", "author_id", "member"))
                    .to_owned(),
            )
            .await?;

        for unique in [
            UniqueActiveIndex::on("workspace").col("slug"),
            UniqueActiveIndex::on("member").col("email"),
            UniqueActiveIndex::on("project").cols(["workspace_id", "slug"]),
        ] {
            manager.create_unique_active_index(&unique).await?;
        }
        for table in TABLES {
            let purge = PurgeIndex::on(table);
            manager.create_purge_index(&purge).await?;
            index(manager, table, "deletion_id").await?;
        }
        for (table, column) in [
            ("member", "workspace_id"),
            ("member", "token_hash"),
            ("project", "workspace_id"),
            ("task", "workspace_id"),
            ("task", "project_id"),
            ("task", "assignee_id"),
            ("comment", "workspace_id"),
            ("comment", "task_id"),
            ("comment", "author_id"),
        ] {
            index(manager, table, column).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES.into_iter().rev() {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}

/// Parents before children.
const TABLES: [&str; 5] = ["workspace", "member", "project", "task", "comment"];

/// What all tables have.
fn table(name: &'static str, manager: &SchemaManager<'_>) -> TableCreateStatement {
    let stamp = SoftDeleteColumns::new()
        .deletion_id()
        .deleted_by(ColumnType::BigInteger)
        .delete_reason();
    let moment = |name: &'static str| {
        ColumnDef::new(name)
            .timestamp_with_time_zone()
            .not_null()
            .to_owned()
    };
    Table::create()
        .table(name)
        .col(pk_auto("id").big_integer())
        .col(moment("created_at"))
        .col(moment("updated_at"))
        .soft_delete_columns(manager, &stamp)
        .to_owned()
}

/// No `ON DELETE CASCADE`: the database must not remove what is in the trash.
fn reference(
    table: &'static str,
    column: &'static str,
    parent: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("fk_{table}_{column}"))
        .from(table, column)
        .to(parent, "id")
        .to_owned()
}

async fn index(
    manager: &SchemaManager<'_>,
    table: &'static str,
    column: &'static str,
) -> Result<(), DbErr> {
    let statement = Index::create()
        .name(format!("idx_{table}_{column}"))
        .table(table)
        .col(column)
        .to_owned();
    manager.create_index(statement).await
}
