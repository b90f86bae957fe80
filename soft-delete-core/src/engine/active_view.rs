//! Views of active rows in the place of the tables: `ActiveSchema`.

use sea_orm::{ConnectionTrait, sea_query::Query};

use crate::{
    dialect,
    model::{EntityMeta, Error, SchemaError, base_schema::MARKER_VIEW},
};

const IS_VIEW: &str = "soft_delete_is_view";

/// Refuses to go on where nothing was found, if that is because the connection shows a view of active rows and not the table.
///
/// It is asked only then: on any other connection no statement more is spent on it.
pub(crate) async fn refuse<C: ConnectionTrait>(db: &C, meta: &EntityMeta) -> Result<(), Error> {
    let table = meta.table.in_catalog();
    let backend = db.get_database_backend();
    let Some(is_view) = dialect::is_active_view(backend, table, MARKER_VIEW) else {
        return Ok(());
    };
    // With a schema it is the table.
    if table.schema.is_some() {
        return Ok(());
    }
    let select = Query::select().expr_as(is_view, IS_VIEW).to_owned();
    match db.query_one(&select).await? {
        Some(row) if row.try_get::<i64>("", IS_VIEW)? > 0 => Err(SchemaError::NotAttached {
            table: meta.table.clone(),
        }
        .into()),
        _ => Ok(()),
    }
}
