//! What a restore did, or would do.

#[allow(unused_imports)] // For the links of the documentation.
use super::{ConflictPolicy, Restore};
use crate::{
    engine::{Deletion, delete::deletion::by_table},
    model::{Conflict, DeletedParent},
};

/// What a restore did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Restoration {
    /// The rows restored in the entity's own table.
    pub rows_affected: u64,
    /// The deletions of active rows that [`ConflictPolicy::Replace`] made.
    pub replaced: Vec<Deletion>,
    pub(crate) tables: Vec<(String, u64)>,
    pub(crate) kept: Vec<(String, u64)>,
    pub(crate) skipped: Vec<(String, u64)>,
    pub(crate) not_found: Vec<(String, u64)>,
    pub(crate) without_parent: Vec<(String, String, u64)>,
}

impl Restoration {
    /// How many rows came back in each table, parents before children.
    pub fn rows_by_table(&self) -> Vec<(&str, u64)> {
        by_table(&self.tables)
    }

    /// How many rows stay deleted because another parent of theirs is, and now have that parent's stamp.
    pub fn kept(&self) -> Vec<(&str, u64)> {
        by_table(&self.kept)
    }

    /// How many rows [`ConflictPolicy::Skip`] left deleted: those in conflict, and those below them.
    pub fn skipped(&self) -> Vec<(&str, u64)> {
        by_table(&self.skipped)
    }

    /// How many rows the deletion took that an undo of it did not find: they were purged, restored or removed since, or are of
    /// another deletion by now. A restore that starts from rows does not know how many there were.
    pub fn not_found(&self) -> Vec<(&str, u64)> {
        by_table(&self.not_found)
    }

    /// How many rows came back that refer to a row that is gone: table, relation, rows. It takes a database without the foreign key.
    pub fn without_parent(&self) -> impl Iterator<Item = (&str, &str, u64)> {
        self.without_parent
            .iter()
            .map(|(table, relation, rows)| (table.as_str(), relation.as_str(), *rows))
    }
}

/// What a restore would do, from [`Restore::plan`].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct RestorePlan {
    /// What [`exec`](Restore::exec) would return, if it succeeds.
    pub restoration: Restoration,
    /// Deleted parents that forbid it.
    pub parents: Vec<DeletedParent>,
    /// Conflicts that forbid it. What is in conflict is counted in `restoration` all the same.
    pub conflict: Conflict,
}

impl RestorePlan {
    /// Whether [`exec`](Restore::exec) would succeed.
    pub fn is_allowed(&self) -> bool {
        self.parents.is_empty() && self.conflict.is_empty()
    }
}
