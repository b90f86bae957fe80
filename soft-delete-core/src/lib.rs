#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(unreachable_pub)]

#[cfg(feature = "scoped-connection")]
mod connection;
mod dialect;
mod engine;
#[doc(hidden)]
pub mod engine_api;
mod model;
mod query;
mod trash;

#[cfg(feature = "scoped-connection")]
pub use connection::{Borrowed, InnerConnection, ScopedConnection, rewrite};
pub use engine::{
    BatchedDelete, ConflictPolicy, Delete, DeletePlan, DeleteProgress, Deletion, ForceDelete,
    InsertOrRestore, InsertOrRestoreMany, InsertOrRestoreManyResult, InsertOrRestorePlan,
    InsertOrRestoreResult, Outcome, Rename, Restoration, Restore, RestorePlan, Target, Undo,
    UpdateRow, on_conflict_active,
};
pub use model::{
    ActorFrom, ArchiveError, Blocker, ColumnMeta, Conflict, ConflictingRow, DEFAULT_GROUP,
    DeletedParent, Duplicate, EntityMeta, Error, FlagKind, ForeignKeyMeta, HookConnection,
    HookDeletion, HookError, HookEvent, Hooks, IntegerKind, Marker, NoActor, NoVersion, OnDelete,
    Registry, RegistryBuilder, RelationRows, RowKey, SchemaError, Scope, StampColumns, TableCounts,
    TableCountsIter, TableName, TimeKind, TouchColumn, UniqueKey,
};
pub use query::{SelectActive, SelectScope, SoftDelete};
pub use trash::{
    DeleteRow, DeletionStamp, ListTrash, Removal, RemovalPlan, RemoveTrashed, RestoreTrashed,
    RowDeletion, RowValue, Trash, TrashItem, TrashPage, TrashRow, TrashedDeletion,
};

/// What the derive's code refers to. Not part of the API.
#[doc(hidden)]
pub mod __private {
    pub use inventory;
    pub use sea_orm;

    pub use crate::{
        engine::{
            delete::{delete_active_model, delete_model, force_delete_model},
            edit::{save_active_model, update_active_model, update_without_returning},
            insert_or_restore::insert_or_restore_active_model,
            restore::restore_model,
        },
        model::{
            hooks::{HookTable, HooksOf, NoHooks},
            marker::{Flag, Scheduled, SentinelTime, UnixTime, is_deleted_value},
            meta::{EntityMetaBuilder, RelationRules},
            registry::Registration,
            stamp::{DeleteReason, DeletedAt, DeletedBy, DeletionId},
            touch::{RowVersion, Touch},
            unique::PartOf,
        },
    };
}
