//! What an operation, or its plan, returns: the same from the oracle and, translated, from the engine.

use std::collections::{BTreeMap, BTreeSet};

use super::schema::Table;

/// A row by its table and id.
pub type Place = (Table, i64);

/// A deletion by its place in the order of deletions.
pub type DeletionNumber = usize;

/// Where a stamp is of no known deletion.
pub const UNKNOWN: DeletionNumber = usize::MAX;

pub type Rows = BTreeMap<Place, Row>;
pub type Counts = BTreeMap<Table, u64>;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Foreign keys by the table they refer to. There may be no such row.
    pub parents: BTreeMap<Table, i64>,
    /// What the conditions of foreign keys compare.
    pub kind: i32,
    pub code: Option<i32>,
    pub stamp: Option<Stamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// By `deletion_id`; else the first that has the same time.
    pub deletion: DeletionNumber,
    /// By `deletion_id`, if the row has one.
    pub id: Option<DeletionNumber>,
    pub by: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Of an operation that is not the engine's.
    Done,
    Deleted(Deleted),
    Restored(Restored),
    Restricted(BTreeSet<Blocker>),
    NotFound,
    ParentDeleted {
        parents: Vec<DeletedParent>,
        conflict: Vec<Held>,
    },
    Conflict(Vec<Held>),
    DeletePlan(DeletePlan),
    RestorePlan {
        restored: Restored,
        parents: Vec<DeletedParent>,
        conflict: Vec<Held>,
    },
    /// Of an operation that is to be tried again in a new transaction.
    Retry(String),
    /// Nothing that any rule foresees.
    Error(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    pub outcome: Outcome,
    pub roots: u64,
    pub rows: Counts,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Deleted,
    AlreadyDeleted(DeletionNumber),
    NotFound,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeletePlan {
    pub roots: u64,
    pub rows: Counts,
    pub blockers: BTreeSet<Blocker>,
    /// Rows by child and parent table.
    pub set_null: BTreeMap<(Table, Table), u64>,
}

/// Rows that forbid a deletion.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Blocker {
    pub child: Table,
    pub parent: Table,
    pub rows: u64,
    pub first_ids: Vec<i64>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// Not of a whole deletion.
    pub in_own_table: Option<u64>,
    pub rows: Counts,
    pub kept: Counts,
    pub skipped: Counts,
    /// Of a whole deletion: what it took and is not of it any more.
    pub not_found: Counts,
    pub replaced: Vec<Deleted>,
}

/// A row that can't come back because its parent does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeletedParent {
    pub row: Place,
    pub parent: Place,
}

/// A row that can't come back because another has its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held {
    pub row: Place,
    pub code: i32,
    pub holder: Place,
    pub holder_is_active: bool,
}

pub fn count<'p>(places: impl IntoIterator<Item = &'p Place>) -> Counts {
    let mut counts = Counts::new();
    for (table, _) in places {
        *counts.entry(*table).or_default() += 1;
    }
    counts
}
