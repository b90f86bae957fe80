//! The removal of rows by their keys: one engine for purges, erasures and the archive's entries.
//!
//! Here is what they do alike: how rows are told by their keys, in which order the rows of several tables go, how cycles of foreign
//! keys are broken, and the statements that do it. What differs stays with each: a purge finds expired rows in batches, passes over
//! what others have locked, and keeps what is referred to; an erasure locks all that is below one row, and fails if something
//! forbids it.

mod keyed_table;
mod order;

use sea_orm::Value;

pub(crate) use keyed_table::{AFFECTED, KeyedTable};
pub(crate) use order::{Component, KeyBetween, components, nullable_of};

/// The values of a row's primary key.
pub(crate) type Key = Vec<Value>;

/// How many keys one statement takes, where nothing else bounds it.
pub(crate) const BATCH: usize = 1_000;

/// The lengths of lists in statements. A few, because each makes another statement for the server to prepare.
const LENGTHS: [usize; 4] = [1, 10, 100, BATCH];

/// The same list with its last item again, until its length is one of a few.
pub(crate) fn padded<T: Clone>(items: &[T]) -> Vec<T> {
    let length = LENGTHS.into_iter().find(|length| *length >= items.len());
    padded_to(items, length.unwrap_or(0)).cloned().collect()
}

/// The list with its last item again, until it has that length.
pub(crate) fn padded_to<T>(items: &[T], length: usize) -> impl Iterator<Item = &T> {
    let missing = length.saturating_sub(items.len());
    items
        .iter()
        .chain(items.last().into_iter().cycle().take(missing))
}
