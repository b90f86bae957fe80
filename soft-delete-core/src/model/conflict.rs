//! What keeps rows from being restored.

use std::fmt;

use sea_orm::Value;

use super::{
    TableName,
    display::{display, display_key},
};

/// All conflicts of a restore: for each table and unique key those with active rows, and then those of restored rows with
/// each other, in the order of keys.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conflict {
    pub(crate) rows: Vec<ConflictingRow>,
}

impl Conflict {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The conflicts, one for each row and unique key.
    pub fn iter(&self) -> std::slice::Iter<'_, ConflictingRow> {
        self.rows.iter()
    }
}

impl<'a> IntoIterator for &'a Conflict {
    type Item = &'a ConflictingRow;
    type IntoIter = std::slice::Iter<'a, ConflictingRow>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 5;
        for (place, row) in self.iter().take(SHOWN).enumerate() {
            if place > 0 {
                f.write_str("; ")?;
            }
            row.fmt(f)?;
        }
        match self.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

/// A deleted row whose unique values another row has.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ConflictingRow {
    /// The table of both rows.
    pub table: TableName,
    /// The deleted row's primary key.
    pub key: Vec<Value>,
    /// The name of the unique key: see [`UniqueKey`](crate::UniqueKey).
    pub unique: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// The values of these columns, which both rows have.
    pub values: Vec<Value>,
    /// The primary key of the row that has the values.
    pub holder: Vec<Value>,
    /// Whether that row is active. If not, it is another row that the same restore brings back.
    pub holder_is_active: bool,
}

impl fmt::Display for ConflictingRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: Vec<_> = self
            .columns
            .iter()
            .zip(&self.values)
            .map(|(column, value)| format!("{column} = {}", display(value)))
            .collect();
        let holder = if self.holder_is_active {
            "active row"
        } else {
            "restored row"
        };
        write!(
            f,
            "`{}` {}: {holder} {} has {}",
            self.table,
            display_key(&self.key),
            display_key(&self.holder),
            values.join(" and ")
        )
    }
}

/// A parent that is deleted, so that a row below it can't be restored.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DeletedParent {
    /// The table of the row to be restored.
    pub table: TableName,
    /// Its primary key.
    pub key: Vec<Value>,
    /// The relation that leads to the parent, as the entity's `Relation` enum names it.
    pub relation: String,
    /// The parent's table.
    pub parent_table: TableName,
    /// The parent's primary key; empty if there is no such row any more.
    pub parent_key: Vec<Value>,
}

impl fmt::Display for DeletedParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (table, key) = (&self.table, display_key(&self.key));
        if self.parent_key.is_empty() {
            let (relation, parent) = (&self.relation, &self.parent_table);
            return write!(
                f,
                "`{table}` {key} refers through `{relation}` to a row of `{parent}` that is gone"
            );
        }
        let parent = display_key(&self.parent_key);
        write!(
            f,
            "`{table}` {key} is below `{}` {parent}",
            self.parent_table
        )
    }
}
