//! What a database has: its tables, columns, indexes, foreign keys and triggers, read from its catalog in a few queries
//! whatever their number.

mod rows;
mod trigger;

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, Statement, Value};

use super::{
    SchemaError,
    dialect::{self, Dialect, SqlDialect},
    similar::most_similar,
};
use rows::Tables;
use soft_delete_core::{Error, TableName};
pub(crate) use trigger::{Trigger, TriggerKind};

/// The part of a database's catalog that was asked for.
#[derive(Clone, Debug)]
pub struct Catalog {
    pub(crate) dialect: &'static dyn Dialect,
    /// Where a table without a schema is looked for, in this order.
    search_path: Vec<String>,
    tables: Vec<Table>,
}

/// A table, or a view.
#[derive(Clone, Debug)]
pub struct Table {
    pub schema: String,
    pub name: String,
    pub is_view: bool,
    /// Whether other tables hold rows of it, as they may on PostgreSQL: partitions, or such that inherit from it.
    pub has_parts: bool,
    pub columns: Vec<Column>,
    pub indexes: Vec<Index>,
    pub foreign_keys: Vec<ForeignKey>,
    pub(crate) triggers: Vec<Trigger>,
    folds_case: bool,
}

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    pub name: String,
    /// As the database writes it, in lower case.
    pub type_name: String,
    pub nullable: bool,
    /// The expression of a generated column.
    pub generated: Option<String>,
    /// What a row gets that gives no value, or MySQL's `ON UPDATE`.
    pub default: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Index {
    pub name: String,
    pub(crate) unique: bool,
    pub(crate) primary: bool,
    /// Whether a constraint of the table owns it, so that it can't be dropped by itself.
    pub(crate) owned_by_constraint: bool,
    /// PostgreSQL keeps an index whose concurrent creation failed, and doesn't use it.
    pub valid: bool,
    /// Whether NULLs count as equal (PostgreSQL 15).
    pub(crate) nulls_not_distinct: bool,
    /// The condition of a partial index.
    pub predicate: Option<String>,
    pub(crate) keys: Vec<Key>,
}

/// One part of an index's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Column(String),
    Expression(String),
}

#[derive(Clone, Debug)]
pub struct ForeignKey {
    /// SQLite's have none: a number that is theirs within the table.
    pub(crate) name: String,
    pub columns: Vec<String>,
    pub parent_schema: String,
    pub parent: String,
    pub parent_columns: Vec<String>,
    /// In capitals, as in SQL.
    pub on_delete: String,
    /// What follows the columns, where the backend gives it: `REFERENCES … ON UPDATE … ON DELETE … DEFERRABLE`.
    pub(crate) definition: Option<String>,
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
                .read(db, table.schema.as_deref(), Some(&table.name))
                .await?;
            if catalog.find(table).is_none() {
                // For the error that names what the database has instead.
                catalog.read(db, table.schema.as_deref(), None).await?;
            }
        }
        Ok(catalog)
    }

    /// Reads what the database knows of the schemas that these tables are in.
    pub async fn of_schemas<C>(db: &C, tables: &[&TableName]) -> Result<Self, Error>
    where
        C: ConnectionTrait,
    {
        let mut catalog = Self::start(db).await?;
        let schemas: BTreeSet<_> = tables.iter().map(|table| table.schema.as_deref()).collect();
        let reads_path = schemas.contains(&None);
        for schema in schemas {
            let is_in_path = |name| catalog.search_path.iter().any(|path| path == name);
            if schema.is_none_or(|name| !(reads_path && is_in_path(name))) {
                catalog.read(db, schema, None).await?;
            }
        }
        Ok(catalog)
    }

    async fn start<C: ConnectionTrait>(db: &C) -> Result<Self, Error> {
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

    async fn read<C>(
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
        match &name.schema {
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
            _ => Err(SchemaError::UnknownTable {
                table: name.clone(),
                similar: most_similar(&name.name, self.tables.iter().map(|table| &*table.name)),
            }
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

impl Table {
    fn is_called(&self, schema: &str, name: &str) -> bool {
        if self.folds_case {
            self.schema.eq_ignore_ascii_case(schema) && self.name.eq_ignore_ascii_case(name)
        } else {
            self.schema == schema && self.name == name
        }
    }

    /// Whether two names mean one column.
    pub fn same_column(&self, a: &str, b: &str) -> bool {
        if self.folds_case {
            a.eq_ignore_ascii_case(b)
        } else {
            a == b
        }
    }

    pub fn column(&self, name: &str) -> Option<&Column> {
        let mut columns = self.columns.iter();
        columns.find(|column| self.same_column(&column.name, name))
    }

    pub fn primary_key(&self) -> Vec<String> {
        let mut indexes = self.indexes.iter();
        let primary = indexes.find(|index| index.primary);
        primary.map_or_else(Vec::new, |index| {
            index.columns().map(ToOwned::to_owned).collect()
        })
    }

    /// Whether no two rows may have equal values in these columns.
    pub fn keeps_unique(&self, columns: &[String]) -> bool {
        let is_named = |key: &str| columns.iter().any(|column| self.same_column(column, key));
        self.indexes.iter().any(|index| {
            index.unique
                && index.valid
                && index.predicate.is_none()
                && !index.has_expressions()
                && index.columns().all(is_named)
        })
    }

    pub(crate) fn has_trigger(&self, name: &str) -> bool {
        self.triggers.iter().any(|trigger| trigger.name == name)
    }

    /// Whether two lists name the same columns, in whatever order.
    pub fn same_columns<'a>(&self, a: impl IntoIterator<Item = &'a str>, b: &[String]) -> bool {
        let mut count = 0;
        let all_in = a.into_iter().all(|column| {
            count += 1;
            b.iter().any(|other| self.same_column(column, other))
        });
        all_in && count == b.len()
    }
}

impl Index {
    /// The columns of its key, expressions left out.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().filter_map(|key| match key {
            Key::Column(column) => Some(column.as_str()),
            Key::Expression(_) => None,
        })
    }

    pub fn has_expressions(&self) -> bool {
        self.columns().count() < self.keys.len()
    }
}

/// The queries of one database. All take a schema, or NULL for the search path, and a table, or NULL for all, and give the
/// same columns.
pub(crate) struct Queries {
    pub(crate) search_path: SearchPath,
    /// Whether placeholders have no numbers, and the queries take each of the two values twice.
    pub(crate) repeats_values: bool,
    /// Schema, table, whether it is a view, column, type, whether it is nullable, generation expression, default.
    pub(crate) columns: &'static str,
    /// Schema, table, index, unique, primary, of a constraint, valid, NULLs not distinct, predicate, column, expression.
    pub(crate) indexes: &'static str,
    /// Schema, table, foreign key, column, parent's schema, parent, parent's column, action, definition.
    pub(crate) foreign_keys: &'static str,
    /// Schema, table, trigger, kind, columns, body.
    pub(crate) triggers: &'static str,
}

/// The schemas that a table without one is looked for in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SearchPath {
    /// Those that this query gives, in their order.
    Query(&'static str),
    Fixed(&'static str),
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
            return Err(SchemaError::UnknownColumn {
                table: name.clone(),
                column: column.clone(),
                similar: most_similar(column, names),
            }
            .into());
        }
    }
    Ok(())
}
