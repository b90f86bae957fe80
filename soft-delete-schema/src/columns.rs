//! The columns that a deletion writes.

use sea_orm::{
    ConnectionTrait, DbBackend, Statement, TransactionTrait,
    sea_query::{ColumnDef, ColumnType, IntoIden, IntoTableRef, TableCreateStatement},
};

use super::{
    Change, SchemaError,
    catalog::Catalog,
    change::{apply, exec_all},
    dialect::{self, Dialect, TimeZone},
    table::{Column, Index, Table},
};
use soft_delete_core::{EntityMeta, Error, SoftDelete, TableName};

/// The columns that soft deletion needs: `deleted_at`, and those that are asked for.
///
/// | Column | SQLite | PostgreSQL | MySQL, MariaDB |
/// |---|---|---|---|
/// | `deleted_at` | `timestamp_with_timezone_text` | `timestamp with time zone` | `datetime(6)` |
/// | `deletion_id` | `uuid_text` | `uuid` | `binary(16)` |
/// | `deleted_by` | the type given | the type given | the type given |
/// | `delete_reason` | `text` | `text` | `text` |
///
/// All are nullable, and NULL in active rows. Times are UTC, in microseconds. A `timestamp` of MySQL and MariaDB will do where it
/// is there already, and ends in January 2038 (2106 since MariaDB 11.5): [`SchemaSync`](super::SchemaSync) and the
/// [doctor](super::doctor)'s fix make a `datetime(6)` of it.
///
/// ```
/// use sea_orm::{ConnectOptions, ConnectionTrait, Database, sea_query::ColumnType};
/// use soft_delete::schema::SoftDeleteColumns;
///
/// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let db = Database::connect("sqlite::memory:").await?;
/// db.execute_unprepared("CREATE TABLE post (id INTEGER PRIMARY KEY, slug TEXT NOT NULL)").await?;
///
/// let columns = SoftDeleteColumns::new()
///     .deletion_id()
///     .deleted_by(ColumnType::BigInteger)
///     .delete_reason();
/// let changes = columns.add("post", &db).await?;
/// assert_eq!(changes.len(), 4);
///
/// // It adds what is missing, so that nothing is left to do now.
/// assert!(columns.add("post", &db).await?.is_empty());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "it does nothing until `add` or `drop`"]
pub struct SoftDeleteColumns {
    deleted_at: String,
    time_zone: TimeZone,
    deletion_id: Option<String>,
    deleted_by: Option<(String, ColumnType)>,
    delete_reason: Option<String>,
    drops_with_deleted_rows: bool,
    /// Why the columns of an entity can't be added or dropped.
    unsupported: Option<Error>,
}

impl SoftDeleteColumns {
    /// `deleted_at` alone.
    pub fn new() -> Self {
        Self {
            deleted_at: "deleted_at".to_owned(),
            time_zone: TimeZone::With,
            deletion_id: None,
            deleted_by: None,
            delete_reason: None,
            drops_with_deleted_rows: false,
            unsupported: None,
        }
    }

    /// The columns that an entity has.
    pub fn of<E: SoftDelete>() -> Self {
        Self::of_meta(E::meta())
    }

    pub(crate) fn of_meta(meta: &EntityMeta) -> Self {
        let stamp = &meta.stamp;
        let typed = |name: &String| {
            let column_type = meta.column(name)?.column_type.clone();
            Some((name.clone(), column_type))
        };
        Self {
            deleted_at: stamp.deleted_at.clone(),
            time_zone: TimeZone::of(stamp.deleted_at_kind),
            deletion_id: stamp.deletion_id.clone(),
            deleted_by: stamp.deleted_by.as_ref().and_then(typed),
            delete_reason: stamp.delete_reason.clone(),
            drops_with_deleted_rows: false,
            unsupported: stamp.require_time(&meta.table, "`SoftDeleteColumns`").err(),
        }
    }

    /// Another name for `deleted_at`.
    pub fn deleted_at_named(mut self, name: impl IntoIden) -> Self {
        self.deleted_at = name.into_iden().to_string();
        self
    }

    /// `deleted_at` without time zone, for entities that have it as SeaORM's `DateTime`: the values are UTC all the same.
    pub fn without_time_zone(mut self) -> Self {
        self.time_zone = TimeZone::Without;
        self
    }

    /// With `deletion_id`.
    pub fn deletion_id(self) -> Self {
        self.deletion_id_named("deletion_id")
    }

    /// With `deletion_id`, under another name.
    pub fn deletion_id_named(mut self, name: impl IntoIden) -> Self {
        self.deletion_id = Some(name.into_iden().to_string());
        self
    }

    /// With `deleted_by`, of the type of your users' primary key.
    pub fn deleted_by(self, column_type: ColumnType) -> Self {
        self.deleted_by_named("deleted_by", column_type)
    }

    /// With `deleted_by`, under another name.
    pub fn deleted_by_named(mut self, name: impl IntoIden, column_type: ColumnType) -> Self {
        self.deleted_by = Some((name.into_iden().to_string(), column_type));
        self
    }

    /// With `delete_reason`.
    pub fn delete_reason(self) -> Self {
        self.delete_reason_named("delete_reason")
    }

    /// With `delete_reason`, under another name.
    pub fn delete_reason_named(mut self, name: impl IntoIden) -> Self {
        self.delete_reason = Some(name.into_iden().to_string());
        self
    }

    /// Lets [`drop`](Self::drop) make active rows of the deleted ones.
    pub fn even_with_deleted_rows(mut self) -> Self {
        self.drops_with_deleted_rows = true;
        self
    }

    /// Adds those of the columns that the table lacks, and tells which.
    ///
    /// ```sql
    /// ALTER TABLE "post" ADD COLUMN "deleted_at" timestamp with time zone NULL
    /// ```
    ///
    /// # Errors
    ///
    /// [`SchemaError::UnknownTable`], [`SchemaError::NoPrimaryKey`], [`SchemaError::Privilege`], and
    /// [`SchemaError::ColumnMismatch`] if a column of that name has another type or is NOT NULL.
    pub async fn add<C>(&self, table: impl IntoTableRef, db: &C) -> Result<Vec<Change>, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let table = TableName::of(&table.into_table_ref());
        apply(db, &[&table], |catalog| {
            self.missing(&table, catalog.require(&table)?, catalog.dialect)
        })
        .await
    }

    /// Drops those of the columns that the table has, and tells which.
    ///
    /// # Errors
    ///
    /// [`SchemaError::DeletedRows`] if rows are deleted: without the column they would be active. [`SchemaError::ColumnIndexed`]
    /// if an index needs one of the columns, and [`SchemaError::UnknownTable`] and [`SchemaError::Privilege`].
    pub async fn drop<C>(&self, table: impl IntoTableRef, db: &C) -> Result<Vec<Change>, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        self.unsupported.clone().map_or(Ok(()), Err)?;
        let table = TableName::of(&table.into_table_ref());
        let catalog = Catalog::of_table(db, &table).await?;
        let found = catalog.require(&table)?;
        let mut present: Vec<_> = self.columns(catalog.dialect);
        present.retain(|(name, _)| found.column(name).is_some());
        for (name, _) in &present {
            refuse_if_indexed(&table, found, name)?;
        }
        if found.column(&self.deleted_at).is_some() && !self.drops_with_deleted_rows {
            let rows = count_deleted(db, catalog.dialect, &table, &self.deleted_at).await?;
            if rows > 0 {
                return Err(SchemaError::deleted_rows(table, self.deleted_at.clone(), rows).into());
            }
        }
        // `deleted_at` last: after an interruption the next run still can tell whether rows are deleted.
        let changes: Vec<_> = present
            .iter()
            .rev()
            .map(|(name, _)| drop_column(catalog.dialect, &table, name))
            .collect();
        exec_all(db, &changes).await?;
        Ok(changes)
    }

    /// Adds the columns to a table that is about to be created.
    pub fn add_to(&self, statement: &mut TableCreateStatement, backend: DbBackend) {
        let Ok(dialect) = dialect::of_backend(backend) else {
            // SeaORM knows how to write the types of a backend that has no dialect here.
            for (name, column_type) in self.column_types() {
                statement.col(ColumnDef::new_with_type(name, column_type).null());
            }
            return;
        };
        for (name, column_type) in self.columns(dialect) {
            statement.col(ColumnDef::new(name).custom(column_type).null());
        }
    }

    /// The changes that add what the table lacks.
    pub(crate) fn missing(
        &self,
        table: &TableName,
        found: &Table,
        dialect: &dyn Dialect,
    ) -> Result<Vec<Change>, Error> {
        self.unsupported.clone().map_or(Ok(()), Err)?;
        if found.primary_key().is_empty() {
            return Err(SchemaError::no_primary_key(table.clone()).into());
        }
        let mut changes = Vec::new();
        for (name, needed) in self.columns(dialect) {
            match found.column(&name) {
                None => changes.push(add_column(dialect, table, &name, &needed)),
                Some(column) => self.check(table, column, needed, dialect)?,
            }
        }
        Ok(changes)
    }

    fn check(
        &self,
        table: &TableName,
        column: &Column,
        needed: String,
        dialect: &dyn Dialect,
    ) -> Result<(), Error> {
        let is_time = column.name.eq_ignore_ascii_case(&self.deleted_at);
        let is_id = self.deletion_id.as_deref() == Some(column.name.as_str());
        let fits = match &*column.type_name {
            _ if !column.nullable => false,
            type_name if is_time => dialect.holds_time(type_name, self.time_zone),
            type_name if is_id => dialect.holds_uuid(type_name),
            _ => true,
        };
        if fits {
            return Ok(());
        }
        let not_null = if column.nullable { "" } else { " NOT NULL" };
        Err(SchemaError::column_mismatch(
            table.clone(),
            column.name.clone(),
            format!("{}{not_null}", column.type_name),
            format!("{needed} NULL"),
        )
        .into())
    }

    /// Each with its type in that database.
    fn columns(&self, dialect: &dyn Dialect) -> Vec<(String, String)> {
        let written = |(name, column_type): (String, ColumnType)| {
            let column_type = match name == self.deleted_at {
                true => dialect.time_type(&column_type),
                false => dialect.column_type(&column_type),
            };
            (name, column_type)
        };
        self.column_types().map(written).collect()
    }

    fn column_types(&self) -> impl Iterator<Item = (String, ColumnType)> {
        let time = match self.time_zone {
            TimeZone::With => ColumnType::TimestampWithTimeZone,
            TimeZone::Without => ColumnType::DateTime,
        };
        let deletion_id = self
            .deletion_id
            .clone()
            .map(|name| (name, ColumnType::Uuid));
        let reason = self.delete_reason.clone();
        let reason = reason.map(|name| (name, ColumnType::Text));
        let others = deletion_id
            .into_iter()
            .chain(self.deleted_by.clone())
            .chain(reason);
        std::iter::once((self.deleted_at.clone(), time)).chain(others)
    }
}

impl Default for SoftDeleteColumns {
    fn default() -> Self {
        Self::new()
    }
}

/// The change that gives `deleted_at` its microseconds and, on MySQL and MariaDB, years beyond 2038, where the column lacks them.
pub(crate) fn imprecise_time(
    dialect: &dyn Dialect,
    meta: &EntityMeta,
    found: &Table,
) -> Option<Change> {
    let name = &meta.stamp.deleted_at;
    let widen = dialect.widen_time(found.column(name)?)?;
    let description = format!("keep microseconds in `{name}` of `{}`", meta.table);
    let table = dialect.quote_table(&meta.table);
    Some(Change::new(&meta.table, description).sql(format!("ALTER TABLE {table} {widen}")))
}

pub(crate) fn add_column(
    dialect: &dyn Dialect,
    table: &TableName,
    name: &str,
    column_type: &str,
) -> Change {
    let description = format!("add the column `{name}` to `{table}`");
    Change::new(table, description).sql(format!(
        "ALTER TABLE {} ADD COLUMN {} {column_type} NULL",
        dialect.quote_table(table),
        dialect.quote(name),
    ))
}

pub(crate) fn drop_column(dialect: &dyn Dialect, table: &TableName, name: &str) -> Change {
    let description = format!("drop the column `{name}` of `{table}`");
    Change::new(table, description).sql(format!(
        "ALTER TABLE {} DROP COLUMN {}",
        dialect.quote_table(table),
        dialect.quote(name),
    ))
}

pub(crate) fn drop_not_null(dialect: &dyn Dialect, table: &TableName, column: &Column) -> Change {
    let name = &column.name;
    Change::new(table, format!("drop NOT NULL from `{name}` of `{table}`"))
        .step(dialect.drop_not_null(table, column))
}

/// Dropping a column takes its indexes along on PostgreSQL, makes others of them on MySQL, and fails on SQLite.
pub(crate) fn refuse_if_indexed(
    table: &TableName,
    found: &Table,
    column: &str,
) -> Result<(), Error> {
    let references = |text: &Option<String>| {
        text.as_deref()
            .is_some_and(|text| super::predicate::references_column(text, column))
    };
    let depends = |name: &str| {
        found.same_column(name, column)
            || found
                .column(name)
                .is_some_and(|key| references(&key.generated))
    };
    let uses = |index: &&Index| index.columns().any(depends) || references(&index.predicate);
    let index = found.indexes.iter().find(uses);
    match index {
        Some(index) => {
            Err(
                SchemaError::column_indexed(table.clone(), column.to_owned(), index.name.clone())
                    .into(),
            )
        }
        None => Ok(()),
    }
}

async fn count_deleted<C: ConnectionTrait>(
    db: &C,
    dialect: &dyn Dialect,
    table: &TableName,
    deleted_at: &str,
) -> Result<u64, Error> {
    let sql = format!(
        "SELECT COUNT(*) FROM {} WHERE {} IS NOT NULL",
        dialect.quote_table(table),
        dialect.quote(deleted_at),
    );
    let row = db
        .query_one_raw(Statement::from_string(dialect.backend(), sql))
        .await?;
    let count = row.map(|row| row.try_get_by_index::<i64>(0)).transpose()?;
    Ok(count.unwrap_or(0).unsigned_abs())
}
