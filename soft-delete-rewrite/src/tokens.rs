//! The text as words and signs, each with the bytes where it stands.

mod parser_token;
mod position;

use std::ops::Range;

use sqlparser::{
    ast::Ident,
    keywords::Keyword,
    tokenizer::{Location, Span, Token as ParserToken, TokenWithSpan, Tokenizer},
};

use parser_token::{check_literal, check_space, classify, parser_token, spelled};
use position::Position;

use super::{
    Dialect, Tables,
    comments::EXECUTABLE_COMMENT,
    refused::Reason,
    scan::{Piece, scan},
};

/// A statement, cut into tokens.
#[derive(Debug)]
pub(crate) struct Source<'s> {
    pub(crate) dialect: Dialect,
    pub(crate) sql: &'s str,
    /// Which DO UPDATE is read, if there are several.
    pub(crate) conflict: usize,
    tokens: Vec<Token>,
}

/// A token that is neither space nor comment.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    /// What an unquoted word means, as far as it is a keyword.
    pub(crate) keyword: Keyword,
    pub(crate) bytes: Range<usize>,
    /// Whether it spells the name of one of the tables, quoted or not.
    pub(crate) names_table: bool,
    at: Location,
    /// Of a parenthesis, the token that closes it.
    close: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Word,
    QuotedWord,
    Open,
    Close,
    Comma,
    Period,
    Semicolon,
    /// An operator that may stand before its operand.
    Sign,
    Other,
}

impl<'s> Source<'s> {
    /// Cuts the text, and gives the tokens that the parser shall see beside it.
    pub(crate) fn lex(
        dialect: Dialect,
        sql: &'s str,
        tables: &Tables,
    ) -> Result<(Self, Vec<TokenWithSpan>), Reason> {
        Self::lex_conflict(dialect, sql, tables, 0)
    }

    /// The same where another DO UPDATE than the first is read.
    pub(crate) fn lex_conflict(
        dialect: Dialect,
        sql: &'s str,
        tables: &Tables,
        conflict: usize,
    ) -> Result<(Self, Vec<TokenWithSpan>), Reason> {
        match scan(dialect, sql) {
            Some(pieces) => Self::of_pieces(dialect, sql, pieces, tables, conflict),
            None => Self::tokenize(dialect, sql, tables, conflict),
        }
    }

    /// How many bytes the parser's tokenizer is given, for which it takes some tenths of a second.
    const MOST_BYTES: usize = 8 * 1024 * 1024;

    /// The same by the parser's own tokenizer.
    pub(crate) fn tokenize(
        dialect: Dialect,
        sql: &'s str,
        tables: &Tables,
        conflict: usize,
    ) -> Result<(Self, Vec<TokenWithSpan>), Reason> {
        if sql.len() > Self::MOST_BYTES {
            return Err(Reason::TooLong);
        }
        let parser_tokens = Tokenizer::new(dialect.parser(), sql)
            .tokenize_with_location()
            .map_err(|error| Reason::Unparsable(error.to_string()))?;
        let mut source = Self {
            dialect,
            sql,
            conflict,
            tokens: Vec::with_capacity(parser_tokens.len()),
        };
        source.read(&parser_tokens, tables)?;
        source.check_escapes()?;
        source.finish(parser_tokens)
    }

    /// The same of a text that was scanned.
    pub(crate) fn of_pieces(
        dialect: Dialect,
        sql: &'s str,
        pieces: Vec<Piece>,
        tables: &Tables,
        conflict: usize,
    ) -> Result<(Self, Vec<TokenWithSpan>), Reason> {
        let mut source = Self {
            dialect,
            sql,
            conflict,
            tokens: Vec::with_capacity(pieces.len()),
        };
        let mut parser_tokens = Vec::with_capacity(pieces.len());
        let mut position = Position::start();
        for Piece { kind, bytes, .. } in pieces {
            let start = position.at(sql, bytes.start);
            let end = position.at(sql, bytes.end);
            let parser_token = parser_token(kind, source.text(&bytes));
            let (kind, keyword) = classify(&parser_token);
            source.tokens.push(Token {
                kind,
                keyword,
                bytes,
                names_table: tables.is_name(spelled(&parser_token)),
                at: start,
                close: 0,
            });
            let span = Span::new(start, end);
            parser_tokens.push(TokenWithSpan::new(parser_token, span));
        }
        source.finish(parser_tokens)
    }

    fn finish(
        mut self,
        parser_tokens: Vec<TokenWithSpan>,
    ) -> Result<(Self, Vec<TokenWithSpan>), Reason> {
        self.match_parentheses()?;
        let source = self;
        let parser_tokens = source.readings()?.apply(&source, parser_tokens);
        Ok((source, parser_tokens))
    }

    fn read(&mut self, parser_tokens: &[TokenWithSpan], tables: &Tables) -> Result<(), Reason> {
        let mut position = Position::start();
        for TokenWithSpan {
            token: parser_token,
            span,
        } in parser_tokens
        {
            // The tokens must cover the text without a gap. An executable comment of MySQL leaves one.
            if position.location != span.start {
                return Err(Reason::Unreliable(EXECUTABLE_COMMENT));
            }
            let start = position.byte;
            position.advance(self.sql, span.end)?;
            let bytes = start..position.byte;
            let text = self.sql.get(bytes.clone()).unwrap_or_default();
            match parser_token {
                ParserToken::Whitespace(space) => {
                    check_space(self.dialect, space, text)?;
                    continue;
                }
                ParserToken::EOF => continue,
                other => check_literal(self.dialect, other)?,
            }
            let (kind, keyword) = classify(parser_token);
            self.tokens.push(Token {
                kind,
                keyword,
                bytes,
                names_table: tables.is_name(spelled(parser_token)),
                at: span.start,
                close: 0,
            });
        }
        if position.byte != self.sql.len() {
            return Err(Reason::Unreliable(EXECUTABLE_COMMENT));
        }
        Ok(())
    }

    fn match_parentheses(&mut self) -> Result<(), Reason> {
        let unbalanced = || Reason::Unparsable("parentheses don't match".to_owned());
        let mut open = Vec::new();
        for index in 0..self.tokens.len() {
            match self.kind(index) {
                Some(Kind::Open) => open.push(index),
                Some(Kind::Close) => {
                    let opening = open.pop().ok_or_else(unbalanced)?;
                    if let Some(token) = self.tokens.get_mut(opening) {
                        token.close = index;
                    }
                }
                _ => {}
            }
        }
        open.is_empty().then_some(()).ok_or_else(unbalanced)
    }

    /// `U&"p\006fst"` is a name that the parser does not decode.
    fn check_escapes(&self) -> Result<(), Reason> {
        let escaped = self.dialect == Dialect::Postgres
            && self.tokens.windows(3).any(|window| match window {
                [u, and, name] => {
                    self.text(&u.bytes).eq_ignore_ascii_case("u")
                        && self.text(&and.bytes) == "&"
                        && name.kind == Kind::QuotedWord
                        && u.bytes.end == and.bytes.start
                        && and.bytes.end == name.bytes.start
                }
                _ => false,
            });
        if escaped {
            return Err(Reason::Unreliable("a name in Unicode escapes"));
        }
        Ok(())
    }

    pub(crate) fn token(&self, index: usize) -> Option<&Token> {
        self.tokens.get(index)
    }

    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }

    pub(crate) fn tokens(&self) -> impl Iterator<Item = (usize, &Token)> {
        self.tokens.iter().enumerate()
    }

    pub(crate) fn text(&self, bytes: &Range<usize>) -> &'s str {
        self.sql.get(bytes.clone()).unwrap_or_default()
    }

    /// The token that begins there.
    pub(crate) fn token_at(&self, location: Location) -> Option<usize> {
        self.tokens
            .binary_search_by_key(&location, |token| token.at)
            .ok()
    }

    /// The identifier that the token is.
    pub(crate) fn ident(&self, index: usize) -> Result<Ident, Reason> {
        let token = self.tokens.get(index).ok_or(Reason::NotFound("a name"))?;
        let text = self.text(&token.bytes);
        let mut ident = match (token.kind, text.chars().next()) {
            (Kind::QuotedWord, Some(quote)) => {
                let closing = if quote == '[' { ']' } else { quote };
                let inside = text
                    .strip_prefix(quote)
                    .and_then(|text| text.strip_suffix(closing));
                let inside = inside.ok_or(Reason::NotFound("a name"))?;
                let doubled = format!("{closing}{closing}");
                Ident::with_quote(quote, inside.replace(&doubled, &closing.to_string()))
            }
            _ => Ident::new(text),
        };
        ident.span.start = token.at;
        Ok(ident)
    }

    /// The token that the identifier is.
    pub(crate) fn token_of(&self, ident: &Ident) -> Result<usize, Reason> {
        self.token_at(ident.span.start)
            .ok_or(Reason::NotFound("a name"))
    }

    /// Where a token begins, and where it ends.
    pub(crate) fn bytes(&self, index: usize) -> Result<Range<usize>, Reason> {
        self.tokens
            .get(index)
            .map(|token| token.bytes.clone())
            .ok_or(Reason::NotFound("a clause"))
    }

    pub(crate) fn kind(&self, index: usize) -> Option<Kind> {
        self.tokens.get(index).map(|token| token.kind)
    }

    /// The keyword that an unquoted word is. After a period every word is a name.
    pub(crate) fn keyword(&self, index: usize) -> Keyword {
        let after_period = index
            .checked_sub(1)
            .is_some_and(|before| self.kind(before) == Some(Kind::Period));
        match self.tokens.get(index) {
            Some(token) if !after_period => token.keyword,
            _ => Keyword::NoKeyword,
        }
    }

    pub(crate) fn keyword_before(&self, index: usize) -> Keyword {
        index
            .checked_sub(1)
            .map_or(Keyword::NoKeyword, |before| self.keyword(before))
    }

    /// Whether the token is this sign.
    pub(crate) fn is_sign(&self, index: usize, sign: &str) -> bool {
        self.tokens
            .get(index)
            .is_some_and(|token| self.text(&token.bytes) == sign)
    }

    /// Whether the token is this word, unquoted. For words that the parser has no keyword for.
    pub(crate) fn word(&self, index: usize, word: &str) -> bool {
        self.tokens.get(index).is_some_and(|token| {
            token.kind == Kind::Word && self.text(&token.bytes).eq_ignore_ascii_case(word)
        })
    }

    /// The next token at the same depth: a parenthesis is skipped with all that is in it.
    pub(crate) fn next(&self, index: usize) -> usize {
        match self.tokens.get(index) {
            Some(token) if token.kind == Kind::Open => token.close + 1,
            _ => index + 1,
        }
    }
}

impl Source<'_> {
    /// Whether a word is one of SQLite's names for the number of a row.
    pub(crate) fn names_a_rowid(&self) -> bool {
        self.tokens.iter().any(|token| {
            let name = self.text(&token.bytes);
            let name = name.trim_matches(['"', '`', '[', ']']);
            ["rowid", "oid", "_rowid_"]
                .iter()
                .any(|rowid| name.eq_ignore_ascii_case(rowid))
        })
    }

    /// Whether the parentheses that close here hold nothing but names.
    pub(crate) fn stands_alone(&self, close: usize) -> bool {
        let names = |at: &usize| {
            matches!(
                self.kind(*at),
                Some(Kind::Word | Kind::QuotedWord | Kind::Period)
            ) && !matches!(self.keyword(*at), Keyword::JOIN | Keyword::ON)
        };
        let open = (0..close).rev().find(|at| !names(at));
        self.kind(close) == Some(Kind::Close)
            && open.is_some_and(|open| self.kind(open) == Some(Kind::Open))
    }

    /// The parenthesis that opens around the token.
    pub(crate) fn enclosing(&self, index: usize) -> Option<usize> {
        let mut depth = 0_usize;
        (0..index).rev().find(|at| match self.kind(*at) {
            Some(Kind::Close) => {
                depth += 1;
                false
            }
            Some(Kind::Open) if depth > 0 => {
                depth -= 1;
                false
            }
            kind => kind == Some(Kind::Open),
        })
    }

    /// Whether the token stands in parentheses that follow a name and hold no query: `extract(year FROM …)`.
    pub(crate) fn is_function_argument(&self, index: usize) -> bool {
        let Some(open) = self.enclosing(index) else {
            return false;
        };
        let follows_name = open
            .checked_sub(1)
            .is_some_and(|name| self.kind(name) == Some(Kind::Word));
        let holds_statement = matches!(
            self.keyword(open + 1),
            Keyword::SELECT | Keyword::WITH | Keyword::DELETE | Keyword::UPDATE | Keyword::INSERT
        );
        follows_name && !holds_statement
    }
}

#[cfg(test)]
#[path = "tokens/tests.rs"]
mod tests;
