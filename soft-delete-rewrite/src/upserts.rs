//! SQLite's upserts with several ON CONFLICT, of which the parser knows one: each is read for itself.

use std::ops::Range;

use sqlparser::{keywords::Keyword, tokenizer::TokenWithSpan};

use super::{
    Dialect, Rows, Tables,
    edits::Edits,
    refused::Reason,
    scoped,
    tokens::{Kind, Source},
};

/// One ON CONFLICT.
pub(crate) struct Conflict {
    pub(crate) tokens: Range<usize>,
    updates: bool,
}

impl Source<'_> {
    /// The ON CONFLICTs of an INSERT, if there are several.
    pub(crate) fn conflicts(&self) -> Vec<Conflict> {
        let begins = |at: usize| {
            self.keyword(at) == Keyword::ON && self.keyword(at + 1) == Keyword::CONFLICT
        };
        let ends = |at: usize| {
            begins(at)
                || self.keyword(at) == Keyword::RETURNING
                || matches!(self.kind(at), None | Some(Kind::Semicolon))
        };
        let mut found = Vec::new();
        let mut at = 0;
        while self.dialect == Dialect::Sqlite && at < self.len() {
            let start = at;
            at = self.next(at);
            if !begins(start) {
                continue;
            }
            let mut updates = false;
            while !ends(at) {
                updates |= self.updates_on_conflict(at);
                at = self.next(at);
            }
            found.push(Conflict {
                tokens: start..at,
                updates,
            });
        }
        if found.len() < 2 {
            found.clear();
        }
        found
    }

    fn updates_on_conflict(&self, at: usize) -> bool {
        self.keyword(at) == Keyword::DO && self.keyword(at + 1) == Keyword::UPDATE
    }

    /// The ON CONFLICTs that are left out, so that the parser sees one.
    pub(crate) fn other_conflicts(&self) -> impl Iterator<Item = Range<usize>> {
        let conflicts = self.conflicts();
        let mut updates =
            (0..conflicts.len()).filter(|at| conflicts.get(*at).is_some_and(|one| one.updates));
        let kept = updates.nth(self.conflict).unwrap_or(0);
        let others = conflicts.into_iter().enumerate();
        others
            .filter(move |(at, _)| *at != kept)
            .map(|(_, one)| one.tokens)
    }
}

/// Scopes a statement: its DO UPDATEs one after the other, if there are several.
pub(crate) fn scope_each(
    source: &Source<'_>,
    tokens: Vec<TokenWithSpan>,
    tables: &Tables,
    rows: Rows,
) -> Result<Edits, Reason> {
    let mut edits = scoped(source, tokens, tables, rows)?;
    let updates = source.conflicts().iter().filter(|one| one.updates).count();
    if updates < 2 {
        return Ok(edits);
    }
    for conflict in 1..updates {
        let (source, tokens) = Source::lex_conflict(source.dialect, source.sql, tables, conflict)?;
        edits.merge(scoped(&source, tokens, tables, rows)?);
    }
    // All of them together must leave nothing to be added.
    let text = edits.apply(source.sql);
    for conflict in 0..updates {
        let (source, tokens) = Source::lex_conflict(source.dialect, &text, tables, conflict)?;
        if !scoped(&source, tokens, tables, rows)?.is_empty() {
            return Err(Reason::NotFound("the place for the condition"));
        }
    }
    Ok(edits)
}
