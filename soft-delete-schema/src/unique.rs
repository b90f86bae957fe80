//! Unique among active rows.

use sea_orm::{
    ConnectionTrait, DbBackend, TransactionTrait,
    sea_query::{IntoIden, IntoTableRef},
};

use super::{
    Change, SchemaError,
    catalog::{self, Catalog, Index, Table},
    change::{Step, exec_all},
    duplicates, index,
    sql::{object_name, quote, quote_all, quote_in, quote_table},
    sqlite::InPlace,
};
use soft_delete_core::{EntityMeta, Error, Scope, TableName, UniqueKey, engine_api::dialect};

/// The column that MySQL and MariaDB need, which have no partial indexes: 1 in active rows and NULL in deleted ones, and NULLs
/// are never equal. It takes no room in the table, and `SELECT *` doesn't show it.
pub(crate) const MARKER: &str = "soft_delete_active";

/// An index that keeps columns unique among active rows: the value of a deleted row is free for another.
///
/// ```sql
/// -- PostgreSQL, SQLite
/// CREATE UNIQUE INDEX "idx_post_slug_active" ON "post" ("slug") WHERE "deleted_at" IS NULL;
/// -- MySQL, MariaDB: one such column for all such indexes of the table
/// ALTER TABLE `post` ADD COLUMN `soft_delete_active` tinyint
///     GENERATED ALWAYS AS (CASE WHEN `deleted_at` IS NULL THEN 1 END) VIRTUAL INVISIBLE;
/// ALTER TABLE `post` ADD UNIQUE INDEX `idx_post_slug_active` (`slug`, `soft_delete_active`);
/// ```
///
/// Rows with a NULL in one of the columns are never equal, as with any unique index.
///
/// ```
/// use sea_orm::{ConnectionTrait, Database};
/// use soft_delete::schema::UniqueActiveIndex;
///
/// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let db = Database::connect("sqlite::memory:").await?;
/// db.execute_unprepared("CREATE TABLE post (id INTEGER PRIMARY KEY, slug TEXT UNIQUE, deleted_at TEXT)").await?;
///
/// // In place of the plain UNIQUE, which a deleted row would keep occupied.
/// let slug = UniqueActiveIndex::on("post").col("slug").replacing_unique();
/// slug.create(&db).await?;
///
/// db.execute_unprepared("INSERT INTO post VALUES (1, 'hello', '2026-01-01'), (2, 'hello', NULL)").await?;
/// assert!(db.execute_unprepared("INSERT INTO post VALUES (3, 'hello', NULL)").await.is_err());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "it does nothing until `create` or `drop`"]
pub struct UniqueActiveIndex {
    table: TableName,
    columns: Vec<String>,
    deleted_at: String,
    name: Option<String>,
    replaces_unique: bool,
    concurrently: bool,
}

impl UniqueActiveIndex {
    /// An index of that table. Add columns with [`col`](Self::col).
    pub fn on(table: impl IntoTableRef) -> Self {
        Self::on_table(TableName::of(&table.into_table_ref()))
    }

    fn on_table(table: TableName) -> Self {
        Self {
            table,
            columns: Vec::new(),
            deleted_at: "deleted_at".to_owned(),
            name: None,
            replaces_unique: false,
            concurrently: false,
        }
    }

    pub(crate) fn of_key(meta: &EntityMeta, key: &UniqueKey) -> Self {
        Self {
            columns: key.columns.clone(),
            deleted_at: meta.stamp.deleted_at.clone(),
            ..Self::on_table(meta.table.clone())
        }
    }

    /// Adds a column to the key.
    pub fn col(mut self, column: impl IntoIden) -> Self {
        self.columns.push(column.into_iden().to_string());
        self
    }

    /// Adds columns to the key.
    pub fn cols<I>(self, columns: I) -> Self
    where
        I: IntoIterator,
        I::Item: IntoIden,
    {
        columns.into_iter().fold(self, Self::col)
    }

    /// Another name than `idx_<table>_<columns>_active`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Another name for `deleted_at`.
    pub fn deleted_at_named(mut self, column: impl IntoIden) -> Self {
        self.deleted_at = column.into_iden().to_string();
        self
    }

    /// Takes the place of plain unique constraints and indexes over the same columns, whatever their names:
    /// [`create`](Self::create) drops them, and [`drop`](Self::drop) makes one again.
    pub fn replacing_unique(mut self) -> Self {
        self.replaces_unique = true;
        self
    }

    /// Without blocking writes meanwhile: PostgreSQL's `CREATE INDEX CONCURRENTLY`. No effect elsewhere.
    ///
    /// It can't be part of a transaction: a migration needs `use_transaction` to return `Some(false)`. If it fails, the server
    /// keeps an invalid index; the next [`create`](Self::create) replaces that.
    pub fn concurrently(mut self) -> Self {
        self.concurrently = true;
        self
    }

    /// Creates the index unless the table has one that does the same, and tells what was done.
    ///
    /// # Errors
    ///
    /// [`SchemaError::Duplicates`] if active rows have equal values, with the first of them;
    /// [`SchemaError::ReferencedKey`] if a foreign key needs the unique constraint that is to be replaced;
    /// [`SchemaError::NameTaken`], [`SchemaError::UnknownTable`], [`SchemaError::UnknownColumn`], [`SchemaError::Privilege`].
    pub async fn create<C>(&self, db: &C) -> Result<Vec<Change>, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let catalog = Catalog::of_table(db, &self.table).await?;
        let changes = self.plan_create(&catalog)?;
        let table = catalog.require(&self.table)?;
        let is_unique_now = !self.plain(table).is_empty();
        if !changes.is_empty() && !is_unique_now {
            duplicates::check(
                db,
                &self.table,
                &self.columns,
                &self.deleted_at,
                Scope::Active,
            )
            .await?;
        }
        exec_all(db, &changes).await?;
        Ok(changes)
    }

    /// Drops the index if it is there, and tells what was done.
    ///
    /// # Errors
    ///
    /// [`SchemaError::Duplicates`] if it [replaced](Self::replacing_unique) a plain unique constraint and rows, deleted ones
    /// included, have equal values now; [`SchemaError::UnknownTable`], [`SchemaError::UnknownColumn`],
    /// [`SchemaError::Privilege`].
    pub async fn drop<C>(&self, db: &C) -> Result<Vec<Change>, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let catalog = Catalog::of_table(db, &self.table).await?;
        let table = catalog.require(&self.table)?;
        self.check_columns(table)?;
        let mut changes = Vec::new();
        if self.replaces_unique && self.plain(table).is_empty() {
            duplicates::check(
                db,
                &self.table,
                &self.columns,
                &self.deleted_at,
                Scope::WithDeleted,
            )
            .await?;
            changes.push(create_unique(catalog.backend, &self.table, &self.columns));
        }
        changes.extend(self.drop_indexes(table, catalog.backend, false));
        exec_all(db, &changes).await?;
        Ok(changes)
    }

    /// What [`create`](Self::create) will do, if no rows forbid it.
    pub(crate) fn plan_create(&self, catalog: &Catalog) -> Result<Vec<Change>, Error> {
        let table = catalog.require(&self.table)?;
        self.check_columns(table)?;
        let name = self.index_name();
        let mut has_it = false;
        let mut spent = None;
        for index in &table.indexes {
            if self.is_it(table, index) {
                has_it = true;
            } else if index.name == name {
                if index.valid {
                    return Err(self.taken());
                }
                spent = Some(index);
            }
        }
        let plain = if self.replaces_unique {
            self.plain(table)
        } else {
            Vec::new()
        };
        if !plain.is_empty() {
            self.refuse_if_referenced(catalog, table)?;
        }
        if has_it && plain.is_empty() {
            return Ok(Vec::new());
        }
        let backend = catalog.backend;
        let mut changes: Vec<_> = spent
            .map(|index| drop_index(backend, &self.table, table, index))
            .into_iter()
            .collect();
        if dialect::has_partial_indexes(backend) {
            if !has_it {
                changes.push(self.create_partial(backend));
            }
            // SQLite's definition of the table is edited once for all its constraints over these columns.
            let mut edited = false;
            for index in plain {
                let is_edit = backend == DbBackend::Sqlite && index.owned_by_constraint;
                if !(is_edit && edited) {
                    changes.push(drop_index(backend, &self.table, table, index));
                }
                edited |= is_edit;
            }
        } else {
            let has_marker = table.column(MARKER).is_some();
            changes.push(self.create_with_marker(has_marker, &plain, has_it));
        }
        Ok(changes)
    }

    /// Creates the index in a table that is known to have none of its kind.
    pub(crate) fn create_new(&self, backend: DbBackend, has_marker: bool) -> Change {
        if dialect::has_partial_indexes(backend) {
            self.create_partial(backend)
        } else {
            self.create_with_marker(has_marker, &[], false)
        }
    }

    fn create_partial(&self, backend: DbBackend) -> Change {
        let concurrently = self.concurrently && backend == DbBackend::Postgres;
        let sql = format!(
            "CREATE UNIQUE INDEX {}{} ON {} ({}) WHERE {} IS NULL",
            if concurrently { "CONCURRENTLY " } else { "" },
            quote(backend, &self.index_name()),
            quote_table(backend, &self.table),
            quote_all(backend, &self.columns),
            quote(backend, &self.deleted_at),
        );
        let change = Change::new(&self.table, self.describe("create")).sql(sql);
        if concurrently {
            change.outside_transactions()
        } else {
            change
        }
    }

    /// The old index goes as the new one comes, so that there is no moment without either. The marker comes before: together
    /// with an index the server could only add it by copying the table.
    fn create_with_marker(&self, has_marker: bool, plain: &[&Index], has_it: bool) -> Change {
        let backend = DbBackend::MySql;
        let alter = format!("ALTER TABLE {} ", quote_table(backend, &self.table));
        let verb = if has_it { "make unique only" } else { "create" };
        let mut change = Change::new(&self.table, self.describe(verb));
        if !has_marker {
            change = change.step(Step::AddColumn {
                table: self.table.clone(),
                column: MARKER.to_owned(),
                sql: format!("{alter}ADD COLUMN {}", marker(&self.deleted_at)),
            });
        }
        let drops = plain
            .iter()
            .map(|index| format!("DROP INDEX {}", quote(backend, &index.name)));
        let add = (!has_it).then(|| {
            format!(
                "ADD UNIQUE INDEX {} ({}, {})",
                quote(backend, &self.index_name()),
                quote_all(backend, &self.columns),
                quote(backend, MARKER),
            )
        });
        let actions: Vec<_> = drops.chain(add).collect();
        change.sql(format!("{alter}{}", actions.join(", ")))
    }

    /// Drops the index, and the marker where no other index needs it.
    pub(crate) fn drop_indexes(
        &self,
        table: &Table,
        backend: DbBackend,
        keeps_marker: bool,
    ) -> Vec<Change> {
        let (own, others): (Vec<_>, Vec<_>) = table
            .indexes
            .iter()
            .partition(|index| self.is_it(table, index));
        if own.is_empty() {
            return Vec::new();
        }
        if dialect::has_partial_indexes(backend) {
            let drop = |index: &&Index| drop_index(backend, &self.table, table, index);
            return own.iter().map(drop).collect();
        }
        let mut actions: Vec<_> = own
            .iter()
            .map(|index| format!("DROP INDEX {}", quote(backend, &index.name)))
            .collect();
        let uses_marker = |index: &&Index| index.columns().any(|name| name == MARKER);
        let has_marker = table.column(MARKER).is_some();
        if has_marker && !keeps_marker && !others.iter().any(uses_marker) {
            actions.push(format!("DROP COLUMN {}", quote(backend, MARKER)));
        }
        let sql = format!(
            "ALTER TABLE {} {}",
            quote_table(backend, &self.table),
            actions.join(", ")
        );
        vec![Change::new(&self.table, self.describe("drop")).sql(sql)]
    }

    fn describe(&self, verb: &str) -> String {
        format!(
            "{verb} the index `{}` of `{}`, unique among active rows",
            self.index_name(),
            self.table
        )
    }

    fn index_name(&self) -> String {
        self.name
            .clone()
            .unwrap_or_else(|| object_name("idx", &self.table.name, &self.columns, "active"))
    }

    fn is_it(&self, table: &Table, index: &Index) -> bool {
        index::is_unique_active(table, index, &self.columns, &self.deleted_at)
    }

    fn plain<'t>(&self, table: &'t Table) -> Vec<&'t Index> {
        let is_plain = |index: &&Index| index::is_plain_unique(table, index, &self.columns);
        table.indexes.iter().filter(is_plain).collect()
    }

    fn check_columns(&self, table: &Table) -> Result<(), Error> {
        catalog::require_columns(
            &self.table,
            table,
            self.columns.iter().chain([&self.deleted_at]),
        )
    }

    fn refuse_if_referenced(&self, catalog: &Catalog, table: &Table) -> Result<(), Error> {
        match referencing(catalog, table, &self.columns) {
            Some(child) => Err(SchemaError::ReferencedKey {
                table: self.table.clone(),
                columns: self.columns.clone(),
                child: child.name.clone(),
            }
            .into()),
            None => Ok(()),
        }
    }

    fn taken(&self) -> Error {
        SchemaError::NameTaken {
            table: self.table.clone(),
            name: self.index_name(),
        }
        .into()
    }
}

/// A table with a foreign key that refers to exactly these columns.
pub(crate) fn referencing<'c>(
    catalog: &'c Catalog,
    table: &'c Table,
    columns: &[String],
) -> Option<&'c Table> {
    catalog
        .references(table)
        .find(|(_, key)| table.same_columns(key.parent_columns.iter().map(String::as_str), columns))
        .map(|(child, _)| child)
}

/// MySQL knows invisible columns since 8.0.23. MariaDB does since 10.3, and passes over comments for MySQL 8.
fn marker(deleted_at: &str) -> String {
    format!(
        "{} tinyint GENERATED ALWAYS AS (CASE WHEN {} IS NULL THEN 1 END) VIRTUAL \
         /*!80023 INVISIBLE */ /*M!100303 INVISIBLE */",
        quote(DbBackend::MySql, MARKER),
        quote(DbBackend::MySql, deleted_at),
    )
}

/// A plain unique index.
pub(crate) fn create_unique(backend: DbBackend, table: &TableName, columns: &[String]) -> Change {
    let name = object_name("uq", &table.name, columns, "");
    let description = format!("create the index `{name}` of `{table}`, unique among all rows");
    Change::new(table, description).sql(format!(
        "CREATE UNIQUE INDEX {} ON {} ({})",
        quote(backend, &name),
        quote_table(backend, table),
        quote_all(backend, columns),
    ))
}

/// Drops an index, or the constraint that owns it.
pub(crate) fn drop_index(
    backend: DbBackend,
    name: &TableName,
    table: &Table,
    index: &Index,
) -> Change {
    let description = format!("drop the index `{}` of `{name}`", index.name);
    let change = Change::new(name, description);
    let quoted = quote(backend, &index.name);
    let on = quote_table(backend, name);
    match backend {
        DbBackend::MySql => change.sql(format!("ALTER TABLE {on} DROP INDEX {quoted}")),
        DbBackend::Postgres if index.owned_by_constraint => {
            change.sql(format!("ALTER TABLE {on} DROP CONSTRAINT {quoted}"))
        }
        DbBackend::Postgres => {
            let index = quote_in(backend, Some(&table.schema), &index.name);
            change.sql(format!("DROP INDEX {index}"))
        }
        _ if index.owned_by_constraint => change.step(Step::InPlace(InPlace::DropUnique {
            table: table.name.clone(),
            columns: index.columns().map(ToOwned::to_owned).collect(),
        })),
        _ => change.sql(format!("DROP INDEX {quoted}")),
    }
}
