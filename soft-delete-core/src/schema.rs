//! The schema that soft deletion needs: columns, indexes, views and triggers, made in migrations or from the entities, and a
//! [`doctor`] that finds what is wrong with a live database.
//!
//! Feature `schema`. All helpers work on any connection, on every backend, and do nothing where there is nothing to do, so that
//! an interrupted run is completed by the next. In migrations the feature `migration` puts them next to SeaORM's own: see
//! [`SoftDeleteSchema`](crate::migration::SoftDeleteSchema).
//!
//! | | |
//! |---|---|
//! | [`SoftDeleteColumns`] | `deleted_at`, `deletion_id`, `deleted_by`, `delete_reason` |
//! | [`UniqueActiveIndex`] | unique among active rows, also in place of a plain UNIQUE |
//! | [`PurgeIndex`] | finds what to purge |
//! | [`FlagConversion`] | makes a `deleted_at` of an `is_deleted` flag |
//! | [`ActiveView`] | a view of active rows |
//! | [`ActiveParentTriggers`] | refuse an active row under a deleted parent |
//! | [`SchemaSync`] | what the entities need, in one call |
//! | [`doctor`] | what is wrong, why it matters, and the fix |

mod active_parent;
pub(crate) mod catalog;
pub(crate) mod change;
mod columns;
pub mod doctor;
mod duplicates;
mod error;
mod flag;
pub(crate) mod index;
#[cfg(feature = "schema-sync")]
mod keep_indexes;
mod predicate;
mod purge_index;
pub(crate) mod similar;
pub(crate) mod sql;
mod sqlite;
mod sync;
mod unique;
mod view;

use sea_orm::{ConnectionTrait, Statement};

pub use active_parent::ActiveParentTriggers;
pub use change::Change;
pub use columns::SoftDeleteColumns;
pub use error::{Duplicate, SchemaError};
pub use flag::FlagConversion;
#[cfg(feature = "schema-sync")]
pub use keep_indexes::KeepIndexes;
pub use purge_index::PurgeIndex;
pub use sync::SchemaSync;
pub use unique::UniqueActiveIndex;
pub use view::ActiveView;

use crate::{Error, TableName};
use catalog::Table;
use sql::{quote, quote_table};

pub(crate) fn require_columns<'a>(
    name: &TableName,
    table: &Table,
    columns: impl IntoIterator<Item = &'a String>,
) -> Result<(), Error> {
    for column in columns {
        if table.column(column).is_none() {
            let names = table.columns.iter().map(|column| &*column.name);
            return Err(SchemaError::UnknownColumn {
                table: name.clone(),
                column: column.clone(),
                similar: similar::most_similar(column, names),
            }
            .into());
        }
    }
    Ok(())
}

async fn count_deleted<C: ConnectionTrait>(
    db: &C,
    table: &TableName,
    deleted_at: &str,
) -> Result<u64, Error> {
    let backend = db.get_database_backend();
    let sql = format!(
        "SELECT COUNT(*) FROM {} WHERE {} IS NOT NULL",
        quote_table(backend, table),
        quote(backend, deleted_at),
    );
    let row = db
        .query_one_raw(Statement::from_string(backend, sql))
        .await?;
    let count = row.map(|row| row.try_get_by_index::<i64>(0)).transpose()?;
    Ok(count.unwrap_or(0).unsigned_abs())
}
