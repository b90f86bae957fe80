//! The index that a purge finds its rows by.

use sea_orm::{
    ConnectionTrait, TransactionTrait,
    sea_query::{IntoIden, IntoTableRef},
};

use super::{
    Change, SchemaError,
    catalog::{self, Catalog},
    change::apply,
    dialect::Dialect,
    index,
    sql::{object_name, quote_all},
    table::{Index, Table},
    unique::drop_index,
};
use soft_delete_core::{EntityMeta, Error, TableName};

/// An index over the deleted rows by the time of their deletion, and by primary key: for a purge, and for a trash page in that
/// order.
///
/// ```sql
/// -- PostgreSQL, SQLite: only deleted rows are in it
/// CREATE INDEX "idx_post_deleted_at_purge" ON "post" ("deleted_at", "id") WHERE "deleted_at" IS NOT NULL;
/// -- MySQL, MariaDB: the primary key is part of every index
/// CREATE INDEX `idx_post_deleted_at_purge` ON `post` (`deleted_at`);
/// ```
///
/// ```
/// use sea_orm::{ConnectionTrait, Database};
/// use soft_delete::schema::PurgeIndex;
///
/// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let db = Database::connect("sqlite::memory:").await?;
/// db.execute_unprepared("CREATE TABLE post (id INTEGER PRIMARY KEY, deleted_at TEXT)").await?;
/// PurgeIndex::on("post").create(&db).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "it does nothing until `create` or `drop`"]
pub struct PurgeIndex {
    table: TableName,
    deleted_at: String,
    name: Option<String>,
    concurrently: bool,
}

impl PurgeIndex {
    /// The index of that table.
    pub fn on(table: impl IntoTableRef) -> Self {
        Self {
            table: TableName::of(&table.into_table_ref()),
            deleted_at: "deleted_at".to_owned(),
            name: None,
            concurrently: false,
        }
    }

    pub(crate) fn of_meta(meta: &EntityMeta) -> Self {
        Self {
            table: meta.table.clone(),
            deleted_at: meta.stamp.deleted_at.clone(),
            name: None,
            concurrently: false,
        }
    }

    /// Another name for `deleted_at`.
    pub fn deleted_at_named(mut self, column: impl IntoIden) -> Self {
        self.deleted_at = column.into_iden().to_string();
        self
    }

    /// Another name than `idx_<table>_<deleted_at>_purge`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Without blocking writes meanwhile: PostgreSQL's `CREATE INDEX CONCURRENTLY`. No effect elsewhere, and not possible in a
    /// transaction.
    pub fn concurrently(mut self) -> Self {
        self.concurrently = true;
        self
    }

    /// Creates the index unless the table has one that does the same, and tells what was done.
    ///
    /// # Errors
    ///
    /// [`SchemaError::NameTaken`], [`SchemaError::UnknownTable`], [`SchemaError::UnknownColumn`], [`SchemaError::Privilege`].
    pub async fn create<C>(&self, db: &C) -> Result<Vec<Change>, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        apply(db, &[&self.table], |catalog| self.plan_create(catalog)).await
    }

    /// Drops the index of that name if it is there, and tells what was done.
    ///
    /// # Errors
    ///
    /// [`SchemaError::UnknownTable`], [`SchemaError::Privilege`].
    pub async fn drop<C>(&self, db: &C) -> Result<Vec<Change>, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        apply(db, &[&self.table], |catalog| {
            let table = catalog.require(&self.table)?;
            let drop = |index| drop_index(catalog.dialect, &self.table, table, index);
            Ok(self.named(table).map(drop).into_iter().collect())
        })
        .await
    }

    pub(crate) fn plan_create(&self, catalog: &Catalog) -> Result<Vec<Change>, Error> {
        let table = catalog.require(&self.table)?;
        catalog::require_columns(&self.table, table, [&self.deleted_at])?;
        if table
            .indexes
            .iter()
            .any(|index| index::leads_to_deleted(table, index, &self.deleted_at))
        {
            return Ok(Vec::new());
        }
        let dialect = catalog.dialect;
        let mut changes = Vec::new();
        if let Some(index) = self.named(table) {
            if index.valid {
                return Err(SchemaError::name_taken(self.table.clone(), self.index_name()).into());
            }
            changes.push(drop_index(dialect, &self.table, table, index));
        }
        changes.push(self.create_index(dialect, table));
        Ok(changes)
    }

    fn create_index(&self, dialect: &dyn Dialect, table: &Table) -> Change {
        let name = self.index_name();
        let deleted_at = dialect.quote(&self.deleted_at);
        let mut columns = vec![self.deleted_at.clone()];
        if dialect.has_partial_indexes() {
            // One deletion may have taken a million rows, all of one time: a purge goes through them by their keys.
            columns.extend(table.primary_key());
        }
        let concurrently = self.concurrently && dialect.builds_concurrently();
        let predicate = match dialect.has_partial_indexes() {
            true => format!(" WHERE {deleted_at} IS NOT NULL"),
            false => String::new(),
        };
        let sql = format!(
            "CREATE INDEX {}{} ON {} ({}){predicate}",
            if concurrently { "CONCURRENTLY " } else { "" },
            dialect.quote(&name),
            dialect.quote_table(&self.table),
            quote_all(dialect, &columns),
        );
        let description = format!("create the index `{name}` of `{}`, for purges", self.table);
        let change = Change::new(&self.table, description).sql(sql);
        if concurrently {
            change.outside_transactions()
        } else {
            change
        }
    }

    fn named<'t>(&self, table: &'t Table) -> Option<&'t Index> {
        let name = self.index_name();
        let mut indexes = table.indexes.iter();
        indexes.find(|index| table.same_column(&index.name, &name))
    }

    fn index_name(&self) -> String {
        let columns = [self.deleted_at.clone()];
        self.name
            .clone()
            .unwrap_or_else(|| object_name("idx", &self.table.name, &columns, "purge"))
    }
}
