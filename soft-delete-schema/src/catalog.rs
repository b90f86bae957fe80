//! What a database has: its tables, columns, indexes, foreign keys and triggers, read from its catalog in a few queries
//! whatever their number.

mod rows;

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, Statement, Value};

use super::{
    SchemaError,
    dialect::{self, Dialect, SearchPath, SqlDialect},
    similar::most_similar,
};
pub use crate::table::{Column, ForeignKey, Index, Table};
use rows::Tables;
use soft_delete_core::{Error, TableName, engine_api::base_schema::MARKER_VIEW};

/// The part of a database's catalog that was asked for.
#[derive(Clone, Debug)]
pub struct Catalog {
    pub(crate) dialect: &'static dyn Dialect,
    /// Where a table without a schema is looked for, in this order.
    search_path: Vec<String>,
    tables: Vec<Table>,
}

impl Catalog {
    /// Reads what the database knows of one table, and of the foreign keys that refer to it.
    pub async fn of_table<C>(db: &C, table: &TableName) -> Result<Self, Error>
    where
        C: ConnectionTrait,
    {
        Self::of_tables(db, &[table]).await
    }

    /// Reads what the database knows of a few tables, and of the foreign keys that refer to them.
    pub async fn of_tables<C>(db: &C, tables: &[&TableName]) -> Result<Self, Error>
    where
        C: ConnectionTrait,
    {
        let mut catalog = Self::start(db).await?;
        for table in tables {
            catalog
                .read(db, table.in_schema(), Some(&table.name))
                .await?;
            if catalog.find(table).is_none() {
                // For the error that names what the database has instead.
                catalog.read(db, table.in_schema(), None).await?;
            }
        }
        catalog.refuse_active_views(db, tables).await?;
        Ok(catalog)
    }

    /// Reads what the database knows of the schemas that these tables are in.
    pub async fn of_schemas<C>(db: &C, tables: &[&TableName]) -> Result<Self, Error>
    where
        C: ConnectionTrait,
    {
        let mut catalog = Self::start(db).await?;
        let schemas: BTreeSet<_> = tables.iter().map(|table| table.in_schema()).collect();
        let reads_path = schemas.contains(&None);
        for schema in schemas {
            let is_in_path = |name| catalog.search_path.iter().any(|path| path == name);
            if schema.is_none_or(|name| !(reads_path && is_in_path(name))) {
                catalog.read(db, schema, None).await?;
            }
        }
        catalog.refuse_active_views(db, tables).await?;
        Ok(catalog)
    }

    /// Refuses views of active rows in the place of the tables: nothing that is read or changed through them would be what it is
    /// taken for.
    async fn refuse_active_views<C>(&mut self, db: &C, tables: &[&TableName]) -> Result<(), Error>
    where
        C: ConnectionTrait,
    {
        if self.dialect.views().is_none() {
            return Ok(());
        }
        for table in tables.iter().filter(|table| table.in_schema().is_none()) {
            let Some(schema) = self.find(table).filter(|found| found.is_view) else {
                continue;
            };
            let schema = schema.schema.clone();
            let marker = TableName {
                schema: Some(schema.clone()),
                name: MARKER_VIEW.to_owned(),
            };
            self.read(db, Some(&schema), Some(&marker.name)).await?;
            if self.find(&marker).is_some_and(|marker| marker.is_view) {
                return Err(SchemaError::not_attached((*table).clone()).into());
            }
        }
        Ok(())
    }

    /// What is known before any table was read.
    pub(crate) async fn start<C: ConnectionTrait>(db: &C) -> Result<Self, Error> {
        let dialect = dialect::supported(db).await?;
        let search_path = match dialect.catalog_queries().search_path {
            SearchPath::Query(sql) => {
                let rows = db
                    .query_all_raw(Statement::from_string(dialect.backend(), sql))
                    .await?;
                rows.iter()
                    .map(|row| row.try_get_by_index(0))
                    .collect::<Result<_, _>>()?
            }
            SearchPath::Fixed(schema) => vec![schema.to_owned()],
        };
        Ok(Self {
            dialect,
            search_path,
            tables: Vec::new(),
        })
    }

    /// How the database writes names, values and types.
    pub fn dialect(&self) -> &'static dyn SqlDialect {
        self.dialect
    }

    /// Where a table without a schema is looked for, in this order.
    pub(crate) fn search_path(&self) -> &[String] {
        &self.search_path
    }

    /// Adds what the database knows of a schema, or of a table in it.
    pub(crate) async fn read<C>(
        &mut self,
        db: &C,
        schema: Option<&str>,
        table: Option<&str>,
    ) -> Result<(), Error>
    where
        C: ConnectionTrait,
    {
        let queries = self.dialect.catalog_queries();
        let run = async |sql: &str| {
            let text = |value: Option<&str>| Value::from(value.map(ToOwned::to_owned));
            let values = match queries.repeats_values {
                true => vec![text(schema), text(schema), text(table), text(table)],
                false => vec![text(schema), text(table)],
            };
            let statement = Statement::from_sql_and_values(self.dialect.backend(), sql, values);
            db.query_all_raw(statement).await
        };
        let mut tables = Tables {
            tables: Vec::new(),
            folds_case: self.dialect.folds_case(),
        };
        for row in run(queries.columns).await? {
            tables.add_column(&row)?;
        }
        for row in run(queries.indexes).await? {
            tables.add_index_key(&row)?;
        }
        for row in run(queries.foreign_keys).await? {
            tables.add_foreign_key_column(&row)?;
        }
        for row in run(queries.triggers).await? {
            tables.add_trigger(&row)?;
        }
        for table in tables.tables {
            self.merge(table);
        }
        self.complete_foreign_keys();
        Ok(())
    }

    /// A table that was read for its foreign keys alone has no columns yet.
    fn merge(&mut self, table: Table) {
        let is_it = |other: &&mut Table| other.schema == table.schema && other.name == table.name;
        match self.tables.iter_mut().find(is_it) {
            Some(known) if known.columns.is_empty() => *known = table,
            Some(known) => {
                for key in table.foreign_keys {
                    if known
                        .foreign_keys
                        .iter()
                        .all(|other| other.name != key.name)
                    {
                        known.foreign_keys.push(key);
                    }
                }
            }
            None => self.tables.push(table),
        }
    }

    /// `REFERENCES parent` without columns means its primary key, and SQLite leaves it at that.
    fn complete_foreign_keys(&mut self) {
        let keys: Vec<_> = self
            .tables
            .iter()
            .map(|table| (table.name.clone(), table.primary_key()))
            .collect();
        let foreign_keys = self
            .tables
            .iter_mut()
            .flat_map(|table| &mut table.foreign_keys);
        for foreign_key in foreign_keys.filter(|key| key.parent_columns.is_empty()) {
            let parent = keys
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(&foreign_key.parent));
            if let Some((_, primary_key)) = parent {
                foreign_key.parent_columns.clone_from(primary_key);
            }
        }
    }

    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// The table of that name, or the view.
    pub fn find(&self, name: &TableName) -> Option<&Table> {
        let in_schema = |schema: &str| {
            let is_it = |table: &&Table| table.is_called(schema, &name.name);
            let exact = |table: &&Table| table.schema == schema && table.name == name.name;
            let mut tables = self.tables.iter().filter(|table| !table.columns.is_empty());
            tables.clone().find(exact).or_else(|| tables.find(is_it))
        };
        match name.in_schema() {
            Some(schema) => in_schema(schema),
            None => self.search_path.iter().find_map(|schema| in_schema(schema)),
        }
    }

    pub(crate) fn find_mut(&mut self, name: &TableName) -> Option<&mut Table> {
        let found = self.find(name)?;
        let (schema, name) = (found.schema.clone(), found.name.clone());
        self.tables
            .iter_mut()
            .find(|table| table.schema == schema && table.name == name)
    }

    /// [`find`](Self::find), with an error that names what the database has instead.
    pub fn require(&self, name: &TableName) -> Result<&Table, Error> {
        match self.find(name) {
            Some(table) if !table.is_view => Ok(table),
            _ => Err(SchemaError::unknown_table(
                name.clone(),
                most_similar(&name.name, self.tables.iter().map(|table| &*table.name)),
            )
            .into()),
        }
    }

    /// The foreign keys that refer to the table, with the tables they belong to.
    pub fn references<'c>(
        &'c self,
        parent: &'c Table,
    ) -> impl Iterator<Item = (&'c Table, &'c ForeignKey)> {
        self.tables.iter().flat_map(move |child| {
            let keys = child.foreign_keys.iter();
            keys.filter(|key| parent.is_called(&key.parent_schema, &key.parent))
                .map(move |key| (child, key))
        })
    }
}

/// Fails if the table lacks one of the columns.
pub fn require_columns<'a>(
    name: &TableName,
    table: &Table,
    columns: impl IntoIterator<Item = &'a String>,
) -> Result<(), Error> {
    for column in columns {
        if table.column(column).is_none() {
            let names = table.columns.iter().map(|column| &*column.name);
            return Err(SchemaError::unknown_column(
                name.clone(),
                column.clone(),
                most_similar(column, names),
            )
            .into());
        }
    }
    Ok(())
}
