//! What a delete would do.

use crate::model::{Blocker, EntityMeta, ForeignKeyMeta, RelationRows, TableCounts, TableName};

/// What a delete would do, from [`Delete::plan`](crate::Delete::plan).
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct DeletePlan {
    /// The active rows named, which would be deleted themselves.
    pub rows_affected: u64,
    /// Active rows that forbid it. If there are any, [`exec`](crate::Delete::exec) fails with
    /// [`Error::Restricted`](crate::Error::Restricted).
    pub blockers: Vec<Blocker>,
    /// Tables whose rows reference rows of this cascade and would be left as they are, because their entities don't derive
    /// `SoftDelete`.
    pub not_followed: Vec<TableName>,
    pub(crate) tables: TableCounts,
    pub(crate) set_null: Vec<RelationRows>,
}

impl DeletePlan {
    /// How many rows would be deleted in each table, parents before children.
    pub fn rows_by_table(&self) -> &TableCounts {
        &self.tables
    }

    /// How many rows would lose a reference, by table and relation.
    pub fn set_null(&self) -> &[RelationRows] {
        &self.set_null
    }

    /// Whether [`exec`](crate::Delete::exec) would succeed.
    pub fn is_allowed(&self) -> bool {
        self.blockers.is_empty()
    }

    pub(crate) fn add_set_null(&mut self, child: &EntityMeta, key: &ForeignKeyMeta, rows: u64) {
        if rows > 0 {
            self.set_null.push(RelationRows {
                table: child.table.clone(),
                relation: key.relation.clone(),
                rows,
            });
        }
    }
}
