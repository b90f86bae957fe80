#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub use soft_delete_core::*;
pub use soft_delete_derive::SoftDelete;

// Compiles the examples of the guide.
#[cfg(all(doctest, feature = "purge", feature = "stats"))]
#[doc = include_str!("../docs/retention.md")]
mod retention {}
