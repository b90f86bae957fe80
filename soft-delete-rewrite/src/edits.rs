//! What is to be added to the text, and where.

use std::{borrow::Cow, ops::Range};

/// Replacements of ranges of the text. Those at one place come in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub(crate) struct Edits(Vec<(Range<usize>, String)>);

impl Edits {
    pub(crate) fn insert(&mut self, at: usize, text: impl Into<String>) {
        self.replace(at..at, text);
    }

    pub(crate) fn replace(&mut self, range: Range<usize>, text: impl Into<String>) {
        self.0.push((range, text.into()));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Range<usize>, &str)> {
        self.0.iter().map(|(range, text)| (range, text.as_str()))
    }

    /// Adds those of another reading of the text that are not here yet.
    pub(crate) fn merge(&mut self, other: Self) {
        for edit in other.0 {
            if !self.0.contains(&edit) {
                self.0.push(edit);
            }
        }
    }

    /// The text with the edits, which stays as it is without any.
    pub(crate) fn apply_to<'s>(&self, sql: &'s str) -> Cow<'s, str> {
        match self.is_empty() {
            true => Cow::Borrowed(sql),
            false => Cow::Owned(self.apply(sql)),
        }
    }

    pub(crate) fn apply(&self, sql: &str) -> String {
        let mut edits: Vec<_> = self.0.iter().collect();
        edits.sort_by_key(|(range, _)| range.start);
        let mut text = String::with_capacity(sql.len() + 48 * self.0.len());
        let mut done = 0;
        for (range, replacement) in edits {
            text.push_str(sql.get(done..range.start).unwrap_or_default());
            text.push_str(replacement);
            done = range.end;
        }
        text.push_str(sql.get(done..).unwrap_or_default());
        text
    }
}
