//! The archive's table as methods of SeaORM's `SchemaManager`.

use crate::archive::ArchiveTable;

soft_delete_schema::manager_methods! {
    /// The table of the [archive](crate::archive) in migrations.
    ///
    /// Each method gives what it did, which is empty if there was nothing to do. `?` turns the error into SeaORM's.
    pub trait ArchiveSchema {
        /// [`ArchiveTable::create`].
        fn create_archive_table(archive: &ArchiveTable) => archive.create();

        /// [`ArchiveTable::drop`].
        fn drop_archive_table(archive: &ArchiveTable) => archive.drop();
    }
}
