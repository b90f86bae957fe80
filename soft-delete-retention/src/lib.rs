#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(unreachable_pub)]

pub mod archive;
mod dialect;
mod erase;
mod figure;
#[cfg(feature = "migration")]
pub mod migration;
pub mod purge;
mod removal;
mod retention;
mod stats;

pub use erase::{
    Erase, EraseRow, ErasedTable, ErasurePlan, ErasureReport, KeySetNull, NotLookedAt,
};
pub use purge::{Purge, PurgeReport, PurgedTable};
pub use stats::{Figure, MissingTable, Stats, StatsReader, TableStats, stats};
