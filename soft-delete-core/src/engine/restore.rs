//! Restoring: the builder and what it returns.

mod closure;
pub(crate) mod conflict;
mod counts;
mod fast;
mod hooked;
mod parents;
mod resolve;
mod restoration;
mod roots;
pub(crate) mod rows;
pub(crate) mod run;
pub(crate) mod undo;
mod write;

use std::{fmt, marker::PhantomData, sync::Arc};

use sea_orm::{ActiveModelTrait, ConnectionTrait, TransactionTrait, Value};

pub use self::restoration::{Restoration, RestorePlan};
use crate::{
    engine::{
        expected::Expected,
        restore::run::{Run, Start},
        target::{Target, targeted},
    },
    model::{ActorFrom, ConflictingRow, Error, Registry, graph::Group},
    query::SoftDelete,
};

/// Makes deleted rows active again, with exactly what their deletion took below them.
///
/// # What comes back
///
/// The rows named, and below each of them, along the foreign keys that cascade, the rows that the same deletion took:
/// those with the same `deletion_id` as the row above, or with the same instant in `deleted_at` where one of the two entities has no
/// such column. Rows that were deleted on their own, before or after, stay deleted. All columns of the stamp become NULL.
///
/// A row below that has *another* parent through a cascading key, and that parent is still deleted, stays deleted. It gets that
/// parent's stamp, so that restoring the parent brings it back: [`Restoration::kept`].
///
/// A key that the delete set to NULL stays NULL: the value is gone.
///
/// # What forbids it
///
/// Everything is checked before anything is written, and reported together:
///
/// - a parent of a row named is deleted, or one of a row below by a key that restricts or is set to NULL:
///   [`Error::ParentDeleted`] with all of them, or [`with_parents`](Self::with_parents);
/// - unique values that an active row has by now, or two restored rows share: [`Error::Conflict`], or
///   [`on_conflict`](Self::on_conflict).
///
/// A parent that is gone, in a database without the foreign key, forbids nothing: [`Restoration::without_parent`] tells.
///
/// All happens in one transaction, or in a savepoint of the caller's. If another transaction takes a unique value while
/// this one runs, the database's refusal comes back as the same [`Error::Conflict`].
///
/// # Example
///
/// ```
/// # use soft_delete::SoftDelete;
/// # async fn example<Post: SoftDelete>(db: &sea_orm::DatabaseConnection) -> Result<(), soft_delete::Error>
/// # where i64: Into<<Post::PrimaryKey as sea_orm::PrimaryKeyTrait>::ValueType> {
/// use soft_delete::{Error, ConflictPolicy};
///
/// match Post::restore_by_id(7).exec(db).await {
///     Ok(restored) => println!("{:?}", restored.rows_by_table()),
///     Err(Error::Conflict(conflict)) => {
///         for row in &conflict {
///             println!("{row}");
///         }
///         Post::restore_by_id(7).on_conflict(ConflictPolicy::Skip).exec(db).await?;
///     }
///     Err(error) => return Err(error),
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a restore does nothing until `exec(&db)` is awaited"]
pub struct Restore<E> {
    target: Target,
    options: Options,
    expecting: Option<Value>,
    registry: Option<Registry>,
    entity: PhantomData<E>,
}

targeted!(Restore);

impl<E: SoftDelete> Restore<E> {
    fn new(target: Target) -> Self {
        Self {
            target,
            options: Options::default(),
            expecting: None,
            registry: None,
            entity: PhantomData,
        }
    }

    /// Restores deleted parents too, up to the top: themselves, not what else is below them.
    pub fn with_parents(mut self) -> Self {
        self.options.with_parents = true;
        self
    }

    /// What to do about unique values that are taken. The default is [`ConflictPolicy::Fail`].
    pub fn on_conflict(mut self, on_conflict: ConflictPolicy) -> Self {
        self.options.on_conflict = on_conflict;
        self
    }

    /// Restores the row only if it has this version, in the column of `#[soft_delete(version)]`: the one that it was loaded with. The
    /// row is locked before it is asked, so that no other change can come in between; it is asked whatever the row's state.
    ///
    /// Rows below it, and [parents](Self::with_parents), may have any version.
    pub fn expecting(mut self, version: E::Version) -> Self {
        self.expecting = Some(version.into());
        self
    }

    /// Who restores: goes into `deleted_by` of rows that [`ConflictPolicy::Replace`] deletes, where their entity has that column.
    pub fn by<A>(mut self, actor: A) -> Self
    where
        E::Actor: ActorFrom<A>,
    {
        self.options.actor = Some(E::Actor::value(actor));
        self
    }

    /// Follows the foreign keys of these entities instead of [`Registry::global`]'s.
    pub fn registry(mut self, registry: &Registry) -> Self {
        self.registry = Some(registry.clone());
        self
    }

    /// Runs it. Restoring an active row is `Ok` and changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if no row has the given key, [`Error::VersionMismatch`] if it has another version than
    /// [`expecting`](Self::expecting) says, [`Error::NotOneRow`] if no key was given for that. [`Error::ParentDeleted`] and [`Error::Conflict`] as above.
    /// [`Error::Restricted`] if [`ConflictPolicy::Replace`] would delete a row that may not go. [`Error::NotUpdated`] if a policy or
    /// trigger keeps a row deleted. [`Error::Contention`] and
    /// [`Error::Db`] for the database's own. After any of them nothing has changed.
    pub async fn exec<C>(self, db: &C) -> Result<Restoration, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        self.run()?.exec(db).await
    }

    /// What [`exec`](Self::exec) would do now, without doing it. Deleted parents and conflicts are in the plan and not
    /// errors.
    ///
    /// It writes nothing. Only [`ConflictPolicy::Replace`] and [`ConflictPolicy::Rename`] are tried out, if there is a conflict, in a
    /// transaction that is rolled back.
    ///
    /// # Errors
    ///
    /// As [`exec`](Self::exec), but for those two.
    pub async fn plan<C>(self, db: &C) -> Result<RestorePlan, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        self.run()?.plan(db).await
    }

    fn run(self) -> Result<Run, Error> {
        let meta = E::meta();
        let registry = self.registry.as_ref().unwrap_or(Registry::global());
        let (group, root) = registry.group_of(meta)?;
        let expecting = self.expecting.as_ref();
        let expected = Expected::of(group.entity(root), &self.target, expecting)?;
        let start = Start::Rows {
            root,
            condition: self.target.condition(&meta.table, "restore")?,
            key: self.target.key().cloned(),
            expected,
        };
        Ok(Run::new(group, start, self.options))
    }
}

/// What a restore does besides restoring the rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// Restores deleted parents too.
    pub with_parents: bool,
    /// Leaves deleted what was deleted along with the rows.
    pub without_children: bool,
    /// What to do about unique values that are taken.
    pub on_conflict: ConflictPolicy,
    /// Who restores, for the hooks.
    pub actor: Option<Value>,
}

/// What a restore does about a row whose unique values are taken.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum ConflictPolicy {
    /// Restores nothing: [`Error::Conflict`] lists them all.
    #[default]
    Fail,
    /// Leaves the row deleted, and what is below it.
    Skip,
    /// Soft-deletes the active row that has the values, as a deletion of its own, with all that follows from it. Of two
    /// restored rows that share values neither can give way: that is still [`Error::Conflict`].
    Replace,
    /// Changes the restored row's values: see [`ConflictPolicy::rename`].
    Rename(Rename),
}

/// The function of [`ConflictPolicy::Rename`].
pub type Rename = Arc<dyn Fn(&ConflictingRow) -> Vec<Value> + Send + Sync>;

impl ConflictPolicy {
    /// Changes the restored row's values to those that the function returns, in the order of
    /// [`ConflictingRow::columns`]. If they are taken as well it is asked again, seven times at most. Columns of a foreign key
    /// must keep their values, else it is [`Error::InvalidRename`].
    ///
    /// ```
    /// use soft_delete::ConflictPolicy;
    ///
    /// let rename = ConflictPolicy::rename(|row| {
    ///     row.values
    ///         .iter()
    ///         .map(|value| format!("{}-restored", value.clone().unwrap::<String>()).into())
    ///         .collect()
    /// });
    /// ```
    pub fn rename<F>(rename: F) -> Self
    where
        F: Fn(&ConflictingRow) -> Vec<Value> + Send + Sync + 'static,
    {
        Self::Rename(Arc::new(rename))
    }
}

impl fmt::Debug for ConflictPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fail => "Fail",
            Self::Skip => "Skip",
            Self::Replace => "Replace",
            Self::Rename(_) => "Rename(..)",
        })
    }
}

/// The restore of the row that has this primary key.
pub(crate) fn by_key(
    group: Arc<Group>,
    entity: usize,
    key: crate::engine::cascade::rows::RowKey,
    options: Options,
) -> Run {
    let start = Start::Rows {
        root: entity,
        condition: key.condition.clone(),
        key: Some(key),
        expected: None,
    };
    Run::new(group, start, options)
}

/// `Model::restore` of a soft-deletable entity.
#[doc(hidden)]
pub async fn restore_model<A, C>(model: A, db: &C) -> Result<Restoration, Error>
where
    A: ActiveModelTrait,
    A::Entity: SoftDelete,
    C: ConnectionTrait + TransactionTrait,
{
    Restore::<A::Entity>::one(&model).exec(db).await
}
