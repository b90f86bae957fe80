//! Syntax that the parser doesn't know, and how it may read it: without it, or as something that comes to the same.
//!
//! The text that is sent stays as it is. What is left out has no bearing on which rows are seen, and holds no query.

mod mysql;
mod postgres;
mod sqlite;

use std::ops::Range;

use sqlparser::{
    keywords::Keyword,
    tokenizer::{Token, TokenWithSpan, Word},
};

use super::{
    Dialect,
    lexemes::{Kind, Source},
    refused::Reason,
};

/// Lexemes, and the tokens that the parser sees in their place.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) lexemes: Range<usize>,
    tokens: Vec<Token>,
}

/// What is read otherwise than it is written.
#[derive(Debug, Default)]
pub(crate) struct Readings {
    found: Vec<Reading>,
    /// The last parenthesis that opens around tables.
    around_tables: Option<usize>,
}

impl Readings {
    fn omit(&mut self, lexemes: Range<usize>) {
        self.replace(lexemes, Vec::new());
    }

    fn replace(&mut self, lexemes: Range<usize>, tokens: Vec<Token>) {
        self.found.push(Reading { lexemes, tokens });
    }

    /// The tokens as the parser is given them.
    pub(crate) fn apply(
        mut self,
        source: &Source<'_>,
        tokens: Vec<TokenWithSpan>,
    ) -> Vec<TokenWithSpan> {
        if self.found.is_empty() {
            return tokens;
        }
        self.found.sort_by_key(|one| one.lexemes.start);
        let mut readings = self.found.into_iter().peekable();
        let mut read = Vec::with_capacity(tokens.len());
        let mut lexeme = 0;
        for token in tokens {
            if matches!(token.token, Token::Whitespace(_) | Token::EOF) || lexeme == source.len() {
                read.push(token);
                continue;
            }
            while readings.next_if(|one| one.lexemes.end <= lexeme).is_some() {}
            match readings.peek_mut() {
                Some(one) if one.lexemes.contains(&lexeme) => {
                    let tokens = std::mem::take(&mut one.tokens);
                    let span = token.span;
                    read.extend(
                        tokens
                            .into_iter()
                            .map(|token| TokenWithSpan { token, span }),
                    );
                }
                _ => read.push(token),
            }
            lexeme += 1;
        }
        read
    }
}

fn word(text: &str, keyword: Keyword) -> Token {
    Token::Word(Word {
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
        if let Some(carried) = carried {
            readings.omit(0..carried);
        }
        for index in carried.unwrap_or(0)..self.len() {
            if self.kind(index) == Some(Kind::QuotedWord) || readings.has_just(index) {
                continue;
            }
            self.read_conflict(index, &mut readings)?;
            self.read_frame(index, &mut readings);
            match self.dialect {
                Dialect::Sqlite => self.read_sqlite(index, &mut readings),
                Dialect::Postgres => self.read_postgres(index, &mut readings),
                Dialect::MySql => self.read_mysql(index, &mut readings),
            }
        }
        for one in readings.found.iter().skip(usize::from(carried.is_some())) {
            if one.lexemes.clone().any(|at| self.begins_query(at)) {
                return Err(Reason::Unreliable("a sub-select in this place"));
            }
        }
        Ok(readings)
    }

    fn begins_query(&self, index: usize) -> bool {
        match self.keyword(index) {
            Keyword::SELECT | Keyword::WITH | Keyword::TABLE | Keyword::JOIN => true,
            Keyword::FROM => !self.is_function_argument(index),
            _ => false,
        }
    }

    /// The target's columns may be expressions, and have a condition.
    fn read_conflict(&self, index: usize, readings: &mut Readings) -> Result<(), Reason> {
        if self.keyword(index) != Keyword::CONFLICT || self.keyword_before(index) != Keyword::ON {
            return Ok(());
        }
        let end = (index + 1..self.len())
            .find(|at| self.keyword(*at) == Keyword::DO)
            .ok_or(Reason::NotFound("the DO of ON CONFLICT"))?;
        // SQLite takes several, and the parser one.
        let another = self.keyword(end + 1) == Keyword::NOTHING
            && self.keyword(end + 2) == Keyword::ON
            && self.keyword(end + 3) == Keyword::CONFLICT;
        match another {
            true => readings.omit(index - 1..end + 2),
            false => readings.omit(index + 1..end),
        }
        Ok(())
    }

    /// `EXCLUDE TIES` at the end of a window's frame, and `ISNULL`.
    fn read_frame(&self, index: usize, readings: &mut Readings) {
        if self.dialect == Dialect::MySql {
            return;
        }
        if self.word(index, "ISNULL") && self.kind(index + 1) != Some(Kind::Open) {
            let tokens = vec![word("IS", Keyword::IS), Token::make_keyword("NULL")];
            readings.replace(index..index + 1, tokens);
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

    /// Whether an operand ends before this lexeme.
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
    /// Whether the last reading covers the lexeme.
    fn has_just(&self, lexeme: usize) -> bool {
        self.found
            .last()
            .is_some_and(|one| one.lexemes.contains(&lexeme))
    }
}
