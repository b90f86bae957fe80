//! Unique among active rows.

mod rules;

use sea_orm::{
    ConnectionTrait, TransactionTrait,
    sea_query::{IntoIden, IntoTableRef},
};

use super::{
    Change, SchemaError,
    catalog::{self, Catalog},
    change::exec_all,
    dialect::Dialect,
    duplicates::{self, Key},
    index,
    key::{Compared, IndexKey, Part},
    marked::Marked,
    marker::{MARKER, Marker},
    sql::{object_name, quote_all},
    step::Step,
    table::{Index, Table},
    written,
};
use soft_delete_core::{EntityMeta, Error, Scope, SoftDelete, TableName, UniqueKey};

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
    /// Those of expressions that are known, too.
    columns: Vec<String>,
    key: IndexKey,
    /// What the entity calls the key.
    label: Option<String>,
    marked: Marked,
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
            key: IndexKey::default(),
            label: None,
            marked: Marked::by("deleted_at"),
            name: None,
            replaces_unique: false,
            concurrently: false,
        }
    }

    pub(crate) fn of_key(meta: &EntityMeta, key: &UniqueKey) -> Self {
        Self {
            columns: key.columns.clone(),
            key: IndexKey::of(key),
            label: Some(key.name.clone()),
            marked: Marked::of(meta),
            ..Self::on_table(meta.table.clone())
        }
    }

    /// An index of the entity's table, whatever tells its deleted rows: `WHERE is_deleted = FALSE`. Add columns with [`col`](Self::col).
    pub fn of<E: SoftDelete>() -> Self {
        Self {
            marked: Marked::of(E::meta()),
            ..Self::on_table(E::meta().table.clone())
        }
    }

    /// By the marker of the entity.
    pub(crate) fn marked_as(mut self, meta: &EntityMeta) -> Self {
        self.marked = Marked::of(meta);
        self
    }

    /// Adds a column to the key.
    pub fn col(mut self, column: impl IntoIden) -> Self {
        let name = column.into_iden().to_string();
        self.key.parts.push(Part::Column(name.clone()));
        self.columns.push(name);
        self
    }

    /// Adds an expression to the key: `lower(email)`. The text goes into SQL as it is, but for the names of columns, which are quoted.
    ///
    /// On MySQL it becomes a part of the key as it is. MariaDB gets an invisible generated column for it, of the type of the one `char` or
    /// `varchar` column that it must be over.
    pub fn expression(mut self, sql: impl Into<String>) -> Self {
        self.key.parts.push(Part::Expression(sql.into()));
        self
    }

    /// Only rows that meet a condition count, beside being active: `is_default`. The text goes into SQL as it is, but for the names of
    /// columns, which are quoted.
    pub fn filter(mut self, sql: impl Into<String>) -> Self {
        self.key.condition = Some(sql.into());
        self
    }

    /// NULLs are equal: PostgreSQL's `NULLS NOT DISTINCT`, since 15. Elsewhere it is an error of [`create`](Self::create).
    pub fn nulls_not_distinct(mut self) -> Self {
        self.key.nulls_not_distinct = true;
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
        self.marked = Marked::by(column.into_iden().to_string());
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
            let mut key = self.compared_columns();
            key.compared = Compared::of(&self.key, catalog.dialect, table);
            duplicates::check(db, catalog.dialect, &key, Scope::Active).await?;
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
            let key = self.compared_columns();
            duplicates::check(db, catalog.dialect, &key, Scope::WithDeleted).await?;
            changes.push(create_unique(catalog.dialect, &self.table, &self.columns));
        }
        changes.extend(self.drop_indexes(table, catalog.dialect, Marker::Unused));
        exec_all(db, &changes).await?;
        Ok(changes)
    }

    /// What [`create`](Self::create) will do, if no rows forbid it.
    pub(crate) fn plan_create(&self, catalog: &Catalog) -> Result<Vec<Change>, Error> {
        let table = catalog.require(&self.table)?;
        self.check_columns(table)?;
        self.check_key(table, catalog.dialect)?;
        let name = self.index_name();
        let mut has_it = false;
        let mut invalid = None;
        for index in &table.indexes {
            if self.is_it(table, index, catalog.dialect) {
                has_it = true;
            } else if index.name == name {
                if index.valid {
                    return Err(self.name_taken());
                }
                invalid = Some(index);
            }
        }
        let plain = match self.replaces_unique {
            true => self.plain(table),
            false => Vec::new(),
        };
        if !plain.is_empty() {
            self.refuse_if_referenced(catalog, table)?;
        }
        if has_it && plain.is_empty() {
            return Ok(Vec::new());
        }
        let dialect = catalog.dialect;
        let drop = |index| drop_index(dialect, &self.table, table, index);
        let mut changes: Vec<_> = invalid.map(drop).into_iter().collect();
        if !dialect.has_partial_indexes() {
            changes.push(match has_it {
                true => self.replace_plain(dialect, &plain),
                false if !self.key.is_plain() => self.create_with_hidden(dialect, table, &plain),
                false => self.create_with_marker(dialect, Marker::of(table), &plain),
            });
            return Ok(changes);
        }
        if !has_it {
            let list = self.key.sql_list(dialect, table);
            let is_active = self.key.sql_active(dialect, table, &self.marked);
            changes.push(self.create_partial(dialect, &list, &is_active));
        }
        // A table's definition is edited once for all its constraints over these columns.
        let mut edited = false;
        for change in plain.into_iter().map(drop) {
            let is_edit = change.is_in_place();
            if !(is_edit && edited) {
                changes.push(change);
            }
            edited |= is_edit;
        }
        Ok(changes)
    }

    /// Creates the index in a table that is known to have none of its kind.
    pub(crate) fn create_new(&self, dialect: &dyn Dialect, marker: Marker) -> Change {
        match dialect.has_partial_indexes() {
            true => {
                let list = quote_all(dialect, &self.columns);
                let is_active = self.marked.sql(dialect, Scope::Active, "");
                self.create_partial(dialect, &list, &is_active)
            }
            false => self.create_with_marker(dialect, marker, &[]),
        }
    }

    fn create_partial(&self, dialect: &dyn Dialect, list: &str, is_active: &str) -> Change {
        let concurrently = self.concurrently && dialect.builds_concurrently();
        let sql = format!(
            "CREATE UNIQUE INDEX {}{} ON {} ({list}){} WHERE {is_active}",
            if concurrently { "CONCURRENTLY " } else { "" },
            dialect.quote(&self.index_name()),
            dialect.quote_table(&self.table),
            if self.key.nulls_not_distinct {
                " NULLS NOT DISTINCT"
            } else {
                ""
            },
        );
        let change = Change::new(&self.table, self.describe("create")).sql(sql);
        match concurrently {
            true => change.outside_transactions(),
            false => change,
        }
    }

    /// The old index goes as the new one comes, so that there is no moment without either. The marker comes before: together
    /// with an index the server could only add it by copying the table.
    fn create_with_marker(
        &self,
        dialect: &dyn Dialect,
        marker: Marker,
        plain: &[&Index],
    ) -> Change {
        let mut change = Change::new(&self.table, self.describe("create"));
        if marker == Marker::Missing
            && let Some(marker) =
                dialect.active_marker(&self.marked.sql(dialect, Scope::Active, ""))
        {
            change = change.step(Step::AddColumn {
                table: self.table.clone(),
                column: MARKER.to_owned(),
                sql: format!("{} ADD COLUMN {marker}", self.alter(dialect)),
            });
        }
        let mut actions = drop_actions(dialect, plain);
        actions.push(format!(
            "ADD UNIQUE INDEX {} ({}, {})",
            dialect.quote(&self.index_name()),
            quote_all(dialect, &self.columns),
            dialect.quote(MARKER),
        ));
        change.sql(format!("{} {}", self.alter(dialect), actions.join(", ")))
    }

    /// Drops plain indexes beside one that is there already.
    fn replace_plain(&self, dialect: &dyn Dialect, plain: &[&Index]) -> Change {
        let actions = drop_actions(dialect, plain).join(", ");
        Change::new(&self.table, self.describe("make unique only"))
            .sql(format!("{} {actions}", self.alter(dialect)))
    }

    fn alter(&self, dialect: &dyn Dialect) -> String {
        format!("ALTER TABLE {}", dialect.quote_table(&self.table))
    }

    /// Drops the index, and the marker if it is unused then.
    pub(crate) fn drop_indexes(
        &self,
        table: &Table,
        dialect: &dyn Dialect,
        marker: Marker,
    ) -> Vec<Change> {
        let (own, others): (Vec<_>, Vec<_>) = table
            .indexes
            .iter()
            .partition(|index| self.is_it(table, index, dialect));
        if own.is_empty() {
            return Vec::new();
        }
        if dialect.has_partial_indexes() {
            let drop = |index: &&Index| drop_index(dialect, &self.table, table, index);
            return own.iter().map(drop).collect();
        }
        let mut actions = drop_actions(dialect, &own);
        if !self.key.is_plain() {
            let hidden = self.hidden_columns(table).into_iter();
            actions.extend(hidden.map(|name| format!("DROP COLUMN {}", dialect.quote(&name))));
            let sql = format!("{} {}", self.alter(dialect), actions.join(", "));
            return vec![Change::new(&self.table, self.describe("drop")).sql(sql)];
        }
        let uses_marker = |index: &&Index| index.columns().any(|name| name == MARKER);
        let has_marker = table.column(MARKER).is_some();
        if has_marker && marker == Marker::Unused && !others.iter().any(uses_marker) {
            actions.push(format!("DROP COLUMN {}", dialect.quote(MARKER)));
        }
        let sql = format!("{} {}", self.alter(dialect), actions.join(", "));
        vec![Change::new(&self.table, self.describe("drop")).sql(sql)]
    }

    fn compared_columns(&self) -> Key<'_> {
        Key {
            table: &self.table,
            columns: &self.columns,
            marked: &self.marked,
            compared: None,
        }
    }

    fn describe(&self, verb: &str) -> String {
        format!(
            "{verb} the index `{}` of `{}`, unique among active rows",
            self.index_name(),
            self.table
        )
    }

    pub(crate) fn index_name(&self) -> String {
        self.name
            .clone()
            .unwrap_or_else(|| match self.key.is_plain() {
                true => object_name("idx", &self.table.name, &self.columns, "active"),
                false => self.name_with_key(),
            })
    }

    /// Whether an index does what this one does.
    pub(crate) fn is_it(&self, table: &Table, index: &Index, dialect: &dyn Dialect) -> bool {
        if self.key.is_plain() {
            return index::is_unique_active(table, index, &self.columns, &self.marked, dialect);
        }
        index.unique
            && index.valid
            && index.nulls_not_distinct == self.key.nulls_not_distinct
            && (index.name == self.name_with_key()
                || written::is_alike(table, index, &self.key, &self.marked, dialect))
    }

    /// What is compared, for a look at the rows.
    pub(crate) fn compared(&self, table: &Table, dialect: &dyn Dialect) -> Option<Compared> {
        Compared::of(&self.key, dialect, table)
    }

    /// As it is shown to people.
    pub(crate) fn shown(&self) -> String {
        self.key.shown()
    }

    fn plain<'t>(&self, table: &'t Table) -> Vec<&'t Index> {
        let is_plain = |index: &&Index| index::is_plain_unique(table, index, &self.columns);
        table.indexes.iter().filter(is_plain).collect()
    }

    fn check_columns(&self, table: &Table) -> Result<(), Error> {
        catalog::require_columns(
            &self.table,
            table,
            self.key
                .all_columns(table)
                .iter()
                .chain([self.marked.column()]),
        )
    }

    fn refuse_if_referenced(&self, catalog: &Catalog, table: &Table) -> Result<(), Error> {
        match referencing(catalog, table, &self.columns) {
            Some(child) => Err(SchemaError::referenced_key(
                self.table.clone(),
                self.columns.clone(),
                child.name.clone(),
            )
            .into()),
            None => Ok(()),
        }
    }

    fn name_taken(&self) -> Error {
        SchemaError::name_taken(self.table.clone(), self.index_name()).into()
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

fn drop_actions(dialect: &dyn Dialect, indexes: &[&Index]) -> Vec<String> {
    let names = indexes.iter().map(|index| dialect.quote(&index.name));
    names.map(|name| format!("DROP INDEX {name}")).collect()
}

/// A plain unique index.
pub(crate) fn create_unique(
    dialect: &dyn Dialect,
    table: &TableName,
    columns: &[String],
) -> Change {
    let name = object_name("uq", &table.name, columns, "");
    let description = format!("create the index `{name}` of `{table}`, unique among all rows");
    Change::new(table, description).sql(format!(
        "CREATE UNIQUE INDEX {} ON {} ({})",
        dialect.quote(&name),
        dialect.quote_table(table),
        quote_all(dialect, columns),
    ))
}

/// Drops an index, or the constraint that owns it.
pub(crate) fn drop_index(
    dialect: &dyn Dialect,
    name: &TableName,
    table: &Table,
    index: &Index,
) -> Change {
    let description = format!("drop the index `{}` of `{name}`", index.name);
    Change::new(name, description).step(dialect.drop_index(name, table, index))
}
