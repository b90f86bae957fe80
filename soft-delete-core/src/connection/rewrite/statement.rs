//! Which statements are scoped, which pass, and which are refused, by their first words.

use sqlparser::keywords::Keyword;

use super::{
    lexemes::{Kind as Lexeme, Source},
    refused::Reason,
};

/// What is done with a statement that names one of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It runs as it is.
    Passes,
    /// Its tables are scoped.
    Scoped,
}

/// First words of statements that read and write rows.
const SCOPED: &[&str] = &[
    "SELECT", "WITH", "VALUES", "TABLE", "INSERT", "REPLACE", "UPDATE", "DELETE", "MERGE",
    "TRUNCATE", "EXPLAIN", "DESCRIBE", "DESC",
];

/// First words of statements that define things. What they contain runs later, or only says `ON DELETE`.
const DEFINING: &[&str] = &[
    "CREATE", "ALTER", "DROP", "COMMENT", "RENAME", "GRANT", "REVOKE", "SECURITY", "REASSIGN",
    "IMPORT",
];

/// First words of statements on sessions, transactions and upkeep: harmless, as long as no row is read or written in them.
const HARMLESS: &[&str] = &[
    "SET",
    "RESET",
    "SHOW",
    "USE",
    "PRAGMA",
    "BEGIN",
    "START",
    "COMMIT",
    "END",
    "ROLLBACK",
    "ABORT",
    "SAVEPOINT",
    "RELEASE",
    "ANALYZE",
    "ANALYSE",
    "VACUUM",
    "REINDEX",
    "OPTIMIZE",
    "REPAIR",
    "CHECK",
    "CHECKSUM",
    "CHECKPOINT",
    "CLUSTER",
    "REFRESH",
    "FLUSH",
    "KILL",
    "LOCK",
    "UNLOCK",
    "LISTEN",
    "UNLISTEN",
    "NOTIFY",
    "DISCARD",
    "DEALLOCATE",
    "CLOSE",
    "ATTACH",
    "DETACH",
    "HELP",
    "XA",
];

pub(crate) fn kind(source: &Source<'_>) -> Result<Kind, Reason> {
    let Some(first) = (0..source.len())
        .find(|index| !matches!(source.kind(*index), Some(Lexeme::Open | Lexeme::Semicolon)))
    else {
        return Ok(Kind::Passes);
    };
    let is = |words: &[&str]| words.iter().any(|word| source.word(first, word));
    if source.word(first, "CREATE") && is_routine(source, first) {
        return match ends_with_body(source, first) {
            true => Ok(Kind::Passes),
            false => Err(Reason::SeveralStatements),
        };
    }
    if has_several(source, first) {
        return Err(Reason::SeveralStatements);
    }
    if is(SCOPED) || source.word(first, "CREATE") && creates_from_rows(source, first) {
        Ok(Kind::Scoped)
    } else if is(DEFINING) || is(HARMLESS) && !touches_rows(source, first) {
        Ok(Kind::Passes)
    } else {
        let word = source.bytes(first).map(|bytes| source.text(&bytes));
        Err(Reason::Statement(word.unwrap_or_default().to_uppercase()))
    }
}

/// Whether anything follows a semicolon.
fn has_several(source: &Source<'_>, first: usize) -> bool {
    (first..source.len())
        .skip_while(|index| source.kind(*index) != Some(Lexeme::Semicolon))
        .any(|index| source.kind(index) != Some(Lexeme::Semicolon))
}

/// Whether a CREATE is one of those whose body may hold statements.
fn is_routine(source: &Source<'_>, first: usize) -> bool {
    (first + 1..source.len())
        .take_while(|index| source.kind(*index) != Some(Lexeme::Open))
        .find_map(|index| match source.keyword(index) {
            Keyword::TABLE | Keyword::VIEW | Keyword::INDEX | Keyword::AS => Some(false),
            Keyword::TRIGGER | Keyword::FUNCTION | Keyword::PROCEDURE | Keyword::EVENT => {
                Some(true)
            }
            _ => None,
        })
        .unwrap_or(false)
}

/// Whether the semicolons of a routine stand in one `BEGIN … END`, or at its end.
///
/// MySQL closes `IF`, `LOOP`, `WHILE` and `REPEAT` with an `END` of their own kind, and `CASE` with either.
fn ends_with_body(source: &Source<'_>, first: usize) -> bool {
    let mut depth = 0_usize;
    let mut ended = false;
    for index in first..source.len() {
        let after_end = source.keyword_before(index) == Keyword::END;
        match (source.kind(index), source.keyword(index)) {
            (Some(Lexeme::Semicolon), _) => ended |= depth == 0,
            _ if ended => return false,
            (_, Keyword::BEGIN) => depth += 1,
            (_, Keyword::CASE) if !after_end => depth += 1,
            (_, Keyword::END) => {
                let of_its_own = ["IF", "LOOP", "WHILE", "REPEAT"]
                    .iter()
                    .any(|word| source.word(index + 1, word));
                if !of_its_own {
                    depth = depth.saturating_sub(1);
                }
            }
            _ => {}
        }
    }
    depth == 0
}

/// Whether a CREATE makes a table from a query. The AS before it may be left out in MySQL.
fn creates_from_rows(source: &Source<'_>, first: usize) -> bool {
    let is_table = (first + 1..source.len())
        .take_while(|index| source.kind(*index) != Some(Lexeme::Open))
        .find_map(|index| match source.keyword(index) {
            Keyword::TABLE => Some(true),
            Keyword::VIEW | Keyword::INDEX => Some(false),
            _ => None,
        });
    is_table == Some(true)
        && (first + 1..source.len()).any(|index| match source.keyword(index) {
            Keyword::SELECT | Keyword::EXECUTE => true,
            Keyword::TABLE => source.keyword_before(index) == Keyword::AS,
            _ => false,
        })
}

/// `SET @n = (SELECT …)`, MariaDB's `ANALYZE UPDATE …` and `BEGIN NOT ATOMIC …` do.
fn touches_rows(source: &Source<'_>, first: usize) -> bool {
    (first + 1..source.len()).any(|index| {
        matches!(
            source.keyword(index),
            Keyword::SELECT
                | Keyword::INSERT
                | Keyword::REPLACE
                | Keyword::UPDATE
                | Keyword::DELETE
                | Keyword::TRUNCATE
                | Keyword::MERGE
                | Keyword::WITH
        )
    })
}
