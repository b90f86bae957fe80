//! A batch of rows on the way down: which of their children come next.

use super::statements::Key;
use crate::model::graph::Edge;

/// How many parents' children are looked for at first.
const PARENTS_AT_FIRST: usize = 16;

/// A batch of rows whose children are gone through.
pub(super) struct Level {
    pub(super) keys: Vec<Key>,
    steps: Vec<Step>,
    step: usize,
    /// The parents whose children are looked for.
    pub(super) from: usize,
    pub(super) to: usize,
    /// The last child of theirs that was found.
    pub(super) after: Option<Key>,
    children: u64,
}

#[derive(Clone, Copy)]
pub(super) enum Step {
    Mark(Edge),
    SetNull(Edge),
}

impl Level {
    pub(super) fn new(keys: Vec<Key>, steps: Vec<Step>) -> Self {
        Self {
            to: keys.len().min(PARENTS_AT_FIRST),
            keys,
            steps,
            step: 0,
            from: 0,
            after: None,
            children: 0,
        }
    }

    /// What to look for next, if anything is left.
    pub(super) fn next(&mut self) -> Option<Step> {
        if self.from == self.keys.len() {
            self.step += 1;
            self.from = 0;
            self.to = self.keys.len().min(PARENTS_AT_FIRST);
        }
        self.steps.get(self.step).copied()
    }

    /// These were the next children. The parents are done with when there are none behind: then as many more are taken as should have
    /// about a batch of children.
    pub(super) fn found(&mut self, children: &[Key], batch: u64) {
        self.children += children.len() as u64;
        if children.len() as u64 == batch {
            self.after = children.last().cloned();
            return;
        }
        if self.after.take().is_some() {
            // From the start again, in case the database compares keys in another way than it sorts them.
            return;
        }
        let parents = self.to - self.from;
        let more = match self.children {
            children if children > batch => parents / 2,
            children if children < batch / 4 => parents * 4,
            _ => parents,
        };
        self.from = self.to;
        self.to = self.keys.len().min(self.from + more.max(1));
        self.children = 0;
    }
}
