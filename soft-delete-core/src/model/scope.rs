//! Which rows a query sees.

use sea_orm::{
    Value,
    sea_query::{Expr, ExprTrait as _},
};

/// Which rows a query sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Scope {
    /// Rows that are not deleted.
    #[default]
    Active,
    /// All rows.
    WithDeleted,
    /// Rows that are deleted: the trash.
    OnlyDeleted,
}

impl Scope {
    /// The predicate over a `deleted_at` column.
    ///
    /// | scope | SQL |
    /// |---|---|
    /// | `Active` | `deleted_at IS NULL` |
    /// | `OnlyDeleted` | `deleted_at IS NOT NULL` |
    /// | `WithDeleted` | `deleted_at IS NULL OR TRUE` |
    ///
    /// The last is true of every row, and query planners drop it. It is there to be seen: a query that says something of
    /// `deleted_at` has decided for itself which rows it wants.
    pub fn predicate(self, deleted_at: impl Into<Expr>) -> Expr {
        let deleted_at = deleted_at.into();
        match self {
            Self::Active => deleted_at.is_null(),
            Self::WithDeleted => deleted_at.is_null().or(Expr::Constant(Value::from(true))),
            Self::OnlyDeleted => deleted_at.is_not_null(),
        }
    }
}
