//! What queries see.

pub(crate) mod select;
pub(crate) mod soft_delete;

pub use select::{SelectActive, SelectScope};
pub use soft_delete::SoftDelete;
