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
        let column = Box::new(Expr::CompoundIdentifier(path.collect()));
        let (expr, is) = match rows {
            Rows::Active => (Expr::IsNull(column), "IS NULL"),
            Rows::Deleted => (Expr::IsNotNull(column), "IS NOT NULL"),
            Rows::All => return None,
        };
        let column = names::quoted(dialect, &table.deleted_at);
        Some(Self {
            text: format!("{written}.{column} {is}"),
            expr,
        })
    }
}

pub(crate) fn and(left: Expr, right: Expr) -> Expr {
    Expr::BinaryOp {
        left: Box::new(left),
        op: BinaryOperator::And,
        right: Box::new(right),
    }
}
