//! What is wrong with a live database, why it matters, and the fix.
//!
//! ```standalone_crate
//! # mod post {
//! #     use sea_orm::entity::prelude::*;
//! #     #[sea_orm::model]
//! #     #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
//! #     #[sea_orm(table_name = "post")]
//! #     pub struct Model { #[sea_orm(primary_key)] pub id: i64, #[soft_delete(unique)] pub slug: String, pub deleted_at: Option<DateTimeUtc> }
//! #     impl ActiveModelBehavior for ActiveModel {}
//! # }
//! # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use sea_orm::{ConnectionTrait, Database};
//! use soft_delete::{Registry, schema::doctor::{self, Check}};
//!
//! let db = Database::connect("sqlite::memory:").await?;
//! db.execute_unprepared("CREATE TABLE post (id INTEGER PRIMARY KEY, slug TEXT NOT NULL UNIQUE, deleted_at TEXT)").await?;
//!
//! let report = doctor::examine(Registry::global(), &db).await?;
//! println!("{report}");
//! assert_eq!(report.findings()[0].check(), Check::UniqueOfAllRows);
//!
//! for finding in &report {
//!     finding.apply(&db).await?;
//! }
//! assert!(doctor::examine(Registry::global(), &db).await?.is_healthy());
//! # Ok(()) }
//! ```
//!
//! # Checks
//!
//! | [`Check`] | Severity | |
//! |---|---|---|
//! | [`MissingTable`](Check::MissingTable) | error | The entity's table is not there, or the user may not see it. |
//! | [`MissingColumn`](Check::MissingColumn) | error | A column of the entity is not there. |
//! | [`WrongColumn`](Check::WrongColumn) | error | `deleted_at` or another column of the stamp has a type or a NOT NULL that it can't have. |
//! | [`ColumnDefault`](Check::ColumnDefault) | error | `deleted_at` has a default, so that rows are born deleted, or an `ON UPDATE`. |
//! | [`CoarseTime`](Check::CoarseTime) | warning | `deleted_at` keeps no microseconds; without `deletion_id`, two deletions within one tick are one. |
//! | [`TimeEnds`](Check::TimeEnds) | warning | `deleted_at` is a TIMESTAMP of MySQL or MariaDB, which ends in 2038. |
//! | [`UnreadableTime`](Check::UnreadableTime) | error | `infinity`, a zero date, a text that is no time: rows that are deleted, and can't be read. Reads data. |
//! | [`MixedTimes`](Check::MixedTimes) | warning | Texts of SQLite in several forms, whose order is not that of time. Reads data. |
//! | [`NoPrimaryKey`](Check::NoPrimaryKey) | error | The table has none, so that its rows can't be told apart. |
//! | [`OtherPrimaryKey`](Check::OtherPrimaryKey) | error | The entity's primary key is not unique in the table: several rows are one to it. |
//! | [`UniqueOfAllRows`](Check::UniqueOfAllRows) | error; warning where undeclared | A plain unique constraint: a deleted row keeps its value for ever. |
//! | [`UniqueOfNothing`](Check::UniqueOfNothing) | error | A unique index over a nullable `deleted_at`: NULLs are never equal, so active rows may be. |
//! | [`UniqueWithFlag`](Check::UniqueWithFlag) | error | A flag in the key: the second delete of a value fails. |
//! | [`MissingUnique`](Check::MissingUnique) | error | `#[soft_delete(unique)]` without an index that enforces it. |
//! | [`UndeclaredUnique`](Check::UndeclaredUnique) | warning | A unique index over an expression or under a condition that the entity does not declare, and an exclusion constraint that counts deleted rows. |
//! | [`Collisions`](Check::Collisions) | error | Active rows have equal values in such columns. Reads data. |
//! | [`PartialTarget`](Check::PartialTarget) | error | A foreign key refers to columns that are unique among active rows alone. |
//! | [`MissingForeignKeyIndex`](Check::MissingForeignKeyIndex) | warning | Deleting a parent reads the whole table. |
//! | [`PhysicalCascade`](Check::PhysicalCascade) | warning; advice where deletes cascade too | ON DELETE CASCADE permanently removes deleted rows. |
//! | [`SetNullOfRequired`](Check::SetNullOfRequired) | error | A deletion sets a key to NULL whose column is NOT NULL, or that has no column which may be NULL. |
//! | [`MissingPurgeIndex`](Check::MissingPurgeIndex) | warning | The entity has a retention, and a purge would read the whole table. |
//! | [`KeepsRows`](Check::KeepsRows) | warning; advice where that can't be told | Row-level security, a rule or a trigger may keep a row from being deleted or restored. |
//! | [`ActiveSchema`](Check::ActiveSchema) | error | An [`ActiveSchema`](crate::ActiveSchema) lacks a view, or one of its views lacks a column or shows other rows. |
//! | [`Orphans`](Check::Orphans) | error | Active rows under deleted parents, by any key that is not ignored. Reads data. |
//!
//! Of a `deleted_at` that is no date-time, or not NULL in active rows, and of a flag, the type is the application's affair: what
//! speaks of times is not looked at, and all else is.
//!
//! All but four read the catalog only. [`Collisions`](Check::Collisions) looks at the first 100,000 active rows of a table, and
//! only where an index is missing; [`Orphans`](Check::Orphans) at the first 10,000 deleted parents of each foreign key, and the two of
//! times at 10,000 deleted rows of each table. What lies beyond is not seen.

mod data;
mod entity;
mod finding;
mod keepers;
mod keys;
mod layers;
mod report;
mod times;
mod uniques;

use sea_orm::ConnectionTrait;

pub use finding::{Check, Finding, Fix, Severity};
pub use report::Report;

use super::catalog::Catalog;
use soft_delete_core::{Error, Registry};

/// Compares a database with the entities of a registry.
///
/// Entities of several groups are expected in this one database: give [`Registry::of_group`] for those of one.
///
/// # Errors
///
/// [`SchemaError::ServerTooOld`](super::SchemaError::ServerTooOld), [`SchemaError::Privilege`](super::SchemaError::Privilege)
/// if the user may not read the rows of a table, [`Error::NoEntities`], [`Error::EntitiesDisagree`], and the database's own.
pub async fn examine<C: ConnectionTrait>(registry: &Registry, db: &C) -> Result<Report, Error> {
    registry.check()?;
    let tables: Vec<_> = registry.entities().map(|meta| &meta.table).collect();
    let catalog = Catalog::of_schemas(db, &tables).await?;
    let mut findings = Vec::new();
    let mut keys_with_rows = Vec::new();
    let mut timed = Vec::new();
    for meta in registry.entities() {
        let Some(table) = catalog.find(&meta.table).filter(|table| !table.is_view) else {
            findings.push(entity::missing_table(meta, &catalog));
            continue;
        };
        let (group, place) = registry.group_of(meta)?;
        findings.extend(entity::examine(&catalog, meta, table));
        findings.extend(uniques::examine(&catalog, meta, table));
        findings.extend(keys::examine(&catalog, &group, place, table));
        findings.extend(data::collisions(db, catalog.dialect, meta, table).await?);
        findings.extend(keepers::examine(meta, table));
        keys_with_rows.extend(data::keys_of(&catalog, &group, place));
        timed.extend(times::Timed::new(meta, table));
    }
    findings.extend(data::orphans(db, catalog.dialect, &keys_with_rows).await?);
    findings.extend(times::unreadable(db, catalog.dialect, &timed).await?);
    findings.extend(times::mixed(db, catalog.dialect, &timed).await?);
    if findings
        .iter()
        .all(|finding| finding.check() != Check::MissingTable)
    {
        findings.extend(layers::examine(registry, db, &catalog).await?);
    }
    // Stable: within a severity, in the order of checks.
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity()));
    Ok(Report::new(findings))
}
