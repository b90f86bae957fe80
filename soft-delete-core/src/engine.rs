//! Deletes, restores and what they have in common.

pub(crate) mod active_view;
#[allow(missing_docs)] // Public for the crates above only.
pub(crate) mod cascade;
pub(crate) mod delete;
pub(crate) mod edit;
pub(crate) mod expected;
pub(crate) mod force_delete;
pub(crate) mod insert_or_restore;
pub(crate) mod restore;
pub(crate) mod target;
pub(crate) mod transaction;
pub(crate) mod upsert;
pub(crate) mod value;

pub use delete::{BatchedDelete, Delete, DeletePlan, DeleteProgress, Deletion, Outcome};
pub use edit::UpdateRow;
pub use force_delete::ForceDelete;
pub use insert_or_restore::{
    InsertOrRestore, InsertOrRestoreMany, InsertOrRestoreManyResult, InsertOrRestorePlan,
    InsertOrRestoreResult,
};
pub use restore::{ConflictPolicy, Rename, Restoration, Restore, RestorePlan, undo::Undo};
pub use target::Target;
pub use upsert::on_conflict_active;
