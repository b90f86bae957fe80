//! What a deleted row says of its deletion.

use std::fmt;

use chrono::{DateTime, Utc};
use sea_orm::{DbBackend, QueryResult, sea_query::SelectStatement};
use serde::Serialize;
use uuid::Uuid;

use super::{
    output::{DIM, clean_line},
    value::{Shown, read_readable, readable, second},
};
use soft_delete_core::{
    EntityMeta, Error,
    engine_api::{
        Identity,
        rows::{column, iden},
    },
};

/// The name of `deleted_by` in a result, where it may be cast.
const BY: &str = "soft_delete_by";

/// The stamp of a deleted row. What its table has no column for is not there.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Stamped {
    pub(super) deleted_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) deleted_by: Option<Shown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) delete_reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) deletion_id: Option<Uuid>,
}

impl Stamped {
    /// Adds the columns of the stamp to a SELECT.
    pub(super) fn select(select: &mut SelectStatement, meta: &EntityMeta, backend: DbBackend) {
        let stamp = &meta.stamp;
        select.expr(column(meta, &stamp.deleted_at));
        for name in stamp.deletion_id.iter().chain(&stamp.delete_reason) {
            select.expr(column(meta, name));
        }
        if let Some(by) = actor(meta) {
            select.expr_as(readable(meta, by, backend), iden(BY));
        }
    }

    /// Reads them; `None` for an active row.
    pub fn read(row: &QueryResult, meta: &EntityMeta) -> Result<Option<Self>, Error> {
        let stamp = &meta.stamp;
        let Some(deleted_at) = stamp.deleted_at_kind.read(row, &stamp.deleted_at)? else {
            return Ok(None);
        };
        let deleted_by = match actor(meta) {
            Some(by) => Some(read_readable(row, meta, by, BY)?).filter(|by| !by.is_null()),
            None => None,
        };
        let delete_reason = match &stamp.delete_reason {
            Some(name) => row.try_get("", name)?,
            None => None,
        };
        let deletion_id = match &stamp.deletion_id {
            Some(name) => row.try_get("", name)?,
            None => None,
        };
        Ok(Some(Self {
            deleted_at,
            deleted_by,
            delete_reason,
            deletion_id,
        }))
    }

    pub(super) fn identity(&self) -> Identity {
        Identity {
            deletion_id: self.deletion_id,
            deleted_at: self.deleted_at,
        }
    }

    pub(super) fn by(&self) -> String {
        self.deleted_by
            .as_ref()
            .map(Shown::text)
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

fn actor(meta: &EntityMeta) -> Option<&soft_delete_core::ColumnMeta> {
    meta.stamp
        .deleted_by
        .as_deref()
        .and_then(|name| meta.column(name))
}

/// `2026-01-31 18:00:00Z by 42: "spam"`
impl fmt::Display for Stamped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", second(self.deleted_at))?;
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
