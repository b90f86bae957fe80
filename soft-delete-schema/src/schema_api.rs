//! What the crates above this one need of it. Not part of the API: they name its exact version.

#[doc(hidden)]
pub use soft_delete_core::Error;

/// What a database has.
pub mod catalog {
    pub use crate::catalog::{Catalog, Column, ForeignKey, Index, Table, require_columns};
}

/// Changes of a schema.
pub mod change {
    pub use crate::change::{apply, exec_all, refused};
}

/// How databases write names, values and types.
pub mod dialect {
    pub use crate::dialect::{MYSQL, MySql, Postgres, SqlDialect, Sqlite};
}

/// Which index serves what.
pub mod index {
    pub use crate::index::{leads_to_deleted, unique_among_active};
}

/// Names that may have been meant.
pub mod similar {
    pub use crate::similar::most_similar;
}

/// Names in SQL.
pub mod sql {
    pub use crate::sql::{object_name, quote_all};
}
