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

use sea_orm::sea_query::TableCreateStatement;
use sea_orm_migration::SchemaManager;

use crate::{
    ActiveParentTriggers, ActiveSchema, ActiveView, FlagConversion, PurgeIndex, SoftDeleteColumns,
    UniqueActiveIndex,
};

/// Declares a trait of methods of SeaORM's `SchemaManager`, each of which calls a helper with the manager's connection.
#[doc(hidden)]
#[macro_export]
macro_rules! manager_methods {
    (
        $(#[$of_trait:meta])*
        pub trait $trait:ident {
            $(
                $(#[$of_method:meta])*
                fn $method:ident $(<$table:ident>)? ($($argument:ident: $type:ty),+) =>
                    $helper:ident.$call:ident($($given:ident)?);
            )+
        }
    ) => {
        mod sealed {
            pub trait Sealed {}

            impl Sealed for ::sea_orm_migration::SchemaManager<'_> {}
        }

        $(#[$of_trait])*
        pub trait $trait: sealed::Sealed {
            $(
                $(#[$of_method])*
                ///
                /// # Errors
                ///
                /// As there.
                fn $method $(<$table>)? (
                    &self,
                    $($argument: $type),+
                ) -> impl ::std::future::Future<
                    Output = ::std::result::Result<::std::vec::Vec<$crate::Change>, $crate::schema_api::Error>,
                > + Send
                $(where $table: ::sea_orm::sea_query::IntoTableRef + Send)?;
            )+
        }

        impl $trait for ::sea_orm_migration::SchemaManager<'_> {
            $(
                async fn $method $(<$table>)? (
                    &self,
                    $($argument: $type),+
                ) -> ::std::result::Result<::std::vec::Vec<$crate::Change>, $crate::schema_api::Error>
                $(where $table: ::sea_orm::sea_query::IntoTableRef + Send)?
                {
                    $helper.$call($($given,)? self.get_connection()).await
                }
            )+
        }
    };
}

manager_methods! {
    /// The schema helpers as methods of SeaORM's [`SchemaManager`].
    ///
    /// Each gives what it did, which is empty if there was nothing to do. `?` turns the error into SeaORM's.
    pub trait SoftDeleteSchema {
        /// [`SoftDeleteColumns::add`].
        fn add_soft_delete_columns<T>(table: T, columns: &SoftDeleteColumns) => columns.add(table);

        /// [`SoftDeleteColumns::drop`].
        fn drop_soft_delete_columns<T>(table: T, columns: &SoftDeleteColumns) => columns.drop(table);

        /// [`UniqueActiveIndex::create`].
        fn create_unique_active_index(index: &UniqueActiveIndex) => index.create();

        /// [`UniqueActiveIndex::drop`].
        fn drop_unique_active_index(index: &UniqueActiveIndex) => index.drop();

        /// [`PurgeIndex::create`].
        fn create_purge_index(index: &PurgeIndex) => index.create();

        /// [`PurgeIndex::drop`].
        fn drop_purge_index(index: &PurgeIndex) => index.drop();

        /// [`FlagConversion::exec`].
        fn convert_deleted_flag(conversion: &FlagConversion) => conversion.exec();

        /// [`FlagConversion::revert`].
        fn revert_deleted_flag(conversion: &FlagConversion) => conversion.revert();

        /// [`ActiveView::create`].
        fn create_active_view(view: &ActiveView) => view.create();

        /// [`ActiveView::drop`].
        fn drop_active_view(view: &ActiveView) => view.drop();

        /// [`ActiveSchema::create`].
        fn create_active_schema(layer: &ActiveSchema) => layer.create();

        /// [`ActiveSchema::drop`].
        fn drop_active_schema(layer: &ActiveSchema) => layer.drop();

        /// [`ActiveParentTriggers::create`].
        fn create_active_parent_triggers(triggers: &ActiveParentTriggers) => triggers.create();

        /// [`ActiveParentTriggers::drop`].
        fn drop_active_parent_triggers(triggers: &ActiveParentTriggers) => triggers.drop();
    }
}

/// The columns of a deletion in a table that is about to be created.
pub trait SoftDeleteTable: sealed::Sealed {
    /// Adds the columns, in the types of the manager's database.
    fn soft_delete_columns(
        &mut self,
        manager: &SchemaManager<'_>,
        columns: &SoftDeleteColumns,
    ) -> &mut Self;
}

impl sealed::Sealed for TableCreateStatement {}

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
