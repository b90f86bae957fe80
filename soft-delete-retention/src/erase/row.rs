//! An erasure of a row that is named by its table.

use sea_orm::{ConnectionTrait, TransactionTrait, Value};
use soft_delete_core::{EntityMeta, Error, Registry};

use super::{Erasure, ErasurePlan, ErasureReport};
use crate::archive::ArchiveTable;

/// [`Erase`](crate::Erase) for a row that is named by its table and key: for an admin page, or a command line.
///
/// ```no_run
/// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), soft_delete::Error> {
/// use soft_delete::{EraseRow, Registry, Trash};
///
/// let trash = Trash::global()?;
/// let key = trash.key("user", &["7"])?;
/// let report = EraseRow::of(Registry::global(), trash.entity("user")?, key).exec(&db).await?;
/// println!("{report}");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is erased until `exec(&db)` is awaited"]
pub struct EraseRow<'a> {
    registry: &'a Registry,
    meta: &'a EntityMeta,
    key: Vec<Value>,
    archive: Option<ArchiveTable>,
}

impl<'a> EraseRow<'a> {
    /// The row of that primary key. It follows the foreign keys of the registry.
    pub fn of(registry: &'a Registry, meta: &'a EntityMeta, key: Vec<Value>) -> Self {
        Self {
            registry,
            meta,
            key,
            archive: None,
        }
    }

    /// The archive to look in: see [`Erase::archive`](crate::Erase::archive).
    pub fn archive(mut self, archive: ArchiveTable) -> Self {
        self.archive = Some(archive);
        self
    }

    /// Runs it. It is `Ok`, with a report of no rows, if nothing is there.
    ///
    /// # Errors
    ///
    /// As [`Erase::exec`](crate::Erase::exec).
    pub async fn exec<C>(self, db: &C) -> Result<ErasureReport, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        self.erasure().exec(db).await
    }

    /// What it would remove: see [`Erase::plan`](crate::Erase::plan).
    ///
    /// # Errors
    ///
    /// As [`Erase::plan`](crate::Erase::plan).
    pub async fn plan<C>(self, db: &C) -> Result<ErasurePlan, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        self.erasure().plan(db).await
    }

    fn erasure(&self) -> Erasure<'_> {
        Erasure {
            registry: self.registry,
            meta: self.meta,
            key: &self.key,
            archive: self.archive.as_ref(),
        }
    }
}
