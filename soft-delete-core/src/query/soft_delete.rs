//! The trait that every soft-deletable entity implements.

use sea_orm::{
    ActiveModelTrait, DbBackend, EntityTrait, PrimaryKeyTrait, QueryFilter as _, Select, Update,
    UpdateMany, Value,
};

use crate::{
    engine::{Delete, ForceDelete, InsertOrRestore, InsertOrRestoreMany, Restore, edit::UpdateRow},
    model::{EntityMeta, Registry, Scope},
    query::{SelectScope as _, predicate},
};

type Key<E> = <<E as EntityTrait>::PrimaryKey as PrimaryKeyTrait>::ValueType;

/// An entity whose rows are marked as deleted instead of removed. Derive it; see the crate's documentation.
///
/// The derive also gives the entity functions of the same names as the trait's, so that `Post::find()` is this trait's
/// [`find`](Self::find) and not [`EntityTrait::find`]. In code that is generic over `E: SoftDelete` there is no such
/// function, and `E::find()` does not compile, because it could mean either: write [`E::active()`](Self::active), or
/// `<E as SoftDelete>::delete_by_id(7)`.
///
/// ```
/// use sea_orm::{DbErr, EntityTrait, PaginatorTrait, Select};
/// use soft_delete::SoftDelete;
///
/// fn trash<E: SoftDelete>() -> Select<E> {
///     E::only_deleted()
/// }
/// # fn main() {}
/// ```
#[doc(alias = "paranoid")]
#[doc(alias = "acts_as_paranoid")]
#[doc(alias = "SoftDeletes")]
#[doc(alias = "discard")]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not soft-deletable",
    label = "does not implement `SoftDelete`",
    note = "add `#[derive(SoftDelete)]` to the entity's `Model`, next to `DeriveEntityModel`"
)]
pub trait SoftDelete: EntityTrait {
    /// The type of `deleted_by`, or [`NoActor`](crate::NoActor) for an entity without that column.
    type Actor: Into<Value>;

    /// The type of the version, or [`NoVersion`](crate::NoVersion) for an entity without `#[soft_delete(version)]`.
    type Version: Into<Value>;

    /// When a row was deleted; the flag where a flag alone tells that it is.
    fn deleted_at_column() -> Self::Column;

    /// The column that tells active rows from deleted ones: the flag, or else `deleted_at`.
    fn marker_column() -> Self::Column {
        Self::deleted_at_column()
    }

    /// The entity as the engine sees it.
    fn meta() -> &'static EntityMeta;

    /// Selects the rows of a scope.
    fn scoped(scope: Scope) -> Select<Self> {
        <Self as EntityTrait>::find().scope(scope)
    }

    /// Selects active rows: `find().filter(Column::DeletedAt.is_null())`, byte for byte.
    fn active() -> Select<Self> {
        Self::scoped(Scope::Active)
    }

    /// Selects all rows.
    ///
    /// In a program that is attached to a schema of active rows (`ActiveSchema::attach`), it names the schema of the table, so that it
    /// does so on any connection; without that, a connection to such a schema shows active rows.
    #[doc(alias = "with_trashed")]
    #[doc(alias = "unscoped")]
    #[doc(alias = "all_objects")]
    fn with_deleted() -> Select<Self> {
        Self::scoped(Scope::WithDeleted)
    }

    /// Selects deleted rows: the trash.
    #[doc(alias = "only_trashed")]
    #[doc(alias = "trashed")]
    #[doc(alias = "discarded")]
    fn only_deleted() -> Select<Self> {
        Self::scoped(Scope::OnlyDeleted)
    }

    /// Selects deleted rows that were deleted themselves, and not along with a parent: what a trash page shows.
    ///
    /// ```sql
    /// … WHERE comment.deleted_at IS NOT NULL AND NOT EXISTS (
    ///     SELECT 1 FROM post WHERE post.id = comment.post_id AND post.deletion_id = comment.deletion_id)
    /// ```
    ///
    /// with such a sub-select for each foreign key that cascades; where one of the two entities has no `deletion_id`,
    /// their `deleted_at` are compared.
    fn deletion_roots() -> Select<Self> {
        let meta = Registry::global().shared(Self::meta());
        crate::engine::cascade::roots::without_deleted_with_parent(Self::only_deleted(), meta, None)
    }

    /// [`deletion_roots`](Self::deletion_roots) for a backend that is known, with times compared as instants however their columns
    /// write them.
    ///
    /// The two differ where one of two entities has no `deletion_id`, and their `deleted_at` are not alike: on PostgreSQL a
    /// `timestamptz` and a `timestamp` in a session whose time zone isn't UTC, on SQLite texts of different forms.
    fn deletion_roots_on(backend: DbBackend) -> Select<Self> {
        let meta = Registry::global().shared(Self::meta());
        let deleted = Self::only_deleted();
        crate::engine::cascade::roots::without_deleted_with_parent(deleted, meta, Some(backend))
    }

    /// Selects active rows, as [`active`](Self::active).
    fn find() -> Select<Self> {
        Self::active()
    }

    /// Selects the active row of that primary key.
    fn find_by_id<T>(id: T) -> Select<Self>
    where
        T: Into<Key<Self>>,
    {
        <Self as EntityTrait>::find_by_id(id).filter(predicate::<Self>(Scope::Active))
    }

    /// Updates the row of an active model's primary key, if the row is still as the model has it: see [`UpdateRow`].
    fn update<A>(model: A) -> UpdateRow<A>
    where
        A: ActiveModelTrait<Entity = Self>,
    {
        UpdateRow::new(model)
    }

    /// Updates active rows.
    fn update_many() -> UpdateMany<Self> {
        Update::many(Self::default()).filter(predicate::<Self>(Scope::Active))
    }

    /// Deletes the row of an active model's primary key: see [`Delete`].
    fn delete<A>(model: A) -> Delete<Self>
    where
        A: ActiveModelTrait<Entity = Self>,
    {
        Delete::one(&model)
    }

    /// Deletes the row of that primary key: see [`Delete`].
    #[doc(alias = "soft_delete")]
    #[doc(alias = "soft_remove")]
    #[doc(alias = "trash")]
    fn delete_by_id<T>(id: T) -> Delete<Self>
    where
        T: Into<Key<Self>>,
    {
        Delete::by_id(id)
    }

    /// Deletes the active rows that a filter names: see [`Delete`].
    fn delete_many() -> Delete<Self> {
        Delete::many()
    }

    /// Restores the row of an active model's primary key: see [`Restore`].
    fn restore<A>(model: A) -> Restore<Self>
    where
        A: ActiveModelTrait<Entity = Self>,
    {
        Restore::one(&model)
    }

    /// Restores the row of that primary key: see [`Restore`].
    #[doc(alias = "undelete")]
    #[doc(alias = "recover")]
    #[doc(alias = "undiscard")]
    fn restore_by_id<T>(id: T) -> Restore<Self>
    where
        T: Into<Key<Self>>,
    {
        Restore::by_id(id)
    }

    /// Restores the deleted rows that a filter names: see [`Restore`].
    fn restore_many() -> Restore<Self> {
        Restore::many()
    }

    /// Inserts a row, or brings a deleted row with the same key or unique values back with the new values: see [`InsertOrRestore`].
    #[doc(alias = "upsert")]
    fn insert_or_restore<A>(model: A) -> InsertOrRestore<A>
    where
        A: ActiveModelTrait<Entity = Self>,
    {
        InsertOrRestore::new(model)
    }

    /// Inserts rows, or brings deleted rows with the same keys or unique values back with the new values: see
    /// [`InsertOrRestoreMany`].
    fn insert_or_restore_many<A, I>(models: I) -> InsertOrRestoreMany<A>
    where
        A: ActiveModelTrait<Entity = Self>,
        I: IntoIterator<Item = A>,
    {
        InsertOrRestoreMany::new(models)
    }

    /// Removes the row of an active model's primary key from the table: see [`ForceDelete`].
    fn force_delete<A>(model: A) -> ForceDelete<Self>
    where
        A: ActiveModelTrait<Entity = Self>,
    {
        ForceDelete::one(&model)
    }

    /// Removes the row of that primary key from the table: see [`ForceDelete`].
    #[doc(alias = "hard_delete")]
    #[doc(alias = "destroy")]
    #[doc(alias = "really_destroy")]
    fn force_delete_by_id<T>(id: T) -> ForceDelete<Self>
    where
        T: Into<Key<Self>>,
    {
        ForceDelete::by_id(id)
    }

    /// Removes the rows that a filter names from the table, active or not: see [`ForceDelete`].
    fn force_delete_many() -> ForceDelete<Self> {
        ForceDelete::many()
    }
}
