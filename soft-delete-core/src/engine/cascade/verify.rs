//! Looking again at what was marked, before it is committed.

use sea_orm::{
    ConnectionTrait,
    sea_query::{Expr, ExprTrait as _, Query, SelectStatement},
};

use crate::{
    dialect,
    engine::{
        cascade::{
            identity::Identity,
            marking::Marking,
            rows::{all, any, column, is_active},
            walk::{RowCounts, count_rows},
        },
        value::{read_all, select_values},
    },
    model::{Error, TableName, display::display_key, graph::Component},
};

/// A table in which rows of another deletion have the same time as this one's, and nothing else tells them apart.
///
/// Two kinds of rows matter: those below the marked ones, as a restore follows the foreign keys, and those that the statements of
/// this deletion would take for marked ones, and so go on from.
pub(crate) async fn table_with_same_time<'m, C: ConnectionTrait>(
    db: &C,
    marking: &'m Marking<'_>,
    rows: &RowCounts,
) -> Result<Option<&'m TableName>, Error> {
    if !marking.cascade.goes_by_time() {
        return Ok(None);
    }
    for component in &marking.cascade.components {
        for entity in &component.entities {
            let Some(others) = rows_of_same_time(marking, component, *entity, rows) else {
                continue;
            };
            let meta = marking.meta(*entity);
            let of_this = match meta.stamp.deletion_id {
                Some(_) => 0,
                None => rows.of_entity(*entity),
            };
            if count_latest(db, marking, others).await? != of_this {
                return Ok(Some(&meta.table));
            }
        }
    }
    Ok(None)
}

/// The rows of an entity that must be of this deletion, or none if they have a `deletion_id` that says so. `None` if none matters.
fn rows_of_same_time(
    marking: &Marking<'_>,
    component: &Component,
    entity: usize,
    rows: &RowCounts,
) -> Option<SelectStatement> {
    let meta = marking.meta(entity);
    let identity = Identity {
        deletion_id: None,
        deleted_at: marking.stamp.deleted_at,
    };
    let mut others = Query::select();
    others
        .from(meta.table.to_ref())
        .and_where(identity.of_row(meta, marking.backend));
    let edges: Vec<_> = marking.cascade.edges_into(entity).collect();
    let is_reached = edges.iter().any(|edge| rows.of_entity(edge.parent) > 0);
    let below = || any(edges.iter().map(|edge| marking.is_below_marked(*edge)));
    if let Some(name) = &meta.stamp.deletion_id {
        let is_this = column(meta, name).eq(marking.stamp.deletion_id);
        others
            .and_where(column(meta, name).is_null().or(is_this.not()))
            .and_where(below());
        return (is_reached && meta.may_lack_deletion_id).then_some(others);
    }
    // In a circle, rows named may be below others of them or not.
    let is_in_circle = component.entities.len() > 1 || !component.loops().is_empty();
    let goes_on = rows.of_entity(entity) > 0
        && !marking.has_way_to(entity)
        && (meta.hooks.is_some() || marking.cascade.has_edges_from(entity));
    if goes_on || (is_reached && is_in_circle) {
        return Some(others);
    }
    others.and_where(below());
    is_reached.then_some(others)
}

async fn count_latest<C: ConnectionTrait>(
    db: &C,
    marking: &Marking<'_>,
    mut rows: SelectStatement,
) -> Result<u64, Error> {
    if dialect::sees_latest_by_locking(marking.backend) {
        rows.lock_exclusive();
    }
    count_rows(db, rows).await
}

/// Checks that each row was marked that should have been.
///
/// # Errors
///
/// [`Error::NotUpdated`] if a row is still active, or shows another stamp than was written.
pub(crate) async fn all_are_marked<C: ConnectionTrait>(
    db: &C,
    marking: &Marking<'_>,
    rows: &RowCounts,
) -> Result<(), Error> {
    let cascade = marking.cascade;
    // A row may have another version than the one it was to be deleted in.
    let key = marking.key.as_ref().filter(|_| rows.roots > 0);
    let root = key.map_or(&marking.condition, |key| &key.condition).clone();
    none_is_active(db, marking, marking.root, root).await?;
    if rows.roots == 0 {
        return Ok(());
    }
    for entity in cascade.entities() {
        let meta = marking.meta(entity);
        let marked = marking.select_marked(entity, &meta.primary_key);
        let (marked, of_this) = (count_rows(db, marked).await?, rows.of_entity(entity));
        if marked < of_this {
            return Err(Error::NotUpdated {
                table: meta.table.clone(),
                rows: format!("{} of {of_this}", of_this - marked),
            });
        }
        for edge in cascade.edges_into(entity) {
            none_is_active(db, marking, entity, marking.is_below_marked(edge)).await?;
        }
    }
    for edge in &cascade.set_null {
        none_is_active(db, marking, edge.child, marking.is_below_marked(*edge)).await?;
    }
    Ok(())
}

async fn none_is_active<C: ConnectionTrait>(
    db: &C,
    marking: &Marking<'_>,
    entity: usize,
    condition: Expr,
) -> Result<(), Error> {
    let meta = marking.meta(entity);
    let mut active = Query::select();
    select_values(&mut active, meta, &meta.primary_key, marking.backend);
    active
        .from(meta.table.to_ref())
        .and_where(all([condition, is_active(meta)]))
        .limit(1);
    match db.query_one(&active).await? {
        Some(row) => {
            let key = read_all(&row, meta, &meta.primary_key, "")?;
            Err(Error::NotUpdated {
                table: meta.table.clone(),
                rows: display_key(&key),
            })
        }
        None => Ok(()),
    }
}
