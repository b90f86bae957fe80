//! Lists of literals, of which the first are kept: those of an IN, and rows of VALUES.

use super::{Kind, Piece, Scanner};

impl Scanner<'_> {
    /// Skips to the end of a list, if one of literals alone begins with the parenthesis that was read last.
    pub(super) fn list(&mut self) {
        let [.., word, open] = self.pieces.as_slice() else {
            return;
        };
        if open.kind != Kind::Open || word.kind != Kind::Word || self.follows_period() {
            return;
        }
        let text = self.text.get(word.bytes.clone()).unwrap_or_default();
        let start = self.at - 1;
        if text.eq_ignore_ascii_case(b"in") {
            let mut ahead = self.ahead(start + 1);
            if let Some(end) = ahead.members() {
                self.take(ahead, end);
            }
        } else if text.eq_ignore_ascii_case(b"values") {
            let mut ahead = self.ahead(start);
            if let Some(end) = ahead.rows() {
                self.pieces.pop();
                self.take(ahead, end);
            }
        }
    }

    fn follows_period(&self) -> bool {
        matches!(self.pieces.as_slice(), [.., before, _, _] if before.kind == Kind::Period)
    }

    /// A scanner that reads on from there on its own.
    fn ahead(&self, at: usize) -> Self {
        Self {
            at,
            in_list: true,
            pieces: Vec::new(),
            ..*self
        }
    }

    /// Takes what was read ahead, and goes on behind the parenthesis that ends there.
    fn take(&mut self, ahead: Self, end: usize) {
        self.pieces.extend(ahead.pieces);
        self.pieces.push(Piece {
            kind: Kind::Close,
            bytes: end - 1..end,
            in_list: true,
        });
        self.at = end;
    }

    /// The literals, or rows of literals, of an IN up to its closing parenthesis, of which the first is kept.
    fn members(&mut self) -> Option<usize> {
        self.space()?;
        if self.byte(self.at) == b'(' {
            let end = self.rows()?;
            self.at = end - 1;
            self.push(Kind::Close, end);
        } else {
            self.literals(true)?;
        }
        self.space()?;
        (self.byte(self.at) == b')').then_some(self.at + 1)
    }

    /// Rows, of which the first is kept. Gives where the last one's parenthesis ends, which is not among the pieces.
    fn rows(&mut self) -> Option<usize> {
        self.push(Kind::Open, self.at + 1);
        self.literals(false)?;
        let mut end = self.at + 1;
        loop {
            let mut next = self.ahead(end);
            if next.another_row().is_none() {
                return Some(end);
            }
            end = next.at;
        }
    }

    fn another_row(&mut self) -> Option<()> {
        self.space()?;
        self.skip(b',')?;
        self.space()?;
        self.skip(b'(')?;
        self.skip_literals()?;
        self.skip(b')')
    }

    fn skip(&mut self, byte: u8) -> Option<()> {
        let is_there = self.byte(self.at) == byte;
        self.at += 1;
        is_there.then_some(())
    }

    /// Literals up to a closing parenthesis: all of them, or the first.
    fn literals(&mut self, first_alone: bool) -> Option<()> {
        loop {
            self.space()?;
            let (kind, end) = self.literal()?;
            self.push(kind, end);
            self.space()?;
            match self.byte(self.at) {
                b')' => return Some(()),
                b',' if first_alone => {
                    self.at += 1;
                    return self.skip_literals();
                }
                b',' => self.push(Kind::Comma, self.at + 1),
                _ => return None,
            }
        }
    }

    fn skip_literals(&mut self) -> Option<()> {
        loop {
            self.space()?;
            self.at = self.literal()?.1;
            self.space()?;
            match self.byte(self.at) {
                b')' => return Some(()),
                b',' => self.at += 1,
                _ => return None,
            }
        }
    }

    fn literal(&self) -> Option<(Kind, usize)> {
        match self.byte(self.at) {
            b'0'..=b'9' => Some((Kind::Number, self.end_of_number(self.at)?)),
            b'\'' => {
                let (end, escaped) = self.end_of_string(self.at)?;
                Some((Kind::String { escaped }, end))
            }
            b'?' | b'$' => Some((Kind::Placeholder, self.end_of_placeholder(self.at)?)),
            b'A'..=b'Z' | b'a'..=b'z' => {
                let word = self.text.get(self.at..)?;
                let length = word.iter().position(|byte| !byte.is_ascii_alphabetic())?;
                let end = self.at + length;
                self.ends_there(end)?;
                let is_value = ["NULL", "TRUE", "FALSE", "DEFAULT"].iter().any(|value| {
                    word.get(..length)
                        .is_some_and(|word| word.eq_ignore_ascii_case(value.as_bytes()))
                });
                is_value.then_some((Kind::Word, end))
            }
            _ => None,
        }
    }
}
