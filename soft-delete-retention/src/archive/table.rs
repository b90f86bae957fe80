//! The archive table itself.

use sea_orm::{
    ConnectionTrait, Statement, TransactionTrait,
    sea_query::{ColumnType, IntoTableRef},
};

use super::ArchiveError;
use crate::dialect::{self, Dialect};
use soft_delete_core::{Error, SchemaError, TableName};
use soft_delete_schema::{
    Change,
    schema_api::{
        catalog::{Catalog, Table},
        change::{apply, exec_all},
        sql::{object_name, quote_all},
    },
};

pub(crate) const ID: &str = "id";
pub(crate) const TABLE_NAME: &str = "table_name";
pub(crate) const ROW_KEY: &str = "row_key";
pub(crate) const DELETION_ID: &str = "deletion_id";
pub(crate) const DELETED_AT: &str = "deleted_at";
pub(crate) const ARCHIVED_AT: &str = "archived_at";
pub(crate) const FINGERPRINT: &str = "fingerprint";
pub(crate) const FOREIGN_KEYS: &str = "foreign_keys";
pub(crate) const DATA: &str = "data";

/// The table that purged rows are archived in, one for all tables: `soft_delete_archive` if not named otherwise.
///
/// | Column | |
/// |---|---|
/// | `id` | counts up, in the order of archiving |
/// | `table_name` | the row's table, with its schema where the entity gives one |
/// | `row_key` | the values of its primary key, as a JSON array of texts |
/// | `deletion_id`, `deleted_at` | its stamp |
/// | `archived_at` | when it was archived |
/// | `fingerprint` | changes with the names and types of the table's columns |
/// | `foreign_keys` | the entity's: relation, columns and parent of each, by which an [erasure](crate::Erase) finds the row should the columns be renamed |
/// | `data` | [the row](super#what-an-entry-holds) |
///
/// ```
/// use sea_orm::Database;
/// use soft_delete::archive::ArchiveTable;
///
/// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let db = Database::connect("sqlite::memory:").await?;
/// let archive = ArchiveTable::new();
/// archive.create(&db).await?;
/// assert!(archive.create(&db).await?.is_empty()); // nothing was missing
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveTable {
    pub(crate) name: TableName,
    drops_with_entries: bool,
}

impl Default for ArchiveTable {
    fn default() -> Self {
        Self::new()
    }
}

impl ArchiveTable {
    /// The table `soft_delete_archive`.
    pub fn new() -> Self {
        Self {
            name: TableName::new("soft_delete_archive"),
            drops_with_entries: false,
        }
    }

    /// Another name, with a schema if one is given: `.name(("audit", "archive"))`.
    pub fn name(mut self, name: impl IntoTableRef) -> Self {
        self.name = TableName::of(&name.into_table_ref());
        self
    }

    /// Lets [`drop`](Self::drop) drop a table that has entries.
    pub fn even_with_entries(mut self) -> Self {
        self.drops_with_entries = true;
        self
    }

    /// The table's name.
    pub fn table(&self) -> &TableName {
        &self.name
    }

    /// Creates the table and its indexes, or what of it is missing, and tells what was done.
    ///
    /// # Errors
    ///
    /// [`SchemaError::NameTaken`] if another table or a view has the name, and [`SchemaError::Privilege`].
    pub async fn create<C>(&self, db: &C) -> Result<Vec<Change>, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        apply(db, &[&self.name], |catalog| self.plan_create(catalog)).await
    }

    /// Drops the table if it is there, and tells what was done.
    ///
    /// # Errors
    ///
    /// [`ArchiveError::Entries`] if rows are archived in it, [`SchemaError::NameTaken`] if it is another table, and
    /// [`SchemaError::Privilege`].
    pub async fn drop<C>(&self, db: &C) -> Result<Vec<Change>, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let catalog = Catalog::of_table(db, &self.name).await?;
        let Some(found) = catalog.find(&self.name) else {
            return Ok(Vec::new());
        };
        self.check(found)?;
        if !self.drops_with_entries {
            let rows = self.count(db).await?;
            if rows > 0 {
                let table = self.name.clone();
                return Err(ArchiveError::entries(table, rows).into());
            }
        }
        let description = format!("drop the archive table `{}`", self.name);
        let sql = format!("DROP TABLE {}", catalog.dialect().quote_table(&self.name));
        let changes = vec![Change::new(&self.name, description).sql(sql)];
        exec_all(db, &changes).await?;
        Ok(changes)
    }

    /// Makes sure that the table is there, before rows are to be archived in it.
    pub(crate) async fn require<C: ConnectionTrait>(&self, db: &C) -> Result<(), Error> {
        if self.exists(db).await? {
            return Ok(());
        }
        let table = self.name.clone();
        Err(ArchiveError::missing(table).into())
    }

    pub(crate) async fn exists<C: ConnectionTrait>(&self, db: &C) -> Result<bool, Error> {
        let catalog = Catalog::of_table(db, &self.name).await?;
        catalog
            .find(&self.name)
            .map_or(Ok(false), |found| self.check(found).map(|()| true))
    }

    fn plan_create(&self, catalog: &Catalog) -> Result<Vec<Change>, Error> {
        let dialect = dialect::of(catalog.dialect().backend())?;
        let found = catalog.find(&self.name);
        let mut changes = Vec::new();
        match found {
            Some(found) => self.check(found)?,
            None => {
                let description = format!("create the archive table `{}`", self.name);
                changes.push(Change::new(&self.name, description).sql(self.create_table(dialect)));
            }
        }
        for columns in [&[TABLE_NAME, ROW_KEY][..], &[DELETION_ID], &[ARCHIVED_AT]] {
            let name = self.index_name(columns);
            if !found.is_some_and(|table| has_index(table, &name)) {
                changes.push(self.create_index(dialect, &name, columns));
            }
        }
        Ok(changes)
    }

    /// Whether a table of that name is one of ours.
    fn check(&self, found: &Table) -> Result<(), Error> {
        let columns = [
            ID,
            TABLE_NAME,
            ROW_KEY,
            DELETION_ID,
            DELETED_AT,
            ARCHIVED_AT,
            FINGERPRINT,
            FOREIGN_KEYS,
            DATA,
        ];
        if !found.is_view && columns.iter().all(|name| found.column(name).is_some()) {
            return Ok(());
        }
        Err(SchemaError::name_taken(self.name.clone(), self.name.name.clone()).into())
    }

    fn create_table(&self, dialect: &dyn Dialect) -> String {
        let types = dialect.archive_types();
        let (name, text, data, time) = (types.name, types.text, types.data, &types.time);
        let uuid = dialect.column_type(&ColumnType::Uuid);
        let columns = [
            (ID, types.id.to_owned()),
            (TABLE_NAME, format!("{name} NOT NULL")),
            (ROW_KEY, format!("{text} NOT NULL")),
            (DELETION_ID, format!("{uuid} NULL")),
            (DELETED_AT, format!("{time} NULL")),
            (ARCHIVED_AT, format!("{time} NOT NULL")),
            (FINGERPRINT, "varchar(32) NOT NULL".to_owned()),
            (FOREIGN_KEYS, format!("{text} NULL")),
            (DATA, format!("{data} NOT NULL")),
        ];
        let columns = columns.iter();
        let columns =
            columns.map(|(name, column_type)| format!("{} {column_type}", dialect.quote(name)));
        let check = dialect.archive_check(&dialect.quote(DATA));
        let parts: Vec<_> = columns.chain(check).collect();
        format!(
            "CREATE TABLE {} ({}){}",
            dialect.quote_table(&self.name),
            parts.join(", "),
            dialect.archive_options()
        )
    }

    fn create_index(&self, dialect: &dyn Dialect, name: &str, columns: &[&str]) -> Change {
        let mut keys = quote_all(dialect, columns);
        if let Some(characters) = dialect.indexed_characters()
            && columns.last() == Some(&ROW_KEY)
        {
            keys.push_str(&format!("({characters})"));
        }
        let sql = format!(
            "CREATE INDEX {} ON {} ({keys})",
            dialect.quote(name),
            dialect.quote_table(&self.name),
        );
        let description = format!("create the index `{name}` of `{}`", self.name);
        Change::new(&self.name, description).sql(sql)
    }

    fn index_name(&self, columns: &[&str]) -> String {
        let columns: Vec<_> = columns.iter().map(ToString::to_string).collect();
        object_name("idx", &self.name.name, &columns, "")
    }

    async fn count<C: ConnectionTrait>(&self, db: &C) -> Result<u64, Error> {
        let dialect = dialect::of(db.get_database_backend())?;
        let sql = format!("SELECT COUNT(*) FROM {}", dialect.quote_table(&self.name));
        let row = db
            .query_one_raw(Statement::from_string(dialect.backend(), sql))
            .await?;
        let count = row.map(|row| row.try_get_by_index::<i64>(0)).transpose()?;
        Ok(count.unwrap_or(0).unsigned_abs())
    }
}

fn has_index(table: &Table, name: &str) -> bool {
    let mut indexes = table.indexes.iter();
    indexes.any(|index| table.same_column(&index.name, name))
}
