//! What a deleted row says of its deletion.

use chrono::{DateTime, Utc};
use sea_orm::{DbBackend, QueryResult, sea_query::SelectStatement};
use uuid::Uuid;

use super::value::{self, RowValue};
use crate::{
    engine::cascade::{
        identity::Identity,
        rows::{column, iden, readable_time},
    },
    model::{ColumnMeta, EntityMeta, Error},
};

/// Goes before the names of the columns in a result, where others may have the same.
const PREFIX: &str = "soft_delete_stamp_";

/// The stamp of a deleted row. What its table has no column for is `None`.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct DeletionStamp {
    /// When it was deleted, in UTC. `None` if the column holds no time that can be read, such as `infinity` or a zero date.
    pub deleted_at: Option<DateTime<Utc>>,
    /// Who deleted it.
    pub deleted_by: Option<RowValue>,
    /// Why.
    pub delete_reason: Option<String>,
    /// The deletion that took it.
    pub deletion_id: Option<Uuid>,
}

impl DeletionStamp {
    /// Adds the columns to a SELECT.
    pub(super) fn select(select: &mut SelectStatement, meta: &EntityMeta, backend: DbBackend) {
        let stamp = &meta.stamp;
        select.expr_as(readable_time(meta, backend), prefixed(&stamp.deleted_at));
        for name in stamp.deletion_id.iter().chain(&stamp.delete_reason) {
            select.expr_as(column(meta, name), prefixed(name));
        }
        if let Some(by) = actor(meta) {
            select.expr_as(value::select(meta, by, backend), prefixed(&by.name));
        }
    }

    /// Reads them from a deleted row.
    pub(super) fn read(row: &QueryResult, meta: &EntityMeta) -> Result<Self, Error> {
        let stamp = &meta.stamp;
        let name = |name: &str| format!("{PREFIX}{name}");
        let deleted_by = match actor(meta) {
            Some(by) => Some(value::read(row, meta, by, &name(&by.name))?),
            None => None,
        };
        let delete_reason = match &stamp.delete_reason {
            Some(reason) => row.try_get("", &name(reason))?,
            None => None,
        };
        let deletion_id = match &stamp.deletion_id {
            Some(id) => row.try_get("", &name(id))?,
            None => None,
        };
        Ok(Self {
            deleted_at: stamp
                .read_time(row, &meta.table, &name(&stamp.deleted_at))
                .ok(),
            deleted_by: deleted_by.filter(|by| !by.is_null()),
            delete_reason,
            deletion_id,
        })
    }

    /// `None` if nothing that can be read tells the deletion.
    pub(super) fn identity(&self) -> Option<Identity> {
        let deleted_at = match (self.deletion_id, self.deleted_at) {
            (Some(_), at) => at.unwrap_or_default(),
            (None, at) => at?,
        };
        Some(Identity {
            deletion_id: self.deletion_id,
            deleted_at,
        })
    }
}

fn prefixed(name: &str) -> sea_orm::sea_query::DynIden {
    iden(&format!("{PREFIX}{name}"))
}

fn actor(meta: &EntityMeta) -> Option<&ColumnMeta> {
    let name = meta.stamp.deleted_by.as_deref()?;
    meta.column(name)
}
