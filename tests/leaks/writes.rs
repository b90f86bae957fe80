//! Ways to write.

pub mod deletes;
pub mod edits;

use super::write::Write;

pub fn all() -> impl Iterator<Item = &'static Write> {
    [edits::WRITES, deletes::WRITES].into_iter().flatten()
}
