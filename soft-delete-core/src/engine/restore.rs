//! Restoring: the builder and what it returns.

mod closure;
mod conflict;
mod counts;
mod fast;
mod hooked;
mod parents;
mod resolve;
mod restoration;
mod roots;
pub(crate) mod rows;
pub(crate) mod run;
mod write;

use std::{fmt, marker::PhantomData, sync::Arc};

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, TransactionTrait, Value,
    sea_query::{ExprTrait as _, Query},
};
use uuid::Uuid;

pub use self::restoration::{Restoration, RestorePlan};
use crate::{
    dialect,
    engine::{
        Deletion,
        cascade::rows::{column, iden, in_scope},
        restore::{
            counts::Counts,
            run::{Run, Start, StartDeletion, Took},
        },
        target::{Target, targeted},
    },
    model::{
        ActorFrom, ConflictingRow, DEFAULT_GROUP, Error, Registry, Scope, TableName, graph::Group,
    },
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
/// use soft_delete::{Error, OnConflict};
///
/// match Post::restore_by_id(7).exec(db).await {
///     Ok(restored) => println!("{:?}", restored.rows_by_table()),
///     Err(Error::Conflict(conflict)) => {
///         for row in &conflict {
///             println!("{row}");
///         }
///         Post::restore_by_id(7).on_conflict(OnConflict::Skip).exec(db).await?;
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
    registry: Option<Registry>,
    entity: PhantomData<E>,
}

targeted!(Restore);

impl<E: SoftDelete> Restore<E> {
    fn new(target: Target) -> Self {
        Self {
            target,
            options: Options::default(),
            registry: None,
            entity: PhantomData,
        }
    }

    /// Restores deleted parents too, up to the top: themselves, not what else is below them.
    pub fn with_parents(mut self) -> Self {
        self.options.with_parents = true;
        self
    }

    /// What to do about unique values that are taken. The default is [`OnConflict::Fail`].
    pub fn on_conflict(mut self, on_conflict: OnConflict) -> Self {
        self.options.on_conflict = on_conflict;
        self
    }

    /// Who restores: goes into `deleted_by` of rows that [`OnConflict::Replace`] deletes, where their entity has that column.
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
    /// [`Error::NotFound`] if there is no row of the key given. [`Error::ParentDeleted`] and [`Error::Conflict`] as above.
    /// [`Error::Restricted`] if [`OnConflict::Replace`] would delete a row that may not go. [`Error::NotUpdated`] if a policy or
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
    /// It writes nothing. Only [`OnConflict::Replace`] and [`OnConflict::Rename`] are tried out, if there is a conflict, in a
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
        Ok(Run {
            start: Start::Rows {
                root,
                condition: self.target.condition(&meta.table, "restore")?,
                key: self.target.key().cloned(),
            },
            group,
            options: self.options,
        })
    }
}

/// What a restore does besides restoring the rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// Restores deleted parents too.
    pub with_parents: bool,
    /// What to do about unique values that are taken.
    pub on_conflict: OnConflict,
    /// Who restores, for the hooks.
    pub actor: Option<Value>,
}

/// What a restore does about a row whose unique values are taken.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum OnConflict {
    /// Restores nothing: [`Error::Conflict`] lists them all.
    #[default]
    Fail,
    /// Leaves the row deleted, and what is below it.
    Skip,
    /// Soft-deletes the active row that has the values, as a deletion of its own, with all that follows from it. Of two
    /// restored rows that share values neither can give way: that is still [`Error::Conflict`].
    Replace,
    /// Changes the restored row's values: see [`OnConflict::rename`].
    Rename(Rename),
}

/// The function of [`OnConflict::Rename`].
pub type Rename = Arc<dyn Fn(&ConflictingRow) -> Vec<Value> + Send + Sync>;

impl OnConflict {
    /// Changes the restored row's values to those that the function returns, in the order of
    /// [`ConflictingRow::columns`]. If they are taken as well it is asked again, seven times at most. Columns of a foreign key
    /// must keep their values, else it is [`Error::InvalidRename`].
    ///
    /// ```
    /// use soft_delete::OnConflict;
    ///
    /// let rename = OnConflict::rename(|row| {
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

impl fmt::Debug for OnConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fail => "Fail",
            Self::Skip => "Skip",
            Self::Replace => "Replace",
            Self::Rename(_) => "Rename(..)",
        })
    }
}

impl Deletion {
    /// Restores all that this deletion took: [`restore_deletion`] for a deletion at hand.
    ///
    /// It starts from the rows that were deleted themselves: by their `deletion_id`, or by their keys where their table has none, and
    /// goes by the foreign keys. If that does not lead to as many rows as the deletion took, such as to one that has another parent
    /// by now, it starts again from all rows that have the deletion's id. What it does not find is
    /// [told](Restoration::not_found).
    ///
    /// # Errors
    ///
    /// As [`Restore::exec`], and [`Error::NoIdentity`] of more than 10,000 rows, of a table without `deletion_id`, that were deleted by
    /// a filter. It is `Ok` and changes nothing if all of it has been restored already.
    pub async fn undo<C>(&self, db: &C) -> Result<Restoration, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        self.undo_in(Registry::global(), db).await
    }

    /// [`undo`](Self::undo) for a deletion that was made with another [`registry`](crate::Delete::registry).
    ///
    /// # Errors
    ///
    /// As [`undo`](Self::undo).
    pub async fn undo_in<C>(&self, registry: &Registry, db: &C) -> Result<Restoration, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let group = registry.group(&self.group)?;
        let mut rows = Counts::default();
        let mut entities = Vec::with_capacity(self.tables.len());
        for (table, count) in &self.tables {
            let mut all = group.entities().iter();
            let Some(entity) = all.position(|meta| meta.table.to_string() == *table) else {
                return Err(Error::NotRegistered {
                    table: TableName::new(table.clone()),
                });
            };
            rows.add(entity, *count);
            entities.push(entity);
        }
        let Some(root) = entities.first().copied() else {
            return Ok(Restoration::default());
        };
        let meta = group.entity(root);
        let roots = self.roots.as_ref().map(|keys| (root, keys.values(meta)));
        if meta.stamp.deletion_id.is_none() && roots.is_none() {
            return Err(Error::NoIdentity {
                table: meta.table.clone(),
            });
        }
        let run = Run {
            start: Start::Deletion(StartDeletion {
                id: self.id,
                at: self.deleted_at,
                roots,
                took: Some(Took { rows }),
                entities,
            }),
            group,
            options: Options::default(),
        };
        run.exec(db).await
    }
}

/// Restores all that a deletion took, in all tables of the default [group](crate::EntityMeta::group), by the deletion's id.
/// It works in another process than the deletion's, and needs `deletion_id` on one of the entities at least.
///
/// # Errors
///
/// [`Error::DeletionNotFound`] if no row has that id, [`Error::NoEntities`] if there is no entity in that group. Else as [`Restore::exec`].
pub async fn restore_deletion<C>(id: Uuid, db: &C) -> Result<Restoration, Error>
where
    C: ConnectionTrait + TransactionTrait,
{
    restore_deletion_in(DEFAULT_GROUP, id, db).await
}

/// [`restore_deletion`] in another [group](crate::EntityMeta::group) of entities.
///
/// # Errors
///
/// As [`restore_deletion`].
pub async fn restore_deletion_in<C>(group: &str, id: Uuid, db: &C) -> Result<Restoration, Error>
where
    C: ConnectionTrait + TransactionTrait,
{
    let group = Registry::global().group(group)?;
    by_deletion(db, group, id).await?.exec(db).await
}

/// The restore of all that a deletion took.
pub(crate) async fn by_deletion<C>(db: &C, group: Arc<Group>, id: Uuid) -> Result<Run, Error>
where
    C: ConnectionTrait,
{
    Ok(Run {
        start: Start::Deletion(find_deletion(db, &group, id).await?),
        group,
        options: Options::default(),
    })
}

/// The entities of which a deletion took rows, and its time.
async fn find_deletion<C: ConnectionTrait>(
    db: &C,
    group: &Group,
    id: Uuid,
) -> Result<StartDeletion, Error> {
    let backend = db.get_database_backend();
    let mut at = None;
    let mut entities = Vec::new();
    for (entity, meta) in group.entities().iter().enumerate() {
        let Some(name) = &meta.stamp.deletion_id else {
            continue;
        };
        let deleted_at = &meta.stamp.deleted_at;
        let row = Query::select()
            .expr_as(
                dialect::readable_time(backend, column(meta, deleted_at)),
                iden(deleted_at),
            )
            .from(meta.table.to_ref())
            .and_where(column(meta, name).eq(id))
            .and_where(in_scope(meta, Scope::OnlyDeleted))
            .limit(1)
            .to_owned();
        if let Some(row) = db.query_one(&row).await? {
            entities.push(entity);
            at.get_or_insert(meta.stamp.read_time(&row, &meta.table, deleted_at)?);
        }
    }
    match at {
        Some(at) => Ok(StartDeletion {
            id,
            at,
            entities,
            roots: None,
            took: None,
        }),
        None => Err(Error::DeletionNotFound { id }),
    }
}

/// The restore of the row that has this primary key.
pub(crate) fn by_key(
    group: Arc<Group>,
    entity: usize,
    key: crate::engine::cascade::rows::RowKey,
    options: Options,
) -> Run {
    Run {
        start: Start::Rows {
            root: entity,
            condition: key.condition.clone(),
            key: Some(key),
        },
        group,
        options,
    }
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
