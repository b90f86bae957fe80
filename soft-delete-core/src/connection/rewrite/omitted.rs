//! Syntax that the parser doesn't know and need not see.

use std::ops::Range;

use sqlparser::keywords::Keyword;

use super::{
    Dialect,
    lexemes::{Kind, Source},
    refused::Reason,
};

impl Source<'_> {
    /// Syntax that has no bearing on which rows are seen, and that the parser doesn't know.
    pub(crate) fn omitted(&self) -> Result<Vec<Range<usize>>, Reason> {
        let mut omitted = Vec::new();
        omitted.extend(self.carried().map(|carried| 0..carried));
        for index in 0..self.len() {
            match self.keyword(index) {
                // The target's columns may be expressions, and have a condition. Sub-selects are not allowed there.
                Keyword::CONFLICT if self.keyword_before(index) == Keyword::ON => {
                    let end = (index + 1..self.len())
                        .find(|at| self.keyword(*at) == Keyword::DO)
                        .ok_or(Reason::NotFound("the DO of ON CONFLICT"))?;
                    let target = index + 1..end;
                    if target.clone().any(|at| self.keyword(at) == Keyword::SELECT) {
                        return Err(Reason::Unreliable(
                            "a sub-select in the target of ON CONFLICT",
                        ));
                    }
                    omitted.push(target);
                }
                // `INSERT INTO post AS p`.
                Keyword::INTO if self.dialect == Dialect::Sqlite => {
                    omitted.extend(
                        self.insert_alias(index + 1)
                            .map(|alias| alias - 1..alias + 1),
                    );
                }
                // `FOR NO KEY UPDATE`, `FOR KEY SHARE`.
                Keyword::KEY if self.dialect == Dialect::Postgres => {
                    let next = self.keyword(index + 1);
                    match (self.keyword_before(index), next) {
                        (Keyword::NO, Keyword::UPDATE) => {
                            omitted.push(index.saturating_sub(1)..index + 1)
                        }
                        (Keyword::FOR, Keyword::SHARE) => omitted.push(index..index + 1),
                        _ => {}
                    }
                }
                Keyword::LOCK
                    if self.dialect == Dialect::MySql
                        && self.keyword(index + 1) == Keyword::IN
                        && self.keyword(index + 2) == Keyword::SHARE =>
                {
                    omitted.push(index..index + 4);
                }
                Keyword::MATERIALIZED
                    if self.dialect == Dialect::Sqlite
                        && self.kind(index + 1) == Some(Kind::Open) =>
                {
                    match self.keyword_before(index) {
                        Keyword::AS => omitted.push(index..index + 1),
                        Keyword::NOT => omitted.push(index.saturating_sub(1)..index + 1),
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        Ok(omitted)
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
