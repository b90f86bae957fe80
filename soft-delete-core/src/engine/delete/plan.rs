//! What a delete would do.

use crate::{
    engine::delete::deletion::by_table,
    model::{Blocker, EntityMeta, ForeignKeyMeta},
};

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
    pub not_followed: Vec<String>,
    pub(crate) tables: Vec<(String, u64)>,
    pub(crate) set_null: Vec<(String, String, u64)>,
}

impl DeletePlan {
    /// How many rows would be deleted in each table, parents before children.
    pub fn rows_by_table(&self) -> Vec<(&str, u64)> {
        by_table(&self.tables)
    }

    /// How many rows would lose a reference: table, relation, rows.
    pub fn set_null(&self) -> impl Iterator<Item = (&str, &str, u64)> {
        self.set_null
            .iter()
            .map(|(table, relation, rows)| (table.as_str(), relation.as_str(), *rows))
    }

    /// Whether [`exec`](crate::Delete::exec) would succeed.
    pub fn is_allowed(&self) -> bool {
        self.blockers.is_empty()
    }

    pub(crate) fn add_set_null(&mut self, child: &EntityMeta, key: &ForeignKeyMeta, rows: u64) {
        if rows > 0 {
            let table = child.table.to_string();
            self.set_null.push((table, key.relation.clone(), rows));
        }
    }
}
