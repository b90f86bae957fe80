//! The traits and the derive, and nothing that has a name of SeaORM's: `use soft_delete::prelude::*;`.

#[doc(no_inline)]
pub use crate::{SelectActive as _, SelectScope as _, SoftDelete};

#[cfg(all(feature = "migration", feature = "retention"))]
#[doc(no_inline)]
pub use crate::migration::ArchiveSchema as _;
#[cfg(feature = "migration")]
#[doc(no_inline)]
pub use crate::migration::{SoftDeleteSchema as _, SoftDeleteTable as _};
