//! What queries see.

pub(crate) mod select;
pub(crate) mod soft_delete;

use sea_orm::{ColumnTrait as _, sea_query::Expr};

use crate::model::Scope;
pub use select::{SelectActive, SelectScope};
pub use soft_delete::SoftDelete;

/// The condition that a row of the entity is in the scope.
pub(crate) fn predicate<E: SoftDelete>(scope: Scope) -> Expr {
    let marker = E::marker_column().into_expr();
    E::meta().stamp.predicate_now(scope, marker)
}
