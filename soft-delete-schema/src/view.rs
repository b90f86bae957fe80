//! A view of active rows.

use sea_orm::{
    ConnectionTrait, TransactionTrait,
    sea_query::{IntoIden, IntoTableRef},
};

use super::{
    Change, SchemaError,
    catalog::{self, Catalog},
    change::apply,
    dialect::Dialect,
    marker::MARKER,
    sql::quote_all,
    table::Table,
};
use soft_delete_core::{Error, TableName};

/// A view of a table's active rows, for reports and other programs that know nothing of soft deletion.
///
/// ```sql
/// CREATE VIEW "active_post" AS SELECT "id", "slug", "deleted_at" FROM "post" WHERE "deleted_at" IS NULL
/// ```
///
/// It has the columns that the table has when it is created: call [`create`](Self::create) again after adding some.
///
/// ```
/// use sea_orm::{ConnectionTrait, Database};
/// use soft_delete::schema::ActiveView;
///
/// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let db = Database::connect("sqlite::memory:").await?;
/// db.execute_unprepared("CREATE TABLE post (id INTEGER PRIMARY KEY, deleted_at TEXT)").await?;
/// ActiveView::of("post").create(&db).await?;
/// db.execute_unprepared("SELECT id FROM active_post").await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "it does nothing until `create` or `drop`"]
pub struct ActiveView {
    table: TableName,
    deleted_at: String,
    name: String,
}

impl ActiveView {
    /// The view `active_<table>`, in the table's schema.
    pub fn of(table: impl IntoTableRef) -> Self {
        let table = TableName::of(&table.into_table_ref());
        Self {
            name: format!("active_{}", table.name),
            deleted_at: "deleted_at".to_owned(),
            table,
        }
    }

    /// Another name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Another name for `deleted_at`.
    pub fn deleted_at_named(mut self, column: impl IntoIden) -> Self {
        self.deleted_at = column.into_iden().to_string();
        self
    }

    /// Creates the view, or makes it anew if the table's columns are others by now, and tells what was done.
    ///
    /// # Errors
    ///
    /// [`SchemaError::NameTaken`] if a table has the name; [`SchemaError::UnknownTable`], [`SchemaError::UnknownColumn`],
    /// [`SchemaError::Privilege`].
    pub async fn create<C>(&self, db: &C) -> Result<Vec<Change>, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let tables = [&self.table, &self.view()];
        apply(db, &tables, |catalog| self.plan_create(catalog)).await
    }

    /// Drops the view if it is there, and tells what was done.
    ///
    /// # Errors
    ///
    /// [`SchemaError::NameTaken`] if a table has the name; [`SchemaError::Privilege`].
    pub async fn drop<C>(&self, db: &C) -> Result<Vec<Change>, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let view = self.view();
        apply(db, &[&view], |catalog| self.plan_drop(catalog)).await
    }

    fn plan_create(&self, catalog: &Catalog) -> Result<Vec<Change>, Error> {
        let view = self.view();
        let table = catalog.require(&self.table)?;
        catalog::require_columns(&self.table, table, [&self.deleted_at])?;
        let columns: Vec<_> = table
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .filter(|name| *name != MARKER)
            .collect();
        let mut changes = Vec::new();
        match catalog.find(&view) {
            Some(found) if !found.is_view => {
                return Err(SchemaError::name_taken(self.table.clone(), self.name.clone()).into());
            }
            Some(found) if has_columns(found, &columns) => {}
            found => {
                changes.extend(found.map(|_| self.drop_view(catalog.dialect)));
                changes.push(self.create_view(catalog.dialect, &columns));
            }
        }
        Ok(changes)
    }

    fn plan_drop(&self, catalog: &Catalog) -> Result<Vec<Change>, Error> {
        let view = self.view();
        let changes = match catalog.find(&view) {
            None => Vec::new(),
            Some(found) if found.is_view => vec![self.drop_view(catalog.dialect)],
            Some(_) => {
                return Err(SchemaError::name_taken(self.table.clone(), self.name.clone()).into());
            }
        };
        Ok(changes)
    }

    fn create_view(&self, dialect: &dyn Dialect, columns: &[&str]) -> Change {
        let description = format!("create the view `{}` of `{}`", self.name, self.table);
        Change::new(&self.table, description).sql(format!(
            "CREATE VIEW {} AS SELECT {} FROM {} WHERE {} IS NULL",
            dialect.quote_table(&self.view()),
            quote_all(dialect, columns),
            dialect.quote_table(&self.table),
            dialect.quote(&self.deleted_at),
        ))
    }

    fn drop_view(&self, dialect: &dyn Dialect) -> Change {
        let description = format!("drop the view `{}` of `{}`", self.name, self.table);
        let view = dialect.quote_table(&self.view());
        Change::new(&self.table, description).sql(format!("DROP VIEW {view}"))
    }

    fn view(&self) -> TableName {
        TableName {
            schema: self.table.schema.clone(),
            name: self.name.clone(),
        }
    }
}

fn has_columns(view: &Table, columns: &[&str]) -> bool {
    let names = view.columns.iter().map(|column| column.name.as_str());
    names.eq(columns.iter().copied())
}
