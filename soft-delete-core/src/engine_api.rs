//! What the crates above this one need of the engine. Not part of the API: they name its exact version.

pub use crate::{
    engine::cascade::marking::only_taken,
    engine::value::parse_value,
    model::{
        graph::{Cascade, Edge, Group, components},
        sql_text::SqlText,
        unique::{PartOf, UniquePart},
    },
};

/// What the databases do differently.
pub mod dialect {
    pub use crate::dialect::{
        Server, UNDER_DELETED_PARENT, has_partial_indexes, has_transactional_ddl,
        is_missing_privilege, is_pool, is_refusal, is_retryable, is_transaction, locks_rows,
        sees_latest_by_locking, write_transaction,
    };
}

/// The schema of tables whose names a connection takes for views.
pub mod base_schema {
    pub use crate::model::base_schema::{MARKER_VIEW, attach};
}

/// Transactions of calls that write.
pub mod transaction {
    pub use crate::engine::transaction::{abort, begin, end};
}

/// Conditions and columns.
pub mod rows {
    pub use crate::engine::cascade::rows::{
        RowKey, all, any, column, columns, columns_of, equal, iden, in_scope, in_select,
        is_integer, row_value,
    };
}

/// Values of columns whose type is known only at run time.
pub mod value {
    pub use crate::engine::value::{
        bind, equals, is_known, is_one_of, read, read_all, select_value, select_values,
    };
    pub use crate::model::display::{display_key, plain};
}
