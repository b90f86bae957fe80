//! Rows that forbid a deletion.

use std::fmt;

use sea_orm::Value;

use super::{ForeignKeyMeta, OnDelete, Scope, TableName, display::display_key};

/// How many keys a [`Blocker`] shows.
pub(crate) const KEYS_SHOWN: u64 = 5;

/// Rows of one table that reference a row to be deleted through a key that restricts.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Blocker {
    /// Their table.
    pub table: TableName,
    /// The relation, as the entity's `Relation` enum names it.
    pub relation: String,
    /// The relation's rule: `Restrict`, or `SetNull` where none of the key's columns may be NULL, by the entity and by the database.
    pub rule: OnDelete,
    /// Which rows count: active ones for a delete, deleted ones too for an erasure.
    pub scope: Scope,
    /// How many they are.
    pub rows: u64,
    /// The primary keys of the first of them, in their order: at most five.
    pub keys: Vec<Vec<Value>>,
}

impl Blocker {
    /// Rows, active or not, that refer to erased ones and can't do without them.
    #[doc(hidden)]
    pub fn of_erasure(table: &TableName, key: &ForeignKeyMeta, mut keys: Vec<Vec<Value>>) -> Self {
        let rows = keys.len() as u64;
        keys.sort_unstable_by_key(|key| format!("{key:?}"));
        keys.truncate(KEYS_SHOWN as usize);
        Self {
            table: table.clone(),
            relation: key.relation.clone(),
            rule: key.on_delete,
            scope: Scope::WithDeleted,
            rows,
            keys,
        }
    }
}

impl fmt::Display for Blocker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<_> = self.keys.iter().map(|key| display_key(key)).collect();
        let more = if self.rows > KEYS_SHOWN { ", …" } else { "" };
        let rows = if self.rows == 1 { "row" } else { "rows" };
        let active = match self.scope {
            Scope::Active => "active ",
            _ => "",
        };
        let why = match self.rule {
            OnDelete::SetNull => ", none of whose columns may be NULL",
            _ => "",
        };
        write!(
            f,
            "{} {active}{rows} of `{}` through `{}`{why} ({}{more})",
            self.rows,
            self.table,
            self.relation,
            keys.join(", ")
        )
    }
}
