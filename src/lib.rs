//! Soft delete for [SeaORM](https://docs.rs/sea-orm/2) 2: `find()` selects active rows, `delete` marks rows and follows the foreign keys, `restore`
//! brings back exactly the rows of that delete.
//!
//! ```
//! use sea_orm::{Database, entity::prelude::*};
//!
//! mod post {
//!     use sea_orm::entity::prelude::*;
//!     use soft_delete::SoftDelete;
//!
//!     #[sea_orm::model]
//!     #[derive(Clone, Debug, PartialEq, DeriveEntityModel, SoftDelete)]
//!     #[sea_orm(table_name = "post")]
//!     pub struct Model {
//!         #[sea_orm(primary_key)]
//!         pub id: i64,
//!         pub title: String,
//!         pub deleted_at: Option<DateTimeUtc>, // found by name
//!         pub deletion_id: Option<Uuid>,       // optional, and recommended
//!     }
//!
//!     impl ActiveModelBehavior for ActiveModel {}
//! }
//!
//! use post::Entity as Post;
//!
//! #[tokio::main]
//! async fn main() -> Result<(), soft_delete::Error> {
//!     let db = Database::connect("sqlite::memory:").await?;
//!     db.get_schema_builder().register(Post).apply(&db).await?;
//!
//!     Post::delete_by_id(7).exec(&db).await?;                // UPDATE post SET deleted_at = …
//!     let active = Post::find().all(&db).await?;             // … WHERE deleted_at IS NULL
//!     let trash = Post::only_deleted().all(&db).await?;      // … WHERE deleted_at IS NOT NULL
//!     let all = Post::with_deleted().all(&db).await?;
//! #   let _ = (active, trash, all);
//! #   post::ActiveModel { id: sea_orm::Set(7), title: sea_orm::Set("Looms".into()), ..Default::default() }.insert(&db).await?;
//!     Post::restore_by_id(7).exec(&db).await?;
//!     Ok(())
//! }
//! ```
//!
//! # Where to look
//!
//! | to … | see |
//! |---|---|
//! | make an entity soft-deletable | the derive [`SoftDelete`](derive@SoftDelete), with all attributes |
//! | see the functions that an entity gets | the trait [`SoftDelete`](trait@SoftDelete) |
//! | delete, and see what a delete took | [`Delete`], [`Deletion`], [`DeletePlan`] |
//! | restore or undo, and resolve conflicts | [`Restore`], [`Undo`], [`ConflictPolicy`] |
//! | show a trash page over all tables | [`Trash`] |
//! | scope relations and joins | [`SelectScope`], [`SelectActive`] |
//! | scope every statement, raw SQL too | [`ScopedConnection`] (feature `scoped-connection`) |
//! | run code in the transaction of a delete | [`Hooks`] |
//! | create columns and indexes, examine a database | [`schema`], [`migration`] (features of these names) |
//! | remove or archive expired rows, erase, count | [`Purge`], [`archive`], [`Erase`], [`StatsReader`] (feature `retention`) |
//! | get a command line | [`cli`] (feature `cli`) |
//! | handle errors | [`Error`] |
//!
//! Import the traits with `use soft_delete::prelude::*;`.
//!
//! Calls that SeaORM has too, such as [`Delete::exec`], return SeaORM's `DbErr`, from which [`Error::from`] gets the error of this
//! crate back. Calls that SeaORM doesn't have return [`Error`]. When a call returns an error, it has changed nothing in the
//! database, except where its documentation says otherwise.
//!
//! The repository has a guide, with recipes, a page for each database, and benchmarks: `docs/guide`.
//!

// Links to what the build leaves out.
#![cfg_attr(
    not(feature = "scoped-connection"),
    doc = "[`ScopedConnection`]: https://docs.rs/soft-delete/latest/soft_delete/struct.ScopedConnection.html"
)]
#![cfg_attr(
    not(feature = "schema"),
    doc = "[`schema`]: https://docs.rs/soft-delete/latest/soft_delete/schema/index.html"
)]
#![cfg_attr(
    not(feature = "migration"),
    doc = "[`migration`]: https://docs.rs/soft-delete/latest/soft_delete/migration/index.html"
)]
#![cfg_attr(
    not(feature = "retention"),
    doc = "[`Purge`]: https://docs.rs/soft-delete/latest/soft_delete/struct.Purge.html",
    doc = "[`archive`]: https://docs.rs/soft-delete/latest/soft_delete/archive/index.html",
    doc = "[`Erase`]: https://docs.rs/soft-delete/latest/soft_delete/struct.Erase.html",
    doc = "[`StatsReader`]: https://docs.rs/soft-delete/latest/soft_delete/struct.StatsReader.html"
)]
#![cfg_attr(
    not(feature = "cli"),
    doc = "[`cli`]: https://docs.rs/soft-delete/latest/soft_delete/cli/index.html"
)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod prelude;

pub use soft_delete_core::{
    ActorFrom, ArchiveError, BatchedDelete, Blocker, ColumnMeta, Conflict, ConflictPolicy,
    ConflictingRow, DEFAULT_GROUP, Delete, DeletePlan, DeleteProgress, DeleteRow, DeletedParent,
    Deletion, DeletionStamp, EntityMeta, Error, FlagKind, ForceDelete, ForeignKeyMeta,
    HookConnection, HookDeletion, HookError, HookEvent, Hooks, InsertOrRestore,
    InsertOrRestoreMany, InsertOrRestoreManyResult, InsertOrRestorePlan, InsertOrRestoreResult,
    IntegerKind, ListTrash, Marker, NoActor, NoVersion, OnDelete, Outcome, Registry,
    RegistryBuilder, RelationRows, Removal, RemovalPlan, RemoveTrashed, Rename, Restoration,
    Restore, RestorePlan, RestoreTrashed, RowDeletion, RowValue, Scope, SelectActive, SelectScope,
    SoftDelete, StampColumns, TableCounts, TableCountsIter, TableName, Target, TimeKind,
    TouchColumn, Trash, TrashItem, TrashPage, TrashRow, TrashedDeletion, Undo, UniqueKey,
    UpdateRow, on_conflict_active,
};
#[cfg(feature = "scoped-connection")]
pub use soft_delete_core::{Borrowed, InnerConnection, ScopedConnection, rewrite};
pub use soft_delete_derive::SoftDelete;

#[cfg(feature = "cli")]
#[doc(inline)]
pub use soft_delete_cli as cli;
#[cfg(feature = "retention")]
#[doc(inline)]
pub use soft_delete_retention::{
    Erase, EraseRow, ErasedTable, ErasurePlan, ErasureReport, Figure, KeySetNull, MissingTable,
    NotLookedAt, Purge, PurgeReport, PurgedTable, Stats, StatsReader, TableStats, archive, purge,
    stats,
};
#[cfg(feature = "schema")]
#[doc(inline)]
pub use soft_delete_schema as schema;

#[doc(hidden)]
pub use soft_delete_core::__private;

/// Schema helpers for migrations, as methods of SeaORM's
/// [`SchemaManager`](https://docs.rs/sea-orm-migration/2/sea_orm_migration/manager/struct.SchemaManager.html).
///
/// ```
/// use sea_orm_migration::prelude::*;
/// use soft_delete::{
///     migration::SoftDeleteSchema as _,
///     schema::{PurgeIndex, SoftDeleteColumns, UniqueActiveIndex},
/// };
///
/// async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
///     manager.add_soft_delete_columns("post", &SoftDeleteColumns::new().deletion_id()).await?;
///     manager.create_unique_active_index(&UniqueActiveIndex::on("post").col("slug").replacing_unique()).await?;
///     manager.create_purge_index(&PurgeIndex::on("post")).await?;
///     Ok(())
/// }
/// ```
///
/// Each method returns the changes that it made, and makes none where nothing is missing.
#[cfg(feature = "migration")]
pub mod migration {
    #[cfg(feature = "retention")]
    pub use soft_delete_retention::migration::ArchiveSchema;
    pub use soft_delete_schema::migration::{SoftDeleteSchema, SoftDeleteTable};
}

// What the derive adds to an entity for the features that are on.
#[cfg(feature = "retention")]
#[doc(hidden)]
#[macro_export]
macro_rules! __functions_of_features {
    () => {
        /// Removes the row of that primary key permanently, with all rows below it and their entries in the archive: see
        /// `Erase`.
                        pub fn erase_by_id<T>(id: T) -> $crate::Erase<Self>
                        where
                            T: ::core::convert::Into<
                                <<Self as $crate::__private::sea_orm::EntityTrait>::PrimaryKey as
                                    $crate::__private::sea_orm::PrimaryKeyTrait>::ValueType
                            >,
                        {
            $crate::Erase::by_id(id)
        }
    };
}
#[cfg(not(feature = "retention"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __functions_of_features {
    () => {};
}
