#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod prelude;

pub use soft_delete_core::{
    ActorFrom, ArchiveError, Blocker, ColumnMeta, Conflict, ConflictPolicy, ConflictingRow,
    DEFAULT_GROUP, Delete, DeletePlan, DeleteRow, DeletedParent, Deletion, DeletionStamp,
    EntityMeta, Error, ForceDelete, ForeignKeyMeta, HookConnection, HookDeletion, HookError,
    HookEvent, Hooks, ListTrash, NoActor, OnDelete, Outcome, Registry, RegistryBuilder,
    RelationRows, Removal, RemovalPlan, RemoveTrashed, Rename, Restoration, Restore, RestorePlan,
    RestoreTrashed, RowDeletion, RowValue, Scope, SelectActive, SelectScope, SoftDelete,
    StampColumns, TableCounts, TableCountsIter, TableName, Target, TimeKind, Trash, TrashItem,
    TrashPage, TrashRow, TrashedDeletion, Undo, UniqueKey, UpdateRow, on_conflict_active,
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

/// Soft deletion in migrations, as methods of SeaORM's `SchemaManager`.
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
        /// Removes the row of that primary key for good, with all below it and all that the archive has of them: see
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

// Compiles the examples of the guide.
#[cfg(all(doctest, feature = "retention"))]
#[doc = include_str!("../docs/retention.md")]
mod guide {}
