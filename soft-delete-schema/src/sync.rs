//! What the entities need of the schema, in one call.

use sea_orm::{ConnectionTrait, TransactionTrait};

use super::{
    ActiveParentTriggers, ActiveSchema, Change, PurgeIndex, SoftDeleteColumns, UniqueActiveIndex,
    catalog::{Catalog, require_columns},
    change::{begin, run_all},
    columns::imprecise_time,
    dialect::Dialect,
    duplicates, index,
    key::Compared,
    marked::Marked,
    marker::MARKER,
    sql::{object_name, quote_all},
    table::{Column, Index, Key, Table},
};
use soft_delete_core::{
    EntityMeta, Error, ForeignKeyMeta, OnDelete, Registry, Scope, SoftDelete, TableName,
    engine_api::transaction,
};

/// Brings the columns and indexes of the entities' tables in line with what soft deletion needs. The tables must exist.
///
/// For those who have no migrations, after SeaORM's own `db.get_schema_builder().register(…).sync(db)`. Each table gets what it
/// lacks of
///
/// - the columns of the stamp (`deleted_at`, `deletion_id`, `deleted_by`, `delete_reason`) that the entity has, and on MySQL and
///   MariaDB microseconds in `deleted_at`, which SeaORM creates with whole seconds;
/// - a [`UniqueActiveIndex`] for each `#[soft_delete(unique)]`, in place of plain unique constraints over the same columns;
/// - a [`PurgeIndex`] where the entity has a `retention`;
/// - an index behind each foreign key that a deletion follows or asks;
/// - with [`active_parent_triggers`](Self::active_parent_triggers), those;
/// - with [`active_schema`](Self::active_schema), a view of its active rows.
///
/// Nothing is dropped but the plain unique constraints that are replaced. A second call does nothing.
///
/// SeaORM's own `sync` drops these unique indexes again, or fails: the feature `schema-sync` has `KeepIndexes` against that.
///
/// ```standalone_crate
/// # mod post {
/// #     use sea_orm::entity::prelude::*;
/// #     #[sea_orm::model]
/// #     #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
/// #     #[sea_orm(table_name = "post")]
/// #     pub struct Model { #[sea_orm(primary_key)] pub id: i64, #[soft_delete(unique)] pub slug: String, pub deleted_at: Option<DateTimeUtc> }
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
/// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use sea_orm::{ConnectionTrait, Database, Schema};
/// use soft_delete::schema::SchemaSync;
///
/// let db = Database::connect("sqlite::memory:").await?;
/// db.execute(&Schema::new(db.get_database_backend()).create_table_from_entity(post::Entity)).await?;
///
/// let changes = SchemaSync::of::<post::Entity>().exec(&db).await?;
/// for change in &changes {
///     println!("{change}");
/// }
/// assert_eq!(changes.len(), 1);
/// assert!(SchemaSync::of::<post::Entity>().exec(&db).await?.is_empty());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "it does nothing until `exec(&db)` is awaited"]
pub struct SchemaSync {
    registry: Registry,
    /// Only this table, of the entity's group.
    only: Option<(&'static str, TableName)>,
    triggers: bool,
    layer: Option<ActiveSchema>,
}

impl Default for SchemaSync {
    fn default() -> Self {
        Self::new()
    }
}

impl SchemaSync {
    /// For all entities of the program.
    pub fn new() -> Self {
        Self {
            registry: Registry::global().clone(),
            only: None,
            triggers: false,
            layer: None,
        }
    }

    /// For one entity of the program.
    pub fn of<E: SoftDelete>() -> Self {
        let meta = E::meta();
        Self {
            only: Some((meta.group, meta.table.clone())),
            ..Self::new()
        }
    }

    /// The entities of this registry instead of [`Registry::global`]'s.
    pub fn registry(mut self, registry: &Registry) -> Self {
        self.registry = registry.clone();
        self
    }

    /// With [`ActiveParentTriggers`] on each foreign key between the entities that cascades.
    pub fn active_parent_triggers(mut self) -> Self {
        self.triggers = true;
        self
    }

    /// With the views of an [`ActiveSchema`], which get the columns that the tables get. A view of PostgreSQL makes way for a column
    /// that changes its type.
    pub fn active_schema(mut self, layer: &ActiveSchema) -> Self {
        self.layer = Some(layer.clone());
        self
    }

    /// What [`exec`](Self::exec) would do. Reads the catalog, and changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::NoEntities`], [`Error::EntitiesDisagree`], [`SchemaError::UnknownTable`](super::SchemaError::UnknownTable), [`SchemaError::UnknownColumn`](super::SchemaError::UnknownColumn), [`SchemaError::NoPrimaryKey`](super::SchemaError::NoPrimaryKey),
    /// [`SchemaError::ColumnMismatch`](super::SchemaError::ColumnMismatch), [`SchemaError::NameTaken`](super::SchemaError::NameTaken), and [`SchemaError::ReferencedKey`](super::SchemaError::ReferencedKey) if a foreign key needs a
    /// unique constraint that is to be replaced.
    pub async fn plan<C: ConnectionTrait>(&self, db: &C) -> Result<Vec<Change>, Error> {
        Ok(self.steps(db).await?.into_changes())
    }

    /// Does it, and tells what was done.
    ///
    /// # Errors
    ///
    /// Those of [`plan`](Self::plan), [`SchemaError::Duplicates`](super::SchemaError::Duplicates) if active rows have equal values in columns that are to be
    /// unique, and [`SchemaError::Privilege`](super::SchemaError::Privilege). Nothing was changed then; but on MySQL and MariaDB
    /// what was done before stays, columns first.
    pub async fn exec<C>(&self, db: &C) -> Result<Vec<Change>, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let steps = self.steps(db).await?;
        if steps.is_empty() {
            return Ok(Vec::new());
        }
        let dialect = steps.catalog.dialect;
        if dialect.has_transactional_ddl() {
            let transaction = begin(db, dialect).await?;
            let done = steps.run(&transaction).await;
            transaction::end(db, transaction, done).await?;
        } else {
            steps.run(db).await?;
        }
        Ok(steps.into_changes())
    }

    async fn steps<C: ConnectionTrait>(&self, db: &C) -> Result<Steps, Error> {
        match &self.only {
            Some((group, _)) => drop(self.registry.group(group)?),
            None => self.registry.check()?,
        }
        let entities: Vec<_> = self.entities().collect();
        let tables: Vec<_> = self.registry.entities().map(|meta| &meta.table).collect();
        let mut steps = Steps {
            catalog: Catalog::of_schemas(db, &tables).await?,
            columns: Vec::new(),
            changes: Vec::new(),
            checks: Vec::new(),
            retyped: Vec::new(),
        };
        for meta in &entities {
            match meta.stamp.require_time(&meta.table, "`SchemaSync`") {
                Ok(()) => steps.columns(meta)?,
                // How such a column is made is the application's affair.
                Err(_) => steps.require_columns(meta)?,
            }
        }
        for meta in &entities {
            steps.unique_indexes(meta)?;
            steps.purge_index(meta)?;
            steps.foreign_key_indexes(meta)?;
        }
        if self.triggers {
            for meta in &entities {
                for triggers in triggers_of(&self.registry, meta)? {
                    let changes = triggers.plan_create(&steps.catalog)?;
                    steps.changes.extend(changes);
                }
            }
        }
        if let Some(layer) = &self.layer {
            let tables = steps.catalog.tables();
            let views = layer.plan_after(db, tables, &steps.retyped).await?;
            steps.columns.splice(0..0, views.before);
            steps.changes.extend(views.after);
        }
        Ok(steps)
    }

    fn entities(&self) -> impl Iterator<Item = &EntityMeta> {
        self.registry.entities().filter(|meta| {
            let is_it =
                |(group, table): &(&str, TableName)| meta.group == *group && meta.table == *table;
            self.only.as_ref().is_none_or(is_it)
        })
    }
}

struct Steps {
    /// With the columns and indexes that the changes add.
    catalog: Catalog,
    columns: Vec<Change>,
    changes: Vec<Change>,
    checks: Vec<DuplicateCheck>,
    /// Tables of which a column changes its type.
    retyped: Vec<TableName>,
}

/// Rows that a unique index to be created would refuse.
struct DuplicateCheck {
    table: TableName,
    columns: Vec<String>,
    marked: Marked,
    compared: Option<Compared>,
}

impl Steps {
    fn is_empty(&self) -> bool {
        self.columns.is_empty() && self.changes.is_empty()
    }

    fn into_changes(mut self) -> Vec<Change> {
        self.columns.append(&mut self.changes);
        self.columns
    }

    /// Columns first: the checks ask for `deleted_at`.
    async fn run<C: ConnectionTrait>(&self, db: &C) -> Result<(), Error> {
        run_all(db, &self.columns).await?;
        for check in &self.checks {
            let key = duplicates::Key {
                table: &check.table,
                columns: &check.columns,
                marked: &check.marked,
                compared: check.compared.clone(),
            };
            duplicates::check(db, self.catalog.dialect, &key, Scope::Active).await?;
        }
        run_all(db, &self.changes).await
    }

    fn columns(&mut self, meta: &EntityMeta) -> Result<(), Error> {
        let dialect = self.catalog.dialect;
        let table = self.catalog.require(&meta.table)?;
        let columns = SoftDeleteColumns::of_meta(meta);
        let missing = columns.missing(&meta.table, table, dialect)?;
        let precise = imprecise_time(dialect, meta, table);
        let new: Vec<_> = meta
            .stamp
            .names()
            .filter(|name| table.column(name).is_none())
            .map(ToOwned::to_owned)
            .collect();
        self.columns.extend(missing);
        if precise.is_some() {
            self.retyped.push(meta.table.clone());
        }
        self.columns.extend(precise);
        for name in new {
            self.assume_column(&meta.table, name, None);
        }
        Ok(())
    }

    fn require_columns(&self, meta: &EntityMeta) -> Result<(), Error> {
        let table = self.catalog.require(&meta.table)?;
        let names: Vec<_> = meta.stamp.names().map(ToOwned::to_owned).collect();
        require_columns(&meta.table, table, &names)
    }

    fn unique_indexes(&mut self, meta: &EntityMeta) -> Result<(), Error> {
        for key in &meta.unique {
            let index = UniqueActiveIndex::of_key(meta, key).replacing_unique();
            let changes = index.plan_create(&self.catalog)?;
            if changes.is_empty() {
                continue;
            }
            let table = self.catalog.require(&meta.table)?;
            let is_unique_now = table
                .indexes
                .iter()
                .any(|index| index::is_plain_unique(table, index, &key.columns));
            if !is_unique_now {
                self.checks.push(DuplicateCheck {
                    table: meta.table.clone(),
                    columns: key.columns.clone(),
                    marked: Marked::of(meta),
                    compared: index.compared(table, self.catalog.dialect),
                });
            }
            self.changes.extend(changes);
            match key.is_plain() {
                true => self.assume_index(meta, &key.columns),
                false => self.assume_named_index(meta, index.index_name()),
            }
        }
        Ok(())
    }

    fn purge_index(&mut self, meta: &EntityMeta) -> Result<(), Error> {
        if meta.retention.is_some() {
            let changes = PurgeIndex::of_meta(meta).plan_create(&self.catalog)?;
            self.changes.extend(changes);
        }
        Ok(())
    }

    fn foreign_key_indexes(&mut self, meta: &EntityMeta) -> Result<(), Error> {
        let table = self.catalog.require(&meta.table)?;
        let mut done: Vec<&[String]> = Vec::new();
        for key in &meta.foreign_keys {
            if lacks_index(meta, key, table) && !done.contains(&&*key.columns) {
                let change = create_foreign_key_index(self.catalog.dialect, meta, key);
                self.changes.push(change);
                done.push(&key.columns);
            }
        }
        Ok(())
    }

    /// Counts on a unique index that a change before will have created.
    fn assume_index(&mut self, meta: &EntityMeta, columns: &[String]) {
        let marked = Marked::of(meta);
        let deleted_at = marked.column();
        let is_active = marked.sql(self.catalog.dialect, Scope::Active, "");
        let is_partial = self.catalog.dialect.has_partial_indexes();
        if !is_partial {
            self.assume_column(&meta.table, MARKER.to_owned(), Some(deleted_at.clone()));
        }
        if let Some(table) = self.catalog.find_mut(&meta.table) {
            let marker = (!is_partial).then(|| MARKER.to_owned());
            table.indexes.push(Index {
                name: String::new(),
                unique: true,
                primary: false,
                owned_by_constraint: false,
                valid: true,
                nulls_not_distinct: false,
                predicate: is_partial.then_some(is_active),
                keys: columns
                    .iter()
                    .cloned()
                    .chain(marker)
                    .map(Key::Column)
                    .collect(),
            });
        }
    }

    /// The same of an index that is known by its name.
    fn assume_named_index(&mut self, meta: &EntityMeta, name: String) {
        if let Some(table) = self.catalog.find_mut(&meta.table) {
            table.indexes.push(Index {
                name,
                unique: true,
                primary: false,
                owned_by_constraint: false,
                valid: true,
                nulls_not_distinct: false,
                predicate: None,
                keys: vec![Key::Expression(String::new())],
            });
        }
    }

    /// Counts on a column that a change before will have added.
    fn assume_column(&mut self, table: &TableName, name: String, generated: Option<String>) {
        if let Some(table) = self.catalog.find_mut(table)
            && table.column(&name).is_none()
        {
            table.columns.push(Column {
                name,
                type_name: String::new(),
                nullable: true,
                generated,
                default: None,
            });
        }
    }
}

/// Whether a deletion of the parent has to read the whole table for the key.
pub(crate) fn lacks_index(meta: &EntityMeta, key: &ForeignKeyMeta, table: &Table) -> bool {
    let deleted_at = &meta.stamp.deleted_at;
    let exists = |column: &String| table.column(column).is_some();
    key.on_delete != OnDelete::Ignore
        && key.columns.iter().all(exists)
        && !table
            .indexes
            .iter()
            .any(|index| index::leads_to(table, index, &key.columns, deleted_at))
}

pub(crate) fn create_foreign_key_index(
    dialect: &dyn Dialect,
    meta: &EntityMeta,
    key: &ForeignKeyMeta,
) -> Change {
    let name = object_name("idx", &meta.table.name, &key.columns, "");
    let description = format!(
        "create the index `{name}` of `{}`, for its foreign key to `{}`",
        meta.table, key.parent
    );
    Change::new(&meta.table, description).sql(format!(
        "CREATE INDEX {} ON {} ({})",
        dialect.quote(&name),
        dialect.quote_table(&meta.table),
        quote_all(dialect, &key.columns),
    ))
}

/// The triggers of an entity's cascading foreign keys to entities of its group.
fn triggers_of(registry: &Registry, meta: &EntityMeta) -> Result<Vec<ActiveParentTriggers>, Error> {
    let (group, child) = registry.group_of(meta)?;
    let mut all = Vec::new();
    for key in &meta.foreign_keys {
        let Some(parent) = group.find(&key.parent) else {
            continue;
        };
        // Other rules let a row be active under a deleted parent: one that was deleted before the parent, and comes back.
        if key.on_delete != OnDelete::Cascade {
            continue;
        }
        let triggers = ActiveParentTriggers::of_key(meta, key, group.entity(parent));
        let is_cycle = parent != child && group.above(parent).contains(&child);
        all.push(if is_cycle {
            triggers.circular()
        } else {
            triggers
        });
    }
    Ok(all)
}
