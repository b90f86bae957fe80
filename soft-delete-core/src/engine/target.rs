//! Which rows a delete, a restore or a force delete starts from.

use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, EntityTrait, Iterable as _,
    PrimaryKeyToColumn as _, PrimaryKeyTrait, Value,
    sea_query::{
        BinOper, ConditionalStatement, Expr, ExprTrait as _, IntoCondition, IntoValueTuple as _,
        LogicalChainOper,
    },
};

use crate::{
    engine::cascade::rows::RowKey,
    model::{Error, TableName},
};

/// The rows that a [`Delete`](crate::Delete), [`Restore`](crate::Restore) or [`ForceDelete`](crate::ForceDelete)
/// starts from: one primary key, those of a filter, or all when that was said.
///
/// It is what SeaORM's [`QueryFilter`](sea_orm::QueryFilter) adds conditions to.
#[derive(Clone, Debug, Default)]
pub struct Target {
    key: Key,
    filter: Option<Expr>,
    all: bool,
}

#[derive(Clone, Debug, Default)]
enum Key {
    #[default]
    Any,
    Is(RowKey),
    /// The active model had no value for this column.
    NotSet(&'static str),
}

impl Target {
    pub(crate) fn by_id<E, T>(id: T) -> Self
    where
        E: EntityTrait,
        T: Into<<E::PrimaryKey as PrimaryKeyTrait>::ValueType>,
    {
        let columns = E::PrimaryKey::iter().map(|key| key.into_column());
        Self::key_is(columns.zip(id.into().into_value_tuple()))
    }

    pub(crate) fn one<A: ActiveModelTrait>(model: &A) -> Self {
        let mut values = Vec::new();
        for key in <A::Entity as EntityTrait>::PrimaryKey::iter() {
            let column = key.into_column();
            match model.get(column) {
                ActiveValue::Set(value) | ActiveValue::Unchanged(value) => {
                    values.push((column, value));
                }
                ActiveValue::NotSet => {
                    return Self {
                        key: Key::NotSet(sea_orm::IdenStatic::as_str(&column)),
                        ..Self::default()
                    };
                }
            }
        }
        Self::key_is(values)
    }

    fn key_is<C: ColumnTrait>(columns: impl IntoIterator<Item = (C, Value)>) -> Self {
        let (conditions, values): (Vec<_>, Vec<_>) = columns
            .into_iter()
            .map(|(column, value)| (column.eq(value.clone()), value))
            .unzip();
        let key = all_of(conditions).map(|condition| RowKey { condition, values });
        Self {
            key: key.map_or(Key::Any, Key::Is),
            ..Self::default()
        }
    }

    pub(crate) fn by_ids<E, I>(mut self, ids: I) -> Self
    where
        E: EntityTrait,
        I: IntoIterator<Item = <E::PrimaryKey as PrimaryKeyTrait>::ValueType>,
    {
        let columns: Vec<_> = E::PrimaryKey::iter()
            .map(|key| key.into_column().into_expr())
            .collect();
        let ids = ids.into_iter().map(|id| id.into_value_tuple());
        let condition = match <[Expr; 1]>::try_from(columns) {
            Ok([column]) => column.is_in(ids.flatten()),
            Err(columns) => Expr::tuple(columns).in_tuples(ids),
        };
        self.cond_where(condition);
        self
    }

    pub(crate) fn all(mut self) -> Self {
        self.all = true;
        self
    }

    /// The primary key, if the target is one row and was not narrowed further. It stays true of the row whatever a deletion
    /// writes, which a filter need not.
    pub(crate) fn key(&self) -> Option<&RowKey> {
        match (&self.key, &self.filter) {
            (Key::Is(key), None) => Some(key),
            _ => None,
        }
    }

    /// Whether it is one row at the most, by its primary key, however it was narrowed further.
    pub(crate) fn is_one_row(&self) -> bool {
        matches!(self.key, Key::Is(_))
    }

    /// The condition that selects the rows.
    ///
    /// # Errors
    ///
    /// [`Error::Unfiltered`] if nothing says which rows are meant: no key, no filter that says anything, no `all()`.
    pub(crate) fn condition(
        &self,
        table: &TableName,
        operation: &'static str,
    ) -> Result<Expr, Error> {
        let key = match &self.key {
            Key::Any => None,
            Key::Is(key) => Some(key.condition.clone()),
            Key::NotSet(column) => {
                return Err(Error::PrimaryKeyNotSet {
                    table: table.clone(),
                    column: (*column).to_owned(),
                });
            }
        };
        match all_of(key.into_iter().chain(self.filter.clone())) {
            Some(condition) => Ok(condition),
            None if self.all => Ok(Expr::Constant(Value::from(true))),
            None => Err(Error::Unfiltered {
                table: table.clone(),
                operation,
            }),
        }
    }
}

impl ConditionalStatement for Target {
    fn and_or_where(&mut self, condition: LogicalChainOper) -> &mut Self {
        match condition {
            LogicalChainOper::And(condition) => self.cond_where(condition),
            LogicalChainOper::Or(condition) => {
                let condition = match self.filter.take() {
                    Some(filter) => filter.or(condition),
                    None => condition,
                };
                self.cond_where(condition)
            }
        }
    }

    fn cond_where<C: IntoCondition>(&mut self, condition: C) -> &mut Self {
        let condition = Expr::from(condition.into_condition());
        if !says_nothing(&condition) {
            self.filter = all_of(self.filter.take().into_iter().chain([condition]));
        }
        self
    }
}

fn all_of(conditions: impl IntoIterator<Item = Expr>) -> Option<Expr> {
    conditions.into_iter().reduce(|all, next| all.and(next))
}

/// Whether a condition is `Condition::all()` with nothing in it, however nested: true of every row by accident.
fn says_nothing(condition: &Expr) -> bool {
    match condition {
        Expr::Constant(Value::Bool(Some(true))) => true,
        Expr::Binary(left, BinOper::And, right) => says_nothing(left) && says_nothing(right),
        Expr::Binary(left, BinOper::Or, right) => says_nothing(left) || says_nothing(right),
        _ => false,
    }
}

/// Gives a builder over a [`Target`] its constructors and SeaORM's filter methods.
macro_rules! targeted {
    ($builder:ident) => {
        impl<E: crate::query::SoftDelete> $builder<E> {
            /// The row of an active model's primary key.
            pub fn one<A>(model: &A) -> Self
            where
                A: sea_orm::ActiveModelTrait<Entity = E>,
            {
                Self::new(crate::engine::target::Target::one(model))
            }

            /// The row of that primary key.
            pub fn by_id<T>(id: T) -> Self
            where
                T: Into<<E::PrimaryKey as sea_orm::PrimaryKeyTrait>::ValueType>,
            {
                Self::new(crate::engine::target::Target::by_id::<E, T>(id))
            }

            /// The rows that [`filter`](sea_orm::QueryFilter::filter) will name.
            pub fn many() -> Self {
                Self::new(crate::engine::target::Target::default())
            }

            /// Only the rows of these primary keys.
            pub fn filter_by_ids<I>(mut self, ids: I) -> Self
            where
                I: IntoIterator<Item = <E::PrimaryKey as sea_orm::PrimaryKeyTrait>::ValueType>,
            {
                self.target = self.target.by_ids::<E, I>(ids);
                self
            }

            /// Every row: says that the missing filter is meant.
            pub fn all(mut self) -> Self {
                self.target = self.target.all();
                self
            }

            /// Applies a change if there is a value for it, as
            /// [`QueryTrait::apply_if`](sea_orm::QueryTrait::apply_if).
            pub fn apply_if<T, F>(self, value: Option<T>, change: F) -> Self
            where
                F: FnOnce(Self, T) -> Self,
            {
                match value {
                    Some(value) => change(self, value),
                    None => self,
                }
            }
        }

        impl<E: crate::query::SoftDelete> sea_orm::QueryFilter for $builder<E> {
            type QueryStatement = crate::engine::target::Target;

            fn query(&mut self) -> &mut Self::QueryStatement {
                &mut self.target
            }
        }
    };
}

pub(crate) use targeted;
