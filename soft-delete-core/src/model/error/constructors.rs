//! For the other crates of the library: variants with fields are made here only, so that they can gain some.

use sea_orm::DbErr;

use super::{ArchiveError, Duplicate, Error, RowKey, SchemaError};
use crate::model::{Blocker, Scope, TableName};

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

/// A function for each variant, with its fields in their order.
macro_rules! constructors {
    ($error:ident { $($name:ident => $variant:ident($($field:ident: $type:ty),+)),+ $(,)? }) => {
        #[doc(hidden)]
        impl $error {
            $(
                pub fn $name($($field: $type),+) -> Self {
                    Self::$variant { $($field),+ }
                }
            )+
        }
    };
}

constructors! {
    SchemaError {
        unknown_table => UnknownTable(table: TableName, similar: Option<String>),
        unknown_column => UnknownColumn(table: TableName, column: String, similar: Option<String>),
        no_primary_key => NoPrimaryKey(table: TableName),
        column_mismatch => ColumnMismatch(table: TableName, column: String, found: String, needed: String),
        name_taken => NameTaken(table: TableName, name: String),
        duplicates => Duplicates(table: TableName, columns: Vec<String>, among: Scope, duplicates: Vec<Duplicate>),
        referenced_key => ReferencedKey(table: TableName, columns: Vec<String>, child: String),
        deleted_rows => DeletedRows(table: TableName, column: String, rows: u64),
        column_indexed => ColumnIndexed(table: TableName, column: String, index: String),
        privilege => Privilege(action: String, source: DbErr),
        server_too_old => ServerTooOld(server: &'static str, found: String, needed: &'static str),
        no_schemas => NoSchemas(server: &'static str),
        active_schema => ActiveSchema(schema: String, problem: String),
        names_schema => NamesSchema(table: TableName),
        policies_passed_by => PoliciesPassedBy(table: TableName),
        not_attached => NotAttached(table: TableName),
        refused => Refused(action: String, source: DbErr),
    }
}

constructors! {
    ArchiveError {
        missing => Missing(table: TableName),
        entries => Entries(table: TableName, rows: u64),
        not_archived => NotArchived(wanted: String),
        missing_values => MissingValues(row: Box<RowKey>, columns: Vec<String>),
        row_exists => RowExists(row: Box<RowKey>),
        parent_missing => ParentMissing(row: Box<RowKey>, columns: Vec<String>, parent: Box<RowKey>),
        value_changed => ValueChanged(row: Box<RowKey>, column: String, archived: String, found: String),
        refused => Refused(row: Box<RowKey>, column: Option<String>, source: DbErr),
    }
}
