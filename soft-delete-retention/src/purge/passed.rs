//! Rows that a purge can't remove, though nothing that it knows of keeps them.

use std::fmt;

use sea_orm::DbErr;

use crate::removal::Key;
use soft_delete_core::engine_api::{dialect, value::display_key};

/// Expired rows that a purge passed over, for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct PassedOver {
    /// Why: the error of the database, or that the time can't be read.
    pub reason: String,
    /// How many rows. Of those whose time can't be read, 1,000 are counted.
    pub rows: u64,
    /// The primary keys of the first ten: `7`, or `(1, "a")`.
    pub keys: Vec<String>,
}

impl fmt::Display for PassedOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let more = if self.rows > self.keys.len() as u64 {
            ", …"
        } else {
            ""
        };
        let (rows, keys, reason) = (self.rows, self.keys.join(", "), &self.reason);
        write!(f, "{rows} passed over ({keys}{more}): {reason}")
    }
}

/// How many keys are told of each reason.
const KEYS: usize = 10;
/// How many reasons are told. Some texts name the row.
const REASONS: usize = 20;

/// The rows of one table that were passed over.
#[derive(Clone, Debug, Default)]
pub(super) struct Passed(Vec<PassedOver>);

impl Passed {
    /// A row may be met more than once in a cycle of tables: it counts once as long as its key is told.
    pub(super) fn add(&mut self, reason: String, key: &Key) {
        let key = display_key(key);
        let known = self.0.iter().position(|some| some.reason == reason);
        let place = known.unwrap_or_else(|| {
            if self.0.len() < REASONS {
                let (rows, keys) = (0, Vec::new());
                self.0.push(PassedOver { reason, rows, keys });
            }
            self.0.len() - 1
        });
        let some = &mut self.0[place];
        if some.keys.contains(&key) {
            return;
        }
        some.rows += 1;
        if some.keys.len() < KEYS {
            some.keys.push(key);
        }
    }

    /// For another look at all rows.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn into_reasons(self) -> Vec<PassedOver> {
        self.0
    }
}

/// Why a statement that removes rows failed.
#[derive(Debug)]
pub(super) struct Refusal(pub(super) String);

impl Refusal {
    /// If the database refused to remove the rows, and may remove others: a key that we can't see, a trigger that raises.
    pub(super) fn of(error: &DbErr) -> Option<Self> {
        dialect::is_refusal(error).then(|| Self(error.to_string()))
    }

    /// Without an error: a trigger or a policy kept a row that was to go.
    pub(super) fn silent() -> Self {
        Self(
            "the database did not remove it, and said nothing: a trigger or a policy keeps it"
                .to_owned(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_keys_and_reasons_are_told_and_all_rows_counted() {
        let mut passed = Passed::default();
        for id in 0..25_i64 {
            passed.add("frozen".to_owned(), &vec![(id % 20).into()]);
            passed.add(format!("reason {id}"), &vec![id.into()]);
        }
        let reasons = passed.into_reasons();
        assert_eq!(reasons.len(), REASONS);
        assert_eq!(reasons[0].keys.len(), KEYS);
        assert_eq!(reasons[0].rows, 20);
        assert_eq!(reasons.iter().map(|some| some.rows).sum::<u64>(), 45);
        assert_eq!(reasons[1].to_string(), "1 passed over (0): reason 0");
        assert!(
            reasons[0]
                .to_string()
                .starts_with("20 passed over (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …): frozen")
        );
    }
}
