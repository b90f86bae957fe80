//! What SQLite has and the parser doesn't.

use sqlparser::keywords::Keyword;

use super::{Readings, Source};
use crate::tokens::Kind;

impl Source<'_> {
    pub(super) fn read_sqlite(&self, index: usize, readings: &mut Readings) {
        match self.keyword(index) {
            // `INSERT INTO post AS p`.
            Keyword::INTO => {
                if let Some(alias) = self.insert_alias(index + 1) {
                    readings.omit(alias - 1..alias + 1);
                }
            }
            Keyword::MATERIALIZED if self.kind(index + 1) == Some(Kind::Open) => {
                match self.keyword_before(index) {
                    Keyword::AS => readings.omit(index..index + 1),
                    Keyword::NOT => readings.omit(index.saturating_sub(1)..index + 1),
                    _ => {}
                }
            }
            Keyword::NOT
                if ["GLOB", "REGEXP", "MATCH"]
                    .iter()
                    .any(|word| self.word(index + 1, word)) =>
            {
                readings.omit(index..index + 1);
            }
            _ => {}
        }
    }

    /// The alias of the target of an INSERT, which stands here.
    pub(crate) fn insert_alias(&self, target: usize) -> Option<usize> {
        let mut at = target;
        while self.kind(at + 1) == Some(Kind::Period) {
            at += 2;
        }
        let is_name = matches!(self.kind(at + 2), Some(Kind::Word | Kind::QuotedWord));
        (self.keyword(at + 1) == Keyword::AS && is_name).then_some(at + 2)
    }
}
