//! Marking all rows of a cascade, one statement for each foreign key.

use sea_orm::{
    ConnectionTrait,
    sea_query::{Expr, SelectStatement},
};

use crate::{
    dialect,
    engine::{
        cascade::marking::Marking,
        delete::restrict::count,
        value::{read_all, select_values},
    },
    model::{
        EntityMeta, Error, HookDeletion, HookEvent, TableCounts,
        graph::{Cascade, Component, Edge, Group},
        hooks,
    },
};

/// Marks the roots and all below them, parents first.
pub(crate) async fn mark_all<C: ConnectionTrait>(
    db: &C,
    marking: &Marking<'_>,
) -> Result<RowCounts, Error> {
    let cascade = marking.cascade;
    before_marking(db, marking, marking.root, || marking.roots_to_mark()).await?;
    let roots = db.execute(&marking.mark_roots()).await?.rows_affected();
    let mut rows = RowCounts::of(cascade.group, marking.root, roots);
    if roots == 0 {
        return Ok(rows);
    }
    for component in &cascade.components {
        for edge in &component.incoming {
            if rows.of_entity(edge.parent) > 0 {
                let marked = mark_children(db, marking, *edge).await?;
                rows.add(edge.child, marked);
            }
        }
        mark_within(db, marking, component, &mut rows).await?;
    }
    Ok(rows)
}

async fn mark_children<C: ConnectionTrait>(
    db: &C,
    marking: &Marking<'_>,
    edge: Edge,
) -> Result<u64, Error> {
    before_marking(db, marking, edge.child, || marking.children_to_mark(edge)).await?;
    let marked = db.execute(&marking.mark_children(edge)).await?;
    Ok(marked.rows_affected())
}

/// Follows the keys within a component until they lead to no more rows.
async fn mark_within<C: ConnectionTrait>(
    db: &C,
    marking: &Marking<'_>,
    component: &Component,
    rows: &mut RowCounts,
) -> Result<(), Error> {
    loop {
        let before = rows.total();
        for entity in &component.entities {
            mark_loops(db, marking, component, *entity, rows).await?;
        }
        for edge in component.internal.iter().filter(|edge| !edge.is_loop()) {
            if rows.of_entity(edge.parent) > 0 {
                let marked = mark_children(db, marking, *edge).await?;
                rows.add(edge.child, marked);
            }
        }
        if component.entities.len() == 1 || rows.total() == before {
            return Ok(());
        }
    }
}

/// Follows an entity's keys to itself down to the last level.
async fn mark_loops<C: ConnectionTrait>(
    db: &C,
    marking: &Marking<'_>,
    component: &Component,
    entity: usize,
    rows: &mut RowCounts,
) -> Result<(), Error> {
    let mut loops = component.loops();
    loops.retain(|edge| edge.child == entity);
    if loops.is_empty() || rows.of_entity(entity) == 0 {
        return Ok(());
    }
    loop {
        let to_mark = || marking.rows_to_mark_below(entity, &loops);
        before_marking(db, marking, entity, to_mark).await?;
        let marked = db.execute(&marking.mark_below(entity, &loops)).await?;
        let marked = marked.rows_affected();
        rows.add(entity, marked);
        // One query looked at all levels before it had locked them: rows may have come below since. And it may have stopped at
        // the server's limit.
        if marked == 0 || !dialect::locks_rows(marking.backend) {
            return Ok(());
        }
    }
}

/// How many rows of each entity were marked.
#[derive(Debug)]
pub(crate) struct RowCounts {
    pub(crate) roots: u64,
    by_entity: Vec<u64>,
}

impl RowCounts {
    pub(crate) fn of(group: &Group, root: usize, roots: u64) -> Self {
        let mut counts = Self {
            roots,
            by_entity: vec![0; group.entities().len()],
        };
        counts.add(root, roots);
        counts
    }

    pub(crate) fn add(&mut self, entity: usize, rows: u64) {
        self.by_entity[entity] += rows;
    }

    pub(crate) fn of_entity(&self, entity: usize) -> u64 {
        self.by_entity[entity]
    }

    pub(crate) fn total(&self) -> u64 {
        self.by_entity.iter().sum()
    }

    pub(crate) fn into_tables(self, cascade: &Cascade<'_>) -> TableCounts {
        cascade
            .entities()
            .map(|entity| {
                let table = &cascade.group.entity(entity).table;
                (table.clone(), self.by_entity[entity])
            })
            .collect()
    }
}

/// How many rows a query gives.
pub(crate) async fn count_rows<C: ConnectionTrait>(
    db: &C,
    mut rows: SelectStatement,
) -> Result<u64, Error> {
    const COUNT: &str = "soft_delete_rows";
    rows.clear_selects().expr_as(Expr::cust("COUNT(*)"), COUNT);
    match db.query_one(&rows).await? {
        Some(row) => count(&row, COUNT),
        None => Ok(0),
    }
}

/// Rows as a hook is told of them.
#[derive(Debug, Default)]
pub(crate) struct HookRows {
    pub(crate) rows: u64,
    pub(crate) keys: Vec<Vec<sea_orm::Value>>,
}

impl HookRows {
    /// Rows whose keys are known. Hooks are told of these if they want them.
    pub(crate) fn of(meta: &EntityMeta, keys: Vec<Vec<sea_orm::Value>>) -> Self {
        Self {
            rows: keys.len() as u64,
            keys: match meta.hooks.is_some_and(|hooks| hooks.keys) {
                true => keys,
                false => Vec::new(),
            },
        }
    }
}

/// Counts rows that are about to change, or reads their keys if the entity's hooks want them.
pub(crate) async fn hook_rows_before<C: ConnectionTrait>(
    db: &C,
    meta: &EntityMeta,
    mut keys: SelectStatement,
) -> Result<HookRows, Error> {
    if dialect::sees_latest_by_locking(db.get_database_backend()) {
        keys.lock_exclusive();
    }
    hook_rows(db, meta, keys).await
}

/// Counts rows, or reads their keys if the entity's hooks want them.
async fn hook_rows<C: ConnectionTrait>(
    db: &C,
    meta: &EntityMeta,
    mut keys: SelectStatement,
) -> Result<HookRows, Error> {
    if !meta.hooks.is_some_and(|hooks| hooks.keys) {
        let rows = count_rows(db, keys).await?;
        return Ok(HookRows {
            rows,
            keys: Vec::new(),
        });
    }
    keys.clear_selects();
    select_values(
        &mut keys,
        meta,
        &meta.primary_key,
        db.get_database_backend(),
    );
    let keys: Vec<_> = db
        .query_all(&keys)
        .await?
        .iter()
        .map(|row| read_all(row, meta, &meta.primary_key, ""))
        .collect::<Result<_, _>>()?;
    Ok(HookRows {
        rows: keys.len() as u64,
        keys,
    })
}

/// Runs the hook before rows of an entity are marked as deleted.
async fn before_marking<C: ConnectionTrait>(
    db: &C,
    marking: &Marking<'_>,
    entity: usize,
    keys: impl FnOnce() -> SelectStatement,
) -> Result<(), Error> {
    let meta = marking.meta(entity);
    let (Some(hooks), Some(deletion)) = (meta.hooks, hook_deletion(marking)) else {
        return Ok(());
    };
    let affected = hook_rows_before(db, meta, keys()).await?;
    if affected.rows == 0 {
        return Ok(());
    }
    let event = HookEvent {
        table: &meta.table,
        rows: affected.rows,
        keys: &affected.keys,
        deletion: Some(deletion),
    };
    hooks::run(hooks.before_delete, event, db).await
}

/// Runs the hooks of all entities that the deletion took rows of.
pub(crate) async fn after_marking<C: ConnectionTrait>(
    db: &C,
    marking: &Marking<'_>,
    rows: &RowCounts,
) -> Result<(), Error> {
    let Some(deletion) = hook_deletion(marking) else {
        return Ok(());
    };
    for entity in marking.cascade.entities() {
        let meta = marking.meta(entity);
        let Some(hooks) = meta.hooks.filter(|_| rows.of_entity(entity) > 0) else {
            continue;
        };
        let affected = hook_rows(db, meta, marking.marked_keys(entity)).await?;
        let event = HookEvent {
            table: &meta.table,
            rows: affected.rows,
            keys: &affected.keys,
            deletion: Some(deletion.clone()),
        };
        hooks::run(hooks.after_delete, event, db).await?;
    }
    Ok(())
}

fn hook_deletion<'m>(marking: &'m Marking<'_>) -> Option<HookDeletion<'m>> {
    let stamp = &marking.stamp;
    marking.with_hooks.then_some(HookDeletion {
        id: stamp.deletion_id,
        deleted_at: stamp.deleted_at,
        deleted_by: stamp.deleted_by.as_ref(),
        reason: stamp.delete_reason.as_deref(),
    })
}
