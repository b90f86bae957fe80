//! What PostgreSQL has and the parser doesn't.

use sqlparser::{keywords::Keyword, tokenizer::Token as ParserToken};

use super::{Readings, Source, word};
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
            // `ROWS FROM (f(1), g(2) AS (a INT)) AS t (a, b)` is a function of all of them.
            Keyword::FROM if self.is_rows_from(before) => {
                readings.replace(
                    before..index + 1,
                    vec![word("soft_delete_rows", Keyword::NoKeyword)],
                );
                self.read_columns(index + 1, readings);
            }
            Keyword::JSON_TABLE if self.kind(index + 1) == Some(Kind::Open) => {
                self.read_json_table(index, readings);
            }
            Keyword::GROUPING if self.keyword(index + 1) == Keyword::SETS => {
                self.read_grouping_sets(index + 2, readings);
            }
            // `GROUP BY DISTINCT ROLLUP (a, b), CUBE (c)`.
            Keyword::DISTINCT | Keyword::ALL if self.follows_group_by(index) => {
                readings.omit(index..index + 1);
            }
            // `WHERE CURRENT OF c`, to which nothing can be added.
            Keyword::CURRENT if self.is_current_of(index) => {
                readings.replace(index..index + 3, vec![ParserToken::make_keyword("TRUE")]);
            }
            _ => self.read_postgres_sign(index, readings),
        }
    }

    /// Whether it is the ROWS of a ROWS FROM, and no column called so before a FROM.
    fn is_rows_from(&self, rows: usize) -> bool {
        let before = rows.saturating_sub(1);
        let holds_calls = self.kind(rows + 2) == Some(Kind::Open)
            && self.kind(self.after_name(rows + 3)) == Some(Kind::Open);
        let stands_as_table = match self.keyword(before) {
            Keyword::FROM | Keyword::JOIN | Keyword::LATERAL | Keyword::USING => true,
            _ => self.kind(before) == Some(Kind::Comma) && self.is_in_from(before),
        };
        self.keyword(rows) == Keyword::ROWS && holds_calls && stands_as_table
    }

    /// Whether a FROM comes before it in the same block.
    fn is_in_from(&self, index: usize) -> bool {
        let mut depth = 0_usize;
        for at in (0..index).rev() {
            match self.kind(at) {
                Some(Kind::Close) => depth += 1,
                Some(Kind::Open) if depth == 0 => return false,
                Some(Kind::Open) => depth -= 1,
                _ if depth > 0 => {}
                _ => match self.keyword(at) {
                    Keyword::SELECT => return false,
                    Keyword::FROM => return true,
                    _ => {}
                },
            }
        }
        false
    }

    /// Leaves out the `AS (a INT)` within these parentheses.
    fn read_columns(&self, open: usize, readings: &mut Readings) {
        let close = self.next(open).saturating_sub(1);
        let mut at = open + 1;
        while at < close {
            if self.keyword(at) == Keyword::AS && self.kind(at + 1) == Some(Kind::Open) {
                readings.omit(at..self.next(at + 1));
            }
            at = self.next(at);
        }
    }

    /// `JSON_TABLE(a, '$' COLUMNS (b INT))`: nothing but the first argument need be read.
    fn read_json_table(&self, index: usize, readings: &mut Readings) {
        let close = self.next(index + 1).saturating_sub(1);
        let mut comma = index + 2;
        while comma < close && self.kind(comma) != Some(Kind::Comma) {
            comma = self.next(comma);
        }
        readings.replace(
            index..index + 1,
            vec![word("soft_delete_json", Keyword::NoKeyword)],
        );
        readings.omit(comma..close);
    }

    /// Sets within sets are sets beside them.
    fn read_grouping_sets(&self, open: usize, readings: &mut Readings) {
        let is_within = self.enclosing(open).is_some_and(|around| {
            self.keyword_before(around) == Keyword::SETS
                && self.keyword(around.saturating_sub(2)) == Keyword::GROUPING
        });
        if is_within && self.kind(open) == Some(Kind::Open) {
            let close = self.next(open).saturating_sub(1);
            readings.omit(open - 2..open + 1);
            readings.omit(close..close + 1);
        }
    }

    fn follows_group_by(&self, index: usize) -> bool {
        let groups = self.keyword_before(index) == Keyword::BY
            && self.keyword(index.saturating_sub(2)) == Keyword::GROUP;
        let next = self.keyword(index + 1);
        let begins = match self.kind(index + 1) {
            Some(Kind::Word) => {
                next == Keyword::NoKeyword
                    || matches!(next, Keyword::ROLLUP | Keyword::CUBE | Keyword::GROUPING)
            }
            kind => matches!(kind, Some(Kind::QuotedWord | Kind::Open)),
        };
        groups && begins
    }

    /// Whether the condition is that of a cursor's row.
    pub(crate) fn is_current_of(&self, index: usize) -> bool {
        self.keyword(index) == Keyword::CURRENT
            && self.keyword_before(index) == Keyword::WHERE
            && self.word(index + 1, "OF")
            && matches!(self.kind(index + 2), Some(Kind::Word | Kind::QuotedWord))
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
