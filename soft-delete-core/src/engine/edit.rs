//! Edits of one row through an active model: they change the row that the model shows, or fail.

use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ActiveValue, ConnectionTrait, DbErr, EntityTrait,
    IntoActiveModel, Iterable as _, PrimaryKeyToColumn as _, QueryFilter as _, QueryTrait,
    UpdateResult, ValidatedUpdateOne, sea_query::IntoCondition,
};

use crate::{
    model::{Error, Scope},
    query::{SoftDelete, predicate},
};

type Model<A> = <<A as ActiveModelTrait>::Entity as EntityTrait>::Model;

/// Updates one row, provided that it is still in the state in which the active model has it.
///
/// ```sql
/// UPDATE post SET title = $1 WHERE post.id = $2 AND post.deleted_at IS NULL
/// ```
///
/// A model loaded as deleted gets `deleted_at IS NOT NULL` instead: it can be edited, and stays deleted. The columns of the
/// stamp are never written, whatever the model has for them; deleting and restoring does that. When the row has been
/// deleted (or restored) meanwhile, the result is [`DbErr::RecordNotUpdated`], as for a row that is gone. If `deleted_at` itself was
/// set in the model, as soft deletes are made by hand, it is [`Error::StateSetByHand`], which says what to call instead.
#[derive(Clone, Debug)]
#[must_use = "an update does nothing until `exec(&db)` is awaited"]
pub struct UpdateRow<A: ActiveModelTrait>(Result<Edit<A>, DbErr>);

#[derive(Clone, Debug)]
struct Edit<A: ActiveModelTrait> {
    update: ValidatedUpdateOne<A>,
    model: A,
    scope: Scope,
    /// Whether the model was given a value for `deleted_at`.
    sets_state: bool,
}

impl<A> UpdateRow<A>
where
    A: ActiveModelTrait,
    A::Entity: SoftDelete,
{
    pub(crate) fn new(mut model: A) -> Self {
        let marker = A::Entity::marker_column();
        let stamp = &A::Entity::meta().stamp;
        // What was reset as a whole was loaded, and may be stale.
        let sets_state = model.get(marker).is_set()
            && <A::Entity as EntityTrait>::Column::iter().any(|column| !model.get(column).is_set());
        let scope = match model.get(marker) {
            ActiveValue::Set(at) | ActiveValue::Unchanged(at) if !stamp.is_active_value(&at) => {
                Scope::OnlyDeleted
            }
            _ => Scope::Active,
        };
        for column in <A::Entity as EntityTrait>::Column::iter() {
            if is_stamp_column::<A::Entity>(column) {
                model.not_set(column);
            }
        }
        let update = sea_orm::Update::one(model.clone())
            .validate()
            .map(|mut update| Edit {
                update: {
                    let table = &A::Entity::meta().table;
                    if scope == Scope::OnlyDeleted {
                        // Which a view of active rows has not.
                        QueryTrait::query(&mut update).table(table.to_ref());
                    }
                    update.filter(predicate::<A::Entity>(scope))
                },
                model,
                scope,
                sets_state,
            });
        Self(update)
    }

    /// Adds a condition that the row must meet, such as a version.
    pub fn filter<F: IntoCondition>(self, filter: F) -> Self {
        Self(self.0.map(|edit| Edit {
            update: edit.update.filter(filter),
            ..edit
        }))
    }

    /// Runs it, and returns the row as it is now.
    ///
    /// # Errors
    ///
    /// [`DbErr::RecordNotUpdated`] if the row is not there in the state that the model shows,
    /// [`DbErr::PrimaryKeyNotSet`], or the database's own.
    pub async fn exec<C>(self, db: &C) -> Result<Model<A>, DbErr>
    where
        Model<A>: IntoActiveModel<A>,
        C: ConnectionTrait,
    {
        let edit = self.0?;
        let updated = edit.clone().exec(db).await;
        edit.told_if_set_by_hand(db, updated).await
    }

    /// Runs it without reading the row back.
    ///
    /// # Errors
    ///
    /// As [`exec`](Self::exec).
    pub async fn exec_without_returning<C>(self, db: &C) -> Result<UpdateResult, DbErr>
    where
        C: ConnectionTrait,
    {
        let edit = self.0?;
        let updated = edit.clone().exec_without_returning(db).await;
        edit.told_if_set_by_hand(db, updated).await
    }
}

impl<A> Edit<A>
where
    A: ActiveModelTrait,
    A::Entity: SoftDelete,
{
    async fn exec<C>(self, db: &C) -> Result<Model<A>, DbErr>
    where
        Model<A>: IntoActiveModel<A>,
        C: ConnectionTrait,
    {
        let edit = self;
        if !edit.model.is_changed_beyond_key() {
            return edit.row(db, edit.scope).await;
        }
        if db.support_returning() {
            return edit.update.exec(db).await;
        }
        let update = edit.update.clone();
        update.exec_without_returning(db).await?;
        // SeaORM would read the row as any other, which a scoped connection does not do if it is deleted.
        edit.row(db, Scope::WithDeleted).await
    }

    async fn exec_without_returning<C>(self, db: &C) -> Result<UpdateResult, DbErr>
    where
        C: ConnectionTrait,
    {
        let edit = self;
        if !edit.model.is_changed_beyond_key() {
            // SeaORM sends no UPDATE when no column is set, so that nothing would check the row's state.
            edit.row(db, edit.scope).await?;
        }
        edit.update.exec_without_returning(db).await
    }

    /// Says what is wrong with a model whose `deleted_at` was set: the way in which soft deletes are made by hand.
    async fn told_if_set_by_hand<C, T>(&self, db: &C, updated: Result<T, DbErr>) -> Result<T, DbErr>
    where
        C: ConnectionTrait,
    {
        match updated {
            Err(DbErr::RecordNotUpdated)
                if self.sets_state
                    && self.row(db, self.scope).await.is_err()
                    && self.row(db, Scope::WithDeleted).await.is_ok() =>
            {
                let meta = A::Entity::meta();
                Err(DbErr::from(Error::StateSetByHand {
                    table: meta.table.clone(),
                    column: meta.stamp.marker_column().to_owned(),
                }))
            }
            updated => updated,
        }
    }

    async fn row<C: ConnectionTrait>(&self, db: &C, scope: Scope) -> Result<Model<A>, DbErr> {
        let condition = crate::engine::target::Target::one(&self.model)
            .condition(&A::Entity::meta().table, "update")
            .map_err(DbErr::from)?;
        let row = A::Entity::scoped(scope).filter(condition).one(db).await?;
        row.ok_or(DbErr::RecordNotUpdated)
    }
}

trait ChangedBeyondKey: ActiveModelTrait {
    fn is_changed_beyond_key(&self) -> bool {
        <Self::Entity as EntityTrait>::Column::iter().any(|column| {
            <Self::Entity as EntityTrait>::PrimaryKey::from_column(column).is_none()
                && self.get(column).is_set()
        })
    }
}

impl<A: ActiveModelTrait> ChangedBeyondKey for A {}

fn is_stamp_column<E: SoftDelete>(column: E::Column) -> bool {
    let name = sea_orm::IdenStatic::as_str(&column);
    E::meta().stamp.names().any(|stamp| stamp == name)
}

/// `ActiveModel::update` of a soft-deletable entity.
///
/// SeaORM's hooks run as they do around its own update: on the connection given, which need not be able to begin a
/// transaction. So an error of `after_save` comes when the row has been changed.
#[doc(hidden)]
pub async fn update_active_model<A, C>(model: A, db: &C) -> Result<Model<A>, DbErr>
where
    A: ActiveModelBehavior + Send,
    A::Entity: SoftDelete,
    Model<A>: IntoActiveModel<A>,
    C: ConnectionTrait,
{
    let model = A::before_save(model, db, false).await?;
    let model = UpdateRow::new(model).exec(db).await?;
    A::after_save(model, db, false).await
}

/// `ActiveModel::update_without_returning` of a soft-deletable entity.
#[doc(hidden)]
pub async fn update_without_returning<A, C>(model: A, db: &C) -> Result<UpdateResult, DbErr>
where
    A: ActiveModelBehavior + Send,
    A::Entity: SoftDelete,
    C: ConnectionTrait,
{
    let model = A::before_save(model, db, false).await?;
    UpdateRow::new(model).exec_without_returning(db).await
}

/// `ActiveModel::save` of a soft-deletable entity.
#[doc(hidden)]
pub async fn save_active_model<A, C>(model: A, db: &C) -> Result<A, DbErr>
where
    A: ActiveModelBehavior + Send,
    A::Entity: SoftDelete,
    Model<A>: IntoActiveModel<A>,
    C: ConnectionTrait,
{
    let has_key = <A::Entity as EntityTrait>::PrimaryKey::iter()
        .all(|key| !model.is_not_set(key.into_column()));
    let saved = if has_key {
        update_active_model(model, db).await?
    } else {
        ActiveModelTrait::insert(model, db).await?
    };
    Ok(saved.into_active_model())
}
