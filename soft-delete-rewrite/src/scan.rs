//! Cuts the part of SQL that all of these databases and the parser read alike, and which most statements keep to.
//!
//! It is strict: what may begin or go on as something else (a prefix of a string, an operator of PostgreSQL, a comment that MySQL
//! runs) makes it give no answer, and the parser's own tokenizer is asked instead. Where it gives one, it is the tokenizer's, but
//! for space and for what follows the first of a list of literals.

mod lists;

use std::ops::Range;

use super::Dialect;

/// A token, by its place in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) kind: Kind,
    pub(crate) bytes: Range<usize>,
    /// Of a list of literals: one of those that are kept, or the parenthesis that closes it.
    pub(crate) in_list: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Word,
    QuotedWord,
    Number,
    /// In single quotes, and whether there are quotes in it.
    String {
        escaped: bool,
    },
    Placeholder,
    /// An operator, or another sign.
    Sign,
    Open,
    Close,
    Comma,
    Period,
    Semicolon,
}

/// The operators that are read, each as long as the run of such signs is.
const OPERATORS: &[&str] = &[
    "=", "<", ">", "<=", ">=", "<>", "!=", "+", "-", "*", "/", "%", "||", "::", "->", "->>",
];

/// The pieces of a text, if it keeps to the common part.
///
/// Of `IN (1, 2, 3)` only `IN (1)` is given, and of `VALUES (1, 'a'), (2, 'b')` only one row: literals have no bearing on which
/// rows a statement sees. The closing parenthesis is the last one.
pub(crate) fn scan(dialect: Dialect, sql: &str) -> Option<Vec<Piece>> {
    let mut scanner = Scanner {
        dialect,
        text: sql.as_bytes(),
        at: 0,
        in_list: false,
        pieces: Vec::with_capacity(16 + sql.len().min(4096) / 5),
    };
    loop {
        scanner.space()?;
        if scanner.at == scanner.text.len() {
            return Some(scanner.pieces);
        }
        scanner.piece()?;
        scanner.list();
    }
}

#[derive(Clone)]
struct Scanner<'s> {
    dialect: Dialect,
    text: &'s [u8],
    at: usize,
    in_list: bool,
    pieces: Vec<Piece>,
}

impl Scanner<'_> {
    fn byte(&self, at: usize) -> u8 {
        self.text.get(at).copied().unwrap_or(0)
    }

    fn push(&mut self, kind: Kind, end: usize) {
        self.pieces.push(Piece {
            kind,
            bytes: self.at..end,
            in_list: self.in_list,
        });
        self.at = end;
    }

    /// Skips space, and comments that nobody runs or takes for a hint.
    fn space(&mut self) -> Option<()> {
        loop {
            match self.byte(self.at) {
                b' ' | b'\n' | b'\t' => self.at += 1,
                b'/' if self.byte(self.at + 1) == b'*' => self.at = self.comment(self.at + 2)?,
                _ => return Some(()),
            }
        }
    }

    fn comment(&self, start: usize) -> Option<usize> {
        let rest = self.text.get(start..)?;
        let word = rest.iter().position(|byte| !byte.is_ascii_alphanumeric())?;
        if matches!(rest.get(word), Some(b'+' | b'!')) {
            return None;
        }
        let ends = |pair: &[u8]| matches!(pair, b"*/" | b"/*");
        let end = rest.windows(2).position(ends)?;
        // PostgreSQL nests them.
        let is_plain = rest.get(end) == Some(&b'*') && !rest.get(..end)?.contains(&0);
        is_plain.then_some(start + end + 2)
    }

    fn piece(&mut self) -> Option<()> {
        let byte = self.byte(self.at);
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'_' => self.word(),
            b'"' if self.dialect != Dialect::MySql => self.quoted(byte),
            b'`' if self.dialect != Dialect::Postgres => self.quoted(byte),
            b'0'..=b'9' => self.number(),
            b'\'' => self.string(),
            b'?' | b'$' => self.placeholder(),
            b'(' => {
                self.push(Kind::Open, self.at + 1);
                Some(())
            }
            b')' => {
                self.push(Kind::Close, self.at + 1);
                Some(())
            }
            b',' => {
                self.push(Kind::Comma, self.at + 1);
                Some(())
            }
            b'.' => self.period(),
            b';' => self.semicolon(),
            _ => self.sign(),
        }
    }

    fn word(&mut self) -> Option<()> {
        let rest = self.text.get(self.at..)?;
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let length = rest.iter().position(|byte| !is_part(byte));
        let end = self.at + length.unwrap_or(rest.len());
        self.ends_there(end)?;
        self.push(Kind::Word, end);
        Some(())
    }

    /// Whether nothing goes on here that would be read along: a quote after a prefix, a letter after a number.
    fn ends_there(&self, end: usize) -> Option<()> {
        let ends = match self.text.get(end) {
            None => true,
            Some(byte) => matches!(
                byte,
                b' ' | b'\n'
                    | b'\t'
                    | b'('
                    | b')'
                    | b','
                    | b'.'
                    | b';'
                    | b'='
                    | b'<'
                    | b'>'
                    | b'!'
                    | b'+'
                    | b'-'
                    | b'*'
                    | b'/'
                    | b'%'
                    | b'|'
                    | b':'
            ),
        };
        ends.then_some(())
    }

    fn quoted(&mut self, quote: u8) -> Option<()> {
        let inside = self.text.get(self.at + 1..)?;
        let length = inside.iter().position(|byte| *byte == quote)?;
        let end = self.at + length + 2;
        if length == 0 || inside.get(..length)?.contains(&0) {
            return None;
        }
        self.ends_there(end)?;
        self.push(Kind::QuotedWord, end);
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        let end = self.end_of_number(self.at)?;
        self.push(Kind::Number, end);
        Some(())
    }

    fn end_of_number(&self, start: usize) -> Option<usize> {
        let digits = |from: usize| {
            let rest = self.text.get(from..).unwrap_or_default();
            let length = rest.iter().position(|byte| !byte.is_ascii_digit());
            from + length.unwrap_or(rest.len())
        };
        let mut end = digits(start);
        if self.byte(end) == b'.' {
            let fraction = digits(end + 1);
            if fraction == end + 1 {
                return None;
            }
            end = fraction;
        }
        self.ends_there(end)?;
        (end > start && self.byte(end) != b'.').then_some(end)
    }

    fn string(&mut self) -> Option<()> {
        // Two beside each other may be one.
        if let Some(Kind::String { .. }) = self.pieces.last().map(|last| last.kind) {
            return None;
        }
        let (end, escaped) = self.end_of_string(self.at)?;
        self.push(Kind::String { escaped }, end);
        Some(())
    }

    fn end_of_string(&self, start: usize) -> Option<(usize, bool)> {
        let mut at = start + 1;
        let mut escaped = false;
        loop {
            let rest = self.text.get(at..)?;
            let stop = rest
                .iter()
                .position(|byte| matches!(byte, b'\'' | b'\\' | 0))?;
            if rest.get(stop) != Some(&b'\'') {
                return None;
            }
            at += stop + 1;
            if self.byte(at) != b'\'' {
                self.ends_there(at)?;
                return Some((at, escaped));
            }
            escaped = true;
            at += 1;
        }
    }

    fn placeholder(&mut self) -> Option<()> {
        let end = self.end_of_placeholder(self.at)?;
        self.push(Kind::Placeholder, end);
        Some(())
    }

    fn end_of_placeholder(&self, start: usize) -> Option<usize> {
        let rest = self.text.get(start + 1..)?;
        let length = rest.iter().position(|byte| !byte.is_ascii_digit());
        let length = length.unwrap_or(rest.len());
        let is_read = match (self.dialect, self.byte(start)) {
            (Dialect::Postgres | Dialect::Sqlite, b'$') => length > 0,
            (Dialect::MySql, b'?') => length == 0,
            (Dialect::Sqlite, b'?') => true,
            _ => false,
        };
        let end = start + 1 + length;
        self.ends_there(end)?;
        is_read.then_some(end)
    }

    /// Between a name and a name, or a star.
    fn period(&mut self) -> Option<()> {
        let last = self.pieces.last()?;
        let follows_name =
            matches!(last.kind, Kind::Word | Kind::QuotedWord) && last.bytes.end == self.at;
        let next = self.byte(self.at + 1);
        let quotes = match self.dialect {
            Dialect::Postgres => next == b'"',
            Dialect::MySql => next == b'`',
            Dialect::Sqlite => matches!(next, b'"' | b'`'),
        };
        if !follows_name || !(quotes || next.is_ascii_alphabetic() || next == b'*') {
            return None;
        }
        self.push(Kind::Period, self.at + 1);
        Some(())
    }

    /// At the end only: what follows may be the data of a COPY.
    fn semicolon(&mut self) -> Option<()> {
        let rest = self.text.get(self.at + 1..)?;
        if !rest.iter().all(|byte| matches!(byte, b' ' | b'\n' | b'\t')) {
            return None;
        }
        self.push(Kind::Semicolon, self.at + 1);
        Some(())
    }

    fn sign(&mut self) -> Option<()> {
        let rest = self.text.get(self.at..)?;
        let is_operator = |byte: &u8| {
            matches!(
                byte,
                b'=' | b'<'
                    | b'>'
                    | b'!'
                    | b'+'
                    | b'-'
                    | b'*'
                    | b'/'
                    | b'%'
                    | b'|'
                    | b':'
                    | b'~'
                    | b'&'
                    | b'^'
                    | b'#'
                    | b'@'
                    | b'`'
            ) || (*byte == b'?' && self.dialect == Dialect::Postgres)
        };
        let length = rest.iter().position(|byte| !is_operator(byte));
        let sign = rest.get(..length.unwrap_or(rest.len()))?;
        if !OPERATORS.iter().any(|known| known.as_bytes() == sign) {
            return None;
        }
        self.push(Kind::Sign, self.at + sign.len());
        Some(())
    }
}
