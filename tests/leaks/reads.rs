//! Ways to read.

pub mod entities;
pub mod generic;
pub mod joins;
pub mod loaders;
pub mod raw;
pub mod related;
pub mod subqueries;

use super::read::Read;

pub fn all() -> impl Iterator<Item = &'static Read> {
    let lists = [
        entities::READS,
        related::READS,
        joins::READS,
        loaders::READS,
        subqueries::READS,
        generic::READS,
        raw::READS,
    ];
    lists.into_iter().flatten()
}
