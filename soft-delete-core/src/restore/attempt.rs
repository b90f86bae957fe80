//! How a restore is tried, which changes from one attempt to the next.

use sea_orm::DbBackend;

use crate::backend;

/// How a restore is tried.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt {
    pub(crate) locking: Locking,
    pub(crate) order: Order,
    pub(crate) search: Search,
}

/// Where the rows are looked for that a deletion took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Search {
    /// Below those that it started from.
    ForeignKeys,
    /// Everywhere, by its identity.
    Identity,
}

/// What a restore locks of what it checks, so that it stays true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Locking {
    /// Nothing: a plan.
    Nothing,
    /// The rows named, and parents.
    Parents,
    /// The holders of unique values too, once a race for one was lost.
    Holders,
}

impl Locking {
    /// Whether parents are read by locking, because only so are they seen as they are now.
    pub(crate) fn reads_parents(self, backend: DbBackend) -> bool {
        self >= Self::Parents && backend::sees_latest_by_locking(backend)
    }
}

/// In which order rows become active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// As they are found by the marks of their parents, which writes each row once.
    ChildrenFirst,
    /// As triggers want it that refuse an active row under a deleted parent. The rows get marks of their own before.
    ParentsFirst,
}
