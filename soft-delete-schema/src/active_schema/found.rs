//! What a database has of a schema of views, and of the tables behind it.

use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement, Value, sea_query::Query};

use super::{ActiveSchema, Views};
use crate::{catalog::Catalog, dialect::Dialect, table::Table};
use soft_delete_core::{Error, TableName, engine_api::base_schema::MARKER_VIEW};

/// The column of the marker view.
pub(super) const BASE_SCHEMA: &str = "base_schema";

/// What there is.
pub(super) struct Found {
    /// Of both schemas.
    pub(super) catalog: Catalog,
    pub(super) views: &'static dyn Views,
    pub(super) base: String,
    /// What the schema says it is the views of; `None` if it does not say so.
    pub(super) marked_base: Option<String>,
    pub(super) has_schema: bool,
    pub(super) definitions: Vec<Definition>,
    /// What else is in the schema.
    pub(super) others: Vec<String>,
    pub(super) is_invoker: bool,
}

/// One view as the database has it.
pub(super) struct Definition {
    pub(super) name: String,
    /// `None` if the user may not see it.
    pub(super) sql: Option<String>,
    pub(super) options: String,
}

impl Found {
    pub(super) async fn read<C: ConnectionTrait>(
        layer: &ActiveSchema,
        db: &C,
    ) -> Result<Self, Error> {
        layer.registry.check()?;
        let mut catalog = Catalog::start(db).await?;
        let dialect = catalog.dialect;
        let views = layer.views(dialect)?;
        let name = layer.name.as_str();
        let has_schema = !rows(db, dialect, views.schema_query(), name)
            .await?
            .is_empty();
        catalog.read(db, Some(name), None).await?;
        let marked_base = base_of_marker(db, &catalog, name).await?;
        let base = base(layer, &catalog, marked_base.as_deref())?;
        catalog.read(db, Some(&base), None).await?;
        let mut definitions = Vec::new();
        for row in rows(db, dialect, views.views_query(), name).await? {
            definitions.push(Definition {
                name: row.try_get_by_index(0)?,
                sql: row
                    .try_get_by_index::<Option<String>>(1)?
                    .filter(|sql| !sql.is_empty()),
                options: row.try_get_by_index(2)?,
            });
        }
        let others = texts(&rows(db, dialect, views.others_query(), name).await?)?;
        let is_invoker = match views.invoker_query() {
            Some(sql) => {
                let row = db
                    .query_one_raw(Statement::from_string(dialect.backend(), sql))
                    .await?;
                row.map(|row| row.try_get_by_index::<i64>(0)).transpose()? == Some(1)
            }
            None => false,
        };
        Ok(Self {
            catalog,
            views,
            base,
            marked_base,
            has_schema,
            definitions,
            others,
            is_invoker,
        })
    }

    /// Counts on columns that tables will have got.
    pub(super) fn assume(&mut self, tables: &[Table]) {
        for table in tables {
            let name = TableName {
                schema: Some(table.schema.clone()),
                name: table.name.clone(),
            };
            let Some(known) = self.catalog.find_mut(&name) else {
                continue;
            };
            for column in &table.columns {
                if known.column(&column.name).is_none() {
                    known.columns.push(column.clone());
                }
            }
        }
    }

    pub(super) fn definition(&self, name: &str) -> Option<&Definition> {
        let mut definitions = self.definitions.iter();
        definitions.find(|definition| definition.name == name)
    }
}

/// The schema of the tables: what was said, or what the connection creates tables in.
fn base(layer: &ActiveSchema, catalog: &Catalog, marked: Option<&str>) -> Result<String, Error> {
    let named = layer.base.as_deref().or(marked);
    let mut path = catalog.search_path().iter().map(String::as_str);
    let base = named.or_else(|| path.find(|schema| *schema != layer.name));
    match base {
        Some(base) if base == layer.name => Err(layer.problem(
            "is the schema of the tables itself: give the one of the views another name",
        )),
        Some(base) => Ok(base.to_owned()),
        None => Err(layer.problem(
            "can't be told from that of the tables: use a connection to the latter, or name it with `.base(…)`",
        )),
    }
}

/// What the marker view says, if the catalog has it.
pub(super) async fn base_of_marker<C: ConnectionTrait>(
    db: &C,
    catalog: &Catalog,
    schema: &str,
) -> Result<Option<String>, Error> {
    let marker = TableName {
        schema: Some(schema.to_owned()),
        name: MARKER_VIEW.to_owned(),
    };
    if !catalog.find(&marker).is_some_and(|marker| marker.is_view) {
        return Ok(None);
    }
    let select = Query::select()
        .column(BASE_SCHEMA)
        .from(marker.to_ref())
        .to_owned();
    let row = db.query_one(&select).await?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose()?)
}

/// The schemas with a view of that name.
pub(super) async fn schemas_with<C: ConnectionTrait>(
    db: &C,
    dialect: &dyn Dialect,
    view: &str,
) -> Result<Vec<String>, Error> {
    match dialect.views() {
        Some(views) => {
            let rows = rows(db, dialect, views.schemas_with_view_query(), view).await?;
            Ok(texts(&rows)?)
        }
        None => Ok(Vec::new()),
    }
}

/// The rows of a query with one value, which it may take several times where placeholders have no numbers.
async fn rows<C: ConnectionTrait>(
    db: &C,
    dialect: &dyn Dialect,
    sql: &str,
    value: &str,
) -> Result<Vec<QueryResult>, DbErr> {
    let times = sql.matches('?').count().max(1);
    let values = vec![Value::from(value); times];
    db.query_all_raw(Statement::from_sql_and_values(
        dialect.backend(),
        sql,
        values,
    ))
    .await
}

fn texts(rows: &[QueryResult]) -> Result<Vec<String>, DbErr> {
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}
