//! What the crates above this one need of it. Not part of the API: they name its exact version.

/// What a database has.
pub mod catalog {
    pub use crate::catalog::{Catalog, Column, ForeignKey, Index, Table, require_columns};
}

/// Changes of a schema.
pub mod change {
    pub use crate::change::{exec_all, refused};
}

/// Which index serves what.
pub mod index {
    pub use crate::index::leads_to_deleted;
}

/// Names that may have been meant.
pub mod similar {
    pub use crate::similar::most_similar;
}

/// Names and literals in SQL.
pub mod sql {
    pub use crate::sql::{column_type, literal, object_name, quote, quote_all, quote_table};
}
