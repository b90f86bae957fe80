//! The archive's table as methods of SeaORM's `SchemaManager`.

use std::future::Future;

use sea_orm_migration::SchemaManager;
use soft_delete_core::Error;
use soft_delete_schema::Change;

use crate::archive::ArchiveTable;

/// The table of the [archive](crate::archive) in migrations.
///
/// Each method gives what it did, which is empty if there was nothing to do. `?` turns the error into SeaORM's.
pub trait ArchiveSchema {
    /// [`ArchiveTable::create`].
    ///
    /// # Errors
    ///
    /// As there.
    fn create_archive_table(
        &self,
        archive: &ArchiveTable,
    ) -> impl Future<Output = Result<Vec<Change>, Error>> + Send;

    /// [`ArchiveTable::drop`].
    ///
    /// # Errors
    ///
    /// As there.
    fn drop_archive_table(
        &self,
        archive: &ArchiveTable,
    ) -> impl Future<Output = Result<Vec<Change>, Error>> + Send;
}

impl ArchiveSchema for SchemaManager<'_> {
    async fn create_archive_table(&self, archive: &ArchiveTable) -> Result<Vec<Change>, Error> {
        archive.create(self.get_connection()).await
    }

    async fn drop_archive_table(&self, archive: &ArchiveTable) -> Result<Vec<Change>, Error> {
        archive.drop(self.get_connection()).await
    }
}
