//! Deleting: the builder, and how a deletion runs.

mod batched;
pub(crate) mod deletion;
mod look;
mod plan;
pub(crate) mod restrict;
mod roots;
pub(crate) mod run;
mod schedule;

use std::marker::PhantomData;

use chrono::{DateTime, Datelike as _, Utc};
use sea_orm::{ActiveModelBehavior, ConnectionTrait, DbErr, DeleteResult, TransactionTrait};

pub use self::{
    batched::{BatchedDelete, DeleteProgress},
    deletion::{Deletion, Outcome},
    plan::DeletePlan,
};
use crate::{
    engine::{
        delete::run::Run,
        expected::Expected,
        target::{Target, targeted},
        transaction,
    },
    model::{ActorFrom, EntityMeta, Error, Registry, stamp::Stamp},
    query::SoftDelete,
};

/// Marks rows as deleted, and follows the foreign keys as a physical DELETE would have.
///
/// # What happens
///
/// All in one transaction, or in a savepoint of the caller's:
///
/// 1. The active rows among those named are locked and stamped: `deleted_at`, and `deletion_id`, `deleted_by` and
///    `delete_reason` where the entity has them. Rows that are deleted already keep the stamp they have.
/// 2. Active rows that reference a stamped row get the same stamp where the key says `ON DELETE CASCADE`, and so on
///    downwards; keys with `SET NULL` are set to NULL. One UPDATE for each foreign key, whatever the number of rows.
///
/// ```sql
/// UPDATE post SET deleted_at = $1, deletion_id = $2 WHERE post.id = $3 AND post.deleted_at IS NULL
/// ```
///
/// The first UPDATE of a cascade, or by a filter, also asks the catalog whether a policy or trigger may keep rows as they are, or the
/// transaction sees an old state; on MySQL and MariaDB the SELECT does that locks the rows. Only if so, each row is looked at again.
///
/// Where rows of the cascade can be told by their time only, `deleted_at` is cut to what the coarsest of its columns keeps, which one
/// more statement reads before; and one for each such table then looks whether rows below were deleted at the same time before.
///
/// # Example
///
/// ```
/// # use sea_orm::entity::prelude::*;
/// # mod post {
/// #     use sea_orm::entity::prelude::*;
/// #     use soft_delete::SoftDelete;
/// #     #[sea_orm::model]
/// #     #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
/// #     #[sea_orm(table_name = "post")]
/// #     pub struct Model {
/// #         #[sea_orm(primary_key)]
/// #         pub id: i64,
/// #         pub author_id: i64,
/// #         pub deleted_at: Option<DateTimeUtc>,
/// #         pub deleted_by: Option<i64>,
/// #         pub delete_reason: Option<String>,
/// #     }
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
/// # use post::Entity as Post;
/// # async fn example(db: &DatabaseConnection) -> Result<(), soft_delete::Error> {
/// let deletion = Post::delete_by_id(7).by(42).reason("spam").exec(db).await?;
/// println!("{} rows: {:?}", deletion.rows_affected, deletion.rows_by_table());
///
/// Post::delete_many().filter(post::Column::AuthorId.eq(3)).exec(db).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a delete does nothing until `exec(&db)` is awaited"]
pub struct Delete<E: SoftDelete> {
    target: Target,
    actor: Option<sea_orm::Value>,
    reason: Option<String>,
    at: Option<DateTime<Utc>>,
    expecting: Option<sea_orm::Value>,
    registry: Option<Registry>,
    entity: PhantomData<E>,
}

targeted!(Delete);

impl<E: SoftDelete> Delete<E> {
    fn new(target: Target) -> Self {
        Self {
            target,
            actor: None,
            reason: None,
            at: None,
            expecting: None,
            registry: None,
            entity: PhantomData,
        }
    }

    /// Who deletes: goes into `deleted_by` of every row the deletion takes, where its entity has that column.
    pub fn by<A>(mut self, actor: A) -> Self
    where
        E::Actor: ActorFrom<A>,
    {
        self.actor = Some(E::Actor::value(actor));
        self
    }

    /// Why: goes into `delete_reason` of every row the deletion takes, where its entity has that column.
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Deletes the row only if it has this version, in the column of `#[soft_delete(version)]`: the one that it was loaded with. An
    /// UPDATE that has it for a condition decides, so that no other change can come in between.
    ///
    /// It is asked of the row whatever its state: one that was deleted since has another version, too.
    ///
    /// ```
    /// # use sea_orm::entity::prelude::*;
    /// # mod post {
    /// #     use sea_orm::entity::prelude::*;
    /// #     use soft_delete::SoftDelete;
    /// #     #[sea_orm::model]
    /// #     #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    /// #     #[sea_orm(table_name = "post")]
    /// #     pub struct Model {
    /// #         #[sea_orm(primary_key)]
    /// #         pub id: i64,
    /// #         #[soft_delete(version)]
    /// #         pub version: i32,
    /// #         pub deleted_at: Option<DateTimeUtc>,
    /// #     }
    /// #     impl ActiveModelBehavior for ActiveModel {}
    /// # }
    /// # use post::Entity as Post;
    /// # async fn example(seen: post::Model, db: &DatabaseConnection) -> Result<(), DbErr> {
    /// use soft_delete::Error;
    ///
    /// match Post::delete_by_id(seen.id).expecting(seen.version).exec(db).await.map_err(Error::from) {
    ///     Ok(deletion) => println!("{} rows deleted", deletion.rows_affected),
    ///     Err(Error::VersionMismatch { found, .. }) => println!("it has changed, and has version {found} now"),
    ///     Err(error) => return Err(error.into()),
    /// }
    /// # Ok(()) }
    /// ```
    pub fn expecting(mut self, version: E::Version) -> Self {
        self.expecting = Some(version.into());
        self
    }

    /// When, instead of now. It is cut to microseconds. A time to come deletes at once as well, but for an entity with
    /// `#[soft_delete(scheduled)]`, whose rows stay active until then. Columns that are [touched](EntityMeta::touch) get the time of the call all the
    /// same.
    pub fn at(mut self, at: impl Into<DateTime<Utc>>) -> Self {
        self.at = Some(at.into());
        self
    }

    /// Follows the foreign keys of these entities instead of [`Registry::global`]'s.
    pub fn registry(mut self, registry: &Registry) -> Self {
        self.registry = Some(registry.clone());
        self
    }

    /// Runs it. Deleting is idempotent: see [`Outcome`](crate::Outcome).
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Unfiltered`], [`Error::PrimaryKeyNotSet`], [`Error::MissingColumn`], [`Error::NotOneRow`],
    /// [`Error::TimeOutOfRange`], [`Error::EntitiesDisagree`], [`Error::RelationCondition`], [`Error::ScheduledInPast`],
    /// [`Error::NotScheduled`]. Before anything is written: [`Error::UnstorableTime`],
    /// [`Error::VersionMismatch`] and [`Error::Restricted`]. Before anything is committed: [`Error::SameTime`], [`Error::NotUpdated`] and
    /// [`Error::OldSnapshot`]. Then [`Error::Contention`] and [`Error::Db`] for the database's own. After any of them nothing is
    /// deleted, and a caller's transaction goes on as if the call had not been made.
    ///
    /// They come in a [`DbErr`], as those of SeaORM's own delete, and `Error::from` has them again:
    ///
    /// ```
    /// # use sea_orm::{ConnectionTrait, DbErr, TransactionTrait};
    /// # use soft_delete::SoftDelete;
    /// # async fn example<E, C>(delete: soft_delete::Delete<E>, db: &C) -> Result<(), DbErr>
    /// # where E: SoftDelete, C: ConnectionTrait + TransactionTrait {
    /// use soft_delete::Error;
    ///
    /// match delete.exec(db).await.map_err(Error::from) {
    ///     Ok(deletion) => println!("{} rows deleted", deletion.rows_affected),
    ///     Err(Error::Restricted { blockers, .. }) => println!("referenced by {} tables", blockers.len()),
    ///     Err(error) => return Err(error.into()),
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn exec<C>(self, db: &C) -> Result<Deletion, DbErr>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        Ok(self.run()?.exec(db).await?)
    }

    /// What [`exec`](Self::exec) would do now, without doing it.
    ///
    /// Where entities cascade into each other in a circle (on MySQL and MariaDB, also where one cascades into itself) no
    /// query can tell what is reached: the plan then marks the rows in a transaction and rolls it back.
    ///
    /// # Errors
    ///
    /// As [`exec`](Self::exec), but what restricts the deletion is in the plan and not an error.
    pub async fn plan<C>(self, db: &C) -> Result<DeletePlan, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        self.run()?.plan(db).await
    }

    fn run(&self) -> Result<Run, Error> {
        let meta = E::meta();
        let registry = self.registry.as_ref().unwrap_or(Registry::global());
        let condition = self.target.condition(&meta.table, "delete")?;
        let (group, root) = registry.group_of(meta)?;
        let stamp = self.stamp(group.entity(root))?;
        let expecting = self.expecting.as_ref();
        let expected = Expected::of(group.entity(root), &self.target, expecting)?;
        Ok(Run {
            group,
            root,
            condition,
            key: self.target.key().cloned(),
            stamp,
            at_is_given: self.at.is_some(),
            expected,
        })
    }

    fn stamp(&self, meta: &EntityMeta) -> Result<Stamp, Error> {
        let missing = |method, column| Error::MissingColumn {
            table: meta.table.clone(),
            method,
            column,
        };
        if self.reason.is_some() && meta.stamp.delete_reason.is_none() {
            return Err(missing("reason", "delete_reason: Option<String>"));
        }
        if let Some(at) = self.at.filter(|at| !(1..=9999).contains(&at.year())) {
            return Err(Error::TimeOutOfRange { at });
        }
        Ok(Stamp {
            deleted_by: self.actor.clone(),
            delete_reason: self.reason.clone(),
            ..Stamp::new(self.at)
        })
    }
}

/// `Model::delete` of a soft-deletable entity.
///
/// SeaORM's hooks fire as they do on its own delete, but inside the transaction of the delete: an error of one means that
/// nothing was done. Whether an entity has such hooks can't be known, since the trait has a body for each: so there is a
/// transaction, and the delete is a savepoint in it, whether they do anything or not.
#[doc(hidden)]
pub async fn delete_model<A, C>(model: A, db: &C) -> Result<Deletion, DbErr>
where
    A: ActiveModelBehavior + Send,
    A::Entity: SoftDelete,
    C: ConnectionTrait + TransactionTrait,
{
    let transaction = transaction::begin(db).await?;
    let done = delete_between_hooks(model, &transaction).await;
    Ok(transaction::end(db, transaction, done).await?)
}

async fn delete_between_hooks<A, C>(model: A, db: &C) -> Result<Deletion, Error>
where
    A: ActiveModelBehavior + Send,
    A::Entity: SoftDelete,
    C: ConnectionTrait + TransactionTrait,
{
    let model = A::before_delete(model, db).await?;
    let deletion = Delete::<A::Entity>::one(&model).exec(db).await?;
    A::after_delete(model, db).await?;
    Ok(deletion)
}

/// `ActiveModel::delete` of a soft-deletable entity, in the shape that SeaORM's generated code calls.
#[doc(hidden)]
pub async fn delete_active_model<A, C>(model: A, db: &C) -> Result<DeleteResult, DbErr>
where
    A: ActiveModelBehavior + Send,
    A::Entity: SoftDelete,
    C: ConnectionTrait + TransactionTrait,
{
    let deletion = delete_model(model, db).await?;
    let mut result = DeleteResult::empty();
    result.rows_affected = deletion.rows_affected;
    Ok(result)
}

/// `Model::force_delete` of a soft-deletable entity, in a transaction with SeaORM's hooks as [`delete_model`].
#[doc(hidden)]
pub async fn force_delete_model<A, C>(model: A, db: &C) -> Result<DeleteResult, Error>
where
    A: ActiveModelBehavior + Send,
    A::Entity: SoftDelete,
    C: ConnectionTrait + TransactionTrait,
{
    let transaction = transaction::begin(db).await?;
    let done = force_delete_between_hooks(model, &transaction).await;
    transaction::end(db, transaction, done).await
}

async fn force_delete_between_hooks<A, C>(model: A, db: &C) -> Result<DeleteResult, Error>
where
    A: ActiveModelBehavior + Send,
    A::Entity: SoftDelete,
    C: ConnectionTrait,
{
    let model = A::before_delete(model, db).await?;
    let result = crate::engine::ForceDelete::<A::Entity>::one(&model)
        .exec(db)
        .await?;
    A::after_delete(model, db).await?;
    Ok(result)
}
