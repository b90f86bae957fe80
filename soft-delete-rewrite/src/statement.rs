//! Which statements are scoped, which pass, and which are refused, by their first words.

use std::ops::Range;

use sqlparser::keywords::Keyword;

use super::{
    Dialect,
    refused::Reason,
    routine,
    tokens::{Kind as TokenKind, Source},
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

/// First words of statements on sessions and transactions: harmless, as long as no row is read or written in them.
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
    "CHECK",
    "CHECKPOINT",
    "KILL",
    "LISTEN",
    "UNLISTEN",
    "NOTIFY",
    "DISCARD",
    "CLOSE",
    "ATTACH",
    "DETACH",
    "HELP",
];

/// First words of statements of upkeep, which hold no other statement: their UPDATE and WITH are options.
const UPKEEP: &[&str] = &[
    "CHECKSUM",
    "CLUSTER",
    "DEALLOCATE",
    "FLUSH",
    "LOCK",
    "OPTIMIZE",
    "REFRESH",
    "REINDEX",
    "REPAIR",
    "UNLOCK",
    "XA",
];

/// The words between the name of a cursor and its FOR.
const OF_CURSORS: &[&str] = &[
    "ASENSITIVE",
    "BINARY",
    "CURSOR",
    "HOLD",
    "INSENSITIVE",
    "NO",
    "SCROLL",
    "WITH",
    "WITHOUT",
];

pub(crate) fn kind(source: &Source<'_>) -> Result<Kind, Reason> {
    let Some(first) = source.first() else {
        return Ok(Kind::Passes);
    };
    if source.word(first, "CREATE") && routine::is_created(source, first) {
        return match routine::ends_with_body(source, first) {
            true => Ok(Kind::Passes),
            false => Err(Reason::SeveralStatements),
        };
    }
    if has_several(source, first) {
        return Err(Reason::SeveralStatements);
    }
    let carried = source.carried();
    // What is set for the time of one statement may be read from rows too.
    let around = [first + 1..carried.start, carried.end..source.len()];
    if carried.start > 0
        && around
            .into_iter()
            .any(|tokens| touches_rows(source, tokens))
    {
        return Err(unknown(source, first));
    }
    match carried.start {
        0 => of_one(source, first),
        start => of_one(source, start),
    }
}

fn of_one(source: &Source<'_>, first: usize) -> Result<Kind, Reason> {
    let is = |words: &[&str]| words.iter().any(|word| source.word(first, word));
    let rest = first + 1..source.len();
    if is(SCOPED) || source.word(first, "CREATE") && creates_from_rows(source, first) {
        Ok(Kind::Scoped)
    } else if is(DEFINING)
        || is_upkeep(source, first)
        || source.copies_into(first)
        || is(HARMLESS) && !touches_rows(source, rest.clone())
    {
        Ok(Kind::Passes)
    } else if source.word(first, "SET")
        && source.dialect == Dialect::MySql
        && !carries_statement(source, rest)
    {
        // `SET @n = (SELECT …)`.
        Ok(Kind::Scoped)
    } else {
        Err(unknown(source, first))
    }
}

/// Whether the statement puts values into a table, and has no part that sees or changes rows: it need not be parsed.
pub(crate) fn only_inserts(source: &Source<'_>) -> bool {
    let begins = source.keyword(0) == Keyword::INSERT && source.keyword(1) == Keyword::INTO;
    begins
        && (0..source.len()).any(|index| source.keyword(index) == Keyword::VALUES)
        && !(1..source.len()).any(|index| {
            matches!(
                source.keyword(index),
                Keyword::SELECT
                    | Keyword::TABLE
                    | Keyword::WITH
                    | Keyword::FROM
                    | Keyword::ON
                    | Keyword::AS
                    | Keyword::SET
                    | Keyword::INSERT
                    | Keyword::REPLACE
                    | Keyword::UPDATE
                    | Keyword::DELETE
                    | Keyword::MERGE
                    | Keyword::EXECUTE
                    | Keyword::CALL
            )
        })
}

fn unknown(source: &Source<'_>, first: usize) -> Reason {
    let word = source.bytes(first).map(|bytes| source.text(&bytes));
    Reason::Statement(word.unwrap_or_default().to_uppercase())
}

impl Source<'_> {
    /// The first word.
    fn first(&self) -> Option<usize> {
        (0..self.len()).find(|index| {
            !matches!(
                self.kind(*index),
                Some(TokenKind::Open | TokenKind::Semicolon)
            )
        })
    }

    /// The statement in a statement: after MariaDB's `SET STATEMENT … FOR` and PostgreSQL's `DECLARE … CURSOR … FOR` and
    /// `PREPARE … AS`, in its `COPY ( … ) TO`. Else it is the whole.
    pub(crate) fn carried(&self) -> Range<usize> {
        let whole = 0..self.len();
        let Some(first) = self.first() else {
            return whole;
        };
        let is = |word| self.word(first, word);
        let start = match self.dialect {
            Dialect::MySql if is("SET") && self.word(first + 1, "STATEMENT") => {
                self.carried_after(first + 2, |at| self.keyword(at) == Keyword::FOR, |_| true)
            }
            Dialect::Postgres if is("DECLARE") => {
                let is_option = |at| OF_CURSORS.iter().any(|word| self.word(at, word));
                self.carried_after(first + 2, |at| self.keyword(at) == Keyword::FOR, is_option)
            }
            Dialect::Postgres if is("PREPARE") => {
                let are_types = |at| self.kind(at) == Some(TokenKind::Open);
                self.carried_after(first + 2, |at| self.keyword(at) == Keyword::AS, are_types)
            }
            Dialect::Postgres if is("COPY") && self.kind(first + 1) == Some(TokenKind::Open) => {
                let end = self.next(first + 1) - 1;
                return match self.word(end + 1, "TO") {
                    true => first + 2..end,
                    false => whole,
                };
            }
            _ => None,
        };
        start.map_or(whole, |start| start..self.len())
    }

    fn carried_after(
        &self,
        start: usize,
        is_last: impl Fn(usize) -> bool,
        may_stand_before: impl Fn(usize) -> bool,
    ) -> Option<usize> {
        let mut at = start;
        while at < self.len() && !is_last(at) {
            if !may_stand_before(at) {
                return None;
            }
            at = self.next(at);
        }
        (at + 1 < self.len()).then_some(at + 1)
    }

    /// `COPY post (id, title) FROM …` puts rows into a table, and sees none.
    fn copies_into(&self, first: usize) -> bool {
        let mut at = self.after_name(first + 1);
        if self.kind(at) == Some(TokenKind::Open) {
            at = self.next(at);
        }
        self.word(first, "COPY") && self.keyword(at) == Keyword::FROM
    }
}

/// Whether anything follows a semicolon.
fn has_several(source: &Source<'_>, first: usize) -> bool {
    (first..source.len())
        .skip_while(|index| source.kind(*index) != Some(TokenKind::Semicolon))
        .any(|index| source.kind(index) != Some(TokenKind::Semicolon))
}

/// `ANALYZE TABLE post UPDATE HISTOGRAM …` is, and MariaDB's `ANALYZE UPDATE post …` is not. SQLite's `VACUUM INTO` takes any
/// expression.
fn is_upkeep(source: &Source<'_>, first: usize) -> bool {
    let is_table = |at: usize| source.keyword(at) == Keyword::TABLE;
    UPKEEP.iter().any(|word| source.word(first, word))
        || source.word(first, "CHECK") && is_table(first + 1)
        || source.word(first, "VACUUM") && !touches_rows_in_parentheses(source, first)
        || source.word(first, "ANALYZE")
            && source.dialect == Dialect::MySql
            && (is_table(first + 1) || is_table(first + 2))
}

fn touches_rows_in_parentheses(source: &Source<'_>, first: usize) -> bool {
    (first..source.len()).any(|index| source.keyword(index) == Keyword::SELECT)
}

/// Whether a CREATE makes a table from a query. The AS before that may be left out in MySQL, and a query need not have a SELECT:
/// `CREATE TABLE copy AS (TABLE post)`, `… AS WITH gone AS (DELETE FROM post RETURNING *) TABLE gone`.
fn creates_from_rows(source: &Source<'_>, first: usize) -> bool {
    // What a CREATE of something else makes has a name, and after it an AS or a parenthesis.
    let words = (first + 1..source.len()).take_while(|index| {
        source.kind(*index) == Some(TokenKind::Word) && source.keyword(*index) != Keyword::AS
    });
    let mut tables = words.filter(|index| source.keyword(*index) == Keyword::TABLE);
    let Some(table) = tables.next() else {
        return false;
    };
    (table + 1..source.len()).any(|index| {
        matches!(
            source.keyword(index),
            Keyword::SELECT | Keyword::EXECUTE | Keyword::TABLE
        ) || source.begins_with_clause(index)
            || follows_as(source, index) && carries_statement(source, index..index + 1)
    })
}

/// Whether AS is the word before, with or without parentheses between.
fn follows_as(source: &Source<'_>, index: usize) -> bool {
    let before = (0..index)
        .rev()
        .find(|at| source.kind(*at) != Some(TokenKind::Open));
    before.is_some_and(|before| source.keyword(before) == Keyword::AS)
}

/// `SET @n = (SELECT …)`, MariaDB's `ANALYZE UPDATE …` and `BEGIN NOT ATOMIC …` do.
fn touches_rows(source: &Source<'_>, mut tokens: Range<usize>) -> bool {
    tokens.clone().any(|index| match source.keyword(index) {
        Keyword::SELECT => true,
        Keyword::TABLE => follows_parenthesis(source, index),
        _ => source.begins_with_clause(index),
    }) || carries_statement(source, tokens.clone())
        || tokens
            .next()
            .is_some_and(|first| source.keyword(first) == Keyword::NOT)
}

/// Whether a statement may begin that changes rows, or one that carries others.
fn carries_statement(source: &Source<'_>, mut tokens: Range<usize>) -> bool {
    tokens.any(|index| {
        matches!(
            source.keyword(index),
            Keyword::INSERT
                | Keyword::REPLACE
                | Keyword::UPDATE
                | Keyword::DELETE
                | Keyword::TRUNCATE
                | Keyword::MERGE
                | Keyword::EXECUTE
                | Keyword::PREPARE
                | Keyword::CALL
        ) || source.word(index, "HANDLER")
    })
}

fn follows_parenthesis(source: &Source<'_>, index: usize) -> bool {
    let before = index.checked_sub(1);
    before.is_some_and(|before| source.kind(before) == Some(TokenKind::Open))
}

impl Source<'_> {
    /// Whether common table expressions begin here: `WITH x AS (`, `WITH RECURSIVE`. It stands in options too.
    fn begins_with_clause(&self, index: usize) -> bool {
        if self.keyword(index) != Keyword::WITH {
            return false;
        }
        let after = match self.kind(index + 2) {
            Some(TokenKind::Open) => self.next(index + 2),
            _ => index + 2,
        };
        self.keyword(index + 1) == Keyword::RECURSIVE || self.keyword(after) == Keyword::AS
    }
}
