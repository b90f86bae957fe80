//! Values of columns whose type is known only at run time: keys, and the values that conflict.
//!
//! A column of any type is selected, read, and written or compared by three functions that belong together:
//!
//! - [`select_value`] selects it in a form that every driver reads,
//! - [`read_all`] reads that form,
//! - [`bind`] makes of such a value, or of one that the user has given, an expression that equals the column's value exactly.
//!
//! Types that a driver reads as what they are stay what they are. All others are texts, as the database writes them; on SQLite
//! they are what is stored: a number or a text.

mod bind;
mod form;
mod read;
#[cfg(test)]
mod tests;
mod text;

use sea_orm::{
    DbBackend,
    sea_query::{Expr, ExprTrait as _, SelectStatement},
};

pub use bind::{bind, equals, is_one_of};
pub use form::is_known;
pub(crate) use form::is_plain;
pub use read::read;
pub use read::read_all;
pub use text::parse_value;
pub(crate) use text::text_of;

use crate::{
    dialect,
    engine::cascade::rows::{column, iden},
    model::EntityMeta,
};
use form::Form;

/// A column of the entity's table as `read` wants it: `post.id`, or `CAST(post.price AS text)`.
///
/// The result of a cast has no name of its own: select it `AS` the column's.
pub fn select_value(meta: &EntityMeta, name: &str, backend: DbBackend) -> Expr {
    select_value_of(column(meta, name), meta, name, backend)
}

/// The same of a column under another name of the table: `holder.price`.
pub(crate) fn select_value_of(
    column: Expr,
    meta: &EntityMeta,
    name: &str,
    backend: DbBackend,
) -> Expr {
    match Form::of(meta, name) {
        Form::Plain => column,
        _ if dialect::reads_any_type(backend) => column,
        Form::Padded if !dialect::pads_texts(backend) => column,
        _ => column.cast_as(dialect::text_type(backend)),
    }
}

/// Selects columns of the entity's table, each under its own name, as [`read_all`] reads them.
pub fn select_values(
    select: &mut SelectStatement,
    meta: &EntityMeta,
    names: &[String],
    backend: DbBackend,
) {
    for name in names {
        let own = column(meta, name);
        let value = select_value_of(own.clone(), meta, name, backend);
        if value == own {
            select.expr(own);
        } else {
            select.expr_as(value, iden(name));
        }
    }
}
