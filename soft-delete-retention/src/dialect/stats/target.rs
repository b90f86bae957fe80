//! The tables that statistics are about.

use std::time::Duration;

use chrono::{DateTime, Utc};

use soft_delete_core::{EntityMeta, Error, TableName};
use soft_delete_schema::schema_api::{
    catalog::{Catalog, Table, require_columns},
    index,
};

/// One table, as the entity and the database have it. Times are in microseconds since 1970.
#[derive(Clone, Debug)]
pub(crate) struct StatsTarget<'a> {
    pub(crate) table: &'a TableName,
    pub(crate) deleted_at: &'a str,
    pub(crate) retention: Option<Duration>,
    pub(crate) at: i64,
    /// Rows deleted then or before are expired.
    pub(crate) cutoff: i64,
    /// Where the database has it.
    pub(crate) schema: String,
    pub(crate) name: String,
    pub(crate) column: String,
    /// An index that finds deleted rows by their time.
    pub(crate) index: Option<String>,
}

impl<'a> StatsTarget<'a> {
    pub(crate) fn new(
        catalog: &Catalog,
        meta: &'a EntityMeta,
        retention: Option<Duration>,
        at: DateTime<Utc>,
    ) -> Result<Self, Error> {
        // A view will do.
        let table = match catalog.find(&meta.table) {
            Some(table) => table,
            None => catalog.require(&meta.table)?,
        };
        meta.stamp
            .require_time(&meta.table, "a reader of figures")?;
        require_columns(&meta.table, table, [&meta.stamp.deleted_at])?;
        let at = at.timestamp_micros();
        Ok(Self {
            table: &meta.table,
            deleted_at: &meta.stamp.deleted_at,
            retention,
            at,
            cutoff: retention.map_or(i64::MIN, |retention| {
                at.saturating_sub(in_microseconds(retention))
            }),
            schema: table.schema.clone(),
            name: table.name.clone(),
            column: column_name(table, &meta.stamp.deleted_at),
            index: index_of_deleted(table, &meta.stamp.deleted_at),
        })
    }
}

pub(crate) fn in_microseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

fn column_name(table: &Table, deleted_at: &str) -> String {
    let column = table.column(deleted_at);
    column.map_or_else(|| deleted_at.to_owned(), |column| column.name.clone())
}

fn index_of_deleted(table: &Table, deleted_at: &str) -> Option<String> {
    let mut indexes = table.indexes.iter();
    let found = indexes.find(|index| index::leads_to_deleted(table, index, deleted_at));
    found.map(|index| index.name.clone())
}
