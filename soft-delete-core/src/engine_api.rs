//! What the crates above this one need of the engine. Not part of the API: they name its exact version.

pub use crate::{
    cascade::{
        graph::{Cascade, Edge, Group, components},
        identity::Identity,
        marking::only_taken,
        roots::taken_with_parent,
        walk::count_rows,
    },
    restore::{Options, by_deletion, by_key},
};

/// What the databases do differently.
pub mod backend {
    pub use crate::backend::{
        UNDER_DELETED_PARENT, give_up, has_partial_indexes, has_transactional_ddl,
        is_missing_privilege, is_pool, is_refusal, is_retryable, is_transaction, locks_rows,
        sees_latest_by_locking, write_transaction,
    };
}

/// Conditions and columns.
pub mod rows {
    pub use crate::cascade::rows::{
        RowKey, all, any, column, columns, columns_of, equal, iden, in_scope, in_select,
        is_integer, row_value,
    };
}

/// Values of columns whose type is known only at run time.
pub mod value {
    pub use crate::value::{
        bind, display_key, equals, is_known, is_one_of, plain, read, read_all, select_value,
        select_values,
    };
}
