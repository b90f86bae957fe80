//! Where the conditions of a block's tables go: its WHERE, an ON, or a derived table in a table's place.

use std::collections::BTreeMap;

use sqlparser::ast::{Expr, Join, TableFactor, TableWithJoins};

use super::{Block, List};
use crate::{
    joins::{self, Chain, Place},
    layout::{self, Clauses},
    predicate::Predicate,
    refused::Reason,
    walk::Walk,
};

impl Block<'_, '_> {
    /// Adds the conditions of the tables that lack them.
    pub(crate) fn scope(
        &mut self,
        lists: Vec<List<'_>>,
        selection: &mut Option<Expr>,
        clauses: &Clauses,
    ) -> Result<(), Reason> {
        if self.occurrences.iter().all(|one| one.constrained) {
            return Ok(());
        }
        let mut filter = Vec::new();
        for list in lists {
            self.scope_list(list, &mut filter)?;
        }
        let Walk { source, edits, .. } = &mut *self.walk;
        layout::filter(source, clauses, selection, &filter, edits)
    }

    fn scope_list(&mut self, list: List<'_>, filter: &mut Vec<Predicate>) -> Result<(), Reason> {
        let chains = joins::Reader::new(self.walk.source, list.tokens).list(list.items)?;
        let outside = joins::outside(self.walk.source.dialect, list.items, &chains)?;
        let mut placed = Placed {
            derives: list.derives,
            filter,
            on: BTreeMap::new(),
        };
        let items = list.items.iter_mut().zip(&chains);
        for ((item, chain), outside) in items.zip(outside) {
            self.place_chain(item, chain, outside, &mut placed)?;
        }
        let on = placed.on;
        for (item, chain) in list.items.iter_mut().zip(&chains) {
            self.constrain_joins(item, chain, &on)?;
        }
        Ok(())
    }

    fn place_chain(
        &mut self,
        item: &mut TableWithJoins,
        chain: &Chain,
        outside: Place,
        placed: &mut Placed<'_>,
    ) -> Result<(), Reason> {
        let place = |operand| joins::place(operand, &item.joins, chain, outside);
        let places = (0..=item.joins.len())
            .map(place)
            .collect::<Result<Vec<_>, _>>();
        // A join of a kind that can't be scoped matters only beside a table that must be.
        let places = match places {
            Err(_) if !self.has_tables(item)? => return Ok(()),
            places => places?,
        };
        let joined = item.joins.iter_mut().map(|join| &mut join.relation);
        let factors = std::iter::once(&mut item.relation).chain(joined);
        for ((factor, nested), place) in factors.zip(&chain.nested).zip(places) {
            match (factor, nested) {
                (
                    TableFactor::NestedJoin {
                        table_with_joins,
                        alias,
                    },
                    Some(nested),
                ) => {
                    // An alias hides the names inside from all outside of the parentheses.
                    let place = match alias {
                        Some(_) => Place::Derived,
                        None => place,
                    };
                    self.place_chain(table_with_joins, nested, place, placed)?;
                }
                (factor, _) => self.place_table(factor, place, placed)?,
            }
        }
        Ok(())
    }

    fn has_tables(&self, item: &TableWithJoins) -> Result<bool, Reason> {
        let joined = item.joins.iter().map(|join: &Join| &join.relation);
        for factor in std::iter::once(&item.relation).chain(joined) {
            let found = match factor {
                TableFactor::NestedJoin {
                    table_with_joins, ..
                } => self.has_tables(table_with_joins)?,
                TableFactor::Table { name, .. } => self.walk.resolve(name)?.is_some(),
                _ => false,
            };
            if found {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn place_table(
        &mut self,
        factor: &mut TableFactor,
        place: Place,
        placed: &mut Placed<'_>,
    ) -> Result<(), Reason> {
        let TableFactor::Table { name, .. } = &*factor else {
            return Ok(());
        };
        let token = self.walk.token_of(name);
        let Some(one) = token.and_then(|token| {
            self.occurrences
                .iter()
                .find(|one| one.token == token && !one.constrained)
        }) else {
            return Ok(());
        };
        let (dialect, rows) = (self.walk.source.dialect, self.walk.rows);
        let qualifier: Vec<_> = one.qualifier.iter().collect();
        let Some(predicate) = Predicate::new(dialect, rows, one.table, &qualifier, &one.written)
        else {
            return Ok(());
        };
        match place {
            Place::Derived => {}
            _ if one.renamed => {}
            Place::Where => {
                placed.filter.push(predicate);
                return Ok(());
            }
            Place::On(condition) => {
                placed.on.entry(condition).or_default().push(predicate);
                return Ok(());
            }
        }
        match placed.derives {
            true => self.walk.derive(factor, one.table, &predicate),
            false => Err(Reason::Syntax {
                table: one.table.name.clone(),
                what: "an UPDATE or DELETE with such a join",
            }),
        }
    }

    fn constrain_joins(
        &mut self,
        item: &mut TableWithJoins,
        chain: &Chain,
        on: &BTreeMap<usize, Vec<Predicate>>,
    ) -> Result<(), Reason> {
        let nested = chain.nested.split_first();
        let (first, nested) = nested.ok_or(Reason::NotFound("a table"))?;
        self.constrain_nested(&mut item.relation, first.as_ref(), on)?;
        for ((join, nested), range) in item.joins.iter_mut().zip(nested).zip(&chain.on) {
            self.constrain_nested(&mut join.relation, nested.as_ref(), on)?;
            let Some(range) = range else { continue };
            let Some(predicates) = on.get(&range.start) else {
                continue;
            };
            let condition =
                joins::condition_mut(&mut join.join_operator).ok_or(Reason::NotFound("an ON"))?;
            let Walk { source, edits, .. } = &mut *self.walk;
            layout::constrain_text(source, range.clone(), predicates, edits)?;
            if let Some(changed) = layout::constrain(Some(condition.clone()), predicates) {
                *condition = changed;
            }
        }
        Ok(())
    }

    fn constrain_nested(
        &mut self,
        factor: &mut TableFactor,
        chain: Option<&Chain>,
        on: &BTreeMap<usize, Vec<Predicate>>,
    ) -> Result<(), Reason> {
        match (factor, chain) {
            (
                TableFactor::NestedJoin {
                    table_with_joins, ..
                },
                Some(chain),
            ) => self.constrain_joins(table_with_joins, chain, on),
            _ => Ok(()),
        }
    }
}

/// Where the conditions of a list go.
struct Placed<'f> {
    derives: bool,
    filter: &'f mut Vec<Predicate>,
    /// By the token where the ON's condition begins.
    on: BTreeMap<usize, Vec<Predicate>>,
}
