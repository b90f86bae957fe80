//! How long the deleted rows of an entity are kept.

use std::{collections::BTreeMap, time::Duration};

use soft_delete_core::{EntityMeta, TableName};

/// Retentions that a call is given beside those that entities declare.
#[derive(Clone, Debug, Default)]
pub(crate) struct Retentions {
    of_tables: BTreeMap<TableName, Duration>,
    default: Option<Duration>,
}

impl Retentions {
    /// Takes this one instead of the entity's.
    pub(crate) fn set(&mut self, table: &TableName, retention: Duration) {
        self.of_tables.insert(table.clone(), retention);
    }

    /// Takes this one for entities that declare none.
    pub(crate) fn set_default(&mut self, retention: Duration) {
        self.default = Some(retention);
    }

    /// The retention of an entity; for ever if there is none.
    pub(crate) fn of(&self, meta: &EntityMeta) -> Option<Duration> {
        let given = self.of_tables.get(&meta.table).copied();
        given.or(meta.retention).or(self.default)
    }

    /// The tables that one was given for.
    pub(crate) fn tables(&self) -> impl Iterator<Item = &TableName> {
        self.of_tables.keys()
    }
}
