//! The derive and the traits: `use soft_delete::prelude::*;`.
//!
//! It has no name that SeaORM's prelude has, so that the two can stand side by side. The extension traits are imported without a name.
//!
//! | trait | methods |
//! |---|---|
//! | [`SelectScope`](crate::SelectScope) | `active()`, `only_deleted()`, `scope(…)` of a `Select` |
//! | [`SelectActive`](crate::SelectActive) | `find_also_active`, `find_with_active`, `find_both_active`, `left_join_active`, `inner_join_active` |
//! | `migration::SoftDeleteSchema`, `SoftDeleteTable`, `ArchiveSchema` | schema helpers of a `SchemaManager`, with the feature `migration` |

#[doc(no_inline)]
pub use crate::{SelectActive as _, SelectScope as _, SoftDelete};

#[cfg(all(feature = "migration", feature = "retention"))]
#[doc(no_inline)]
pub use crate::migration::ArchiveSchema as _;
#[cfg(feature = "migration")]
#[doc(no_inline)]
pub use crate::migration::{SoftDeleteSchema as _, SoftDeleteTable as _};
