//! Keys that a deletion sets to NULL though their entity says that no column of them may be: the database has the last word.
//!
//! It may have been changed since the entity was generated. Asked only of such keys, before the first write.

use sea_orm::{
    ConnectionTrait, DbBackend, Value,
    sea_query::{Expr, Query},
};

use crate::model::{EntityMeta, Error, OnDelete, graph::Cascade};

const ON_POSTGRES: &str = "(SELECT COUNT(*) FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = pg_catalog.to_regclass($1) \
     AND a.attname = $2 AND NOT a.attnotnull AND NOT a.attisdropped)";

const ON_MYSQL: &str = "(SELECT COUNT(*) FROM information_schema.columns AS c WHERE c.table_schema = COALESCE(?, DATABASE()) \
     AND c.table_name = ? AND c.column_name = ? AND c.is_nullable = 'YES')";

const ON_SQLITE: &str = "(SELECT COUNT(*) FROM pragma_table_info(?) AS c WHERE c.name = ? AND c.\"notnull\" = 0 AND c.pk = 0)";

/// Lets the cascade set those of these keys to NULL that have a column which may be.
pub(crate) async fn ask_database<C: ConnectionTrait>(
    db: &C,
    cascade: &mut Cascade<'_>,
) -> Result<(), Error> {
    let group = cascade.group;
    let backend = db.get_database_backend();
    let sets_null = |edge: &_| group.foreign_key(*edge).on_delete == OnDelete::SetNull;
    let asked: Vec<_> = cascade.restrict.iter().copied().filter(sets_null).collect();
    if asked.is_empty() {
        return Ok(());
    }
    let mut select = Query::select();
    let name_of = |edge: usize, column: usize| format!("soft_delete_{edge}_{column}");
    for (place, edge) in asked.iter().enumerate() {
        for (column, name) in group.foreign_key(*edge).columns.iter().enumerate() {
            let may_be_null = may_be_null(group.entity(edge.child), name, backend);
            select.expr_as(may_be_null, name_of(place, column));
        }
    }
    let Some(row) = db.query_one(&select).await? else {
        return Ok(());
    };
    for (place, edge) in asked.into_iter().enumerate() {
        let mut nullable = Vec::new();
        for (column, name) in group.foreign_key(edge).columns.iter().enumerate() {
            if row.try_get::<i64>("", &name_of(place, column))? > 0 {
                nullable.push(name.clone());
            }
        }
        if !nullable.is_empty() {
            cascade.restrict.retain(|other| *other != edge);
            cascade.set_null.push(edge);
            cascade.nullable.push((edge, nullable));
        }
    }
    Ok(())
}

fn may_be_null(meta: &EntityMeta, name: &str, backend: DbBackend) -> Expr {
    let table = &meta.table;
    match backend {
        DbBackend::Postgres => {
            let values = [super::watch::quoted(table), name.to_owned()];
            Expr::cust_with_values(ON_POSTGRES, values)
        }
        DbBackend::MySql => Expr::cust_with_values(
            ON_MYSQL,
            [
                Value::from(table.schema.clone()),
                table.name.clone().into(),
                name.into(),
            ],
        ),
        _ => Expr::cust_with_values(ON_SQLITE, [table.name.clone(), name.to_owned()]),
    }
}
