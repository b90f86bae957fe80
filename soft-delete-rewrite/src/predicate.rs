//! The condition that a table's rows are in the scope.

use sqlparser::ast::{BinaryOperator, Expr, Ident};

use super::{Dialect, Rows, names, tables::Table};

/// A condition, as text and as the tree that the text parses to.
#[derive(Clone, Debug)]
pub(crate) struct Predicate {
    pub(crate) text: String,
    pub(crate) expr: Expr,
}

impl Predicate {
    /// `"p"."deleted_at" IS NULL`, with the qualifier as the statement writes it.
    pub(crate) fn new(
        dialect: Dialect,
        rows: Rows,
        table: &Table,
        qualifier: &[&Ident],
        written: &str,
    ) -> Option<Self> {
        let column = Ident::with_quote(dialect.quote(), &table.deleted_at);
        let path = qualifier
            .iter()
            .map(|ident| match names::is_string(ident) {
                true => Ident::with_quote(dialect.quote(), &ident.value),
                false => (*ident).clone(),
            })
            .chain([column]);
        let is_active = match rows {
            Rows::Active => true,
            Rows::Deleted => false,
            Rows::All => return None,
        };
        let expr = Expr::CompoundIdentifier(path.collect());
        let column = names::quoted(dialect, &table.deleted_at);
        let written = format!("{written}.{column}");
        let (text, expr) = table.active.condition(dialect, is_active, &written, expr);
        Some(Self { text, expr })
    }
}

pub(crate) fn and(left: Expr, right: Expr) -> Expr {
    Expr::BinaryOp {
        left: Box::new(left),
        op: BinaryOperator::And,
        right: Box::new(right),
    }
}
