//! What a delete did.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// One top-level delete and everything it took by cascade. All its rows carry the same stamp.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Deletion {
    /// The rows deleted in the entity's own table by the delete itself, as in [`DeleteResult`](sea_orm::DeleteResult). What
    /// the cascade took is in [`rows_by_table`](Self::rows_by_table).
    pub rows_affected: u64,
    pub(crate) id: Uuid,
    pub(crate) deleted_at: DateTime<Utc>,
    pub(crate) outcome: Outcome,
    pub(crate) group: String,
    pub(crate) tables: Vec<(String, u64)>,
}

impl Deletion {
    /// The deletion's id, a UUIDv7: what its rows have in `deletion_id`, where the entity has that column.
    ///
    /// ```
    /// # async fn example(deletion: soft_delete::Deletion) {
    /// let audit = format!("deletion {} took {} rows", deletion.id(), deletion.rows_affected);
    /// # let _ = audit; }
    /// ```
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// What its rows have in `deleted_at`: UTC, in microseconds. A MySQL column declared without fractions rounds it.
    pub fn deleted_at(&self) -> DateTime<Utc> {
        self.deleted_at
    }

    /// What became of the rows that were to be deleted.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// How many rows it took in each table, the entity's own first and parents before children; tables where it took none
    /// are left out.
    ///
    /// ```
    /// # fn example(deletion: soft_delete::Deletion) {
    /// for (table, rows) in deletion.rows_by_table() {
    ///     println!("{rows} rows in {table}");
    /// }
    /// # }
    /// ```
    pub fn rows_by_table(&self) -> Vec<(&str, u64)> {
        by_table(&self.tables)
    }
}

/// What became of the rows that were to be deleted. None of the three is an error: deleting is idempotent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Outcome {
    /// At least one active row was deleted.
    Deleted,
    /// No row was active. The stamp of a deleted row is left as it was.
    AlreadyDeleted {
        /// When it was deleted, as stored: of several rows, the last.
        deleted_at: DateTime<Utc>,
    },
    /// There is no such row.
    NotFound,
}

pub(crate) fn by_table(tables: &[(String, u64)]) -> Vec<(&str, u64)> {
    tables
        .iter()
        .map(|(table, rows)| (table.as_str(), *rows))
        .collect()
}
