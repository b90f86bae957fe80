//! Code of the application's own that runs along with deletes and restores.

use std::{error::Error as StdError, future::Future, marker::PhantomData, pin::Pin};

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement, Value};
use uuid::Uuid;

use crate::{
    model::{Error, TableName},
    query::SoftDelete,
};

/// What a hook may fail with: any error. It comes back as [`Error::Hook`].
pub type HookError = Box<dyn StdError + Send + Sync>;

/// Code that runs along with the deletes and restores of an entity's rows, by cascade as well. Implement it for the entity:
/// the derive finds the implementation.
///
/// ```
/// # mod post {
/// use sea_orm::entity::prelude::*;
/// use soft_delete::{HookConnection, HookError, HookEvent, Hooks, SoftDelete};
///
/// #[sea_orm::model]
/// #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
/// #[sea_orm(table_name = "post")]
/// pub struct Model {
///     #[sea_orm(primary_key)]
///     pub id: i64,
///     pub deleted_at: Option<DateTimeUtc>,
/// }
///
/// impl ActiveModelBehavior for ActiveModel {}
///
/// impl Hooks for Entity {
///     const KEYS: bool = true;
///
///     async fn after_delete(event: &HookEvent<'_>, db: &HookConnection<'_>) -> Result<(), HookError> {
///         db.execute_unprepared("UPDATE search_index SET stale = TRUE").await?;
///         println!("{} rows of {}: {:?}", event.rows, event.table, event.keys);
///         Ok(())
///     }
/// }
/// # }
/// ```
///
/// # When they run
///
/// All inside the transaction of the delete or restore, whose connection they get. An error of a hook rolls it back, all of
/// it.
///
/// - `before_delete`: before each statement that marks rows of this entity, if it will mark any. That is once for most
///   entities, and more often where several foreign keys, or several levels, lead to it.
/// - `after_delete`: once, when all rows of all tables are marked.
/// - `before_restore`: once, when all checks have passed and before the first row comes back.
/// - `after_restore`: once, when all rows of all tables are back.
///
/// They don't run for rows that a call leaves alone, nor for force deletes and plans.
///
/// SeaORM's `ActiveModelBehavior::before_delete` and `after_delete` are another thing: they run around `delete` and
/// `force_delete` of one model or active model, with that model. Rows that a cascade takes, and deletes by key or filter,
/// don't run them. They too run inside the transaction, whose connection they get, and an error of one rolls all back. Since
/// it can't be known whether they do anything, such a delete is always a transaction with a savepoint in it: four statements
/// more than `delete_by_id` takes for a row of a table that no other refers to, two more than for others.
///
/// `before_save` and `after_save` run around `update` and `save` as they do in SeaORM, which promises no transaction: if
/// `after_save` fails, the row has been changed. To have that undone as well, begin a transaction and roll it back.
pub trait Hooks: SoftDelete {
    /// Whether hooks are given the rows' primary keys. Reading them costs a query and memory for each row; without, a hook
    /// is told only how many rows there are.
    const KEYS: bool = false;

    /// Runs before rows are marked as deleted.
    fn before_delete(
        event: &HookEvent<'_>,
        db: &HookConnection<'_>,
    ) -> impl Future<Output = Result<(), HookError>> + Send {
        let _ = (event, db);
        async { Ok(()) }
    }

    /// Runs when the whole deletion is marked.
    fn after_delete(
        event: &HookEvent<'_>,
        db: &HookConnection<'_>,
    ) -> impl Future<Output = Result<(), HookError>> + Send {
        let _ = (event, db);
        async { Ok(()) }
    }

    /// Runs before rows come back.
    fn before_restore(
        event: &HookEvent<'_>,
        db: &HookConnection<'_>,
    ) -> impl Future<Output = Result<(), HookError>> + Send {
        let _ = (event, db);
        async { Ok(()) }
    }

    /// Runs when all rows are back.
    fn after_restore(
        event: &HookEvent<'_>,
        db: &HookConnection<'_>,
    ) -> impl Future<Output = Result<(), HookError>> + Send {
        let _ = (event, db);
        async { Ok(()) }
    }
}

/// What a hook is told.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HookEvent<'e> {
    /// The entity's table.
    pub table: &'e TableName,
    /// How many rows of it are affected.
    pub rows: u64,
    /// Their primary keys, if [`Hooks::KEYS`] says so; else empty.
    pub keys: &'e [Vec<Value>],
    /// The deletion. `None` for a restore, which may bring back rows of several.
    pub deletion: Option<HookDeletion<'e>>,
}

/// The deletion that a hook runs in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HookDeletion<'e> {
    /// As [`Deletion::id`](crate::Deletion::id).
    pub id: Uuid,
    /// As [`Deletion::deleted_at`](crate::Deletion::deleted_at).
    pub deleted_at: DateTime<Utc>,
    /// What was given to [`by`](crate::Delete::by).
    pub deleted_by: Option<&'e Value>,
    /// What was given to [`reason`](crate::Delete::reason).
    pub reason: Option<&'e str>,
}

type Outcome<'a> = Pin<Box<dyn Future<Output = Result<(), HookError>> + Send + 'a>>;
pub(crate) type Hook = for<'a> fn(&'a HookEvent<'a>, &'a HookConnection<'a>) -> Outcome<'a>;

/// An entity's hooks without its type.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct HookTable {
    pub(crate) keys: bool,
    pub(crate) before_delete: Hook,
    pub(crate) after_delete: Hook,
    pub(crate) before_restore: Hook,
    pub(crate) after_restore: Hook,
}

/// Finds out whether an entity has hooks: the inherent constant exists only if it does, and goes before the trait's.
#[doc(hidden)]
#[derive(Debug)]
pub struct HooksOf<E>(PhantomData<E>);

#[doc(hidden)]
#[allow(missing_docs)]
impl<E: Hooks> HooksOf<E> {
    pub const TABLE: Option<HookTable> = Some(HookTable {
        keys: E::KEYS,
        before_delete: |event, db| Box::pin(E::before_delete(event, db)),
        after_delete: |event, db| Box::pin(E::after_delete(event, db)),
        before_restore: |event, db| Box::pin(E::before_restore(event, db)),
        after_restore: |event, db| Box::pin(E::after_restore(event, db)),
    });
}

#[doc(hidden)]
#[allow(missing_docs)]
pub trait NoHooks {
    const TABLE: Option<HookTable> = None;
}

impl<E> NoHooks for HooksOf<E> {}

pub(crate) async fn run<C: ConnectionTrait>(
    hook: Hook,
    event: HookEvent<'_>,
    db: &C,
) -> Result<(), Error> {
    let table = event.table;
    hook(&event, &HookConnection(db))
        .await
        .map_err(|source| Error::Hook {
            table: table.clone(),
            source: source.into(),
        })
}

/// The connection of the delete or restore that a hook runs in, for SeaORM's queries and for raw SQL.
///
/// What a hook does through it is part of the same transaction. It does not begin transactions of its own, so that a hook
/// can't start another soft delete. Statements go through as text: a
/// `RestrictedConnection` refuses them.
pub struct HookConnection<'c>(&'c dyn AnyConnection);

impl std::fmt::Debug for HookConnection<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HookConnection")
    }
}

type Boxed<'a, T> = Pin<Box<dyn Future<Output = Result<T, DbErr>> + Send + 'a>>;

/// The part of [`ConnectionTrait`] that trait objects can have.
trait AnyConnection: Sync {
    fn backend(&self) -> DbBackend;
    fn execute(&self, statement: Statement) -> Boxed<'_, ExecResult>;
    fn execute_text<'a>(&'a self, sql: &'a str) -> Boxed<'a, ExecResult>;
    fn query_one(&self, statement: Statement) -> Boxed<'_, Option<QueryResult>>;
    fn query_all(&self, statement: Statement) -> Boxed<'_, Vec<QueryResult>>;
    fn returning(&self) -> bool;
    fn is_mock(&self) -> bool;
}

impl<C: ConnectionTrait> AnyConnection for C {
    fn backend(&self) -> DbBackend {
        self.get_database_backend()
    }

    fn execute(&self, statement: Statement) -> Boxed<'_, ExecResult> {
        self.execute_raw(statement)
    }

    fn execute_text<'a>(&'a self, sql: &'a str) -> Boxed<'a, ExecResult> {
        self.execute_unprepared(sql)
    }

    fn query_one(&self, statement: Statement) -> Boxed<'_, Option<QueryResult>> {
        self.query_one_raw(statement)
    }

    fn query_all(&self, statement: Statement) -> Boxed<'_, Vec<QueryResult>> {
        self.query_all_raw(statement)
    }

    fn returning(&self) -> bool {
        self.support_returning()
    }

    fn is_mock(&self) -> bool {
        self.is_mock_connection()
    }
}

#[sea_orm::prelude::async_trait::async_trait]
impl ConnectionTrait for HookConnection<'_> {
    fn get_database_backend(&self) -> DbBackend {
        self.0.backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.0.execute(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.0.execute_text(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.0.query_one(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.0.query_all(statement).await
    }

    fn support_returning(&self) -> bool {
        self.0.returning()
    }

    fn is_mock_connection(&self) -> bool {
        self.0.is_mock()
    }
}
