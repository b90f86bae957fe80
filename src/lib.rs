#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub use soft_delete_core::*;
pub use soft_delete_derive::SoftDelete;
