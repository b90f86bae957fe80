//! Figures: how many rows are active, deleted and expired, and what they take.

mod count;
#[cfg(feature = "metrics")]
mod metrics;
mod report;
mod table;

use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

pub use crate::figure::Figure;
pub use report::{MissingTable, Stats};
pub use table::TableStats;

use crate::{
    dialect::{
        BOUND, CatalogStats, Reading, StatsTarget, add_range_estimates, is_cheap_to_scan, stats_of,
    },
    retention::Retentions,
};
use soft_delete_core::{Error, Registry, SoftDelete};
use soft_delete_schema::schema_api::catalog::Catalog;

/// Reads the figures of a registry's tables: rows that are active, deleted and expired, the oldest and newest deletion, sizes.
/// The short form of [`StatsReader`], which says what is exact and what is an estimate.
///
/// # Errors
///
/// [`SchemaError::UnknownTable`](soft_delete_core::SchemaError::UnknownTable) and
/// [`SchemaError::UnknownColumn`](soft_delete_core::SchemaError::UnknownColumn) if the database has none of the entities; where it has
/// some, the others are [told](Stats::missing) beside the figures. [`SchemaError::Privilege`](soft_delete_core::SchemaError::Privilege),
/// [`SchemaError::ServerTooOld`](soft_delete_core::SchemaError::ServerTooOld), [`Error::NoEntities`], [`Error::EntitiesDisagree`], and the database's own.
///
/// ```standalone_crate
/// # mod post {
/// #     use sea_orm::entity::prelude::*;
/// #     #[sea_orm::model]
/// #     #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
/// #     #[sea_orm(table_name = "post")]
/// #     #[soft_delete(retention = "30 days")]
/// #     pub struct Model { #[sea_orm(primary_key)] pub id: i64, pub deleted_at: Option<DateTimeUtc> }
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
/// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use sea_orm::{ConnectionTrait, Database};
/// use soft_delete::{Figure, Registry, stats};
///
/// let db = Database::connect("sqlite::memory:").await?;
/// db.execute_unprepared("CREATE TABLE post (id INTEGER PRIMARY KEY, deleted_at TEXT)").await?;
/// db.execute_unprepared("INSERT INTO post (deleted_at) VALUES (NULL), (NULL), ('2020-01-01 12:00:00')").await?;
///
/// let stats = stats(Registry::global(), &db).await?;
/// println!("{stats}");
/// let post = &stats.tables()[0];
/// assert_eq!(post.active, Figure::Exact(2));
/// assert_eq!(post.deleted, Figure::Exact(1));
/// assert_eq!(post.expired, Some(Figure::Exact(1)));   // its retention is 30 days
/// # Ok(()) }
/// ```
pub async fn stats<C: ConnectionTrait>(registry: &Registry, db: &C) -> Result<Stats, Error> {
    StatsReader::new().registry(registry).exec(db).await
}

/// Reads figures of tables: see [`Stats`].
///
/// Each [`Figure`] says whether it is exact. A table of up to 10,000 rows is counted. Of a larger one
///
/// | | with a [purge index](soft_delete_schema::PurgeIndex) | without |
/// |---|---|---|
/// | rows, active rows | the catalog's estimate | the catalog's estimate |
/// | deleted rows | counted up to 10,000, then an estimate | an estimate on PostgreSQL |
/// | expired rows | counted if 10,000 or fewer are, else an estimate | an estimate on PostgreSQL |
/// | deleted in the future | counted if 10,000 or fewer are, else an estimate | an estimate on PostgreSQL |
/// | oldest and newest deletion | exact; an estimate on SQLite, whose texts need not be in the order of time | an estimate on PostgreSQL |
///
/// The estimates are those of the last ANALYZE: on PostgreSQL `pg_class` and `pg_stats`, and the rows it has counted itself where
/// there was none yet; on SQLite `sqlite_stat1`. On MySQL and MariaDB they are `information_schema.TABLES` and, for deleted and
/// expired rows, what the optimiser expects of the index: InnoDB has a look at a few pages, and may be off by a factor of two. MySQL
/// and MariaDB before 11 never say more than half of the table; MariaDB 11 may say twice as many rows as are deleted, up to the whole
/// table. [`exact`](Self::exact) counts them. MySQL 8 refreshes
/// `information_schema` once a day unless `information_schema_stats_expiry` says otherwise. Where there are no statistics a count
/// is [`AtLeast`](Figure::AtLeast) or [`Unknown`](Figure::Unknown).
///
/// A SQLite database of up to 64 MiB is always read whole; of a larger one the sizes are told by [`exact`](Self::exact) alone, since
/// SQLite reads a table's pages to tell their number. Sizes are exact on PostgreSQL and estimates on MySQL and MariaDB.
///
/// The catalog is read in a fixed number of statements, and rows of 20 tables in one. They don't share a
/// transaction, unless the connection is one: what is written meanwhile is in some of the figures.
///
/// ```standalone_crate
/// # mod post {
/// #     use sea_orm::entity::prelude::*;
/// #     #[sea_orm::model]
/// #     #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
/// #     #[sea_orm(table_name = "post")]
/// #     pub struct Model { #[sea_orm(primary_key)] pub id: i64, pub deleted_at: Option<DateTimeUtc> }
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
/// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use sea_orm::{ConnectionTrait, Database};
/// use soft_delete::StatsReader;
///
/// let db = Database::connect("sqlite::memory:").await?;
/// db.execute_unprepared("CREATE TABLE post (id INTEGER PRIMARY KEY, deleted_at TEXT)").await?;
///
/// let stats = StatsReader::new()
///     .default_retention(Duration::from_secs(90 * 24 * 60 * 60))
///     .exact()
///     .exec(&db)
///     .await?;
/// assert!(stats.tables()[0].active.is_exact());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "it reads nothing until `exec(&db)` is awaited"]
pub struct StatsReader {
    registry: Registry,
    exact: bool,
    at: Option<DateTime<Utc>>,
    retentions: Retentions,
}

impl Default for StatsReader {
    fn default() -> Self {
        Self::new()
    }
}

impl StatsReader {
    /// Of the tables of all entities of the program.
    pub fn new() -> Self {
        Self {
            registry: Registry::global().clone(),
            exact: false,
            at: None,
            retentions: Retentions::default(),
        }
    }

    /// The entities of this registry instead of [`Registry::global`]'s. Those of another
    /// database are in another [group](Registry::of_group).
    pub fn registry(mut self, registry: &Registry) -> Self {
        self.registry = registry.clone();
        self
    }

    /// Counts all rows: reads every table once.
    pub fn exact(mut self) -> Self {
        self.exact = true;
        self
    }

    /// Takes this for now, which tells expired rows and those deleted in the future.
    pub fn at(mut self, now: DateTime<Utc>) -> Self {
        self.at = Some(now);
        self
    }

    /// Another retention than the entity's.
    pub fn retention<E: SoftDelete>(mut self, retention: Duration) -> Self {
        self.retentions.set(&E::meta().table, retention);
        self
    }

    /// The retention of entities that have none.
    pub fn default_retention(mut self, retention: Duration) -> Self {
        self.retentions.set_default(retention);
        self
    }

    /// Reads the figures.
    ///
    /// # Errors
    ///
    /// As [`stats`].
    pub async fn exec<C: ConnectionTrait>(&self, db: &C) -> Result<Stats, Error> {
        self.registry.check()?;
        let at = self.at.unwrap_or_else(Utc::now);
        let metas: Vec<_> = self.registry.entities().collect();
        if metas.is_empty() {
            return Ok(Stats::new(at, Vec::new(), Vec::new()));
        }
        let tables: Vec<_> = metas.iter().map(|meta| &meta.table).collect();
        let catalog = Catalog::of_schemas(db, &tables).await?;
        let mut targets = Vec::new();
        let mut missing = Vec::new();
        for meta in &metas {
            match StatsTarget::new(&catalog, meta, self.retentions.of(meta), at) {
                Ok(target) => targets.push(target),
                Err(error) => missing.push((*meta, error)),
            }
        }
        if targets.is_empty()
            && let Some((_, error)) = missing.pop()
        {
            return Err(error);
        }
        let missing = missing
            .into_iter()
            .map(|(meta, error)| MissingTable::new(&meta.table, &error));

        let dialect = stats_of(db.get_database_backend())?;
        let reading = match self.exact || is_cheap_to_scan(db).await? {
            true => Reading::All,
            false => Reading::Bounded,
        };
        let mut catalog = CatalogStats::of_all(db, &targets, reading).await?;
        let counted = count::count(db, &targets, reading).await?;

        if dialect.estimates_ranges() && reading == Reading::Bounded {
            let tables = targets.iter().zip(&mut catalog).zip(&counted);
            let beyond = tables.filter(|((target, _), counted)| {
                target.index.is_some() && counted.first.rows > BOUND
            });
            let mut beyond: Vec<_> = beyond.map(|(table, _)| table).collect();
            add_range_estimates(db, &mut beyond).await?;
        }
        let tables = targets.iter().zip(&catalog).zip(&counted);
        let tables = tables.map(|((target, catalog), counted)| {
            TableStats::new(target, catalog, counted, reading, dialect)
        });
        Ok(Stats::new(at, tables.collect(), missing.collect()))
    }
}
