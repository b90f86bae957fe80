#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(unreachable_pub)]

#[cfg(feature = "purge")]
pub mod archive;
mod dialect;
#[cfg(feature = "purge")]
mod erase;
#[cfg(feature = "stats")]
mod figure;
#[cfg(all(feature = "purge", feature = "migration"))]
pub mod migration;
#[cfg(feature = "purge")]
pub mod purge;
#[cfg(feature = "purge")]
mod removal;
#[cfg(any(feature = "purge", feature = "stats"))]
mod retention;
#[cfg(feature = "stats")]
mod stats;

#[cfg(feature = "purge")]
pub use erase::{Erase, ErasedTable, ErasureReport, KeySetNull, NotLookedAt};
#[cfg(feature = "purge")]
pub use purge::{Purge, PurgeReport, PurgedTable};
#[cfg(feature = "stats")]
pub use stats::{Figure, MissingTable, Stats, StatsReader, TableStats, stats};
