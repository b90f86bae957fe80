//! A connection that sees the rows of one scope, whatever builds the query.

mod borrowed;
mod guard;
pub mod rewrite;
mod statements;
mod transactions;

use std::{borrow::Cow, sync::Arc};

use sea_orm::ConnectionTrait;

pub use self::borrowed::Borrowed;
pub(crate) use self::guard::Guard;
use crate::model::{Registry, Scope};

/// A connection that sees active rows only, whatever builds the query: SeaORM, with its joins, loaders and relations, code
/// that knows nothing of soft delete, or SQL written by hand.
///
/// Each statement is read before it is sent. Every soft-deletable table in it gets its condition, in the place where the
/// rows come from: in WHERE, in the ON of an outer join, in sub-selects, common table expressions and each arm of a UNION.
///
/// ```sql
/// SELECT … FROM user LEFT JOIN post ON (post.author_id = user.id) AND "post"."deleted_at" IS NULL
/// WHERE "user"."deleted_at" IS NULL
/// ```
///
/// # The rules
///
/// - A query block that says something of a table's `deleted_at` itself, in WHERE, ON or HAVING, is left alone for that
///   table. So `with_deleted()`, `only_deleted()`, deletes, restores and force deletes mean what they mean elsewhere.
/// - A reference to `deleted_at` counts for the table that the server would take it for. Aliases and paths are compared as the
///   database does (MySQL's aliases exactly, its tables loosely), each block and each aliased join is a name space, and an alias
///   of the result or the name of an argument is no column. In doubt it does not count.
/// - UPDATE changes active rows, under the same rule.
/// - DELETE from a soft-deletable table is refused, unless its WHERE says that rows are to be removed: it has
///   `deleted_at IS NOT NULL` in AND position, so that it keeps to deleted rows, or `deleted_at IS NULL OR TRUE`, which names all of
///   them. `DELETE … WHERE id = 7 AND deleted_at IS NULL` removes an active row, and is refused. So is what removes rows on its
///   way: REPLACE, MERGE, TRUNCATE.
/// - `CREATE TABLE … AS` is the query in it. A statement that carries another (`SET STATEMENT … FOR`, `DECLARE … CURSOR FOR`) is what
///   it carries; `EXECUTE IMMEDIATE`, `PREPARE` and `HANDLER` are refused.
/// - A statement that names a soft-deletable table and can't be understood is refused, never sent as it is. The error
///   says why, and [`unscoped`](Self::unscoped) is the way out.
/// - Statements on other tables, DDL and settings are sent as they are.
///
/// # What it does not see
///
/// It reads the text of one statement, and neither the schema nor data. These pass:
///
/// - Conditions that name `deleted_at` and hold for deleted rows all the same: `deleted_at IS NOT NULL OR 1 = 1`,
///   `CASE WHEN deleted_at IS NULL THEN 1 ELSE 1 END = 1`, `HAVING count(*) FILTER (WHERE deleted_at IS NULL) > 0`. Whoever names the
///   column decides.
/// - What the database keeps and runs by itself: views, materialized views, rules, functions, procedures, triggers and events, when they
///   are created and when they are used; foreign keys that cascade; `TRUNCATE … CASCADE` of another table.
/// - Functions that read a table by its name or by a query in a string: `query_to_xml('…')`, `table_to_xml('post', …)`, `schema_to_xml`,
///   `ts_stat('…')`, `dblink`; and code in strings that puts names together, as in `DO $$ … $$` and `EXECUTE`.
/// - Tables under another name: a partition or a child of an inherited table by its own name, a synonym, a foreign table, SQLite's
///   shadow tables, another schema than the entity gives.
/// - DDL: `DROP TABLE`, `ALTER TABLE … DROP PARTITION`, MariaDB's `CREATE OR REPLACE TABLE`, which removes rows.
/// - `INSERT … ON DUPLICATE KEY UPDATE` of MySQL and MariaDB, which has no WHERE and may change a deleted row.
/// - `UPDATE post SET deleted_at = NULL WHERE deleted_at IS NOT NULL`, a restore by hand.
///
/// SQLite, MySQL and MariaDB name a column of the result that has no alias after its text, and so after a condition that was added
/// to a sub-select in it: `SELECT (SELECT MAX(id) FROM post)`. Give it an alias to read it by name.
///
/// Not supported are MySQL's `NO_BACKSLASH_ESCAPES` and PostgreSQL's `standard_conforming_strings = off`, which change how the text is
/// read.
///
/// What was found out of a statement is kept, so that reading it costs once: for its text, and for all that differ from it in their
/// values alone, such as the length of an IN list or the rows of an INSERT. All connections of one [`Registry`] share it: make a
/// scoped connection for each request, or one for the program. A statement of more than 100,000 words and signs is refused, since
/// others would wait while it is read; literals in the lists of IN and VALUES don't count.
///
/// # Example
///
/// ```
/// # fn main() {}
/// # use sea_orm::entity::prelude::*;
/// # mod user {
/// #     use sea_orm::entity::prelude::*;
/// #     #[sea_orm::model]
/// #     #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
/// #     #[sea_orm(table_name = "user")]
/// #     pub struct Model {
/// #         #[sea_orm(primary_key)]
/// #         pub id: i64,
/// #         #[sea_orm(has_many)]
/// #         pub posts: HasMany<super::post::Entity>,
/// #     }
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
/// # mod post {
/// #     use sea_orm::entity::prelude::*;
/// #     use soft_delete::SoftDelete;
/// #     #[sea_orm::model]
/// #     #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
/// #     #[sea_orm(table_name = "post")]
/// #     pub struct Model {
/// #         #[sea_orm(primary_key)]
/// #         pub id: i64,
/// #         pub user_id: i64,
/// #         pub deleted_at: Option<DateTimeUtc>,
/// #         #[sea_orm(belongs_to, from = "user_id", to = "id", on_delete = "Cascade")]
/// #         pub user: BelongsTo<super::user::Entity>,
/// #     }
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
/// # use {post::Entity as Post, user::Entity as User};
/// use soft_delete::ScopedConnection;
///
/// # async fn example(pool: DatabaseConnection) -> Result<(), DbErr> {
/// let db = ScopedConnection::new(pool);
/// User::find().find_with_related(Post).all(&db).await?;                // users with their active posts
/// User::load().with(Post).all(&db).await?;                             // the same
/// Post::with_deleted().all(&db).await?;                                // all posts
/// User::find().find_with_related(Post).all(&db.with_deleted()).await?; // users with all their posts
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct ScopedConnection<C> {
    inner: C,
    scope: Scope,
    guard: Arc<Guard>,
}

/// What a [`ScopedConnection`] can be made of: every connection of SeaORM, by value.
#[diagnostic::on_unimplemented(
    message = "a `ScopedConnection` takes a connection by value, and `{Self}` is none",
    label = "not a connection by value",
    note = "a pool is cheap to clone: `ScopedConnection::new(db.clone())`",
    note = "to keep a transaction of someone else's: `ScopedConnection::borrow(transaction)`"
)]
pub trait InnerConnection: ConnectionTrait {}

#[diagnostic::do_not_recommend]
impl<C: ConnectionTrait> InnerConnection for C {}

impl<C> ScopedConnection<C> {
    /// A connection that sees active rows of all entities that the derive has registered, in whichever group.
    ///
    /// If there are none, because the crate that has them is not linked, every statement fails with
    /// [`Error::NoEntities`](crate::Error::NoEntities).
    ///
    /// It takes a pool, a transaction, or another connection; to keep that, give it a clone, or [`borrow`](Self::borrow)
    /// it.
    pub fn new(inner: C) -> Self
    where
        C: InnerConnection,
    {
        Self::with_registry(inner, Registry::global())
    }

    /// The same for the entities of a registry, such as one [of a group](Registry::of_group). The registry keeps what was
    /// read: make it once, not for each connection. One that was built empty on purpose lets every statement pass.
    pub fn with_registry(inner: C, registry: &Registry) -> Self
    where
        C: InnerConnection,
    {
        Self {
            inner,
            scope: Scope::Active,
            guard: registry.guard(),
        }
    }
}

impl<C: ConnectionTrait> ScopedConnection<C> {
    /// Another scope for the same connection.
    pub fn in_scope(self, scope: Scope) -> Self {
        Self { scope, ..self }
    }

    /// The scope of statements that don't choose their own.
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// The same connection, seeing all rows. A physical DELETE is refused as before.
    pub fn with_deleted(&self) -> ScopedConnection<Borrowed<'_, C>> {
        self.borrow_in(Scope::WithDeleted)
    }

    /// The same connection, seeing deleted rows.
    pub fn only_deleted(&self) -> ScopedConnection<Borrowed<'_, C>> {
        self.borrow_in(Scope::OnlyDeleted)
    }

    /// The text that is sent for a statement: to look at, or to explain.
    ///
    /// # Errors
    ///
    /// [`Refused`](rewrite::Refused), with the reason.
    pub fn rewrite<'s>(&self, sql: &'s str) -> Result<Cow<'s, str>, rewrite::Refused> {
        if let Err(error) = self.guard.check() {
            let reason = rewrite::Reason::UnknownTables(error.to_string());
            return Err(rewrite::Refused::new(reason, ""));
        }
        let backend = self.inner.get_database_backend();
        self.guard.rewrite(backend, sql, self.scope)
    }

    /// The connection itself: statements are sent as they are.
    pub fn unscoped(&self) -> &C {
        &self.inner
    }

    /// The connection itself.
    pub fn into_unscoped(self) -> C {
        self.inner
    }

    fn borrow_in(&self, scope: Scope) -> ScopedConnection<Borrowed<'_, C>> {
        ScopedConnection {
            inner: Borrowed(&self.inner),
            scope,
            guard: self.guard.clone(),
        }
    }
}

impl<'c, C: ConnectionTrait> ScopedConnection<Borrowed<'c, C>> {
    /// [`new`](Self::new) over a connection that someone else owns, such as a transaction that the caller will commit.
    ///
    /// ```
    /// # use sea_orm::{DatabaseTransaction, DbErr};
    /// # use soft_delete::ScopedConnection;
    /// async fn report(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
    ///     let db = ScopedConnection::borrow(transaction);
    /// #   let _ = db;
    ///     // …
    ///     Ok(())
    /// }
    /// ```
    pub fn borrow(connection: &'c C) -> Self {
        Self::new(Borrowed(connection))
    }
}
