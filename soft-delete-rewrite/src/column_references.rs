//! Which columns a condition names.

use std::ops::ControlFlow;

use sqlparser::{
    ast::{
        AccessExpr, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, Query,
        Visit, Visitor,
    },
    tokenizer::Location,
};

use super::{Dialect, names};

/// The columns that a block's own conditions name, each with its qualifiers.
///
/// Those that a sub-select in the condition names are not among them: it is a block of its own.
#[derive(Debug)]
pub(crate) struct ColumnReferences {
    dialect: Dialect,
    columns: Vec<Vec<Ident>>,
    /// Where a name is a field's, as in `(address).city`, or an argument's, as in `f(city => 1)`, and no column's.
    others: Vec<Location>,
    depth: usize,
}

impl ColumnReferences {
    pub(crate) fn of(dialect: Dialect) -> Self {
        Self {
            dialect,
            columns: Vec::new(),
            others: Vec::new(),
            depth: 0,
        }
    }

    pub(crate) fn read(&mut self, condition: &Expr) {
        let _: ControlFlow<()> = condition.visit(self);
    }

    /// The columns: qualifiers and name.
    pub(crate) fn columns(&self) -> impl Iterator<Item = (&[Ident], &Ident)> {
        self.columns.iter().filter_map(|path| {
            let (name, qualifiers) = path.split_last()?;
            let is_other = self.others.contains(&name.span.start);
            (!is_other).then_some((qualifiers, name))
        })
    }

    fn read_arguments(&mut self, function: &Function) {
        let FunctionArguments::List(arguments) = &function.args else {
            return;
        };
        // MySQL's `DEFAULT(deleted_at)` is what a new row has, whatever the row at hand.
        let is_default = self.dialect == Dialect::MySql
            && matches!(names::path(&function.name).as_slice(), [name] if name.value.eq_ignore_ascii_case("default"));
        for argument in &arguments.args {
            let name = match argument {
                FunctionArg::ExprNamed { name, .. } => name,
                FunctionArg::Unnamed(FunctionArgExpr::Expr(column)) if is_default => column,
                _ => continue,
            };
            match name {
                Expr::Identifier(name) => self.others.push(name.span.start),
                Expr::CompoundIdentifier(path) => {
                    self.others.extend(path.last().map(|name| name.span.start));
                }
                _ => {}
            }
        }
    }
}

impl Visitor for ColumnReferences {
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
                self.others.extend(fields);
            }
            Expr::Function(function) => self.read_arguments(function),
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// The column that an expression is: its qualifiers and its name.
pub(crate) fn column(expr: &Expr) -> Option<(&[Ident], &Ident)> {
    match bare(expr) {
        Expr::Identifier(column) => Some((&[], column)),
        Expr::CompoundIdentifier(path) => {
            let (column, qualifiers) = path.split_last()?;
            Some((qualifiers, column))
        }
        _ => None,
    }
}

/// An expression without the parentheses around it.
pub(crate) fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Nested(inner) => bare(inner),
        expr => expr,
    }
}
