//! Conditions on the rows of one table: the small pieces that all statements of the engine are made of.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnType, DbBackend, Value,
    sea_query::{DynIden, Expr, ExprTrait as _, IntoIden as _, SelectStatement},
};
use uuid::Uuid;

use crate::{
    EntityMeta, Scope, backend,
    cascade::graph::{Cascade, Edge},
};

pub(crate) fn iden(name: &str) -> DynIden {
    name.to_owned().into_iden()
}

/// A column, qualified with its table.
pub(crate) fn column(meta: &EntityMeta, name: &str) -> Expr {
    Expr::col((meta.table.to_iden(), iden(name)))
}

pub(crate) fn columns(meta: &EntityMeta, names: &[String]) -> Vec<Expr> {
    names.iter().map(|name| column(meta, name)).collect()
}

/// Columns, qualified with an alias.
pub(crate) fn columns_of(alias: &'static str, names: &[String]) -> Vec<Expr> {
    names
        .iter()
        .map(|name| Expr::col((alias, iden(name))))
        .collect()
}

pub(crate) fn all(conditions: impl IntoIterator<Item = Expr>) -> Expr {
    conditions
        .into_iter()
        .reduce(|all, next| all.and(next))
        .unwrap_or(Expr::Constant(Value::from(true)))
}

pub(crate) fn any(conditions: impl IntoIterator<Item = Expr>) -> Expr {
    conditions
        .into_iter()
        .reduce(|any, next| any.or(next))
        .unwrap_or(Expr::Constant(Value::from(false)))
}

/// `a = x AND b = y`
pub(crate) fn equal(
    left: impl IntoIterator<Item = Expr>,
    right: impl IntoIterator<Item = Expr>,
) -> Expr {
    all(left.into_iter().zip(right).map(|(a, b)| a.eq(b)))
}

/// One expression as it is, several as a row value: `(a, b)`.
pub(crate) fn row_value(mut expressions: Vec<Expr>) -> Expr {
    match expressions.pop() {
        Some(only) if expressions.is_empty() => only,
        last => {
            expressions.extend(last);
            Expr::tuple(expressions)
        }
    }
}

/// `(a, b) IN (SELECT …)`
pub(crate) fn in_select(left: Vec<Expr>, select: SelectStatement) -> Expr {
    row_value(left).in_subquery(select)
}

pub(crate) fn is_active(meta: &EntityMeta) -> Expr {
    in_scope(meta, Scope::Active)
}

pub(crate) fn in_scope(meta: &EntityMeta, scope: Scope) -> Expr {
    scope.predicate(column(meta, &meta.stamp.deleted_at))
}

/// The primary key of one row.
#[derive(Clone, Debug)]
pub(crate) struct RowKey {
    /// What selects the row.
    pub(crate) condition: Expr,
    /// The values of the key's columns, in their order.
    pub(crate) values: Vec<Value>,
}

impl RowKey {
    pub(crate) fn new(meta: &EntityMeta, values: Vec<Value>) -> Self {
        let own = columns(meta, &meta.primary_key);
        Self {
            condition: equal(own, values.iter().cloned().map(Expr::val)),
            values,
        }
    }

    /// Whether a row refers to this one through a key of the cascade, told without a look at this one's table. This is the row
    /// that the cascade starts from.
    ///
    /// `None` where only that table can tell: other rows of it may be reached, the foreign key refers to other columns than the
    /// primary key's, is of another type, or of one that may be compared in another way there, such as text with a collation.
    pub(crate) fn is_above(&self, cascade: &Cascade<'_>, root: usize, edge: Edge) -> Option<Expr> {
        if edge.parent != root || cascade.edges_into(root).next().is_some() {
            return None;
        }
        let group = cascade.group;
        let (meta, child) = (group.entity(root), group.entity(edge.child));
        let key = group.foreign_key(edge);
        let names = key.columns.iter().zip(&key.parent_columns);
        let conditions = names.map(|(name, parent_name)| {
            let place = meta.primary_key.iter().position(|own| own == parent_name)?;
            let value = self.values.get(place)?;
            let own = child.column(name)?;
            let compares = [meta.column(parent_name)?, own]
                .iter()
                .all(|column| compares_plainly(value, &column.column_type));
            let is_same_type = value.array_type() == own.value_type;
            // The value comes first, as in no filter that a user writes: sqlx prepares a text once, for the types that it came
            // with first, and a filter's `eq(1)` is an i32 whatever the column.
            (compares && is_same_type).then(|| Expr::val(value.clone()).eq(column(child, name)))
        });
        conditions.collect::<Option<Vec<_>>>().map(all)
    }
}

pub(crate) fn is_integer(column_type: &ColumnType) -> bool {
    matches!(
        column_type,
        ColumnType::TinyInteger
            | ColumnType::SmallInteger
            | ColumnType::Integer
            | ColumnType::BigInteger
            | ColumnType::TinyUnsigned
            | ColumnType::SmallUnsigned
            | ColumnType::Unsigned
            | ColumnType::BigUnsigned
    )
}

/// Whether a value equals the same rows' columns of this type on every backend, however the column was declared.
fn compares_plainly(value: &Value, column_type: &ColumnType) -> bool {
    match value {
        Value::TinyInt(Some(_))
        | Value::SmallInt(Some(_))
        | Value::Int(Some(_))
        | Value::BigInt(Some(_))
        | Value::TinyUnsigned(Some(_))
        | Value::SmallUnsigned(Some(_))
        | Value::Unsigned(Some(_))
        | Value::BigUnsigned(Some(_)) => is_integer(column_type),
        Value::Uuid(Some(_)) => matches!(column_type, ColumnType::Uuid),
        _ => false,
    }
}

/// What the rows of one deletion have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Unknown if it was read from a row that has none.
    pub(crate) deletion_id: Option<Uuid>,
    pub(crate) deleted_at: DateTime<Utc>,
}

impl Identity {
    /// The same for rows without `deletion_id`.
    pub(crate) fn by_time(self) -> Self {
        Self {
            deletion_id: None,
            ..self
        }
    }

    /// Whether a deleted row has it, also one that got its stamp from a parent without `deletion_id`, and so has none.
    pub(crate) fn of_deleted_row(&self, meta: &EntityMeta, backend: DbBackend) -> Expr {
        let of_row = self.of_row(meta, backend);
        match (&meta.stamp.deletion_id, self.deletion_id) {
            (Some(name), Some(_)) if meta.may_lack_deletion_id => {
                let has_none = column(meta, name).is_null();
                of_row.or(has_none.and(self.by_time().of_row(meta, backend)))
            }
            _ => of_row,
        }
    }

    /// Whether a row has it: by `deletion_id`, or by `deleted_at` where the entity has no such column.
    pub(crate) fn of_row(&self, meta: &EntityMeta, backend: DbBackend) -> Expr {
        self.of_row_at(meta, backend, |name| column(meta, name))
    }

    /// The same under another name of the table.
    pub(crate) fn of_row_at(
        &self,
        meta: &EntityMeta,
        backend: DbBackend,
        column: impl Fn(&str) -> Expr,
    ) -> Expr {
        let deleted_at = column(&meta.stamp.deleted_at);
        if let (Some(name), Some(id)) = (&meta.stamp.deletion_id, self.deletion_id) {
            // A row with a `deletion_id` is deleted. Saying so lets a partial index be used, and lets the statement pass a
            // scoped connection.
            return column(name)
                .eq(id)
                .and(Scope::OnlyDeleted.predicate(deleted_at));
        }
        let kind = meta.stamp.deleted_at_kind;
        // One comparison each: MariaDB finds nothing in a column of whole seconds when an IN list has a fraction in it.
        let forms = backend::stored_forms(backend, self.deleted_at);
        any(forms
            .into_iter()
            .map(|at| deleted_at.clone().eq(kind.value(at))))
    }
}

/// Which rows a cascade follows.
#[derive(Clone, Copy, Debug)]
pub(crate) enum State {
    /// Active rows: a delete's.
    Active,
    /// Rows that one deletion took: a restore's.
    DeletedBy(Identity),
}

impl State {
    pub(crate) fn of_row(&self, meta: &EntityMeta, backend: DbBackend) -> Expr {
        match self {
            Self::Active => is_active(meta),
            Self::DeletedBy(identity) => identity.of_deleted_row(meta, backend),
        }
    }
}
