//! Inserts that bring a deleted row back instead: the builders and what they return.

mod assign;
mod call;
mod find;
mod given;
mod run;

use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, IdenStatic as _,
    IntoActiveModel, TransactionTrait,
};

use self::call::{Call, Settings};
use crate::{
    engine::{Restoration, RestorePlan, transaction},
    model::{Error, Registry},
    query::SoftDelete,
};

type Model<A> = <<A as ActiveModelTrait>::Entity as EntityTrait>::Model;
type Column<A> = <<A as ActiveModelTrait>::Entity as EntityTrait>::Column;

/// Inserts a row, or brings a deleted row with the same key or unique values back with the new values.
///
/// A deleted row keeps its primary key. So a link of a junction table that was deleted can't be inserted again, and an account whose
/// owner signs up anew would start from nothing. This does what is meant in both cases.
///
/// # Which row
///
/// The first of these that there is:
///
/// 1. a deleted row with the model's primary key, if all its columns are set;
/// 2. a deleted row with the model's values of a unique key, `#[soft_delete(unique)]`, in the order in which they are declared; of several
///    deleted rows with the values the one that was deleted last. It keeps its own primary key, whatever the model has there;
/// 3. none: then the model is inserted.
///
/// [`by`](Self::by) asks by one of them only. Keys that are unique under a condition are not asked. A NULL equals nothing.
///
/// An active row with the key or the values is what it is for an INSERT: a unique violation, as [`Error::Db`], whose
/// [`sql_err`](DbErr::sql_err) says so.
///
/// # What is written
///
/// The deleted row gets the values that are set in the model. **What is not set keeps what the deleted row has**, and takes no default:
/// set whatever must not come over. The columns of the stamp are never taken from the model: the row is active afterwards.
///
/// It then comes back by the rules of a [`Restore`](crate::Restore), judged by its new values: a deleted parent is
/// [`Error::ParentDeleted`], or comes back too with [`with_parents`](Self::with_parents); unique values that another active row has are
/// [`Error::Conflict`]; [`Hooks`](crate::Hooks) run. One rule differs: what was deleted along with the row stays deleted, and can be
/// restored on its own, unless [`with_children`](Self::with_children) is said. Who adds a link again, or signs up again, means that row.
///
/// All happens in one transaction, or in a savepoint of the caller's; after an error nothing has changed. Two calls at the same time end
/// with one active row, and an error of one of them that is a unique violation, or that can be tried again.
///
/// Deleted rows are looked up by the values of a unique key. The index that keeps it unique covers active rows only, where the backend has
/// such indexes: large tables want a plain index of these columns, too.
///
/// As with SeaORM's `Entity::insert`, hooks of `ActiveModelBehavior` don't run: they do in the active model's own `insert_or_restore`.
///
/// ```
/// # mod post_tag {
/// #     use sea_orm::entity::prelude::*;
/// #     #[sea_orm::model]
/// #     #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
/// #     #[sea_orm(table_name = "post_tag")]
/// #     pub struct Model {
/// #         #[sea_orm(primary_key, auto_increment = false)] pub post_id: i64,
/// #         #[sea_orm(primary_key, auto_increment = false)] pub tag_id: i64,
/// #         pub deleted_at: Option<DateTimeUtc>,
/// #     }
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
/// use post_tag::Entity as PostTag;
/// use sea_orm::{Set, prelude::*};
///
/// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let db = sea_orm::Database::connect("sqlite::memory:").await?;
/// # db.get_schema_builder().register(PostTag).sync(&db).await?;
/// let link = post_tag::ActiveModel { post_id: Set(1), tag_id: Set(2), ..Default::default() };
/// link.clone().insert(&db).await?;
/// PostTag::delete_by_id((1, 2)).exec(&db).await?;
///
/// let added = PostTag::insert_or_restore(link).exec(&db).await?;
/// assert!(added.is_restored());
/// assert!(!added.model.is_deleted());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "it does nothing until `exec(&db)` is awaited"]
pub struct InsertOrRestore<A> {
    model: A,
    settings: Settings,
}

/// Inserts rows, or brings deleted rows with the same keys or unique values back with the new values: [`InsertOrRestore`] for many.
///
/// The number of statements does not depend on the number of rows, but for batches of these. Of two models that mean the same row the
/// second is a unique violation. Either all rows are written or none.
#[derive(Clone, Debug)]
#[must_use = "it does nothing until `exec(&db)` is awaited"]
pub struct InsertOrRestoreMany<A> {
    models: Vec<A>,
    settings: Settings,
}

/// What [`InsertOrRestore`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InsertOrRestoreResult<M> {
    /// The row as it is now.
    pub model: M,
    /// What came back. `None` if the row was inserted.
    pub restoration: Option<Restoration>,
}

impl<M> InsertOrRestoreResult<M> {
    /// Whether it is a deleted row that came back, and not a new one.
    pub fn is_restored(&self) -> bool {
        self.restoration.is_some()
    }
}

/// What [`InsertOrRestoreMany`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct InsertOrRestoreManyResult {
    /// How many rows were inserted.
    pub inserted: u64,
    /// What came back: its `rows_affected` are rows of the entity's own table.
    pub restoration: Restoration,
}

/// What an insert or restore would do.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct InsertOrRestorePlan {
    /// How many rows would be inserted. Whether the database takes them is not known.
    pub inserted: u64,
    /// What would come back, and what forbids it.
    pub restore: RestorePlan,
}

macro_rules! settings {
    ($builder:ident) => {
        impl<A> $builder<A>
        where
            A: ActiveModelTrait,
            A::Entity: SoftDelete,
        {
            /// Looks for a deleted row by these columns only: those of the primary key, or of a unique key.
            ///
            /// A model without a value for one of them is inserted.
            pub fn by<I>(mut self, columns: I) -> Self
            where
                I: IntoIterator<Item = Column<A>>,
            {
                let names = columns.into_iter();
                let names = names.map(|column| column.as_str().to_owned());
                self.settings.by = Some(names.collect());
                self
            }

            /// Brings back what was deleted along with the row, too, as a restore does.
            pub fn with_children(mut self) -> Self {
                self.settings.with_children = true;
                self
            }

            /// Restores deleted parents too, up to the top: see [`Restore::with_parents`](crate::Restore::with_parents).
            pub fn with_parents(mut self) -> Self {
                self.settings.with_parents = true;
                self
            }

            /// Follows the foreign keys of these entities instead of [`Registry::global`]'s.
            pub fn registry(mut self, registry: &Registry) -> Self {
                self.settings.registry = Some(registry.clone());
                self
            }
        }
    };
}

settings!(InsertOrRestore);
settings!(InsertOrRestoreMany);

impl<A> InsertOrRestore<A>
where
    A: ActiveModelTrait,
    A::Entity: SoftDelete,
{
    pub(crate) fn new(model: A) -> Self {
        Self {
            model,
            settings: Settings::default(),
        }
    }

    /// Runs it, and returns the row as it is now.
    ///
    /// # Errors
    ///
    /// [`Error::ParentDeleted`] and [`Error::Conflict`] as of a restore; [`Error::NotUnique`] if [`by`](Self::by) names other columns than
    /// those of a key; [`Error::NotUpdated`] if a policy or trigger keeps a row as it is; [`Error::Db`] for the database's own, a unique
    /// violation among them. After any of them nothing has changed.
    pub async fn exec<C>(self, db: &C) -> Result<InsertOrRestoreResult<Model<A>>, Error>
    where
        Model<A>: IntoActiveModel<A>,
        A: Send + Sync,
        C: ConnectionTrait + TransactionTrait,
    {
        Call::new(vec![self.model], &self.settings)?
            .exec_one(db)
            .await
    }

    /// What [`exec`](Self::exec) would do now. It is tried out in a transaction that is rolled back.
    ///
    /// # Errors
    ///
    /// As [`exec`](Self::exec), but what forbids the restore is in the plan and not an error.
    pub async fn plan<C>(self, db: &C) -> Result<InsertOrRestorePlan, Error>
    where
        A: Send + Sync,
        C: ConnectionTrait + TransactionTrait,
    {
        Call::new(vec![self.model], &self.settings)?.plan(db).await
    }
}

impl<A> InsertOrRestoreMany<A>
where
    A: ActiveModelTrait,
    A::Entity: SoftDelete,
{
    pub(crate) fn new(models: impl IntoIterator<Item = A>) -> Self {
        Self {
            models: models.into_iter().collect(),
            settings: Settings::default(),
        }
    }

    /// Runs it. Of no models it is `Ok` and does nothing.
    ///
    /// # Errors
    ///
    /// As [`InsertOrRestore::exec`].
    pub async fn exec<C>(self, db: &C) -> Result<InsertOrRestoreManyResult, Error>
    where
        A: Send + Sync,
        C: ConnectionTrait + TransactionTrait,
    {
        Call::new(self.models, &self.settings)?.exec_many(db).await
    }

    /// What [`exec`](Self::exec) would do now. It is tried out in a transaction that is rolled back.
    ///
    /// # Errors
    ///
    /// As [`InsertOrRestore::plan`].
    pub async fn plan<C>(self, db: &C) -> Result<InsertOrRestorePlan, Error>
    where
        A: Send + Sync,
        C: ConnectionTrait + TransactionTrait,
    {
        Call::new(self.models, &self.settings)?.plan(db).await
    }
}

/// `ActiveModel::insert_or_restore` of a soft-deletable entity, in one transaction with SeaORM's hooks, which run as around an insert.
#[doc(hidden)]
pub async fn insert_or_restore_active_model<A, C>(model: A, db: &C) -> Result<Model<A>, DbErr>
where
    A: ActiveModelBehavior + Send + Sync,
    A::Entity: SoftDelete,
    Model<A>: IntoActiveModel<A>,
    C: ConnectionTrait + TransactionTrait,
{
    let transaction = transaction::begin(db).await?;
    let done = between_hooks(model, &transaction).await;
    let model = transaction::end(db, transaction, done).await;
    model.map_err(DbErr::from)
}

async fn between_hooks<A, C>(model: A, db: &C) -> Result<Model<A>, Error>
where
    A: ActiveModelBehavior + Send + Sync,
    A::Entity: SoftDelete,
    Model<A>: IntoActiveModel<A>,
    C: ConnectionTrait + TransactionTrait,
{
    let model = A::before_save(model, db, true).await?;
    let done = InsertOrRestore::new(model).exec(db).await?;
    Ok(A::after_save(done.model, db, true).await?)
}
