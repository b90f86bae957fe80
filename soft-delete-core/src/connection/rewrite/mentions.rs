//! Which columns a condition names.

use std::ops::ControlFlow;

use sqlparser::{
    ast::{AccessExpr, Expr, Ident, Query, Visit, Visitor},
    tokenizer::Location,
};

/// The columns that a block's own conditions name, each with its qualifiers.
///
/// Those that a sub-select in the condition names are not among them: it is a block of its own.
#[derive(Debug, Default)]
pub(crate) struct Mentions {
    columns: Vec<Vec<Ident>>,
    /// Where a name is a field's, as in `(address).city`, and no column's.
    fields: Vec<Location>,
    depth: usize,
}

impl Mentions {
    pub(crate) fn read(&mut self, condition: &Expr) {
        let _: ControlFlow<()> = condition.visit(self);
    }

    /// The columns: qualifiers and name.
    pub(crate) fn columns(&self) -> impl Iterator<Item = (&[Ident], &Ident)> {
        self.columns.iter().filter_map(|path| {
            let (name, qualifiers) = path.split_last()?;
            let is_field = self.fields.contains(&name.span.start);
            (!is_field).then_some((qualifiers, name))
        })
    }
}

impl Visitor for Mentions {
    type Break = ();

    fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        match expr {
            _ if self.depth > 0 => {}
            Expr::Identifier(name) => self.columns.push(vec![name.clone()]),
            Expr::CompoundIdentifier(path) => self.columns.push(path.clone()),
            Expr::CompoundFieldAccess { access_chain, .. } => {
                let fields = access_chain.iter().filter_map(|access| match access {
                    AccessExpr::Dot(Expr::Identifier(field)) => Some(field.span.start),
                    _ => None,
                });
                self.fields.extend(fields);
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}
