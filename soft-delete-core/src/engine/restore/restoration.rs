//! What a restore did, or would do.

#[allow(unused_imports)] // For the links of the documentation.
use super::{ConflictPolicy, Restore};
use crate::{
    engine::Deletion,
    model::{Conflict, DeletedParent, RelationRows, TableCounts},
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
    pub(crate) tables: TableCounts,
    pub(crate) kept: TableCounts,
    pub(crate) skipped: TableCounts,
    pub(crate) not_found: TableCounts,
    pub(crate) without_parent: Vec<RelationRows>,
}

impl Restoration {
    /// How many rows came back in each table, parents before children.
    pub fn rows_by_table(&self) -> &TableCounts {
        &self.tables
    }

    /// How many rows stay deleted because another parent of theirs is, and now have that parent's stamp.
    pub fn kept(&self) -> &TableCounts {
        &self.kept
    }

    /// How many rows [`ConflictPolicy::Skip`] left deleted: those in conflict, and those below them.
    pub fn skipped(&self) -> &TableCounts {
        &self.skipped
    }

    /// How many rows the deletion took that an undo of it did not find: they were purged, restored or removed since, or are of
    /// another deletion by now. A restore that starts from rows does not know how many there were.
    pub fn not_found(&self) -> &TableCounts {
        &self.not_found
    }

    /// Counts what another one did, too.
    pub(crate) fn add(&mut self, other: Self) {
        let extend = |own: &mut TableCounts, other: &TableCounts| {
            own.extend(other.iter().map(|(table, rows)| (table.clone(), rows)));
        };
        self.rows_affected += other.rows_affected;
        self.replaced.extend(other.replaced);
        extend(&mut self.tables, &other.tables);
        extend(&mut self.kept, &other.kept);
        extend(&mut self.skipped, &other.skipped);
        extend(&mut self.not_found, &other.not_found);
        self.without_parent.extend(other.without_parent);
    }

    /// How many rows came back that refer to a row that is gone, by table and relation. It takes a database without the foreign key.
    pub fn without_parent(&self) -> &[RelationRows] {
        &self.without_parent
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
    pub(crate) fn add(&mut self, other: Self) {
        self.restoration.add(other.restoration);
        self.parents.extend(other.parents);
        self.conflict.rows.extend(other.conflict.rows);
    }

    /// Whether [`exec`](Restore::exec) would succeed.
    pub fn is_allowed(&self) -> bool {
        self.parents.is_empty() && self.conflict.is_empty()
    }
}
