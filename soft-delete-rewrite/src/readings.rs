//! Syntax that the parser doesn't know, and how it may read it: without it, or as something that comes to the same.
//!
//! The text that is sent stays as it is. What is left out has no bearing on which rows are seen, and holds no query.

mod mysql;
mod postgres;
mod sqlite;

use std::ops::Range;

use sqlparser::{
    keywords::Keyword,
    tokenizer::{Token as ParserToken, TokenWithSpan, Word},
};

use super::{
    Dialect,
    refused::Reason,
    tokens::{Kind, Source},
};

/// Tokens, and what the parser sees in their place.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) tokens: Range<usize>,
    parser_tokens: Vec<ParserToken>,
}

/// What is read otherwise than it is written.
#[derive(Debug, Default)]
pub(crate) struct Readings {
    found: Vec<Reading>,
    /// The last parenthesis that opens around tables.
    around_tables: Option<usize>,
}

impl Readings {
    fn omit(&mut self, tokens: Range<usize>) {
        self.replace(tokens, Vec::new());
    }

    fn replace(&mut self, tokens: Range<usize>, parser_tokens: Vec<ParserToken>) {
        if tokens.is_empty() {
            return;
        }
        self.found.push(Reading {
            tokens,
            parser_tokens,
        });
    }

    /// The tokens as the parser is given them.
    pub(crate) fn apply(
        mut self,
        source: &Source<'_>,
        parser_tokens: Vec<TokenWithSpan>,
    ) -> Vec<TokenWithSpan> {
        if self.found.is_empty() {
            return parser_tokens;
        }
        self.found.sort_by_key(|one| one.tokens.start);
        let mut readings = self.found.into_iter().peekable();
        let mut read = Vec::with_capacity(parser_tokens.len());
        let mut token = 0;
        for parser_token in parser_tokens {
            if matches!(
                parser_token.token,
                ParserToken::Whitespace(_) | ParserToken::EOF
            ) || token == source.len()
            {
                read.push(parser_token);
                continue;
            }
            while readings.next_if(|one| one.tokens.end <= token).is_some() {}
            match readings.peek_mut() {
                Some(one) if one.tokens.contains(&token) => {
                    let parser_tokens = std::mem::take(&mut one.parser_tokens);
                    let span = parser_token.span;
                    read.extend(parser_tokens.into_iter().map(|parser_token| TokenWithSpan {
                        token: parser_token,
                        span,
                    }));
                }
                _ => read.push(parser_token),
            }
            token += 1;
        }
        read
    }
}

fn word(text: &str, keyword: Keyword) -> ParserToken {
    ParserToken::Word(Word {
        value: text.to_owned(),
        quote_style: None,
        keyword,
    })
}

impl Source<'_> {
    /// How the parser may read what it doesn't know.
    pub(crate) fn readings(&self) -> Result<Readings, Reason> {
        let mut readings = Readings::default();
        let carried = self.carried();
        let (start, end) = (carried.start, carried.end);
        readings.omit(0..start);
        readings.omit(end..self.len());
        let around = readings.found.len();
        for conflict in self.other_conflicts() {
            readings.omit(conflict);
        }
        for index in start..end {
            if self.kind(index) == Some(Kind::QuotedWord) || readings.has_just(index) {
                continue;
            }
            self.read_conflict(index, &mut readings);
            self.read_frame(index, &mut readings);
            match self.dialect {
                Dialect::Sqlite => self.read_sqlite(index, &mut readings),
                Dialect::Postgres => self.read_postgres(index, &mut readings),
                Dialect::MySql => self.read_mysql(index, &mut readings),
            }
        }
        for one in readings.found.iter().skip(around) {
            if one.tokens.clone().any(|at| self.begins_query(at)) {
                return Err(Reason::Unreliable("a sub-select in this place"));
            }
        }
        Ok(readings)
    }

    fn begins_query(&self, index: usize) -> bool {
        match self.keyword(index) {
            Keyword::SELECT | Keyword::WITH | Keyword::TABLE | Keyword::JOIN => true,
            Keyword::FROM => {
                let before = index.saturating_sub(1);
                let begins_list = !self.word(before, "ROWS") && !self.word(before, "SYSTEM_TIME");
                begins_list && !self.is_function_argument(index)
            }
            _ => false,
        }
    }

    /// The target's columns may be expressions, and have a condition.
    fn read_conflict(&self, index: usize, readings: &mut Readings) {
        if self.keyword(index) != Keyword::CONFLICT || self.keyword_before(index) != Keyword::ON {
            return;
        }
        let mut end = index + 1;
        while matches!(self.kind(end), Some(kind) if kind != Kind::Semicolon)
            && self.keyword(end) != Keyword::DO
        {
            end = self.next(end);
        }
        // A constraint of a definition has none: `UNIQUE ON CONFLICT IGNORE`.
        if self.keyword(end) == Keyword::DO {
            readings.omit(index + 1..end);
        }
    }

    /// `EXCLUDE TIES` at the end of a window's frame, and `ISNULL`.
    fn read_frame(&self, index: usize, readings: &mut Readings) {
        if self.dialect == Dialect::MySql {
            return;
        }
        if self.word(index, "ISNULL") && self.kind(index + 1) != Some(Kind::Open) {
            let parser_tokens = vec![word("IS", Keyword::IS), ParserToken::make_keyword("NULL")];
            readings.replace(index..index + 1, parser_tokens);
        }
        if self.keyword(index) != Keyword::EXCLUDE {
            return;
        }
        let is = |words: &[&str]| {
            words
                .iter()
                .enumerate()
                .all(|(after, word)| self.word(index + 1 + after, word))
        };
        let length = match () {
            () if is(&["CURRENT", "ROW"]) || is(&["NO", "OTHERS"]) => 3,
            () if is(&["TIES"]) || is(&["GROUP"]) => 2,
            () => return,
        };
        if self.kind(index + length) == Some(Kind::Close) {
            readings.omit(index..index + length);
        }
    }

    /// Whether an operand ends before this token.
    fn ends_operand(&self, index: usize) -> bool {
        let Some(before) = index.checked_sub(1) else {
            return false;
        };
        match self.kind(before) {
            Some(Kind::QuotedWord | Kind::Close) => true,
            Some(Kind::Word) => self.keyword(before) == Keyword::NoKeyword || self.is_named(before),
            Some(Kind::Other) => self.bytes(before).is_ok_and(|bytes| {
                let text = self.text(&bytes);
                text.starts_with(|first: char| first.is_ascii_digit() || "'\"?$:".contains(first))
            }),
            _ => false,
        }
    }

    /// Whether a word can't be anything but a name: after a period.
    fn is_named(&self, index: usize) -> bool {
        index
            .checked_sub(1)
            .is_some_and(|before| self.kind(before) == Some(Kind::Period))
    }
}

impl Readings {
    /// Whether the last reading covers the token.
    fn has_just(&self, token: usize) -> bool {
        self.found
            .last()
            .is_some_and(|one| one.tokens.contains(&token))
    }
}
