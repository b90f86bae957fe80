//! What statements have in common that differ in their values alone.

use std::ops::Range;

use super::{
    Tables,
    edits::Edits,
    scan::{Kind, Piece},
};

/// The text of a statement with its values blanked, if it is one that this can be done with.
///
/// Two statements of one shape are rewritten by the same edits. What is blanked is nothing that the rewriter or the parser decides by:
///
/// - the number of a placeholder, since all placeholders are values;
/// - a number or string behind a comparison, and a number behind LIMIT or OFFSET: there it can be nothing but a value. A string elsewhere
///   may be a name, and a number elsewhere the length of a type;
/// - of a list of literals what is read of it, and how much is left out;
/// - comments before and after the statement.
///
/// Everything else, space included, is in the shape as it stands. The blanks are control characters, which stand nowhere in a
/// scanned text but in quotes and comments.
pub(crate) fn shape(sql: &str, pieces: &[Piece], tables: &Tables) -> Option<String> {
    let first = pieces.first()?;
    let head = sql.get(first.bytes.clone())?;
    // There it is a value that tells deleted rows.
    let removes = |piece: &Piece| {
        let word = sql.get(piece.bytes.clone());
        word.is_some_and(|word| word.eq_ignore_ascii_case("DELETE"))
    };
    if tables.has_values() && pieces.iter().any(removes) {
        return None;
    }
    let is_read = ["SELECT", "WITH", "INSERT", "UPDATE", "DELETE"];
    if !is_read.iter().any(|word| head.eq_ignore_ascii_case(word)) {
        return None;
    }
    let mut shape = String::with_capacity(sql.len().min(8 * 1024));
    let mut done = first.bytes.start;
    let mut before = None;
    for piece in pieces {
        let text = sql.get(piece.bytes.clone())?;
        if piece.kind == Kind::Close && piece.in_list {
            shape.push('\u{4}');
        } else {
            shape.push_str(sql.get(done..piece.bytes.start)?);
        }
        match blank(piece, text, before, tables) {
            Some(blank) => shape.push(blank),
            None => shape.push_str(text),
        }
        before = Some((piece, text));
        done = piece.bytes.end;
    }
    Some(shape)
}

fn blank(
    piece: &Piece,
    text: &str,
    before: Option<(&Piece, &str)>,
    tables: &Tables,
) -> Option<char> {
    let compares = || {
        before.is_some_and(|(before, sign)| {
            before.kind == Kind::Sign && matches!(sign, "=" | "<" | ">" | "<=" | ">=" | "<>" | "!=")
        })
    };
    let limits = || {
        before.is_some_and(|(before, word)| {
            before.kind == Kind::Word
                && ["LIMIT", "OFFSET"]
                    .iter()
                    .any(|limit| word.eq_ignore_ascii_case(limit))
        })
    };
    match piece.kind {
        Kind::Placeholder => Some('\u{1}'),
        Kind::Number if piece.in_list || compares() || limits() => Some('\u{2}'),
        Kind::String { .. } if piece.in_list || compares() => {
            let inside = text.get(1..text.len() - 1)?;
            (!tables.has_word(inside)).then_some('\u{3}')
        }
        _ => None,
    }
}

/// Where an edit is, by the pieces of the text: before or after one.
#[derive(Clone, Copy, Debug)]
enum Place {
    Before(usize),
    After(usize),
}

impl Place {
    /// `None` within a list of literals, which is not the same in another statement.
    fn of(byte: usize, pieces: &[Piece]) -> Option<Self> {
        let found = pieces.binary_search_by_key(&byte, |piece| piece.bytes.start);
        match found {
            Ok(index) => (!pieces.get(index)?.in_list).then_some(Self::Before(index)),
            Err(next) => {
                let index = next.checked_sub(1)?;
                let piece = pieces.get(index)?;
                let is_inside = piece.in_list && piece.kind != Kind::Close;
                (piece.bytes.end == byte && !is_inside).then_some(Self::After(index))
            }
        }
    }

    fn byte(self, pieces: &[Piece]) -> Option<usize> {
        Some(match self {
            Self::Before(index) => pieces.get(index)?.bytes.start,
            Self::After(index) => pieces.get(index)?.bytes.end,
        })
    }
}

/// The edits of all statements of one shape.
#[derive(Debug)]
pub(crate) struct Replay(Vec<(Range<Place>, Box<str>)>);

impl Replay {
    /// Of the edits of one of them.
    pub(crate) fn of(edits: &Edits, pieces: &[Piece]) -> Option<Self> {
        let place = |byte| Place::of(byte, pieces);
        let edits = edits
            .iter()
            .map(|(range, text)| Some((place(range.start)?..place(range.end)?, text.into())));
        edits.collect::<Option<_>>().map(Self)
    }

    /// The edits of another. `None` if the pieces are not of the shape.
    pub(crate) fn edits(&self, pieces: &[Piece]) -> Option<Edits> {
        let mut edits = Edits::default();
        for (range, text) in &self.0 {
            let range = range.start.byte(pieces)?..range.end.byte(pieces)?;
            edits.replace(range, &**text);
        }
        Some(edits)
    }

    /// The bytes that it takes, about.
    pub(crate) fn weight(&self) -> usize {
        self.0.iter().map(|(_, text)| text.len() + 64).sum()
    }
}
