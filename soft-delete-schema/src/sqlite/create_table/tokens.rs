//! SQLite's text as tokens, each with the bytes where it stands.

use std::ops::Range;

/// A statement, cut into tokens. Where one is asked for, it is by its number.
#[derive(Debug)]
pub(super) struct Source<'s> {
    /// The whole text.
    pub(super) sql: &'s str,
    /// What it consists of.
    tokens: Vec<Token>,
}

/// A token that is neither space nor comment.
#[derive(Clone, Debug)]
struct Token {
    /// What it is.
    kind: Kind,
    /// Where it stands.
    bytes: Range<usize>,
}

/// What a token is, as far as `CREATE TABLE` needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword or an identifier without quotes.
    Word,
    /// `"…"`, `` `…` ``, `[…]`, or `'…'`, which SQLite takes for a name where it expects one.
    Quoted,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `,`
    Comma,
    /// Numbers and operators.
    Other,
}

impl<'s> Source<'s> {
    /// Cuts the text. `None` if a quote does not end.
    pub(super) fn lex(sql: &'s str) -> Option<Self> {
        let mut tokens = Vec::new();
        let mut start = 0;
        while let Some(rest) = sql.as_bytes().get(start..).filter(|rest| !rest.is_empty()) {
            let (kind, length) = token(rest)?;
            let bytes = start..start + length;
            start = bytes.end;
            tokens.extend(kind.map(|kind| Token { kind, bytes }));
        }
        Some(Self { sql, tokens })
    }

    /// The names at the start of each part of a parenthesised list.
    pub(super) fn names(&self, open: usize) -> Option<Vec<String>> {
        (self.kind(open)? == Kind::Open).then_some(())?;
        let close = self.after(open)?.checked_sub(1)?;
        let mut names = vec![self.name(open + 1)?];
        for at in self.top_level(&(open + 1..close)) {
            if self.kind(at)? == Kind::Comma {
                names.push(self.name(at + 1)?);
            }
        }
        Some(names)
    }

    /// The token after this one, or after the parenthesis that closes it.
    pub(super) fn after(&self, at: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for (index, token) in self.tokens.iter().enumerate().skip(at) {
            match token.kind {
                Kind::Open => depth += 1,
                Kind::Close => depth = depth.checked_sub(1)?,
                _ => {}
            }
            if depth == 0 {
                return Some(index + 1);
            }
        }
        None
    }

    /// The token after these keywords, if they stand here.
    pub(super) fn words(&self, at: usize, words: &[&str]) -> Option<usize> {
        let here = |(index, word): (usize, &&str)| {
            self.kind(at + index) == Some(Kind::Word)
                && self
                    .text(at + index)
                    .is_some_and(|text| text.eq_ignore_ascii_case(word))
        };
        words
            .iter()
            .enumerate()
            .all(here)
            .then_some(at + words.len())
    }

    /// The name that a token spells.
    pub(super) fn name(&self, at: usize) -> Option<String> {
        matches!(self.kind(at)?, Kind::Word | Kind::Quoted).then_some(())?;
        self.text(at).map(unquoted)
    }

    /// What a token is.
    pub(super) fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    /// A token as it stands there.
    pub(super) fn text(&self, at: usize) -> Option<&'s str> {
        self.sql.get(self.tokens.get(at)?.bytes.clone())
    }

    /// Where these tokens stand.
    pub(super) fn bytes(&self, tokens: &Range<usize>) -> Option<Range<usize>> {
        let first = self.tokens.get(tokens.start)?;
        let last = self.tokens.get(tokens.end.checked_sub(1)?)?;
        Some(first.bytes.start..last.bytes.end)
    }

    /// The tokens of these that stand in no parentheses of their own.
    pub(super) fn top_level(&self, tokens: &Range<usize>) -> impl Iterator<Item = usize> {
        let end = tokens.end;
        std::iter::successors(Some(tokens.start), |&at| self.after(at))
            .take_while(move |&at| at < end)
    }
}

/// The first token and its length. Space and comments have no kind.
fn token(rest: &[u8]) -> Option<(Option<Kind>, usize)> {
    let &first = rest.first()?;
    let second = rest.get(1).copied();
    Some(match (first, second) {
        (b' ' | b'\t' | b'\n' | b'\r' | b'\x0c', _) => (None, 1),
        (b'-', Some(b'-')) => (None, length_while(rest, |byte| byte != b'\n')),
        (b'/', Some(b'*')) => (None, block_comment(rest)),
        (b'"' | b'`' | b'\'', _) => (Some(Kind::Quoted), quoted(rest, first)?),
        (b'[', _) => (
            Some(Kind::Quoted),
            rest.iter().position(|&byte| byte == b']')? + 1,
        ),
        (b'(', _) => (Some(Kind::Open), 1),
        (b')', _) => (Some(Kind::Close), 1),
        (b',', _) => (Some(Kind::Comma), 1),
        (b'0'..=b'9', _) => (Some(Kind::Other), length_while(rest, in_word)),
        _ if in_word(first) => (Some(Kind::Word), length_while(rest, in_word)),
        _ => (Some(Kind::Other), 1),
    })
}

/// How many bytes at the start belong together.
fn length_while(rest: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    rest.iter().take_while(|&&byte| belongs(byte)).count()
}

/// Whether a byte belongs to a word. SQLite takes every byte beyond ASCII for a letter.
fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..)
}

/// The length of a comment, which the end of the text closes as well.
fn block_comment(rest: &[u8]) -> usize {
    let inner = rest.get(2..).unwrap_or_default();
    let end = inner.windows(2).position(|pair| pair == b"*/");
    end.map_or(rest.len(), |end| end + 4)
}

/// The length of a name or string, where two quotes stand for one.
fn quoted(rest: &[u8], quote: u8) -> Option<usize> {
    let mut end = 1;
    loop {
        end += rest.get(end..)?.iter().position(|&byte| byte == quote)? + 1;
        if rest.get(end) != Some(&quote) {
            return Some(end);
        }
        end += 1;
    }
}

/// What stands between the quotes.
fn unquoted(text: &str) -> String {
    let inner = || {
        text.get(1..text.len().saturating_sub(1))
            .unwrap_or_default()
    };
    match text.bytes().next() {
        Some(b'"') => inner().replace("\"\"", "\""),
        Some(b'`') => inner().replace("``", "`"),
        Some(b'\'') => inner().replace("''", "'"),
        Some(b'[') => inner().to_owned(),
        _ => text.to_owned(),
    }
}
