//! The one error of this crate.

mod archive;
mod constructors;
mod convert;
mod schema;

use std::sync::Arc;

use sea_orm::DbErr;

pub use archive::{ArchiveError, RowKey};
pub use schema::{Duplicate, SchemaError};

use crate::model::{Blocker, Conflict, DeletedParent, TableName, display::display};

/// What can go wrong. Nothing was changed in the database when a call returns one.
///
/// Variants, and fields of variants, may be added in a minor version: match with `..`.
///
/// It converts into [`DbErr`], so that `?` works in functions that return SeaORM's error, and is had from that again: calls of
/// SeaORM's names, such as `delete`, return a `DbErr`.
///
/// ```
/// use sea_orm::DbErr;
/// use soft_delete::Error;
///
/// fn tell(error: DbErr) -> String {
///     match Error::from(error) {
///         Error::Restricted { blockers, .. } => format!("{} tables refer to it", blockers.len()),
///         Error::Conflict(conflict) => conflict.to_string(),
///         other => other.to_string(),
///     }
/// }
/// let carried = DbErr::from(Error::Conflict(Default::default()));
/// assert!(matches!(Error::from(carried), Error::Conflict(_)));
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A delete, restore or force delete of many rows without a filter.
    #[error(
        "this would {operation} every row of `{table}`: narrow it with `.filter(…)`, or say that it is meant with `.all()`"
    )]
    #[non_exhaustive]
    Unfiltered {
        /// The table.
        table: TableName,
        /// What was to be done, as a verb.
        operation: &'static str,
    },

    /// An active model without a value for its primary key.
    #[error(
        "the active model for `{table}` has no value for its primary key column `{column}`: set it, or load the row first"
    )]
    #[non_exhaustive]
    PrimaryKeyNotSet {
        /// The table.
        table: TableName,
        /// The first column without a value.
        column: String,
    },

    /// A deletion says by whom or why, and the entity has no column for it.
    #[error(
        "`{table}` has no column for `.{method}(…)`: add `{column}` to the entity, or leave the call out"
    )]
    #[non_exhaustive]
    MissingColumn {
        /// The table.
        table: TableName,
        /// The builder's method.
        method: &'static str,
        /// The column it needs.
        column: &'static str,
    },

    /// [`expecting`](crate::Delete::expecting) says a version, and no row is named by its primary key. Nothing was sent.
    #[error(
        "`.expecting(…)` of `{table}` says the version of one row: name it by its primary key, or leave the call out"
    )]
    #[non_exhaustive]
    NotOneRow {
        /// The table.
        table: TableName,
    },

    /// A row has another version than the one it was to be deleted or restored in. Nothing was written.
    #[error(
        "the row of `{table}` has the version {}, and not {}: it was changed since it was loaded; load it again, and try again \
         with its version if that is still meant",
        display(found),
        display(expected)
    )]
    #[non_exhaustive]
    VersionMismatch {
        /// The table.
        table: TableName,
        /// What [`expecting`](crate::Delete::expecting) was given.
        expected: sea_orm::Value,
        /// What the row has.
        found: sea_orm::Value,
    },

    /// A delete was scheduled for a time that is past. Nothing was sent.
    #[error(
        "rows of `{table}` are scheduled by `.at(…)`, and {at} is past: give a time to come, or leave the call out to delete now"
    )]
    #[non_exhaustive]
    ScheduledInPast {
        /// The table.
        table: TableName,
        /// The time given.
        at: chrono::DateTime<chrono::Utc>,
    },

    /// A delete is scheduled that would change rows of another table at once, or rows of a table are to wait for a parent that doesn't.
    /// Nothing was written.
    #[error(
        "a delete of rows of `{table}` at a time to come can't include those of `{other}`, as only one of the two is scheduled: give \
         both entities `#[soft_delete(scheduled)]`, and keys from one to the other `on_delete = \"cascade\"`, or delete without `.at(…)`"
    )]
    #[non_exhaustive]
    NotScheduled {
        /// The table of the rows to be deleted.
        table: TableName,
        /// The other table.
        other: Box<TableName>,
    },

    /// A part of the library that can't keep rows in sight until the time they are scheduled for. Nothing was written.
    #[error(
        "{by} would take rows of `{table}` for deleted before the time that they are scheduled for: leave out that table, or \
         `scheduled`"
    )]
    #[non_exhaustive]
    UnsupportedSchedule {
        /// The table.
        table: TableName,
        /// Which part of the library.
        by: &'static str,
    },

    /// A deletion by cascade would write who deleted into a column of another type.
    #[error(
        "`deleted_by` of `{table}` has another type than that of a table whose deletions cascade into it: use one type for `deleted_by` \
         in all tables of a cascade"
    )]
    #[non_exhaustive]
    ActorType {
        /// The table with the other type.
        table: TableName,
    },

    /// A time that not every backend can store.
    #[error("`.at({at})` is out of range: the year must lie between 1 and 9999")]
    #[non_exhaustive]
    TimeOutOfRange {
        /// The time given.
        at: chrono::DateTime<chrono::Utc>,
    },

    /// A column can't hold the time of a deletion. Nothing was written.
    #[error(
        "`{column}` of `{table}` is a `{column_type}`, which can't hold {at}: make it `DATETIME(6)` on MySQL and MariaDB, and \
         `timestamptz` on PostgreSQL"
    )]
    #[non_exhaustive]
    UnstorableTime {
        /// The table.
        table: TableName,
        /// The column of `deleted_at`.
        column: String,
        /// Its type in the database.
        column_type: String,
        /// The time.
        at: chrono::DateTime<chrono::Utc>,
    },

    /// Rows of another deletion have the same time, in a table where nothing else tells deletions apart. Nothing was written.
    #[error(
        "rows of `{table}` were deleted at {at} by another deletion, and only `{column}` could tell them from those of this one: add \
         `deletion_id: Option<Uuid>` to its entity, or delete at another time"
    )]
    #[non_exhaustive]
    SameTime {
        /// The table.
        table: TableName,
        /// The column of `deleted_at`.
        column: String,
        /// The time, as the columns of the cascade keep it.
        at: chrono::DateTime<chrono::Utc>,
    },

    /// A deletion can't be found again, because nothing but the time tells it from others. Nothing was written.
    #[error(
        "which rows of `{table}` this deletion took can't be told from those of others: add `deletion_id: Option<Uuid>` to its entity, \
         or restore the rows by their keys"
    )]
    #[non_exhaustive]
    NoIdentity {
        /// The table of the rows that the deletion started from.
        table: TableName,
    },

    /// Nothing would tell the rows that a cascade takes from those of other deletions: a flag alone keeps no time, and the times of two
    /// tables can be compared only if both are dates, or count alike. Nothing was written.
    #[error(
        "rows of `{table}` can't be told by the deletion that takes them, from `{parent}` to `{child}`, for want of times that can be \
         compared: add `deletion_id: Option<Uuid>` to the entity of `{table}`, and the column to the table"
    )]
    #[non_exhaustive]
    MissingDeletionId {
        /// The table that has to get the column.
        table: TableName,
        /// The child of the foreign key.
        child: Box<TableName>,
        /// Its parent.
        parent: Box<TableName>,
    },

    /// Nothing is known of when rows of a table were deleted: a flag alone tells that they are. Nothing was removed.
    #[error(
        "rows of `{table}` can't be purged by their age, since its `{column}` keeps no time: add `deleted_at: Option<DateTimeUtc>` to its \
         entity, and the column to the table, or leave the table out"
    )]
    NoTime {
        /// The table.
        table: TableName,
        /// The flag.
        column: String,
    },

    /// A part of the library that can't do with what tells deleted rows of a table. Nothing was written.
    #[error(
        "{by} can't do with `{column}` of `{table}`, which isn't a date-time that is NULL in active rows: leave out that table, or \
         convert the column in a migration"
    )]
    UnsupportedMarker {
        /// The table.
        table: TableName,
        /// The column that tells its deleted rows.
        column: String,
        /// Which part of the library.
        by: &'static str,
    },

    /// A stored time that can't be read, such as `infinity` or a zero date. Nothing was written.
    #[error(
        "`{column}` of a row of `{table}` holds no time that can be read ({key}): set it to a time, or to NULL if the row is active"
    )]
    #[non_exhaustive]
    UnreadableTime {
        /// The table.
        table: TableName,
        /// The column of `deleted_at`.
        column: String,
        /// Which row, as far as it is known.
        key: String,
    },

    /// Columns by which a deleted row was to be looked for, and which are no key. Nothing was sent.
    #[error(
        "({}) is neither the primary key of `{table}` nor unique among its active rows without a condition: give `.by(…)` the columns \
         of one, or declare them `#[soft_delete(unique)]`",
        columns.join(", ")
    )]
    #[non_exhaustive]
    NotUnique {
        /// The table.
        table: TableName,
        /// The columns.
        columns: Vec<String>,
    },

    /// The database did not change rows though it was told to. Nothing was done.
    #[error(
        "the database left rows of `{table}` as they were ({rows}): a row-level security policy or a trigger keeps them from it; \
         change that, or do this as another user"
    )]
    #[non_exhaustive]
    NotUpdated {
        /// The table.
        table: TableName,
        /// Which rows, as far as it is known.
        rows: String,
    },

    /// A transaction sees an old state, in which rows may be missing that others have committed since. Nothing was done. It
    /// [can be tried again](Error::is_retryable) in a new transaction.
    #[error(
        "this transaction's snapshot may be too old to see all rows below those of `{table}`: try again in a new transaction and delete \
         first in it, or use READ COMMITTED"
    )]
    #[non_exhaustive]
    OldSnapshot {
        /// The table of the rows to be deleted.
        table: TableName,
    },

    /// The program has no entities, or none in the group asked for. That is never taken for "no table is soft-deletable".
    #[error(
        "this program has no soft-deletable entities{}: derive `SoftDelete`; a library that nothing refers to is not linked: \
         say `use my_library as _;`",
        in_group(group.as_deref())
    )]
    #[non_exhaustive]
    NoEntities {
        /// The group, if one was asked for.
        group: Option<String>,
    },

    /// Entities that share a table say different things of it.
    #[error(
        "the entities `{}` and `{}` share the table `{table}` but don't say the same of it: {}; make them agree, \
         or give those of another database `#[soft_delete(group = \"…\")]`",
        .entities[0], .entities[1], .differences.join("; ")
    )]
    #[non_exhaustive]
    EntitiesDisagree {
        /// The group.
        group: &'static str,
        /// The table.
        table: TableName,
        /// The paths of the entities' modules.
        entities: Box<[&'static str; 2]>,
        /// What they say differently, that of the first before that of the second.
        differences: Vec<String>,
    },

    /// A relation's condition that can't be put into the statements of a cascade.
    #[error(
        "the `on_condition` of `{relation}` of `{table}` {problem}: write it with columns and values, such as \
         `Column::OwnerType.eq(\"post\")`, or give the relation `#[soft_delete(on_delete = \"ignore\")]`"
    )]
    #[non_exhaustive]
    RelationCondition {
        /// The table whose relation it is.
        table: TableName,
        /// The relation, as the entity's `Relation` enum names it.
        relation: String,
        /// What is wrong with it.
        problem: String,
    },

    /// A table was named that is none of the entities', or that several have.
    #[error(
        "{} table `{table}` among the entities{}",
        if *.is_ambiguous { "there is more than one" } else { "there is no" },
        if *.is_ambiguous { ": name its schema too, as in `schema.table`".to_owned() } else { format!("; there are: {}", list(tables)) }
    )]
    #[non_exhaustive]
    UnknownTable {
        /// What was given.
        table: String,
        /// Whether several tables have that name, in different schemas.
        is_ambiguous: bool,
        /// The tables that there are.
        tables: Vec<TableName>,
    },

    /// A key that is none of the table's.
    #[error("this is no primary key of `{table}`: {problem}")]
    #[non_exhaustive]
    InvalidKey {
        /// The table.
        table: TableName,
        /// What is wrong with it, and what is wanted.
        problem: String,
    },

    /// A row that was to be removed from the trash is active.
    #[error("the row of `{table}` is active, and not in the trash: delete it first")]
    #[non_exhaustive]
    NotDeleted {
        /// The table.
        table: TableName,
    },

    /// An entity was named that the registry does not have.
    #[error("the registry has no entity of table `{table}`: add it, or use `Registry::global()`")]
    #[non_exhaustive]
    NotRegistered {
        /// The table.
        table: TableName,
    },

    /// What has to commit by itself was given a transaction.
    #[error(
        "a {operation} can't run in a transaction, because it commits after each batch: give it the pool"
    )]
    #[non_exhaustive]
    InTransaction {
        /// What was to be done, as a noun.
        operation: &'static str,
    },

    /// A restore of a row that does not exist.
    #[error("there is no such row in `{table}`, neither active nor deleted")]
    #[non_exhaustive]
    NotFound {
        /// The table.
        table: TableName,
    },

    /// Active rows reference the rows to be deleted through keys that restrict.
    #[error(
        "rows of `{table}` can't be deleted, they are referenced by {}: delete or change those first, \
         or give their relation another `on_delete`",
        list(blockers)
    )]
    #[non_exhaustive]
    Restricted {
        /// The table of the rows to be deleted.
        table: TableName,
        /// The rows that forbid it, of all tables.
        blockers: Vec<Blocker>,
    },

    /// Active rows refer to a deleted row that is to be removed permanently, or to a deleted row below it.
    #[error(
        "the row of `{table}` can't be removed permanently, it is referenced, itself or what is below it, by {}: delete or change \
         those first",
        list(blockers)
    )]
    #[non_exhaustive]
    Referenced {
        /// The table of the row to be removed.
        table: TableName,
        /// The rows that forbid it, of all tables.
        blockers: Vec<Blocker>,
    },

    /// An update that was to write `deleted_at`, of a row in another state.
    #[error(
        "`{column}` of `{table}` is not written by an update: delete the row with `delete`, or restore it with `restore`"
    )]
    #[non_exhaustive]
    StateSetByHand {
        /// The table.
        table: TableName,
        /// The column.
        column: String,
    },

    /// No row carries this deletion's id: it never was, or was restored or purged since, or its entities have no
    /// `deletion_id`.
    #[error(
        "no row carries the deletion id {id}: it was restored or purged since, or its entities have no `deletion_id`"
    )]
    #[non_exhaustive]
    DeletionNotFound {
        /// The id.
        id: uuid::Uuid,
    },

    /// Unique values of rows to be restored are taken.
    #[error(
        "unique values are taken: {0}; change or delete the rows that have them, or choose `.on_conflict(…)`"
    )]
    Conflict(Conflict),

    /// Parents of rows to be restored are deleted.
    #[error(
        "a restored row can't be below a deleted one: {}; restore the parent, or use `.with_parents()`",
        list(parents)
    )]
    #[non_exhaustive]
    ParentDeleted {
        /// The rows and their deleted parents.
        parents: Vec<DeletedParent>,
        /// Conflicts that would forbid it as well.
        conflict: Conflict,
    },

    /// The database refused a restore for a unique constraint that the entity does not declare.
    #[error(
        "a unique constraint that the entity does not declare forbids the restore of rows of `{table}`: declare its columns \
         `#[soft_delete(unique)]`, and make it unique among active rows only: {source}"
    )]
    #[non_exhaustive]
    UndeclaredUnique {
        /// The table named by the restore; of an undo, the first that the deletion took rows of.
        table: TableName,
        /// The database's own error.
        source: DbErr,
    },

    /// An exclusion constraint of the database's own forbids rows to be active. Nothing was done.
    #[error(
        "an exclusion constraint forbids rows of `{table}` to come back: change or delete the rows that it names, or let the constraint \
         cover active rows only, with `WHERE (deleted_at IS NULL)`: {source}"
    )]
    #[non_exhaustive]
    Excluded {
        /// The table named by the restore; of an undo, the first that the deletion took rows of.
        table: TableName,
        /// The database's own error.
        source: DbErr,
    },

    /// A `#[soft_delete(unique(…))]` that can't be checked. Nothing was sent.
    #[error("`unique` of `{unique}` in the entity of `{table}`: {problem}")]
    #[non_exhaustive]
    InvalidUnique {
        /// The table.
        table: TableName,
        /// The name of the unique key.
        unique: String,
        /// What is wrong.
        problem: String,
    },

    /// The function of [`ConflictPolicy::rename`](crate::ConflictPolicy::rename) returned values that a restore can't take.
    #[error("the function of `ConflictPolicy::rename` for `{unique}` of `{table}` {problem}")]
    #[non_exhaustive]
    InvalidRename {
        /// The table.
        table: TableName,
        /// The name of the unique key.
        unique: String,
        /// What is wrong with the values, and what to do.
        problem: String,
    },

    /// A hook failed, and with it the delete or restore that it ran in.
    #[error("a hook of `{table}` failed, nothing was changed: {source}")]
    #[non_exhaustive]
    Hook {
        /// The table of the entity whose hook it was.
        table: TableName,
        /// The hook's error.
        source: Arc<dyn std::error::Error + Send + Sync>,
    },

    /// The database gave up on a transaction that got in another's way: a deadlock, a serialisation failure, or a lock not
    /// had in time. Trying again may succeed.
    #[error("another transaction was in the way, nothing was changed, try again: {0}")]
    Contention(#[source] DbErr),

    /// A row was to be marked through a view of active rows, and so to vanish from it.
    #[error(
        "the connection shows views of active rows, and this program does not know where their tables are: call \
         `ActiveSchema::attach(&db)` when it starts, or use a connection to the schema of the tables ({0})"
    )]
    ThroughActiveView(#[source] DbErr),

    /// A schema could not be changed or examined.
    #[error(transparent)]
    Schema(#[from] SchemaError),

    /// The archive could not be read, or a row not restored from it.
    #[error(transparent)]
    Archive(#[from] ArchiveError),

    /// The database's own error.
    #[error(transparent)]
    Db(DbErr),
}

impl Error {
    /// Whether the same call may succeed when made again.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Contention(_) | Self::OldSnapshot { .. })
    }
}

fn in_group(group: Option<&str>) -> String {
    group.map_or_else(String::new, |group| format!(" in group `{group}`"))
}

fn list<T: ToString>(items: &[T]) -> String {
    let items: Vec<_> = items.iter().map(ToString::to_string).collect();
    items.join(", ")
}
