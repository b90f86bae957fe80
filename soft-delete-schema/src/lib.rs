//! The schema that soft deletion needs: columns, indexes, views and triggers, made in migrations or from the entities, and a
//! [`doctor`] that finds what is wrong with a live database.
//!
//! Part of `soft-delete`, which re-exports it with its feature `schema`. All helpers work on any connection, on every backend, and do nothing where there is nothing to do, so that
//! an interrupted run is completed by the next. In migrations the feature `migration` puts them next to SeaORM's own: see
//! [`SoftDeleteSchema`](migration::SoftDeleteSchema).
//!
//! | | |
//! |---|---|
//! | [`SoftDeleteColumns`] | `deleted_at`, `deletion_id`, `deleted_by`, `delete_reason` |
//! | [`UniqueActiveIndex`] | unique among active rows, also in place of a plain UNIQUE |
//! | [`PurgeIndex`] | finds what to purge |
//! | [`FlagConversion`] | makes a `deleted_at` of an `is_deleted` flag |
//! | [`ActiveView`] | a view of active rows |
//! | [`ActiveSchema`] | a schema of such views, for code and programs that take any connection |
//! | [`ActiveParentTriggers`] | refuse an active row under a deleted parent |
//! | [`SchemaSync`] | what the entities need, in one call |
//! | [`doctor`] | what is wrong, why it matters, and the fix |

#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(unreachable_pub)]

mod active_parent;
mod active_schema;
#[allow(missing_docs)] // Public for the crates above only.
mod catalog;
mod change;
mod columns;
#[allow(missing_docs)] // Public for the crates above only.
mod dialect;
pub mod doctor;
mod duplicates;
mod flag;
mod index;
#[cfg(feature = "schema-sync")]
mod keep_indexes;
mod key;
mod marked;
mod marker;
#[cfg(feature = "migration")]
pub mod migration;
mod predicate;
mod purge_index;
#[doc(hidden)]
pub mod schema_api;
mod similar;
mod sql;
mod sqlite;
mod step;
mod sync;
#[allow(missing_docs)] // Public for the crates above only.
mod table;
mod trigger;
mod unique;
mod view;
mod written;

pub use active_parent::ActiveParentTriggers;
pub use active_schema::ActiveSchema;
pub use change::Change;
pub use columns::SoftDeleteColumns;
pub use flag::FlagConversion;
#[cfg(feature = "schema-sync")]
pub use keep_indexes::KeepIndexes;
pub use purge_index::PurgeIndex;
pub use soft_delete_core::{Duplicate, SchemaError};
pub use sync::SchemaSync;
pub use unique::UniqueActiveIndex;
pub use view::ActiveView;
