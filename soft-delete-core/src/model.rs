//! What is known before a statement is built: entities, their graph, and what can go wrong.

#[allow(missing_docs)] // Public for the crates above only.
pub(crate) mod base_schema;
pub(crate) mod blocker;
pub(crate) mod conflict;
pub(crate) mod display;
pub(crate) mod error;
#[allow(missing_docs)] // Public for the crates above only.
pub(crate) mod graph;
pub(crate) mod hooks;
pub(crate) mod marker;
pub(crate) mod meta;
pub(crate) mod registry;
pub(crate) mod scope;
pub(crate) mod sql_text;
pub(crate) mod stamp;
pub(crate) mod table_counts;
pub(crate) mod table_name;
pub(crate) mod touch;
pub(crate) mod unique;

pub use blocker::Blocker;
pub use conflict::{Conflict, ConflictingRow, DeletedParent};
pub use error::{ArchiveError, Duplicate, Error, RowKey, SchemaError};
pub use hooks::{HookConnection, HookDeletion, HookError, HookEvent, Hooks};
pub use marker::{FlagKind, IntegerKind, Marker};
pub use meta::{ColumnMeta, DEFAULT_GROUP, EntityMeta, ForeignKeyMeta, OnDelete, StampColumns};
pub use registry::{Registry, RegistryBuilder};
pub use scope::Scope;
pub use stamp::{ActorFrom, NoActor, TimeKind};
pub use table_counts::{RelationRows, TableCounts, TableCountsIter};
pub use table_name::TableName;
pub use touch::{NoVersion, TouchColumn};
pub use unique::UniqueKey;
