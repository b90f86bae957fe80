//! The bodies of triggers, functions, procedures and events, which hold statements and semicolons of their own.

use sqlparser::keywords::Keyword;

use super::{
    Dialect,
    tokens::{Kind, Source},
};

/// Whether a CREATE is one of those whose body may hold statements.
pub(crate) fn is_created(source: &Source<'_>, first: usize) -> bool {
    kind(source, first).is_some()
}

/// The word that says which kind of routine is created.
fn kind(source: &Source<'_>, first: usize) -> Option<usize> {
    (first + 1..source.len())
        .take_while(|index| !matches!(source.kind(*index), Some(Kind::Open | Kind::Semicolon)))
        .find_map(|index| match source.keyword(index) {
            Keyword::TABLE | Keyword::VIEW | Keyword::INDEX | Keyword::AS => Some(None),
            Keyword::TRIGGER | Keyword::FUNCTION | Keyword::PROCEDURE | Keyword::EVENT => {
                Some(Some(index))
            }
            _ => None,
        })?
}

/// Whether nothing follows the routine: its semicolons stand in its body, or at its end.
///
/// A body is `BEGIN … END` where the server expects it, and not where a name or an alias is called so. In doubt the first
/// semicolon ends the statement.
pub(crate) fn ends_with_body(source: &Source<'_>, first: usize) -> bool {
    let begin = kind(source, first).and_then(|kind| body(source, kind));
    let end = match begin {
        Some(begin) => end_of_body(source, begin),
        None => (first..source.len()).find(|index| source.kind(*index) == Some(Kind::Semicolon)),
    };
    let Some(end) = end else {
        // Without a semicolon there is one statement; a body without an end is none.
        return begin.is_none();
    };
    // MySQL repeats the label of the block there.
    let label = source.dialect == Dialect::MySql && source.kind(end) == Some(Kind::Word);
    (end + usize::from(label)..source.len())
        .all(|index| source.kind(index) == Some(Kind::Semicolon))
}

/// The BEGIN of the body.
fn body(source: &Source<'_>, kind: usize) -> Option<usize> {
    let name = source.after_words(kind + 1, &["IF", "NOT", "EXISTS"]);
    let after_name = source.after_name(name);
    let head = match (source.dialect, source.keyword(kind)) {
        // In front of it there may be anything that a condition may hold, but no semicolon.
        (Dialect::Sqlite, _) => {
            return (after_name..source.len())
                .take_while(|index| source.kind(*index) != Some(Kind::Semicolon))
                .find(|index| source.keyword(*index) == Keyword::BEGIN);
        }
        (Dialect::Postgres, _) => {
            let mut at = after_name;
            while at < source.len() && source.kind(at) != Some(Kind::Semicolon) {
                if source.keyword(at) == Keyword::BEGIN && source.word(at + 1, "ATOMIC") {
                    return Some(at);
                }
                at = source.next(at);
            }
            return None;
        }
        (Dialect::MySql, Keyword::TRIGGER) => after_for_each_row(source, after_name)?,
        (Dialect::MySql, Keyword::EVENT) => after_do(source, after_name)?,
        (Dialect::MySql, _) => after_characteristics(source, after_name)?,
    };
    // A label may stand before it: `main: BEGIN`.
    let is_label = source.kind(head) == Some(Kind::Word) && source.is_sign(head + 1, ":");
    let head = if is_label { head + 2 } else { head };
    (source.keyword(head) == Keyword::BEGIN).then_some(head)
}

fn before_semicolon(source: &Source<'_>, from: usize) -> impl Iterator<Item = usize> {
    (from..source.len()).take_while(|index| source.kind(*index) != Some(Kind::Semicolon))
}

fn after_for_each_row(source: &Source<'_>, from: usize) -> Option<usize> {
    let row = before_semicolon(source, from).find(|index| {
        source.word(*index, "FOR")
            && source.word(index + 1, "EACH")
            && source.word(index + 2, "ROW")
    })?;
    Some(
        match ["FOLLOWS", "PRECEDES"]
            .iter()
            .any(|word| source.word(row + 3, word))
        {
            true => source.after_name(row + 4),
            false => row + 3,
        },
    )
}

fn after_do(source: &Source<'_>, from: usize) -> Option<usize> {
    before_semicolon(source, from)
        .find(|index| source.keyword(*index) == Keyword::DO)
        .map(|at| at + 1)
}

/// The parameters, and what is said of a function or procedure as a whole. Any other word begins its body.
fn after_characteristics(source: &Source<'_>, from: usize) -> Option<usize> {
    const CHARACTERISTICS: &[&str] = &[
        "LANGUAGE",
        "SQL",
        "NOT",
        "DETERMINISTIC",
        "CONTAINS",
        "NO",
        "READS",
        "MODIFIES",
        "DATA",
        "SECURITY",
        "DEFINER",
        "INVOKER",
        "COMMENT",
        "CHARACTER",
        "UNSIGNED",
        "SIGNED",
        "ZEROFILL",
        "PRECISION",
        "VARYING",
        "BINARY",
    ];
    if source.kind(from) != Some(Kind::Open) {
        return None;
    }
    let mut at = source.next(from);
    while at < source.len() {
        let names_next = ["RETURNS", "CHARSET", "SET", "COLLATE"];
        let is_character_set =
            source.word(at, "SET") && source.word(at.saturating_sub(1), "CHARACTER");
        if names_next.iter().any(|word| source.word(at, word))
            && (!source.word(at, "SET") || is_character_set)
        {
            at += 2;
        } else if CHARACTERISTICS.iter().any(|word| source.word(at, word))
            || matches!(source.kind(at), Some(Kind::Other | Kind::Open))
        {
            at = source.next(at);
        } else {
            return Some(at);
        }
    }
    None
}

/// A statement or expression in a body that has an END of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Block,
    CaseStatement,
    CaseExpression,
}

/// Where the token after the body's END is.
///
/// A statement ends with a semicolon, so that the END of a block follows one, or its BEGIN. `IF`, `LOOP`, `WHILE`, `REPEAT` and
/// `FOR` have an END of their own kind, and `CASE` has either.
fn end_of_body(source: &Source<'_>, begin: usize) -> Option<usize> {
    let mut open = vec![Open::Block];
    for index in begin + 1..source.len() {
        let in_expression = open.last() == Some(&Open::CaseExpression);
        let begins_statement = !in_expression && begins_statement(source, index);
        if source.kind(index) == Some(Kind::Semicolon) {
            // No expression goes on behind it.
            while open.pop_if(|one| *one == Open::CaseExpression).is_some() {}
        }
        match source.keyword(index) {
            Keyword::BEGIN if begins_statement && source.dialect == Dialect::MySql => {
                open.push(Open::Block);
            }
            Keyword::CASE if source.keyword_before(index) == Keyword::END => {}
            Keyword::CASE if begins_statement && source.dialect == Dialect::MySql => {
                open.push(Open::CaseStatement);
            }
            Keyword::CASE if source.keyword_before(index) != Keyword::AS => {
                open.push(Open::CaseExpression);
            }
            Keyword::END if in_expression => _ = open.pop(),
            Keyword::END if begins_statement => {
                let is = |words: &[&str]| words.iter().any(|word| source.word(index + 1, word));
                if is(&["IF", "LOOP", "WHILE", "REPEAT", "FOR"]) {
                    continue;
                }
                let ended = open.pop();
                if open.is_empty() || (ended == Some(Open::Block)) == is(&["CASE"]) {
                    return Some(index + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether a statement of a body begins here, or the END of a block. What only MySQL has counts only there.
fn begins_statement(source: &Source<'_>, index: usize) -> bool {
    let Some(before) = index.checked_sub(1) else {
        return true;
    };
    if source.kind(before) == Some(Kind::Semicolon)
        || source.keyword(before) == Keyword::BEGIN
        || source.word(before, "ATOMIC")
    {
        return true;
    }
    source.dialect == Dialect::MySql
        && match source.keyword(before) {
            Keyword::THEN | Keyword::ELSE => true,
            // That of a loop comes after its condition; a statement of its own is `DO f()`.
            Keyword::DO => !begins_statement(source, before),
            _ => {
                source.word(before, "REPEAT")
                    || source.word(before, "LOOP")
                    || source.is_sign(before, ":")
            }
        }
}

impl Source<'_> {
    /// After these words, if they stand there.
    fn after_words(&self, at: usize, words: &[&str]) -> usize {
        let all = words
            .iter()
            .enumerate()
            .all(|(index, word)| self.word(at + index, word));
        if all { at + words.len() } else { at }
    }

    /// After a name, which may have a schema.
    pub(crate) fn after_name(&self, at: usize) -> usize {
        match self.kind(at + 1) {
            Some(Kind::Period) => self.after_name(at + 2),
            _ => at + 1,
        }
    }
}
