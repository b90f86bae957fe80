//! The [schema helpers](crate) as methods of SeaORM's `SchemaManager`, and of tables that are created.
//!
//! Feature `migration`. The crate `sea-orm-migration` must have the version that this crate was built with, 2.0.
//!
//! ```no_run
//! use sea_orm_migration::{prelude::*, schema::{pk_auto, string}};
//! use soft_delete::{
//!     migration::{SoftDeleteSchema as _, SoftDeleteTable as _},
//!     schema::{PurgeIndex, SoftDeleteColumns, UniqueActiveIndex},
//! };
//!
//! #[derive(DeriveMigrationName)]
//! pub struct Migration;
//!
//! #[derive(DeriveIden)]
//! enum Post {
//!     Table,
//!     Id,
//!     Slug,
//! }
//!
//! fn slug_index() -> UniqueActiveIndex {
//!     UniqueActiveIndex::on(Post::Table).col(Post::Slug)
//! }
//!
//! #[async_trait::async_trait]
//! impl MigrationTrait for Migration {
//!     async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
//!         manager
//!             .create_table(
//!                 Table::create()
//!                     .table(Post::Table)
//!                     .if_not_exists()
//!                     .col(pk_auto(Post::Id))
//!                     .col(string(Post::Slug))
//!                     .soft_delete_columns(manager, &SoftDeleteColumns::new().deletion_id())
//!                     .to_owned(),
//!             )
//!             .await?;
//!         manager.create_unique_active_index(&slug_index()).await?;
//!         manager.create_purge_index(&PurgeIndex::on(Post::Table)).await?;
//!         Ok(())
//!     }
//!
//!     async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
//!         manager.drop_table(Table::drop().table(Post::Table).to_owned()).await
//!     }
//! }
//! # fn main() {}
//! ```
//!
//! SeaORM runs a migration in a transaction on PostgreSQL alone. On SQLite each helper has one of its own; MySQL and MariaDB
//! commit at each statement. A migration that fails there in the middle leaves what was done before, and since each helper does
//! nothing where nothing is left to do, the next run goes on from there (with `if_not_exists` in SeaORM's own statements).

use std::future::Future;

use sea_orm::sea_query::{IntoTableRef, TableCreateStatement};
use sea_orm_migration::SchemaManager;

use crate::{
    ActiveParentTriggers, ActiveView, Change, FlagConversion, PurgeIndex, SoftDeleteColumns,
    UniqueActiveIndex,
};
use soft_delete_core::Error;

/// The schema helpers as methods of SeaORM's [`SchemaManager`].
///
/// Each gives what it did, which is empty if there was nothing to do. `?` turns the error into SeaORM's.
pub trait SoftDeleteSchema {
    /// [`SoftDeleteColumns::add`].
    ///
    /// # Errors
    ///
    /// As there.
    fn add_soft_delete_columns<T>(
        &self,
        table: T,
        columns: &SoftDeleteColumns,
    ) -> impl Future<Output = Result<Vec<Change>, Error>> + Send
    where
        T: IntoTableRef + Send;

    /// [`SoftDeleteColumns::drop`].
    ///
    /// # Errors
    ///
    /// As there.
    fn drop_soft_delete_columns<T>(
        &self,
        table: T,
        columns: &SoftDeleteColumns,
    ) -> impl Future<Output = Result<Vec<Change>, Error>> + Send
    where
        T: IntoTableRef + Send;

    /// [`UniqueActiveIndex::create`].
    ///
    /// # Errors
    ///
    /// As there.
    fn create_unique_active_index(
        &self,
        index: &UniqueActiveIndex,
    ) -> impl Future<Output = Result<Vec<Change>, Error>> + Send;

    /// [`UniqueActiveIndex::drop`].
    ///
    /// # Errors
    ///
    /// As there.
    fn drop_unique_active_index(
        &self,
        index: &UniqueActiveIndex,
    ) -> impl Future<Output = Result<Vec<Change>, Error>> + Send;

    /// [`PurgeIndex::create`].
    ///
    /// # Errors
    ///
    /// As there.
    fn create_purge_index(
        &self,
        index: &PurgeIndex,
    ) -> impl Future<Output = Result<Vec<Change>, Error>> + Send;

    /// [`PurgeIndex::drop`].
    ///
    /// # Errors
    ///
    /// As there.
    fn drop_purge_index(
        &self,
        index: &PurgeIndex,
    ) -> impl Future<Output = Result<Vec<Change>, Error>> + Send;

    /// [`FlagConversion::convert`].
    ///
    /// # Errors
    ///
    /// As there.
    fn convert_deleted_flag(
        &self,
        conversion: &FlagConversion,
    ) -> impl Future<Output = Result<Vec<Change>, Error>> + Send;

    /// [`FlagConversion::revert`].
    ///
    /// # Errors
    ///
    /// As there.
    fn revert_deleted_flag(
        &self,
        conversion: &FlagConversion,
    ) -> impl Future<Output = Result<Vec<Change>, Error>> + Send;

    /// [`ActiveView::create`].
    ///
    /// # Errors
    ///
    /// As there.
    fn create_active_view(
        &self,
        view: &ActiveView,
    ) -> impl Future<Output = Result<Vec<Change>, Error>> + Send;

    /// [`ActiveView::drop`].
    ///
    /// # Errors
    ///
    /// As there.
    fn drop_active_view(
        &self,
        view: &ActiveView,
    ) -> impl Future<Output = Result<Vec<Change>, Error>> + Send;

    /// [`ActiveParentTriggers::create`].
    ///
    /// # Errors
    ///
    /// As there.
    fn create_active_parent_triggers(
        &self,
        triggers: &ActiveParentTriggers,
    ) -> impl Future<Output = Result<Vec<Change>, Error>> + Send;

    /// [`ActiveParentTriggers::drop`].
    ///
    /// # Errors
    ///
    /// As there.
    fn drop_active_parent_triggers(
        &self,
        triggers: &ActiveParentTriggers,
    ) -> impl Future<Output = Result<Vec<Change>, Error>> + Send;
}

impl SoftDeleteSchema for SchemaManager<'_> {
    async fn add_soft_delete_columns<T>(
        &self,
        table: T,
        columns: &SoftDeleteColumns,
    ) -> Result<Vec<Change>, Error>
    where
        T: IntoTableRef + Send,
    {
        columns.add(table, self.get_connection()).await
    }

    async fn drop_soft_delete_columns<T>(
        &self,
        table: T,
        columns: &SoftDeleteColumns,
    ) -> Result<Vec<Change>, Error>
    where
        T: IntoTableRef + Send,
    {
        columns.drop(table, self.get_connection()).await
    }

    async fn create_unique_active_index(
        &self,
        index: &UniqueActiveIndex,
    ) -> Result<Vec<Change>, Error> {
        index.create(self.get_connection()).await
    }

    async fn drop_unique_active_index(
        &self,
        index: &UniqueActiveIndex,
    ) -> Result<Vec<Change>, Error> {
        index.drop(self.get_connection()).await
    }

    async fn create_purge_index(&self, index: &PurgeIndex) -> Result<Vec<Change>, Error> {
        index.create(self.get_connection()).await
    }

    async fn drop_purge_index(&self, index: &PurgeIndex) -> Result<Vec<Change>, Error> {
        index.drop(self.get_connection()).await
    }

    async fn convert_deleted_flag(
        &self,
        conversion: &FlagConversion,
    ) -> Result<Vec<Change>, Error> {
        conversion.convert(self.get_connection()).await
    }

    async fn revert_deleted_flag(&self, conversion: &FlagConversion) -> Result<Vec<Change>, Error> {
        conversion.revert(self.get_connection()).await
    }

    async fn create_active_view(&self, view: &ActiveView) -> Result<Vec<Change>, Error> {
        view.create(self.get_connection()).await
    }

    async fn drop_active_view(&self, view: &ActiveView) -> Result<Vec<Change>, Error> {
        view.drop(self.get_connection()).await
    }

    async fn create_active_parent_triggers(
        &self,
        triggers: &ActiveParentTriggers,
    ) -> Result<Vec<Change>, Error> {
        triggers.create(self.get_connection()).await
    }

    async fn drop_active_parent_triggers(
        &self,
        triggers: &ActiveParentTriggers,
    ) -> Result<Vec<Change>, Error> {
        triggers.drop(self.get_connection()).await
    }
}

/// The columns of a deletion in a table that is about to be created.
pub trait SoftDeleteTable {
    /// Adds the columns, in the types of the manager's database.
    fn soft_delete_columns(
        &mut self,
        manager: &SchemaManager<'_>,
        columns: &SoftDeleteColumns,
    ) -> &mut Self;
}

impl SoftDeleteTable for TableCreateStatement {
    fn soft_delete_columns(
        &mut self,
        manager: &SchemaManager<'_>,
        columns: &SoftDeleteColumns,
    ) -> &mut Self {
        columns.add_to(self, manager.get_database_backend());
        self
    }
}
