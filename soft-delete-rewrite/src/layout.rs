//! Where the clauses of a block stand in the text.

use std::ops::Range;

use sqlparser::{ast::Expr, keywords::Keyword};

use super::{
    edits::Edits,
    predicate::{self, Predicate},
    refused::Reason,
    tokens::{Kind, Source},
};

/// The clauses of a SELECT, UPDATE or DELETE, each by the token of its keyword.
#[derive(Debug, Default)]
pub(crate) struct Clauses {
    pub(crate) from: Option<usize>,
    pub(crate) set: Option<usize>,
    /// Of a DELETE.
    pub(crate) using: Option<usize>,
    pub(crate) filter: Option<usize>,
    /// What comes after FROM and WHERE: GROUP BY, ORDER BY, UNION, a parenthesis that closes, the end.
    pub(crate) tail: usize,
}

impl Clauses {
    /// The clauses that follow `head`, the block's first keyword.
    pub(crate) fn after(source: &Source<'_>, head: usize) -> Self {
        let mut clauses = Self::default();
        let mut at = head + 1;
        // Behind a join, a USING with a parenthesis is that join's. Before, it is a DELETE's with a query or joins in it.
        let mut is_joined = false;
        while !ends(source, at) {
            let began = clauses.from.is_some() || clauses.set.is_some();
            match source.keyword(at) {
                // `SELECT a AS from` names a column.
                _ if !began && source.keyword_before(at) == Keyword::AS => {}
                Keyword::SET if !began => clauses.set = Some(at),
                Keyword::FROM if clauses.from.is_none() && !is_distinct_from(source, at) => {
                    clauses.from = Some(at);
                }
                Keyword::USING
                    if clauses.using.is_none()
                        && clauses.filter.is_none()
                        && !(is_joined && source.kind(at + 1) == Some(Kind::Open)) =>
                {
                    clauses.using = Some(at);
                }
                Keyword::JOIN | Keyword::STRAIGHT_JOIN => is_joined = true,
                Keyword::WHERE if clauses.filter.is_none() => clauses.filter = Some(at),
                _ if began && is_tail(source, at) => break,
                Keyword::UNION | Keyword::INTERSECT | Keyword::EXCEPT => break,
                _ => {}
            }
            at = source.next(at);
        }
        clauses.tail = at;
        clauses
    }

    /// Where FROM's list ends.
    pub(crate) fn list_end(&self) -> usize {
        self.filter.unwrap_or(self.tail)
    }
}

/// Adds the predicates to the condition of a WHERE or ON, in the tree.
pub(crate) fn constrain(condition: Option<Expr>, predicates: &[Predicate]) -> Option<Expr> {
    let condition = condition.map(|condition| Expr::Nested(Box::new(condition)));
    predicates
        .iter()
        .map(|predicate| predicate.expr.clone())
        .fold(condition, |all, one| match all {
            Some(all) => Some(predicate::and(all, one)),
            None => Some(one),
        })
}

/// Adds the predicates to the condition that the tokens are, in the text.
pub(crate) fn constrain_text(
    source: &Source<'_>,
    condition: Range<usize>,
    predicates: &[Predicate],
    edits: &mut Edits,
) -> Result<(), Reason> {
    if condition.is_empty() {
        return Err(Reason::NotFound("a condition"));
    }
    edits.insert(source.bytes(condition.start)?.start, "(");
    let mut text = String::from(")");
    for predicate in predicates {
        text.push_str(" AND ");
        text.push_str(&predicate.text);
    }
    edits.insert(source.bytes(condition.end - 1)?.end, text);
    Ok(())
}

/// Adds the predicates to a block's WHERE, or a WHERE of them, in tree and text.
pub(crate) fn filter(
    source: &Source<'_>,
    clauses: &Clauses,
    selection: &mut Option<Expr>,
    predicates: &[Predicate],
    edits: &mut Edits,
) -> Result<(), Reason> {
    if predicates.is_empty() {
        return Ok(());
    }
    match (clauses.filter, &selection) {
        (Some(filter), Some(_)) if source.is_current_of(filter + 1) => {
            return Err(Reason::NotFound(
                "a place for the condition beside `CURRENT OF`, which is to be written as a condition on the key,",
            ));
        }
        (Some(filter), Some(_)) => {
            constrain_text(source, filter + 1..clauses.tail, predicates, edits)?;
        }
        (None, None) => {
            let texts: Vec<_> = predicates.iter().map(|one| one.text.as_str()).collect();
            let last = clauses.tail.checked_sub(1);
            let last = last.ok_or(Reason::NotFound("the end of a block"))?;
            let end = source.bytes(last)?.end;
            edits.insert(end, format!(" WHERE {}", texts.join(" AND ")));
        }
        _ => return Err(Reason::NotFound("a WHERE")),
    }
    *selection = constrain(selection.take(), predicates);
    Ok(())
}

/// Whether the block, or the parentheses it stands in, end here.
pub(crate) fn ends(source: &Source<'_>, at: usize) -> bool {
    matches!(source.kind(at), None | Some(Kind::Close | Kind::Semicolon))
}

/// `a IS DISTINCT FROM b` is no FROM.
fn is_distinct_from(source: &Source<'_>, at: usize) -> bool {
    source.keyword_before(at) == Keyword::DISTINCT
        && at.checked_sub(1).is_some_and(|distinct| {
            matches!(source.keyword_before(distinct), Keyword::IS | Keyword::NOT)
        })
}

/// Whether a clause begins here that comes after FROM and WHERE.
fn is_tail(source: &Source<'_>, at: usize) -> bool {
    let next = source.keyword(at + 1);
    match source.keyword(at) {
        Keyword::UNION | Keyword::INTERSECT | Keyword::EXCEPT | Keyword::MINUS => true,
        Keyword::HAVING | Keyword::LIMIT | Keyword::RETURNING | Keyword::INTO => true,
        // Not those of `WITHIN GROUP`, and of MySQL's `USE INDEX FOR ORDER BY (…)`.
        Keyword::GROUP | Keyword::ORDER => {
            next == Keyword::BY && source.keyword_before(at) != Keyword::FOR
        }
        Keyword::WINDOW => source.keyword(at + 2) == Keyword::AS,
        Keyword::OFFSET => source.dialect == super::Dialect::Postgres,
        Keyword::FETCH => matches!(next, Keyword::FIRST | Keyword::NEXT),
        Keyword::FOR => matches!(
            next,
            Keyword::UPDATE | Keyword::SHARE | Keyword::NO | Keyword::KEY
        ),
        Keyword::LOCK => next == Keyword::IN && source.keyword(at + 2) == Keyword::SHARE,
        Keyword::ON => matches!(next, Keyword::CONFLICT | Keyword::DUPLICATE),
        _ => false,
    }
}
