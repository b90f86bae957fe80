#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(unreachable_pub)]

#[cfg(feature = "purge")]
pub mod archive;
mod backend;
mod cascade;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "scoped-connection")]
mod connection;
mod delete;
mod edit;
#[cfg(feature = "purge")]
mod erase;
mod error;
mod force_delete;
mod hooks;
mod meta;
#[cfg(feature = "migration")]
pub mod migration;
#[cfg(feature = "purge")]
pub mod purge;
mod registry;
mod restore;
#[cfg(feature = "schema")]
pub mod schema;
mod scope;
mod select;
mod stamp;
#[cfg(feature = "stats")]
mod stats;
mod target;
mod upsert;
mod value;

#[cfg(feature = "scoped-connection")]
pub use connection::{Borrowed, ScopedConnection, rewrite};
pub use delete::{Blocker, Delete, DeletePlan, Deletion, Outcome};
pub use edit::UpdateOne;
#[cfg(feature = "purge")]
pub use erase::{Erase, ErasedTable, ErasureReport, KeySetNull, NotLookedAt};
pub use error::Error;
pub use force_delete::ForceDelete;
pub use hooks::{HookConnection, HookDeletion, HookError, HookEvent, Hooks};
pub use meta::{
    ColumnMeta, DEFAULT_GROUP, EntityMeta, ForeignKey, OnDelete, StampColumns, TableName, UniqueKey,
};
#[cfg(feature = "purge")]
pub use purge::{Purge, PurgeReport, PurgedTable};
pub use registry::{Registry, RegistryBuilder};
pub use restore::{
    Conflict, ConflictingRow, DeletedParent, OnConflict, Rename, Restoration, Restore, RestorePlan,
    restore_deletion, restore_deletion_in,
};
pub use scope::{Scope, SoftDelete};
pub use select::{SelectActive, SelectScope};
pub use stamp::{NoActor, TimeKind};
#[cfg(feature = "stats")]
pub use stats::{Figure, MissingTable, Stats, StatsReader, TableStats, stats};
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
