//! The join tree: where its ON clauses stand, and which of them takes a table's condition.

use std::ops::Range;

use sqlparser::{
    ast::{Expr, Join, JoinConstraint, JoinOperator, TableFactor, TableWithJoins},
    keywords::Keyword,
};

use super::{
    Dialect,
    layout::ends,
    refused::Reason,
    tokens::{Kind, Source},
};

/// A chain of joins, as it stands in the text.
#[derive(Debug, Default)]
pub(crate) struct Chain {
    /// For each factor, the chain in its parentheses, if it is one.
    pub(crate) nested: Vec<Option<Self>>,
    /// For each join, the tokens of its ON condition.
    pub(crate) on: Vec<Option<Range<usize>>>,
}

/// What takes the condition of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The block's WHERE.
    Where,
    /// The ON whose condition begins at this token.
    On(usize),
    /// The table itself: it becomes a derived one.
    Derived,
}

/// Which operands of a join may come out as NULLs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nullable {
    Neither,
    Left,
    Right,
    Both,
}

pub(crate) fn nullable(operator: &JoinOperator) -> Option<Nullable> {
    Some(match operator {
        JoinOperator::Join(_)
        | JoinOperator::Inner(_)
        | JoinOperator::CrossJoin(_)
        | JoinOperator::StraightJoin(_) => Nullable::Neither,
        JoinOperator::Left(_) | JoinOperator::LeftOuter(_) => Nullable::Right,
        JoinOperator::Right(_) | JoinOperator::RightOuter(_) => Nullable::Left,
        JoinOperator::FullOuter(_) => Nullable::Both,
        // Not of these databases.
        JoinOperator::Semi(_)
        | JoinOperator::LeftSemi(_)
        | JoinOperator::RightSemi(_)
        | JoinOperator::Anti(_)
        | JoinOperator::LeftAnti(_)
        | JoinOperator::RightAnti(_)
        | JoinOperator::CrossApply
        | JoinOperator::OuterApply
        | JoinOperator::AsOf { .. }
        | JoinOperator::ArrayJoin
        | JoinOperator::LeftArrayJoin
        | JoinOperator::InnerArrayJoin => return None,
    })
}

/// What a join of these databases joins by.
pub(crate) fn constraint(operator: &JoinOperator) -> Option<&JoinConstraint> {
    match operator {
        JoinOperator::Join(constraint)
        | JoinOperator::Inner(constraint)
        | JoinOperator::CrossJoin(constraint)
        | JoinOperator::StraightJoin(constraint)
        | JoinOperator::Left(constraint)
        | JoinOperator::LeftOuter(constraint)
        | JoinOperator::Right(constraint)
        | JoinOperator::RightOuter(constraint)
        | JoinOperator::FullOuter(constraint) => Some(constraint),
        _ => None,
    }
}

/// The ON condition of a join.
pub(crate) fn condition(operator: &JoinOperator) -> Option<&Expr> {
    match constraint(operator) {
        Some(JoinConstraint::On(on)) => Some(on),
        _ => None,
    }
}

/// The ON condition of a join, to be changed.
pub(crate) fn condition_mut(operator: &mut JoinOperator) -> Option<&mut Expr> {
    match operator {
        JoinOperator::Join(JoinConstraint::On(on))
        | JoinOperator::Inner(JoinConstraint::On(on))
        | JoinOperator::CrossJoin(JoinConstraint::On(on))
        | JoinOperator::StraightJoin(JoinConstraint::On(on))
        | JoinOperator::Left(JoinConstraint::On(on))
        | JoinOperator::LeftOuter(JoinConstraint::On(on))
        | JoinOperator::Right(JoinConstraint::On(on))
        | JoinOperator::RightOuter(JoinConstraint::On(on)) => Some(on),
        _ => None,
    }
}

/// The place for a table's condition, below `joins` as an operand of the first of them that it meets.
///
/// It climbs: past every join that keeps the rows of its side, up to one that doesn't, or to the WHERE. Where there is no room for
/// it up there, the ON of an inner join on the way does as well.
pub(crate) fn place(
    operand: usize,
    joins: &[Join],
    chain: &Chain,
    outside: Place,
) -> Result<Place, Reason> {
    // The first factor is the left operand of every join. Any other is the right operand of its own join first.
    let own = operand.checked_sub(1);
    let mut inner = None;
    for (index, join) in joins.iter().enumerate().skip(own.unwrap_or(0)) {
        let nullable =
            nullable(&join.join_operator).ok_or(Reason::Unreliable("this kind of join"))?;
        let side = match own == Some(index) {
            true => Nullable::Right,
            false => Nullable::Left,
        };
        let on = chain.on.get(index).and_then(Option::as_ref);
        let on = on.map(|on| Place::On(on.start));
        if nullable == Nullable::Both {
            return Ok(inner.unwrap_or(Place::Derived));
        }
        if nullable == side {
            return Ok(on.or(inner).unwrap_or(Place::Derived));
        }
        if nullable == Nullable::Neither {
            inner = inner.or(on);
        }
    }
    Ok(match outside {
        Place::Derived => inner.unwrap_or(Place::Derived),
        outside => outside,
    })
}

/// Reads the lists of FROM, in step with the tree.
pub(crate) struct Reader<'a, 's> {
    source: &'a Source<'s>,
    at: usize,
    end: usize,
}

impl<'a, 's> Reader<'a, 's> {
    /// A list between these tokens.
    pub(crate) fn new(source: &'a Source<'s>, list: Range<usize>) -> Self {
        Self {
            source,
            at: list.start,
            end: list.end,
        }
    }

    pub(crate) fn list(&mut self, list: &[TableWithJoins]) -> Result<Vec<Chain>, Reason> {
        let chains = list
            .iter()
            .map(|item| {
                let chain = self.chain(item)?;
                if self.source.kind(self.at) == Some(Kind::Comma) {
                    self.at += 1;
                }
                Ok(chain)
            })
            .collect::<Result<_, Reason>>()?;
        match self.at == self.end {
            true => Ok(chains),
            false => Err(Reason::NotFound("a table")),
        }
    }

    fn chain(&mut self, item: &TableWithJoins) -> Result<Chain, Reason> {
        let mut chain = Chain::default();
        chain.nested.push(self.factor(&item.relation)?);
        for join in &item.joins {
            // In parentheses of MySQL, and in its UPDATE, a comma joins.
            let is_comma = self.source.kind(self.at) == Some(Kind::Comma);
            while !is_comma && self.is_join(self.at) && !self.ends_join() {
                self.at += 1;
            }
            self.at += 1;
            if let TableFactor::NestedJoin {
                table_with_joins, ..
            } = &join.relation
                && !self.opens_chain(table_with_joins)
                && !associates(&join.join_operator, table_with_joins)
            {
                return Err(Reason::Unreliable("joins without parentheses"));
            }
            chain.nested.push(self.factor(&join.relation)?);
            chain.on.push(self.condition(join)?);
        }
        Ok(chain)
    }

    fn factor(&mut self, factor: &TableFactor) -> Result<Option<Chain>, Reason> {
        let TableFactor::NestedJoin {
            table_with_joins, ..
        } = factor
        else {
            self.skip();
            return Ok(None);
        };
        // `a JOIN b JOIN c ON … ON …` nests without parentheses.
        if !self.opens_chain(table_with_joins) {
            return self.chain(table_with_joins).map(Some);
        }
        let close = self.source.next(self.at) - 1;
        let chain = Reader::new(self.source, self.at + 1..close)
            .list(std::slice::from_ref(table_with_joins))?
            .pop();
        self.skip();
        Ok(chain)
    }

    /// Whether a parenthesis opens around the nested chain, and not around a query that is its first factor.
    fn opens_chain(&self, nested: &TableWithJoins) -> bool {
        let begins_query = matches!(nested.relation, TableFactor::Derived { .. })
            && matches!(
                self.source.keyword(self.at + 1),
                Keyword::SELECT | Keyword::WITH | Keyword::VALUES | Keyword::TABLE
            );
        self.source.kind(self.at) == Some(Kind::Open) && !begins_query
    }

    fn condition(&mut self, join: &Join) -> Result<Option<Range<usize>>, Reason> {
        let on = self.source.keyword(self.at) == Keyword::ON;
        if on != condition(&join.join_operator).is_some() {
            return Err(Reason::NotFound("an ON"));
        }
        let using = self.source.keyword(self.at) == Keyword::USING;
        if on {
            self.at += 1;
        }
        let start = self.at;
        if on || using {
            self.skip();
        }
        Ok(on.then_some(start..self.at))
    }

    /// Goes to what separates factors and conditions.
    fn skip(&mut self) {
        while self.at < self.end
            && !ends(self.source, self.at)
            && self.source.kind(self.at) != Some(Kind::Comma)
            && self.source.keyword(self.at) != Keyword::ON
            && !self.is_join(self.at)
        {
            self.at = self.source.next(self.at);
        }
    }

    /// Whether a join's keywords begin, or go on, here. `LEFT` is a function too.
    fn is_join(&self, at: usize) -> bool {
        match self.source.keyword(at) {
            // MySQL has `FORCE INDEX FOR JOIN (…)`.
            Keyword::JOIN => self.source.keyword_before(at) != Keyword::FOR,
            Keyword::INNER
            | Keyword::CROSS
            | Keyword::NATURAL
            | Keyword::OUTER
            | Keyword::STRAIGHT_JOIN => true,
            Keyword::LEFT | Keyword::RIGHT | Keyword::FULL => {
                matches!(self.source.keyword(at + 1), Keyword::JOIN | Keyword::OUTER)
            }
            _ => false,
        }
    }

    fn ends_join(&self) -> bool {
        matches!(
            self.source.keyword(self.at),
            Keyword::JOIN | Keyword::STRAIGHT_JOIN
        )
    }
}

/// Whether a join and those nested in it without parentheses come to the same, however they are grouped.
///
/// Databases differ in how they group `a CROSS JOIN b RIGHT JOIN c ON …`, and in what a JOIN without ON takes.
fn associates(operator: &JoinOperator, nested: &TableWithJoins) -> bool {
    let constrained = !matches!(
        operator,
        JoinOperator::Join(JoinConstraint::None)
            | JoinOperator::Inner(JoinConstraint::None)
            | JoinOperator::StraightJoin(JoinConstraint::None)
            | JoinOperator::CrossJoin(_)
    );
    constrained
        || nested.joins.iter().all(|join| {
            matches!(
                nullable(&join.join_operator),
                Some(Nullable::Neither | Nullable::Right)
            )
        })
}

/// Where the lists' conditions go that climb out of each item.
///
/// To SQLite a comma is a join like any other, so that a RIGHT JOIN after it takes all before it as its left operand.
pub(crate) fn outside(
    dialect: Dialect,
    list: &[TableWithJoins],
    chains: &[Chain],
) -> Result<Vec<Place>, Reason> {
    let mut places = vec![Place::Where; list.len()];
    if dialect != Dialect::Sqlite {
        return Ok(places);
    }
    let mut outside = Place::Where;
    let items = list.iter().zip(chains).zip(&mut places);
    for ((item, chain), out) in items.rev() {
        *out = outside;
        outside = place(0, &item.joins, chain, outside)?;
    }
    Ok(places)
}
