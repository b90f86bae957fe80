#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(unreachable_pub)]

mod backend;
#[allow(missing_docs)] // Public for the crates above only.
mod cascade;
#[cfg(feature = "scoped-connection")]
mod connection;
mod delete;
mod edit;
#[doc(hidden)]
pub mod engine_api;
mod error;
mod force_delete;
mod hooks;
mod meta;
mod registry;
mod restore;
mod scope;
mod select;
mod stamp;
mod target;
mod upsert;
mod value;

#[cfg(feature = "scoped-connection")]
pub use connection::{Borrowed, ScopedConnection, rewrite};
pub use delete::{Blocker, Delete, DeletePlan, Deletion, Outcome};
pub use edit::UpdateOne;
pub use error::{ArchiveError, Duplicate, Error, RowKey, SchemaError};
pub use force_delete::ForceDelete;
pub use hooks::{HookConnection, HookDeletion, HookError, HookEvent, Hooks};
pub use meta::{
    ColumnMeta, DEFAULT_GROUP, EntityMeta, ForeignKey, OnDelete, StampColumns, TableName, UniqueKey,
};
pub use registry::{Registry, RegistryBuilder};
pub use restore::{
    Conflict, ConflictingRow, DeletedParent, OnConflict, Rename, Restoration, Restore, RestorePlan,
    restore_deletion, restore_deletion_in,
};
pub use scope::{Scope, SoftDelete};
pub use select::{SelectActive, SelectScope};
pub use stamp::{NoActor, TimeKind};
pub use target::Target;
pub use upsert::on_conflict_active;

/// What the derive's code refers to. Not part of the API.
#[doc(hidden)]
pub mod __private {
    pub use inventory;
    pub use sea_orm;

    pub use crate::{
        delete::{delete_active_model, delete_model, force_delete_model},
        edit::{save_active_model, update_active_model, update_without_returning},
        hooks::{HookTable, HooksOf, NoHooks},
        meta::{EntityMetaBuilder, RelationRules},
        registry::Registration,
        restore::restore_model,
        stamp::{DeleteReason, DeletedAt, DeletedBy, DeletionId},
    };
}
