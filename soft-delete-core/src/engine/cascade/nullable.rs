//! Keys that a deletion sets to NULL though their entity says that no column of them may be: the database has the last word.
//!
//! It may have been changed since the entity was generated. Asked only of such keys, before the first write.

use sea_orm::{ConnectionTrait, sea_query::Query};

use crate::{
    dialect,
    model::{Error, OnDelete, graph::Cascade},
};

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
            let may_be_null = {
                let table = group.entity(edge.child).table.in_catalog();
                dialect::may_be_null(backend, table, name)
            };
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
