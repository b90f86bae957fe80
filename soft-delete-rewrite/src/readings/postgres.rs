//! What PostgreSQL has and the parser doesn't.

use sqlparser::{keywords::Keyword, tokenizer::Token as ParserToken};

use super::{Readings, Source};
use crate::tokens::Kind;

impl Source<'_> {
    pub(super) fn read_postgres(&self, index: usize, readings: &mut Readings) {
        let before = index.saturating_sub(1);
        let begins_argument = matches!(self.kind(before), Some(Kind::Open | Kind::Comma));
        match self.keyword(index) {
            // `FOR NO KEY UPDATE`, `FOR KEY SHARE`.
            Keyword::KEY => match (self.keyword_before(index), self.keyword(index + 1)) {
                (Keyword::NO, Keyword::UPDATE) => readings.omit(before..index + 1),
                (Keyword::FOR, Keyword::SHARE) => readings.omit(index..index + 1),
                _ => {}
            },
            Keyword::SYMMETRIC if self.keyword_before(index) == Keyword::BETWEEN => {
                readings.omit(index..index + 1);
            }
            Keyword::VARIADIC if begins_argument && self.begins_operand(index + 1) => {
                readings.omit(index..index + 1);
            }
            // `WITH RECURSIVE t AS (…) SEARCH DEPTH FIRST BY id SET place CYCLE id SET is_cycle USING path`.
            Keyword::SEARCH | Keyword::CYCLE if self.kind(before) == Some(Kind::Close) => {
                self.read_traversal(index, readings);
            }
            Keyword::SEARCH | Keyword::CYCLE if readings.has_just(before) => {
                self.read_traversal(index, readings);
            }
            // `xmlelement(name a, …)`.
            Keyword::NAME
                if self.kind(before) == Some(Kind::Open)
                    && self.word(before.saturating_sub(1), "xmlelement") =>
            {
                let comma = usize::from(self.kind(index + 2) == Some(Kind::Comma));
                readings.omit(index..index + 2 + comma);
            }
            // `xmlexists('//a' PASSING BY VALUE a)`.
            Keyword::PASSING if self.is_in_xmlexists(index) => {
                let by = usize::from(self.word(index + 1, "BY")) * 2;
                readings.replace(index..index + 1 + by, vec![ParserToken::Comma]);
            }
            _ => self.read_postgres_sign(index, readings),
        }
    }

    fn read_postgres_sign(&self, index: usize, readings: &mut Readings) {
        let before = index.saturating_sub(1);
        match self.kind(index) {
            // `(p).*`.
            Some(Kind::Period)
                if self.kind(before) == Some(Kind::Close) && self.is_sign(index + 1, "*") =>
            {
                readings.omit(index..index + 2);
            }
            // `SET tags[1] = …`.
            Some(Kind::Open)
                if self.is_sign(index, "[")
                    && matches!(self.kind(before), Some(Kind::Word | Kind::QuotedWord))
                    && self.begins_assignment(before) =>
            {
                let mut end = self.next(index);
                while self.is_sign(end, "[") {
                    end = self.next(end);
                }
                if self.is_sign(end, "=") {
                    readings.omit(index..end);
                }
            }
            // `RANGE BETWEEN '1 day'::interval PRECEDING …`.
            Some(Kind::Other) if self.is_sign(index, "::") => {
                let end = match self.kind(index + 2) {
                    Some(Kind::Open) => self.next(index + 2),
                    _ => index + 2,
                };
                if matches!(self.keyword(end), Keyword::PRECEDING | Keyword::FOLLOWING) {
                    readings.omit(index..end);
                }
            }
            _ => {}
        }
    }

    /// Whether the column before which it stands is the first or next of a SET.
    fn begins_assignment(&self, column: usize) -> bool {
        let before = column.saturating_sub(1);
        self.keyword(before) == Keyword::SET || self.kind(before) == Some(Kind::Comma)
    }

    fn begins_operand(&self, index: usize) -> bool {
        !matches!(
            self.kind(index),
            None | Some(Kind::Comma | Kind::Close | Kind::Period)
        )
    }

    /// Nothing but names and these words, so that no FROM is taken for a part of it.
    fn read_traversal(&self, index: usize, readings: &mut Readings) {
        let is = |at: usize, word| self.word(at, word);
        let end = match self.keyword(index) {
            Keyword::SEARCH => {
                let opens = is(index + 1, "DEPTH") || is(index + 1, "BREADTH");
                let by = opens && is(index + 2, "FIRST") && is(index + 3, "BY");
                by.then(|| self.after_names(index + 4))
                    .filter(|at| is(*at, "SET"))
                    .map(|at| at + 2)
            }
            _ => Some(self.after_names(index + 1))
                .filter(|at| is(*at, "SET"))
                .map(|at| match is(at + 2, "TO") && is(at + 4, "DEFAULT") {
                    true => at + 6,
                    false => at + 2,
                })
                .filter(|at| is(*at, "USING"))
                .map(|at| at + 2),
        };
        if let Some(end) = end {
            readings.omit(index..end);
        }
    }

    /// After names with commas between them.
    fn after_names(&self, start: usize) -> usize {
        let mut at = start + 1;
        while self.kind(at) == Some(Kind::Comma) {
            at += 2;
        }
        at
    }

    fn is_in_xmlexists(&self, index: usize) -> bool {
        let open = index.saturating_sub(2);
        self.kind(open) == Some(Kind::Open) && self.word(open.saturating_sub(1), "xmlexists")
    }
}
