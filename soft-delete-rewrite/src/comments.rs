//! MySQL's executable comments, `/*!40001 … */`: one server runs what is in them, and another skips it.

use std::{borrow::Cow, ops::Range};

use super::{Dialect, Rows, Tables, edits::Edits, refused::Reason, rewrite_scanned, scan::scan};

/// What is said of one that can't be understood.
pub(crate) const EXECUTABLE_COMMENT: &str =
    "an executable comment, which is to be written without the comment or left out,";

/// With each comment there are twice as many ways to read the text.
const MOST: usize = 4;

/// An executable comment that all servers end at the same place.
#[derive(Debug)]
pub(crate) struct Comment {
    whole: Range<usize>,
    content: Range<usize>,
}

/// The executable comments of a text, or what looks like one in a string. Those that can't be read for certain are not among them.
pub(crate) fn executable(dialect: Dialect, sql: &str) -> Vec<Comment> {
    if dialect != Dialect::MySql {
        return Vec::new();
    }
    let begins = sql.match_indices("/*").map(|(start, _)| start);
    let found: Vec<_> = begins.filter_map(|start| comment(sql, start)).collect();
    match found.len() {
        0..=MOST => found,
        _ => Vec::new(),
    }
}

fn comment(sql: &str, start: usize) -> Option<Comment> {
    let before = sql.get(..start)?.chars().next_back();
    let stands_apart = before.is_none_or(|char| {
        char.is_ascii_alphanumeric()
            || matches!(char, ' ' | '\n' | '\t' | '_' | '(' | ')' | ',' | '`')
    });
    let rest = sql.get(start + 2..)?;
    let marked = rest.strip_prefix("M!").or_else(|| rest.strip_prefix('!'))?;
    // The least version that runs it: five digits, or six, which old servers read as five and a one of the content.
    let content = marked.trim_start_matches(|char: char| char.is_ascii_digit());
    let has_version = match marked.len() - content.len() {
        0 | 5 => true,
        6 => content.starts_with([' ', '\n', '\t']),
        _ => false,
    };
    let end = content.find("*/")?;
    let inside = content.get(..end)?;
    let first = sql.len() - content.len();
    // Within it all must be plain: no string or comment may go on behind its end.
    let is_plain = scan(Dialect::MySql, inside).is_some() && !inside.contains("/*");
    (stands_apart && has_version && is_plain).then(|| Comment {
        whole: start..first + end + 2,
        content: first..first + end,
    })
}

/// Scopes the text as each server may read it. What is added must be the same whatever is run, and must have a place that is the same
/// to all of them.
pub(crate) fn rewrite<'s>(
    dialect: Dialect,
    sql: &'s str,
    comments: &[Comment],
    tables: &Tables,
    rows: Rows,
) -> Result<Cow<'s, str>, Reason> {
    let mut common: Option<Vec<(Range<usize>, Added)>> = None;
    for run in 0..1_usize << comments.len() {
        let text = reading(sql, comments, run);
        let mut told = None;
        let scoped = rewrite_scanned(
            dialect,
            &text,
            scan(dialect, &text),
            tables,
            rows,
            |edits| {
                told = Some(edits.clone());
            },
        )?;
        let edits = match (&scoped, told) {
            (Cow::Borrowed(_), _) => Edits::default(),
            (Cow::Owned(_), Some(edits)) => edits,
            // A form that was written out before.
            (Cow::Owned(_), None) => return Err(Reason::Unreliable(EXECUTABLE_COMMENT)),
        };
        let here = edits
            .iter()
            .map(|(range, added)| place(&text, range, added));
        common = match common {
            None => Some(here.collect()),
            Some(common) => both(common, here.collect()),
        };
        if common.is_none() {
            return Err(Reason::Unreliable(EXECUTABLE_COMMENT));
        }
    }
    let mut edits = Edits::default();
    for (places, added) in common.unwrap_or_default() {
        let range = outside(comments, places, &added);
        let range = range.ok_or(Reason::Unreliable(EXECUTABLE_COMMENT))?;
        edits.replace(range, added.text);
    }
    Ok(edits.apply_to(sql))
}

/// What is added at one of some places, or put in the place of them all.
#[derive(PartialEq, Eq)]
struct Added {
    text: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    BeforeToken,
    AfterToken,
    Replacing,
}

/// Where the edit may be made as well: anywhere in the space there.
fn place(text: &str, range: &Range<usize>, added: &str) -> (Range<usize>, Added) {
    let space = |char: char| char.is_ascii_whitespace();
    let (before, after) = text.split_at_checked(range.start).unwrap_or((text, ""));
    let (places, kind) = if !range.is_empty() {
        (range.clone(), Kind::Replacing)
    } else if added == "(" {
        (
            before.trim_end_matches(space).len()..range.start,
            Kind::BeforeToken,
        )
    } else {
        let passed = after.len() - after.trim_start_matches(space).len();
        (range.start..range.start + passed, Kind::AfterToken)
    };
    let text = added.to_owned();
    (places, Added { text, kind })
}

/// The places that two readings have in common, if they are of the same edits.
fn both(
    one: Vec<(Range<usize>, Added)>,
    other: Vec<(Range<usize>, Added)>,
) -> Option<Vec<(Range<usize>, Added)>> {
    if one.len() != other.len() {
        return None;
    }
    let pairs = one.into_iter().zip(other);
    let common = pairs.map(|((one, added), (other, same))| {
        let places = match added.kind {
            Kind::Replacing => (one == other).then_some(one)?,
            _ => one.start.max(other.start)..one.end.min(other.end),
        };
        (added == same && places.start <= places.end).then_some((places, added))
    });
    common.collect()
}

/// One of the places, in none of the comments.
fn outside(comments: &[Comment], places: Range<usize>, added: &Added) -> Option<Range<usize>> {
    let around = |at: usize| {
        let mut comments = comments.iter().map(|one| one.whole.clone());
        comments.find(|whole| whole.start < at && at < whole.end)
    };
    match added.kind {
        Kind::Replacing => {
            let crosses =
                |one: &Comment| places.start < one.whole.end && one.whole.start < places.end;
            (!comments.iter().any(crosses)).then_some(places)
        }
        Kind::BeforeToken => {
            let at = around(places.end).map_or(places.end, |whole| whole.start);
            (places.start <= at).then_some(at..at)
        }
        Kind::AfterToken => {
            let at = around(places.start).map_or(places.start, |whole| whole.end);
            (at <= places.end).then_some(at..at)
        }
    }
}

/// The text where some of the comments are run, by their bits, and the others skipped. Each byte stays at its place.
fn reading(sql: &str, comments: &[Comment], run: usize) -> String {
    let mut text = String::with_capacity(sql.len());
    let mut done = 0;
    for (index, Comment { whole, content }) in comments.iter().enumerate() {
        text.push_str(sql.get(done..whole.start).unwrap_or_default());
        if run >> index & 1 == 1 {
            blank(&mut text, sql, whole.start..content.start);
            text.push_str(sql.get(content.clone()).unwrap_or_default());
            blank(&mut text, sql, content.end..whole.end);
        } else {
            blank(&mut text, sql, whole.clone());
        }
        done = whole.end;
    }
    text.push_str(sql.get(done..).unwrap_or_default());
    text
}

/// Space in the place of a piece, in the same lines.
fn blank(text: &mut String, sql: &str, piece: Range<usize>) {
    let bytes = sql.get(piece).unwrap_or_default().bytes();
    text.extend(bytes.map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
}
