//! Conditions on the rows of one table: the small pieces that all statements of the engine are made of.

use sea_orm::{
    ColumnType, DbBackend, Value,
    sea_query::{
        DynIden, Expr, ExprTrait as _, IntoIden as _, Query, SelectStatement, SqliteQueryBuilder,
    },
};

use crate::{
    dialect,
    engine::{cascade::identity::Identity, value},
    model::{
        EntityMeta, ForeignKeyMeta, Scope,
        graph::{Cascade, Edge},
    },
};

/// A name as sea-query wants it.
pub fn iden(name: &str) -> DynIden {
    name.to_owned().into_iden()
}

/// A column, qualified with its table.
pub fn column(meta: &EntityMeta, name: &str) -> Expr {
    Expr::col((meta.table.to_iden(), iden(name)))
}

/// Columns of the entity's table, each with its table.
pub fn columns(meta: &EntityMeta, names: &[String]) -> Vec<Expr> {
    names.iter().map(|name| column(meta, name)).collect()
}

/// Columns, qualified with an alias.
pub fn columns_of(alias: &'static str, names: &[String]) -> Vec<Expr> {
    names
        .iter()
        .map(|name| Expr::col((alias, iden(name))))
        .collect()
}

/// The conjunction: true if there are none.
pub fn all(conditions: impl IntoIterator<Item = Expr>) -> Expr {
    conditions
        .into_iter()
        .reduce(|all, next| all.and(next))
        .unwrap_or(Expr::Constant(Value::from(true)))
}

/// The disjunction: false if there are none.
pub fn any(conditions: impl IntoIterator<Item = Expr>) -> Expr {
    conditions
        .into_iter()
        .reduce(|any, next| any.or(next))
        .unwrap_or(Expr::Constant(Value::from(false)))
}

/// `a = x AND b = y`
pub fn equal(left: impl IntoIterator<Item = Expr>, right: impl IntoIterator<Item = Expr>) -> Expr {
    all(left.into_iter().zip(right).map(|(a, b)| a.eq(b)))
}

/// One expression as it is, several as a row value: `(a, b)`.
pub fn row_value(mut expressions: Vec<Expr>) -> Expr {
    match expressions.pop() {
        Some(only) if expressions.is_empty() => only,
        last => {
            expressions.extend(last);
            Expr::tuple(expressions)
        }
    }
}

/// Whether a row of the entity's table has one of these primary keys: `id IN ($1, $2)`.
pub(crate) fn has_key<'k>(
    meta: &EntityMeta,
    keys: impl IntoIterator<Item = &'k Vec<Value>>,
    backend: DbBackend,
) -> Expr {
    let own = columns(meta, &meta.primary_key);
    value::is_one_of(own, meta, &meta.primary_key, keys, backend)
}

/// `(a, b) IN (SELECT …)`
pub fn in_select(left: Vec<Expr>, select: SelectStatement) -> Expr {
    row_value(left).in_subquery(select)
}

/// Whether a row of the child's table is below one of the parents that a sub-select gives, which reads the parents' table under
/// its own name.
pub(crate) fn is_below_one_of(
    child: &EntityMeta,
    parent: &EntityMeta,
    key: &ForeignKeyMeta,
    parents: impl FnOnce(&[String]) -> SelectStatement,
) -> Expr {
    let mut parents = parents(&key.matching_parent());
    parents.and_where_option(key.condition_on_parent(parent.table.to_iden()));
    let is_one_of = in_select(columns(child, &key.matching()), parents);
    let on_child = key.condition_on_child(child.table.to_iden());
    all([is_one_of].into_iter().chain(on_child))
}

/// The time of a deleted row as the driver can read it.
pub(crate) fn readable_time(meta: &EntityMeta, backend: DbBackend) -> Expr {
    let stamp = &meta.stamp;
    let time = column(meta, &stamp.deleted_at);
    match stamp.deleted_at_kind.is_integer() || !stamp.has_time() {
        true => time,
        false => dialect::readable_time(backend, time),
    }
}

pub(crate) fn is_active(meta: &EntityMeta) -> Expr {
    in_scope(meta, Scope::Active)
}

/// The condition that a row is in the scope.
pub fn in_scope(meta: &EntityMeta, scope: Scope) -> Expr {
    let marker = column(meta, meta.stamp.marker_column());
    meta.stamp.predicate(scope, marker)
}

/// The condition that a reader sees the row in the scope.
pub(crate) fn in_scope_now(meta: &EntityMeta, scope: Scope) -> Expr {
    let marker = column(meta, meta.stamp.marker_column());
    meta.stamp.predicate_now(scope, marker)
}

/// How many values a condition binds.
pub(crate) fn bound_values(condition: &Expr) -> usize {
    let select = Query::select()
        .expr(Expr::cust("1"))
        .and_where(condition.clone())
        .to_owned();
    select.build(SqliteQueryBuilder).1.0.len()
}

/// The primary key of one row.
#[derive(Clone, Debug)]
pub struct RowKey {
    /// What selects the row.
    pub condition: Expr,
    /// The values of the key's columns, in their order.
    pub(crate) values: Vec<Value>,
}

impl RowKey {
    pub fn new(meta: &EntityMeta, values: Vec<Value>, backend: DbBackend) -> Self {
        Self {
            condition: value::equals(meta, &meta.primary_key, &values, backend),
            values,
        }
    }

    /// The same key for a database of this kind, where values of some types are compared in a way of their own.
    pub(crate) fn on(self, meta: &EntityMeta, backend: DbBackend) -> Self {
        Self::new(meta, self.values, backend)
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
        if key.condition_on_parent(meta.table.to_iden()).is_some() {
            return None;
        }
        let (own_names, parent_names) = (key.matching(), key.matching_parent());
        let names = own_names.iter().zip(&parent_names);
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
        let conditions = conditions.collect::<Option<Vec<_>>>()?;
        let on_child = key.condition_on_child(child.table.to_iden());
        Some(all(conditions.into_iter().chain(on_child)))
    }
}

/// Whether a column holds whole numbers.
pub fn is_integer(column_type: &ColumnType) -> bool {
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

/// Which rows a cascade follows.
#[derive(Clone, Copy, Debug)]
pub(crate) enum State {
    /// Active rows: a delete's.
    Active,
    /// Rows that one deletion took: a restore's.
    DeletedBy(Identity),
}

impl State {
    /// The same of a row that is found by its parent. It is not to be looked for by its state: after a large delete the statistics
    /// still say that hardly any row is deleted, or, of a tree, that hardly any is active, so that an index of `deleted_at` would be
    /// read as a whole for each parent.
    pub(crate) fn of_child(&self, meta: &EntityMeta, backend: DbBackend) -> Expr {
        let of_row = self.of_row(meta, backend);
        if !dialect::plans_by_statistics(backend) {
            return of_row;
        }
        Expr::case(of_row, Expr::cust("1"))
            .finally(Expr::cust("0"))
            .eq(Expr::cust("1"))
    }

    pub(crate) fn of_row(&self, meta: &EntityMeta, backend: DbBackend) -> Expr {
        match self {
            Self::Active => is_active(meta),
            Self::DeletedBy(identity) => identity.of_deleted_row(meta, backend),
        }
    }
}
