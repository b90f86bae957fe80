//! How many rows of each entity a restore is about.

use std::collections::BTreeMap;

use crate::model::{TableCounts, graph::Cascade};

/// How many rows of each entity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts(BTreeMap<usize, u64>);

impl Counts {
    pub(crate) fn add(&mut self, entity: usize, rows: u64) {
        if rows > 0 {
            *self.0.entry(entity).or_default() += rows;
        }
    }

    pub(crate) fn of(&self, entity: usize) -> u64 {
        self.0.get(&entity).copied().unwrap_or_default()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, u64)> {
        self.0.iter().map(|(entity, rows)| (*entity, *rows))
    }

    /// Parents before children, in a circle in the cascade's order. Rows above the cascade count as well.
    pub(super) fn by_table(&self, cascade: &Cascade<'_>) -> TableCounts {
        let group = cascade.group;
        let all: Vec<_> = cascade.entities().chain(self.0.keys().copied()).collect();
        Cascade::from(group, &all)
            .entities()
            .map(|entity| (group.entity(entity).table.clone(), self.of(entity)))
            .collect()
    }
}
