//! What MySQL and MariaDB have and the parser doesn't.

use sqlparser::{keywords::Keyword, tokenizer::Token as ParserToken};

use super::{Dialect, Readings, Source, word};
use crate::tokens::Kind;

/// The units of more than one field. All are reserved words.
const UNITS: &[&str] = &[
    "SECOND_MICROSECOND",
    "MINUTE_MICROSECOND",
    "MINUTE_SECOND",
    "HOUR_MICROSECOND",
    "HOUR_SECOND",
    "HOUR_MINUTE",
    "DAY_MICROSECOND",
    "DAY_SECOND",
    "DAY_MINUTE",
    "DAY_HOUR",
    "YEAR_MONTH",
];

/// The words between SELECT and its first column.
const MODIFIERS: &[&str] = &[
    "ALL",
    "DISTINCT",
    "DISTINCTROW",
    "HIGH_PRIORITY",
    "STRAIGHT_JOIN",
    "SQL_SMALL_RESULT",
    "SQL_BIG_RESULT",
    "SQL_BUFFER_RESULT",
    "SQL_CACHE",
    "SQL_NO_CACHE",
    "SQL_CALC_FOUND_ROWS",
];

impl Source<'_> {
    pub(super) fn read_mysql(&self, index: usize, readings: &mut Readings) {
        match self.keyword(index) {
            Keyword::LOCK
                if self.keyword(index + 1) == Keyword::IN
                    && self.keyword(index + 2) == Keyword::SHARE =>
            {
                readings.omit(index..index + 4);
            }
            Keyword::UPDATE => self.read_update(index, readings),
            Keyword::SELECT => self.read_modifiers(index, readings),
            Keyword::EXPLAIN if self.word(index + 1, "EXTENDED") => {
                readings.omit(index + 1..index + 2);
            }
            Keyword::GROUP if self.keyword(index + 1) == Keyword::BY => {
                self.read_groups(index + 2, readings);
            }
            Keyword::INTO => self.read_variables(index, readings),
            Keyword::LIKE if self.word(index.saturating_sub(1), "SOUNDS") => {
                readings.omit(index - 1..index);
            }
            Keyword::FOR if self.word(index + 1, "SYSTEM_TIME") => {
                if let Some(end) = self.after_system_time(index + 2) {
                    readings.omit(index..end);
                }
            }
            _ if self.kind(index) == Some(Kind::Open) => self.read_parentheses(index, readings),
            _ if self.word(index, "MOD")
                && (self.kind(index + 1) != Some(Kind::Open) || self.ends_operand(index)) =>
            {
                readings.replace(index..index + 1, vec![ParserToken::Mod]);
            }
            _ if UNITS.iter().any(|unit| self.word(index, unit)) => {
                readings.replace(index..index + 1, vec![word("SECOND", Keyword::SECOND)]);
            }
            _ => {}
        }
    }

    /// `UPDATE LOW_PRIORITY IGNORE post, comment SET …`: the words are reserved, so that no table is called so.
    fn read_update(&self, index: usize, readings: &mut Readings) {
        if matches!(
            self.keyword_before(index),
            Keyword::FOR | Keyword::KEY | Keyword::ON
        ) {
            return;
        }
        let mut start = index + 1;
        while self.word(start, "LOW_PRIORITY") || self.word(start, "IGNORE") {
            start += 1;
        }
        readings.omit(index + 1..start);
        let mut end = start;
        while end < self.len() && self.keyword(end) != Keyword::SET {
            end = self.next(end);
        }
        self.read_commas(start, end, readings);
    }

    /// `SELECT STRAIGHT_JOIN HIGH_PRIORITY …`: there they are no joins.
    fn read_modifiers(&self, index: usize, readings: &mut Readings) {
        let mut at = index + 1;
        while MODIFIERS.iter().any(|word| self.word(at, word)) {
            if self.word(at, "STRAIGHT_JOIN") || self.word(at, "HIGH_PRIORITY") {
                readings.omit(at..at + 1);
            }
            at += 1;
        }
    }

    /// Whether it is one of the words between SELECT and its first column.
    pub(crate) fn is_select_modifier(&self, index: usize) -> bool {
        let is_modifier = |at: &usize| MODIFIERS.iter().any(|word| self.word(*at, word));
        let first = (0..index).rev().find(|at| !is_modifier(at));
        self.dialect == Dialect::MySql
            && is_modifier(&index)
            && first.is_some_and(|first| self.keyword(first) == Keyword::SELECT)
    }

    /// `GROUP BY a DESC`.
    fn read_groups(&self, start: usize, readings: &mut Readings) {
        let mut at = start;
        while at < self.len() {
            match self.keyword(at) {
                Keyword::ASC | Keyword::DESC => readings.omit(at..at + 1),
                Keyword::HAVING
                | Keyword::ORDER
                | Keyword::LIMIT
                | Keyword::WITH
                | Keyword::UNION
                | Keyword::EXCEPT
                | Keyword::INTERSECT => return,
                _ if matches!(self.kind(at), Some(Kind::Close | Kind::Semicolon)) => return,
                _ => {}
            }
            at = self.next(at);
        }
    }

    /// `… INTO @a, @b` at the end.
    fn read_variables(&self, index: usize, readings: &mut Readings) {
        let is_variable = |at: usize| {
            self.bytes(at)
                .is_ok_and(|bytes| self.text(&bytes).starts_with('@'))
        };
        let mut end = index + 1;
        while is_variable(end) && self.kind(end + 1) == Some(Kind::Comma) {
            end += 2;
        }
        let is_last = matches!(self.kind(end + 1), None | Some(Kind::Semicolon));
        if is_variable(end) && is_last {
            readings.omit(index..end + 1);
        }
    }

    /// `FROM (post)` is `FROM post`, and `LEFT JOIN (comment, tag)` joins both.
    fn read_parentheses(&self, open: usize, readings: &mut Readings) {
        if !self.holds_tables(open, readings) {
            return;
        }
        readings.around_tables = Some(open);
        let close = self.next(open).saturating_sub(1);
        let is_name = |at: usize| {
            matches!(
                self.kind(at),
                Some(Kind::Word | Kind::QuotedWord | Kind::Period)
            ) && !self.is_joining(at)
        };
        // `((post))` is `post` as well.
        let mut inner = open;
        while self.kind(inner + 1) == Some(Kind::Open)
            && self.next(inner + 1) + 1 == self.next(inner)
        {
            inner += 1;
        }
        let end = self.next(inner).saturating_sub(1);
        if (inner + 1..end).all(is_name) {
            readings.omit(open..open + 1);
            readings.omit(close..close + 1);
        } else {
            self.read_commas(open + 1, close, readings);
        }
    }

    /// Whether the parentheses stand in the place of a table, and hold no query.
    fn holds_tables(&self, open: usize, readings: &Readings) -> bool {
        let before = open.saturating_sub(1);
        let begins_query = matches!(
            self.keyword(open + 1),
            Keyword::SELECT | Keyword::WITH | Keyword::VALUES | Keyword::TABLE
        );
        let follows = match self.keyword(before) {
            Keyword::JOIN | Keyword::STRAIGHT_JOIN => self.keyword_before(before) != Keyword::FOR,
            Keyword::FROM => !self.is_function_argument(before),
            _ => open > 0 && readings.around_tables == Some(before),
        };
        follows && !begins_query
    }

    /// MariaDB's `FOR SYSTEM_TIME AS OF TIMESTAMP '2026-01-01'`: which versions of the rows are read.
    fn after_system_time(&self, start: usize) -> Option<usize> {
        let is = |at: usize, word| self.word(at, word);
        let between = |start: usize, word| {
            let middle = self.after_time(start)?;
            is(middle, word).then(|| self.after_time(middle + 1))?
        };
        match () {
            () if is(start, "ALL") => Some(start + 1),
            () if is(start, "AS") && is(start + 1, "OF") => self.after_time(start + 2),
            () if is(start, "BETWEEN") => between(start + 1, "AND"),
            () if is(start, "FROM") => between(start + 1, "TO"),
            () => None,
        }
    }

    /// After a time: a value, a variable or a call, with an interval added to it or not.
    fn after_time(&self, start: usize) -> Option<usize> {
        let has_unit = self.word(start, "TIMESTAMP") || self.word(start, "TRANSACTION");
        let is_call = self.kind(start + 1) == Some(Kind::Open);
        let mut at = self.after_value(start + usize::from(has_unit && !is_call))?;
        while self.is_sign(at, "+") || self.is_sign(at, "-") {
            at = match self.word(at + 1, "INTERVAL") {
                true => self.after_value(at + 2)? + 1,
                false => self.after_value(at + 1)?,
            };
        }
        Some(at)
    }

    fn after_value(&self, at: usize) -> Option<usize> {
        match self.kind(at)? {
            Kind::Word if self.kind(at + 1) == Some(Kind::Open) => Some(self.next(at + 1)),
            Kind::Open => Some(self.next(at)),
            Kind::Word | Kind::Other => Some(at + 1),
            _ => None,
        }
    }

    fn is_joining(&self, at: usize) -> bool {
        matches!(
            self.keyword(at),
            Keyword::JOIN | Keyword::STRAIGHT_JOIN | Keyword::ON | Keyword::USING
        )
    }

    /// A comma joins as CROSS JOIN does, but binds weaker, which matters to a RIGHT JOIN.
    fn read_commas(&self, start: usize, end: usize, readings: &mut Readings) {
        let mut commas = Vec::new();
        let mut at = start;
        while at < end {
            match self.keyword(at) {
                Keyword::RIGHT | Keyword::NATURAL => return,
                _ if self.kind(at) == Some(Kind::Comma) => commas.push(at),
                _ => {}
            }
            at = self.next(at);
        }
        for comma in commas {
            let parser_tokens = vec![word("CROSS", Keyword::CROSS), word("JOIN", Keyword::JOIN)];
            readings.replace(comma..comma + 1, parser_tokens);
        }
    }
}
