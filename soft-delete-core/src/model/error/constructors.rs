//! For the other crates of the library: variants with fields are made here only, so that they can gain some.

use super::Error;
use crate::model::{Blocker, TableName};

#[doc(hidden)]
impl Error {
    pub fn restricted(table: &TableName, blockers: Vec<Blocker>) -> Self {
        Self::Restricted {
            table: table.clone(),
            blockers,
        }
    }

    pub fn referenced(table: TableName, blockers: Vec<Blocker>) -> Self {
        Self::Referenced { table, blockers }
    }

    pub fn not_found(table: TableName) -> Self {
        Self::NotFound { table }
    }

    pub fn in_transaction(operation: &'static str) -> Self {
        Self::InTransaction { operation }
    }

    pub fn not_registered(table: &TableName) -> Self {
        Self::NotRegistered {
            table: table.clone(),
        }
    }
}
