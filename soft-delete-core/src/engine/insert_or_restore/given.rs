//! Models as rows of values.

use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait as _, DbErr, EntityTrait, IdenStatic as _,
    Iterable as _, Value, sea_query::Expr,
};

use crate::query::SoftDelete;

/// What a model has set.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) values: Vec<GivenValue>,
}

/// A column, and what is to be in it.
#[derive(Clone, Debug)]
pub(super) struct GivenValue {
    pub(super) column: String,
    pub(super) value: Value,
    /// The value as SeaORM writes it.
    pub(super) saved: Expr,
}

impl Given {
    pub(super) fn of<A: ActiveModelTrait>(model: &A) -> Self {
        let mut values = Vec::new();
        for column in <A::Entity as EntityTrait>::Column::iter() {
            if let ActiveValue::Set(value) | ActiveValue::Unchanged(value) = model.get(column) {
                values.push(GivenValue {
                    column: column.as_str().to_owned(),
                    saved: column.save_as(Expr::val(value.clone())),
                    value,
                });
            }
        }
        Self { values }
    }

    /// The values of columns. `None` unless all are there, and none of them is NULL.
    pub(super) fn values_of(&self, names: &[String]) -> Option<Vec<Value>> {
        let value_of = |name: &String| {
            let mut values = self.values.iter();
            let value = &values.find(|given| given.column == *name)?.value;
            (*value != value.as_null()).then(|| value.clone())
        };
        names.iter().map(value_of).collect()
    }

    /// The columns that are set.
    pub(super) fn columns(&self) -> Vec<&str> {
        let values = self.values.iter();
        values.map(|given| given.column.as_str()).collect()
    }
}

/// Takes the columns of the stamp out of a model, but for the value that an active row has in its marker, where that isn't NULL.
pub(super) fn as_active<A>(model: &mut A) -> Result<(), DbErr>
where
    A: ActiveModelTrait,
    A::Entity: SoftDelete,
{
    let active = A::Entity::meta().stamp.active_values();
    for column in <A::Entity as EntityTrait>::Column::iter() {
        match active.iter().find(|(name, _)| *name == column.as_str()) {
            Some((_, Expr::Value(value))) => model.try_set(column, value.clone())?,
            Some(_) => model.not_set(column),
            None => {}
        }
    }
    Ok(())
}
