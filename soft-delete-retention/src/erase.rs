//! The right to erasure: a row and all that hangs on it, removed permanently from the tables and from the archive.

mod archived;
mod entry;
mod report;
mod row;
mod rows;
mod run;

use std::{collections::BTreeSet, marker::PhantomData, sync::Arc};

use chrono::Utc;
use sea_orm::{
    ConnectionTrait, DbErr, IsolationLevel, PrimaryKeyTrait, TransactionTrait, Value,
    sea_query::{IntoValueTuple as _, Query},
};

pub use report::{ErasedTable, ErasurePlan, ErasureReport, KeySetNull, NotLookedAt};
pub use row::EraseRow;

use crate::{
    archive::ArchiveTable,
    dialect::{self, Dialect},
    removal::Key,
};
use run::Run;
use soft_delete_core::{
    EntityMeta, Error, Registry, SoftDelete,
    engine_api::{
        Cascade, Group,
        dialect::{is_pool, write_transaction},
        transaction,
    },
};
use soft_delete_schema::schema_api::catalog::Catalog;

/// Permanently removes a row, active or deleted: with all below it, and with all that the archive has of them.
///
/// ```standalone_crate
/// # mod user {
/// #     use sea_orm::entity::prelude::*;
/// #     #[sea_orm::model]
/// #     #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
/// #     #[sea_orm(table_name = "user")]
/// #     pub struct Model { #[sea_orm(primary_key)] pub id: i64, pub deleted_at: Option<DateTimeUtc> }
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
/// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use sea_orm::{ConnectionTrait, Database};
/// use soft_delete::SoftDelete as _;
///
/// let db = Database::connect("sqlite::memory:").await?;
/// db.execute_unprepared("CREATE TABLE user (id INTEGER PRIMARY KEY, deleted_at TEXT)").await?;
/// db.execute_unprepared("INSERT INTO user VALUES (7, NULL)").await?;
///
/// let report = user::Entity::erase_by_id(7).exec(&db).await?;
/// println!("{report}"); // to be filed
/// assert_eq!(report.rows_erased(), 1);
///
/// // Nothing is left to erase.
/// assert_eq!(user::Entity::erase_by_id(7).exec(&db).await?.rows_erased(), 0);
/// # Ok(()) }
/// ```
///
/// # What is erased
///
/// - The row, and the rows below it along [cascading](soft_delete_core::OnDelete::Cascade) keys, whatever deleted them and whether they are
///   deleted at all.
/// - Entries of these rows in the [archive](crate::archive), and of rows that were below them when they were purged, which is
///   known from the foreign keys in the archived data. Keys are compared as their columns compare, without regard to case or
///   padding where the database has none. A key whose columns were renamed since is followed by the names that the entries have
///   recorded; entries of which nothing tells are [reported](ErasureReport::not_looked_at).
///
/// Keys that [set NULL](soft_delete_core::OnDelete::SetNull) are set to NULL in the rows that refer to an erased one. Rows that refer to one
/// by a key that [restricts](soft_delete_core::OnDelete::Restrict) forbid the erasure, deleted ones too, unless they are erased along.
///
/// What else tells of the row is not touched: tables whose entities don't derive `SoftDelete` (the report
/// [names](ErasureReport::not_followed) those known to refer to it; the database's own foreign keys see to them), keys in archived
/// rows that are not erased, and backups.
///
/// # How
///
/// In one transaction. The rows' keys are loaded, level by level, and locked; then the rows are removed, children before parents,
/// up to a thousand by a statement. A foreign key by which rows of one table, or of tables in a circle, refer to each other is set
/// to NULL in them first, where it can be. The search in the archive reads all entries of each table below the row's. Hooks don't
/// run.
#[derive(Clone, Debug)]
#[must_use = "nothing is erased until `exec(&db)` is awaited"]
pub struct Erase<E> {
    key: Vec<Value>,
    archive: Option<ArchiveTable>,
    registry: Option<Registry>,
    entity: PhantomData<E>,
}

impl<E: SoftDelete> Erase<E> {
    /// The row of that primary key.
    pub fn by_id<T>(id: T) -> Self
    where
        T: Into<<E::PrimaryKey as PrimaryKeyTrait>::ValueType>,
    {
        Self {
            key: id.into().into_value_tuple().into_iter().collect(),
            archive: None,
            registry: None,
            entity: PhantomData,
        }
    }

    /// The archive to look in. If none is given, it is the table `soft_delete_archive` if the database has that.
    pub fn archive(mut self, archive: ArchiveTable) -> Self {
        self.archive = Some(archive);
        self
    }

    /// Follows the foreign keys of this registry, and not of [`Registry::global`].
    pub fn registry(mut self, registry: &Registry) -> Self {
        self.registry = Some(registry.clone());
        self
    }

    /// Runs it. It is `Ok`, with a report of no rows, if nothing is there.
    ///
    /// # Errors
    ///
    /// - [`Error::Restricted`] with the rows that forbid it.
    /// - [`ArchiveError::Missing`](soft_delete_core::ArchiveError::Missing) if an archive was given and is not there.
    /// - [`Error::Contention`], also in a caller's transaction of PostgreSQL that is `REPEATABLE READ` or `SERIALIZABLE`: it would not
    ///   see what was committed since it began.
    /// - [`SchemaError::UnknownTable`](soft_delete_core::SchemaError::UnknownTable), [`Error::EntitiesDisagree`] and [`Error::Db`].
    pub async fn exec<C>(self, db: &C) -> Result<ErasureReport, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        self.erasure().exec(db).await
    }

    /// What [`exec`](Self::exec) would remove, and the rows that forbid it. It reads only, and locks nothing.
    ///
    /// # Errors
    ///
    /// Those of [`exec`](Self::exec) that are not about other rows.
    pub async fn plan<C>(self, db: &C) -> Result<ErasurePlan, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        self.erasure().plan(db).await
    }

    fn erasure(&self) -> Erasure<'_> {
        Erasure {
            registry: self.registry.as_ref().unwrap_or(Registry::global()),
            meta: E::meta(),
            key: &self.key,
            archive: self.archive.as_ref(),
        }
    }
}

/// An erasure that knows all it needs but the connection.
struct Erasure<'e> {
    registry: &'e Registry,
    meta: &'e EntityMeta,
    key: &'e Key,
    archive: Option<&'e ArchiveTable>,
}

/// Where an erasure takes place.
struct Place {
    group: Arc<Group>,
    root: usize,
    archive: Option<ArchiveTable>,
    catalog: Catalog,
}

impl Place {
    fn cascade(&self) -> Cascade<'_> {
        Cascade::from(&self.group, &[self.root])
    }
}

impl Erasure<'_> {
    async fn exec<C>(&self, db: &C) -> Result<ErasureReport, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let dialect = dialect::of(db.get_database_backend())?;
        let place = self.find(db).await?;
        let (cascade, archive) = (place.cascade(), place.archive.as_ref());
        let run = Run::new(&place.catalog, &cascade, place.root, self.key, archive)?;
        let mut options = write_transaction(dialect.backend());
        if dialect.isolation_level().is_some() && is_pool::<C>() {
            options.isolation_level = Some(IsolationLevel::ReadCommitted);
        }
        let transaction = db.begin_with_options(options).await?;
        let erased = match sees_the_latest(&transaction, dialect).await {
            Ok(()) => run.exec(&transaction, Utc::now()).await,
            Err(error) => Err(error),
        };
        transaction::end(db, transaction, erased).await
    }

    async fn plan<C: ConnectionTrait>(&self, db: &C) -> Result<ErasurePlan, Error> {
        let place = self.find(db).await?;
        let (cascade, archive) = (place.cascade(), place.archive.as_ref());
        let run = Run::new(&place.catalog, &cascade, place.root, self.key, archive)?;
        run.plan(db, Utc::now()).await
    }

    async fn find<C: ConnectionTrait>(&self, db: &C) -> Result<Place, Error> {
        let (group, root) = self.registry.group_of(self.meta)?;
        let archive = self.find_archive(db).await?;
        let cascade = Cascade::from(&group, &[root]);
        let referring = cascade.restrict.iter().chain(&cascade.set_null);
        let entities: BTreeSet<_> = cascade
            .entities()
            .chain(referring.map(|edge| edge.child))
            .collect();
        let tables = entities.iter().map(|entity| &group.entity(*entity).table);
        let catalog = Catalog::of_tables(db, &tables.collect::<Vec<_>>()).await?;
        Ok(Place {
            group,
            root,
            archive,
            catalog,
        })
    }

    async fn find_archive<C: ConnectionTrait>(
        &self,
        db: &C,
    ) -> Result<Option<ArchiveTable>, Error> {
        if let Some(archive) = self.archive {
            archive.require(db).await?;
            return Ok(Some(archive.clone()));
        }
        let archive = ArchiveTable::new();
        Ok(archive.exists(db).await?.then_some(archive))
    }
}

/// PostgreSQL shows a transaction of a higher isolation level what was committed before it first looked, whatever it locks: rows that
/// came later, and entries of rows purged since, would stay. MySQL and MariaDB show the latest to what locks, and so do all reads of
/// an erasure.
async fn sees_the_latest<C: ConnectionTrait>(db: &C, dialect: &dyn Dialect) -> Result<(), Error> {
    let Some(level) = dialect.isolation_level() else {
        return Ok(());
    };
    let level = Query::select().expr(level).to_owned();
    let row = db.query_one(&level).await?;
    let level: Option<String> = row.map(|row| row.try_get_by_index(0)).transpose()?;
    match level.as_deref() {
        Some(level @ ("repeatable read" | "serializable")) => {
            Err(Error::Contention(DbErr::Custom(format!(
                "an erasure has to see what others have committed, and its transaction is {}: run it on the pool, or in a \
                 transaction that is READ COMMITTED",
                level.to_uppercase()
            ))))
        }
        _ => Ok(()),
    }
}
