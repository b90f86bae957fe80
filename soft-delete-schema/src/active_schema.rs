//! A schema of views that show active rows.

mod found;
mod wanted;

use sea_orm::{ConnectOptions, ConnectionTrait, TransactionTrait};

use super::{
    Change, SchemaError,
    catalog::Catalog,
    change::exec_all,
    dialect::{
        self,
        views::{UrlParts, Views},
    },
    table::Table,
};
use found::{Found, schemas_with};
use soft_delete_core::{
    Error, Registry, TableName,
    engine_api::base_schema::{self, MARKER_VIEW},
};
use wanted::{make_way, plan_create, plan_drop};

/// A schema with a view for each table, which shows its active rows: for code that takes nothing but a `&DatabaseConnection`, for raw
/// SQL, and for other programs. On PostgreSQL, MySQL and MariaDB.
///
/// ```sql
/// CREATE VIEW "active"."post" WITH (security_invoker = true, check_option = local)
///     AS SELECT "id", "slug", "deleted_at" FROM "public"."post" WHERE "deleted_at" IS NULL
/// ```
///
/// A connection whose `search_path` begins with it (on MySQL and MariaDB, whose database it is) finds the view wherever a statement
/// says `post`. Queries are planned as if they had the condition themselves. INSERT and UPDATE work through the view, with defaults,
/// `RETURNING` and the last insert id; a row can't be made to leave the view, nor be inserted as deleted. A DELETE is refused on
/// PostgreSQL; on MySQL and MariaDB it is up to the privileges, see [`grant_to`](Self::grant_to). TRUNCATE is refused.
///
/// 1. Create it in a migration, over a connection to the tables' own schema: [`create`](Self::create).
/// 2. Give the application the URL that [`url`](Self::url) makes of its own.
/// 3. When the application starts, [`attach`](Self::attach): then deletes, restores, purges and all else of this library reach the
///    tables behind the views, and so do `with_deleted()` and `only_deleted()`.
///
/// Run migrations over the plain URL: what creates a table over a connection of the layer creates it beside the views.
///
/// ```
/// # fn main() -> Result<(), soft_delete::Error> {
/// use soft_delete::schema::ActiveSchema;
///
/// let layer = ActiveSchema::named("active");
/// let url = layer.url("postgres://shop@localhost/shop")?;
/// assert_eq!(url, "postgres://shop@localhost/shop?options=-c%20search_path%3Dactive%2Cpublic");
///
/// let layer = ActiveSchema::named("shop_active");
/// let url = layer.url("mysql://shop@localhost/shop")?;
/// assert_eq!(url, "mysql://shop@localhost/shop_active");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "it does nothing until one of its functions is awaited"]
pub struct ActiveSchema {
    name: String,
    base: Option<String>,
    registry: Registry,
    users: Vec<String>,
}

impl ActiveSchema {
    /// A schema of that name, on MySQL and MariaDB a database, for all entities of the program.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            base: None,
            registry: Registry::global().clone(),
            users: Vec::new(),
        }
    }

    /// The schema of the tables, if it is not the one that the connection creates tables in: `public`, or MySQL's current database.
    pub fn base(mut self, schema: impl Into<String>) -> Self {
        self.base = Some(schema.into());
        self
    }

    /// The entities of this registry instead of [`Registry::global`]'s.
    pub fn registry(mut self, registry: &Registry) -> Self {
        self.registry = registry.clone();
        self
    }

    /// Lets a user of the database read, insert and update through the views, and not delete, each time that the schema is
    /// [created](Self::create) or brought up to date.
    ///
    /// On PostgreSQL a role, which gets the same on the tables: the views have the privileges of whoever uses them. Sequences, and
    /// tables without views, stay as they are. On MySQL and MariaDB a user `name` or `name@host`, which gets SELECT and UPDATE on the
    /// tables, as deletes and restores need it; without that these fail, and all else works.
    pub fn grant_to(mut self, user: impl Into<String>) -> Self {
        self.users.push(user.into());
        self
    }

    /// The schema's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What [`create`](Self::create) would do. Reads the catalog, and changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::NoEntities`], [`Error::EntitiesDisagree`], [`SchemaError::NoSchemas`] on SQLite, [`SchemaError::UnknownTable`],
    /// [`SchemaError::UnknownColumn`] for a table without its `deleted_at`, [`SchemaError::NamesSchema`],
    /// [`SchemaError::PoliciesPassedBy`], and [`SchemaError::ActiveSchema`] if the name is taken by another schema, or the tables' own
    /// schema can't be told.
    pub async fn plan<C: ConnectionTrait>(&self, db: &C) -> Result<Vec<Change>, Error> {
        let found = Found::read(self, db).await?;
        plan_create(self, &found)
    }

    /// What is left to do when these tables have become what they are here, and a column of some has got another type.
    pub(crate) async fn plan_after<C: ConnectionTrait>(
        &self,
        db: &C,
        tables: &[Table],
        retyped: &[TableName],
    ) -> Result<PlanAround, Error> {
        let mut found = Found::read(self, db).await?;
        found.assume(tables);
        let mut before = Vec::new();
        if !found.views.replaces_views() {
            for table in retyped {
                before.extend(make_way(self, &mut found, &table.name));
            }
        }
        let after = plan_create(self, &found)?;
        Ok(PlanAround { before, after })
    }

    /// Creates the schema, or brings it up to date with the tables and entities, and tells what was done: missing views are created,
    /// those that lack columns, or show other rows, are made anew, and those without an entity are dropped.
    ///
    /// Over a connection to the tables' own schema. On PostgreSQL a column that a view shows can't be dropped or get another type: in
    /// such a migration [`drop`](Self::drop) comes first, and `create` last. A view that is made anew has no privileges but those of
    /// [`grant_to`](Self::grant_to).
    ///
    /// # Errors
    ///
    /// Those of [`plan`](Self::plan), and [`SchemaError::Privilege`].
    pub async fn create<C>(&self, db: &C) -> Result<Vec<Change>, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let changes = self.plan(db).await?;
        exec_all(db, &changes).await?;
        Ok(changes)
    }

    /// Drops the schema with its views if it is there, and tells what was done.
    ///
    /// # Errors
    ///
    /// [`SchemaError::ActiveSchema`] if it is another schema, or something else is in it: nothing but views is dropped.
    /// [`SchemaError::NoSchemas`], [`SchemaError::Privilege`].
    pub async fn drop<C>(&self, db: &C) -> Result<Vec<Change>, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let found = Found::read(self, db).await?;
        let changes = plan_drop(self, &found)?;
        exec_all(db, &changes).await?;
        Ok(changes)
    }

    /// The URL whose connections begin with the schema: for the configuration of a framework, or another program.
    ///
    /// For PostgreSQL it gets `options=-c search_path=…`, with the schema of the tables behind: `public`, or that of
    /// [`base`](Self::base). PgBouncer passes no options on; there `ALTER ROLE … SET search_path` does the same. For MySQL and MariaDB
    /// it has another database.
    ///
    /// # Errors
    ///
    /// [`SchemaError::NoSchemas`] for SQLite, [`SchemaError::ActiveSchema`] for a text that is not a database URL.
    pub fn url(&self, url: &str) -> Result<String, Error> {
        let parts = UrlParts::of(url).filter(|parts| !parts.authority.is_empty());
        let dialect = dialect::of_url(url);
        match (dialect, parts) {
            (Some(dialect), parts) => {
                let views = self.views(dialect)?;
                let parts = parts.ok_or_else(|| self.no_url())?;
                Ok(views.url(parts, &self.name, self.base.as_deref()))
            }
            (None, _) => Err(self.no_url()),
        }
    }

    /// SeaORM's options for [`url`](Self::url).
    ///
    /// # Errors
    ///
    /// Those of [`url`](Self::url).
    pub fn connect_options(&self, url: &str) -> Result<ConnectOptions, Error> {
        Ok(ConnectOptions::new(self.url(url)?))
    }

    /// Tells this program that its connections begin with the schema, once it starts: from then on what this library runs names the
    /// schema of the tables, and deletes, restores, undos, purges, the trash, figures and the doctor mean what they mean on a plain
    /// connection. So do `with_deleted()` and `only_deleted()`; what such a select is joined with stays what the connection shows.
    ///
    /// It holds for all connections of the program, plain ones as well, and for tables of these names in any database. A program that
    /// leaves it out is refused what would find no deleted row, but a bare `with_deleted()` then sees active rows.
    ///
    /// # Errors
    ///
    /// [`SchemaError::ActiveSchema`] if the connection does not begin with the schema, if that is none of views, or if it lacks a view
    /// or a column of an entity; [`SchemaError::AttachedElsewhere`] if the program has attached to another; [`SchemaError::NoSchemas`],
    /// [`SchemaError::NamesSchema`], [`Error::NoEntities`], [`Error::EntitiesDisagree`].
    pub async fn attach<C: ConnectionTrait>(&self, db: &C) -> Result<(), Error> {
        self.registry.check()?;
        let mut catalog = Catalog::start(db).await?;
        let views = self.views(catalog.dialect)?;
        let path = catalog.search_path().to_vec();
        if path.first() != Some(&self.name) {
            return Err(self.problem(format!(
                "is not what the connection begins with, which is {}: connect with the URL that `ActiveSchema::url` gives",
                match &path[..] {
                    [] => "no schema".to_owned(),
                    path => format!("`{}`", path.join("`, `")),
                },
            )));
        }
        catalog.read(db, Some(&self.name), None).await?;
        let Some(base) = found::base_of_marker(db, &catalog, &self.name).await? else {
            return Err(self.problem(
                "is not one of active rows: create it with `ActiveSchema::create`, over a connection to the schema of the tables",
            ));
        };
        if views.falls_through() && !path.contains(&base) {
            return Err(self.problem(format!(
                "has `{base}` behind it, which the connection does not look into: connect with the URL that `ActiveSchema::url` gives"
            )));
        }
        for meta in self.registry.entities() {
            self.require_no_schema(&meta.table)?;
            let columns = meta.columns.iter().map(|column| &column.name);
            self.require_view(&catalog, &meta.table, columns)?;
        }
        let others: Vec<_> = match views.falls_through() {
            true => Vec::new(),
            // Such as that of the archive.
            false => catalog
                .tables()
                .iter()
                .filter(|view| view.schema == self.name && view.name != MARKER_VIEW)
                .map(|view| TableName::new(view.name.as_str()))
                .collect(),
        };
        base_schema::attach(self.tables().chain(&others), &base)
    }

    fn require_view<'c>(
        &self,
        catalog: &Catalog,
        table: &TableName,
        mut columns: impl Iterator<Item = &'c String>,
    ) -> Result<(), Error> {
        const FIX: &str =
            "update it with `ActiveSchema::create`, on a connection to the schema of the tables";
        let view = catalog.find(&self.view(&table.name));
        let Some(view) = view.filter(|view| view.is_view) else {
            return Err(self.problem(format!("has no view of `{table}`: {FIX}")));
        };
        match columns.find(|column| view.column(column).is_none()) {
            Some(column) => Err(self.problem(format!(
                "has a view of `{table}` without the column `{column}`: {FIX}"
            ))),
            None => Ok(()),
        }
    }

    /// A table that names its schema is not found by a search path.
    fn require_no_schema(&self, table: &TableName) -> Result<(), Error> {
        match &table.schema {
            None => Ok(()),
            Some(_) => Err(SchemaError::names_schema(table.clone()).into()),
        }
    }

    fn tables(&self) -> impl Iterator<Item = &TableName> {
        self.registry.entities().map(|meta| &meta.table)
    }

    fn view(&self, name: &str) -> TableName {
        TableName {
            schema: Some(self.name.clone()),
            name: name.to_owned(),
        }
    }

    fn views(&self, dialect: &'static dyn dialect::Dialect) -> Result<&'static dyn Views, Error> {
        dialect.views().ok_or_else(|| {
            let server = dialect.oldest_version().server;
            SchemaError::no_schemas(server).into()
        })
    }

    fn no_url(&self) -> Error {
        self.problem(
            "can't be put into what is no URL of PostgreSQL, MySQL or MariaDB: give one as `postgres://user@host/database`",
        )
    }

    fn problem(&self, problem: impl Into<String>) -> Error {
        SchemaError::active_schema(self.name.clone(), problem.into()).into()
    }
}

/// Changes of views around changes of their tables.
pub(crate) struct PlanAround {
    pub(crate) before: Vec<Change>,
    pub(crate) after: Vec<Change>,
}

/// The schemas of active rows that show tables of a registry.
pub(crate) async fn of_tables<C: ConnectionTrait>(
    registry: &Registry,
    db: &C,
    catalog: &Catalog,
) -> Result<Vec<ActiveSchema>, Error> {
    let mut layers = Vec::new();
    let bases: Vec<_> = registry
        .entities()
        .filter(|meta| meta.table.schema.is_none())
        .filter_map(|meta| catalog.find(&meta.table))
        .map(|table| table.schema.clone())
        .collect();
    for name in schemas_with(db, catalog.dialect, MARKER_VIEW).await? {
        let mut marker = Catalog::start(db).await?;
        marker.read(db, Some(&name), Some(MARKER_VIEW)).await?;
        let base = found::base_of_marker(db, &marker, &name).await?;
        if let Some(base) = base.filter(|base| bases.contains(base)) {
            layers.push(ActiveSchema::named(name).base(base).registry(registry));
        }
    }
    Ok(layers)
}
