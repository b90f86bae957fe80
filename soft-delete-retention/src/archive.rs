//! The archive: purged rows as JSON in one table, from where they can be restored until they expire.
//!
//! A [purge](crate::Purge) that is given an [`ArchiveTable`] writes each row into it, in the transaction that
//! removes the row, and in the database: no row passes through the program.
//!
//! | | |
//! |---|---|
//! | [`ArchiveTable::create`], [`drop`](ArchiveTable::drop) | the table, also as helpers in migrations |
//! | [`ArchiveTable::list`] | what is archived |
//! | [`ArchiveTable::restore`] | puts rows back into the trash, with their stamp |
//! | [`ArchiveTable::expire`] | removes old entries |
//! | [`Erase`](crate::Erase) | permanently removes a row, its entries included |
//!
//! # What an entry holds
//!
//! The columns of the row's table as they were, generated ones left out, whether the entity has them or not. Nothing is lost:
//! what JSON has no exact form for is text as the database writes it.
//!
//! | | PostgreSQL | MySQL, MariaDB | SQLite |
//! |---|---|---|---|
//! | integers | number | number, `bit` too | number |
//! | fractions | text | text | `{"real": "0.1"}`, with `"plus"` for bits that its text lacks |
//! | bytes | text, `\x00ff` | `{"hex": "00FF"}`, spatial types too | `{"hex": "00FF"}` |
//! | booleans | `true`, `false` | number | number |
//! | everything else | text | text | text |
//!
//! On PostgreSQL arrays, ranges, enums, `numeric` and all types of extensions are "everything else". JSON columns are text too, so that an SQL NULL and a JSON `null` stay two. Intervals and `money` of PostgreSQL are written in the
//! session's style, and want the same style to be read again.

mod compare;
mod copy;
mod encode;
mod entries;
mod restore;
mod table;

pub use entries::{ArchivedRow, ListArchived};
pub use restore::{DefaultedColumn, DroppedValue, RestoreArchived, RestoreRows, RestoredRows};
pub use soft_delete_core::{ArchiveError, RowKey};
pub use table::ArchiveTable;

// For erasures.
pub(crate) use compare::{Comparisons, is_one_of};
pub(crate) use copy::RowsToArchive;
pub(crate) use encode::{
    array, has_columns, key_of_texts, text_of, texts_of_entry, texts_of_row, texts_of_row_key,
    value_of_entry,
};
pub(crate) use entries::read_ids;
pub(crate) use table::{FOREIGN_KEYS, ID, ROW_KEY};
