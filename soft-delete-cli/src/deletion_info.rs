//! What a deleted row says of its deletion.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;
use soft_delete_core::{DeletionStamp, RowValue};
use uuid::Uuid;

use super::{
    output::{DIM, clean_line},
    value::second,
};

/// The stamp of a deleted row. What its table has no column for is null.
#[derive(Clone, Debug, Serialize)]
pub(super) struct DeletionInfo {
    /// Null if the column holds no time that can be read.
    pub(super) deleted_at: Option<DateTime<Utc>>,
    pub(super) deleted_by: Option<RowValue>,
    pub(super) delete_reason: Option<String>,
    pub(super) deletion_id: Option<Uuid>,
}

impl From<DeletionStamp> for DeletionInfo {
    fn from(stamp: DeletionStamp) -> Self {
        Self {
            deleted_at: stamp.deleted_at,
            deleted_by: stamp.deleted_by,
            delete_reason: stamp.delete_reason,
            deletion_id: stamp.deletion_id,
        }
    }
}

impl DeletionInfo {
    /// To the second.
    pub(super) fn at(&self) -> String {
        self.deleted_at
            .map_or_else(|| "at no time that can be read".to_owned(), second)
    }

    pub(super) fn by(&self) -> String {
        self.deleted_by
            .as_ref()
            .map(RowValue::text)
            .unwrap_or_default()
    }

    pub(super) fn reason(&self) -> String {
        self.delete_reason.clone().unwrap_or_default()
    }

    pub(super) fn id(&self) -> String {
        self.deletion_id
            .map(|id| id.to_string())
            .unwrap_or_default()
    }
}

/// `2026-01-31 18:00:00Z by 42: "spam"`
impl fmt::Display for DeletionInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.at())?;
        if let Some(by) = &self.deleted_by {
            write!(f, " by {}", clean_line(&by.text()))?;
        }
        if let Some(reason) = &self.delete_reason {
            write!(f, ": \"{}\"", clean_line(reason))?;
        }
        if let Some(id) = self.deletion_id {
            write!(f, "  {DIM}{id}{DIM:#}")?;
        }
        Ok(())
    }
}
