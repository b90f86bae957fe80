//! The statements that mark the rows of a cascade: pure functions from the graph and a stamp to SQL.
//!
//! Marking goes from parents to children. Each statement marks the rows whose parent has been marked before, so that the
//! marks themselves are its memory: no row and no key is loaded.

use chrono::{DateTime, Utc};
use sea_orm::{
    DbBackend, Order,
    sea_query::{
        Expr, ExprTrait as _, IntoIden as _, LockType, Query, SelectStatement, TableRef,
        UpdateStatement,
    },
};

use crate::{
    dialect,
    engine::cascade::{
        reach::below,
        rows::{
            RowKey, State, all, column, columns, columns_of, equal, iden, in_scope, in_select,
            is_active, is_below_one_of, is_integer,
        },
        watch,
    },
    model::{
        EntityMeta, Marker, Scope,
        graph::{Cascade, Edge},
        stamp::Stamp,
    },
};

/// The name of the sub-select that an UPDATE is joined with.
pub(crate) const TAKEN: &str = "soft_delete_taken";

/// Marks the rows of a cascade.
#[derive(Debug)]
pub(crate) struct Marking<'c> {
    pub(crate) backend: DbBackend,
    pub(crate) cascade: &'c Cascade<'c>,
    pub(crate) root: usize,
    /// What selects the rows to start from.
    pub(crate) condition: Expr,
    /// The root row's key, if it is one row.
    pub(crate) key: Option<RowKey>,
    /// What is written into them.
    pub(crate) stamp: Stamp,
    /// Whether the roots are marked only if nothing is known that may keep rows from being marked, or from being seen.
    pub(crate) is_guarded: bool,
    /// Whether entities' hooks run along: in a deletion, but not in its plan.
    pub(crate) with_hooks: bool,
}

impl Marking<'_> {
    pub(crate) fn meta(&self, entity: usize) -> &EntityMeta {
        self.cascade.group.entity(entity)
    }

    fn is_root_row(&self) -> Expr {
        let meta = self.meta(self.root);
        all([self.condition.clone(), is_active(meta)])
    }

    /// Counts the root rows and locks them, in the order of their keys.
    pub(crate) fn lock_roots(&self) -> SelectStatement {
        let meta = self.meta(self.root);
        let mut lock = lock_rows(meta, self.is_root_row(), LockType::Update, self.backend);
        if !dialect::may_guard_updates(self.backend) {
            let tables = watch::tables(self.cascade);
            lock.expr(watch::is_unwatched(&tables, self.backend));
        }
        lock
    }

    /// Marks the root rows.
    pub(crate) fn mark_roots(&self) -> UpdateStatement {
        let mut update = self.write_stamp(self.root);
        update.and_where(self.is_root_row());
        if self.is_guarded {
            let tables = watch::tables(self.cascade);
            update.and_where(watch::is_plain(&tables, self.backend));
        }
        update
    }

    /// Marks the rows that reference a marked row through this key.
    pub(crate) fn mark_children(&self, edge: Edge) -> UpdateStatement {
        let mut update = self.write_stamp(edge.child);
        self.only_below_marked(&mut update, edge);
        update.to_owned()
    }

    /// The keys of the rows that [`mark_roots`](Self::mark_roots) would mark.
    pub(crate) fn roots_to_mark(&self) -> SelectStatement {
        self.select_keys(self.root, self.is_root_row())
    }

    /// The keys of the rows that [`mark_children`](Self::mark_children) would mark.
    pub(crate) fn children_to_mark(&self, edge: Edge) -> SelectStatement {
        let is_child = self.is_below_marked(edge);
        let active = is_active(self.meta(edge.child));
        self.select_keys(edge.child, all([is_child, active]))
    }

    /// The keys of the rows that [`mark_below`](Self::mark_below) would mark.
    pub(crate) fn rows_to_mark_below(&self, entity: usize, loops: &[Edge]) -> SelectStatement {
        let meta = self.meta(entity);
        let below = self.below(entity, loops);
        let is_below = in_select(columns(meta, &meta.primary_key), below);
        self.select_keys(entity, all([is_below, is_active(meta)]))
    }

    /// The keys of the rows of an entity that are marked.
    pub(crate) fn marked_keys(&self, entity: usize) -> SelectStatement {
        self.select_marked(entity, &self.meta(entity).primary_key)
    }

    fn select_keys(&self, entity: usize, condition: Expr) -> SelectStatement {
        let meta = self.meta(entity);
        Query::select()
            .exprs(columns(meta, &meta.primary_key))
            .from(meta.table.to_ref())
            .and_where(condition)
            .to_owned()
    }

    /// Sets the columns of this key that may be NULL to it in the rows that reference a marked row through it.
    pub(crate) fn set_null(&self, edge: Edge) -> UpdateStatement {
        let mut update = Query::update();
        update.table(self.meta(edge.child).table.to_ref());
        for name in self.cascade.columns_set_null(edge) {
            update.value(iden(&name), Expr::cust("NULL"));
        }
        self.only_below_marked(&mut update, edge);
        update
    }

    /// Marks all rows below the marked ones along an entity's keys to itself.
    ///
    /// On a backend with a recursion limit it marks that many levels: run it again until it marks none.
    pub(crate) fn mark_below(&self, entity: usize, loops: &[Edge]) -> UpdateStatement {
        let meta = self.meta(entity);
        let rows = self.below(entity, loops);
        let mut update = self.write_stamp(entity);
        let key = &meta.primary_key;
        only_taken(&mut update, meta, key, rows, key, self.backend);
        update.and_where(is_active(meta)).to_owned()
    }

    fn below(&self, entity: usize, loops: &[Edge]) -> SelectStatement {
        below(
            self.cascade,
            entity,
            loops,
            self.is_marked(entity),
            State::Active,
            self.backend,
        )
    }

    /// Columns of the rows of an entity that are marked.
    pub(crate) fn select_marked(&self, entity: usize, names: &[String]) -> SelectStatement {
        let meta = self.meta(entity);
        Query::select()
            .exprs(columns(meta, names))
            .from(meta.table.to_ref())
            .and_where(self.is_marked(entity))
            .and_where_option(self.way_to(entity))
            .to_owned()
    }

    /// Whether a row has the stamp as it was written. The time was cut to what all columns of the cascade keep.
    pub(crate) fn is_marked(&self, entity: usize) -> Expr {
        let meta = self.meta(entity);
        let names = &meta.stamp;
        let deleted = in_scope(meta, Scope::OnlyDeleted);
        let deleted_at = column(meta, &names.deleted_at);
        match (&names.deletion_id, &names.marker) {
            // Saying that it is deleted lets a partial index be used, and lets the statement pass a scoped connection.
            (Some(name), _) => column(meta, name).eq(self.stamp.deletion_id).and(deleted),
            // It stands beside the root row's key: see `Run::check_identity`.
            (None, _) if !names.has_time() => deleted,
            (None, Marker::Flag { .. }) => deleted_at
                .eq(names.deleted_at_kind.value(self.stamp.deleted_at))
                .and(deleted),
            (None, _) => deleted_at.eq(names.deleted_at_kind.value(self.stamp.deleted_at)),
        }
    }

    /// The way from the root row to this entity's marked rows, where there is just one.
    ///
    /// The marks alone would do. But `deletion_id` has no index as a rule, and foreign keys have: the planner need not look
    /// for the marks in the whole table.
    fn way_to(&self, entity: usize) -> Option<Expr> {
        let mut edges = self.cascade.edges_into(entity);
        match (edges.next(), edges.next()) {
            (None, _) if entity == self.root => Some(self.key.as_ref()?.condition.clone()),
            (Some(edge), None) if entity != self.root && edge.parent != entity => {
                self.way_to(edge.parent)?;
                Some(self.is_below_marked(edge))
            }
            _ => None,
        }
    }

    /// Whether the marked rows of this entity are found by the way to them, too, and not by their marks alone.
    pub(crate) fn has_way_to(&self, entity: usize) -> bool {
        self.way_to(entity).is_some()
    }

    /// Whether the statement that selects the marked rows of an entity reads the rows of `other`: those themselves, or some on the way
    /// to them.
    fn is_read_on_the_way_to(&self, entity: usize, other: usize) -> bool {
        if entity == other {
            return true;
        }
        let above = self.cascade.edges_into(entity).next();
        self.has_way_to(entity)
            && above.is_some_and(|edge| self.is_read_on_the_way_to(edge.parent, other))
    }

    /// Whether a row references a marked row through this key.
    pub(crate) fn is_below_marked(&self, edge: Edge) -> Expr {
        self.is_below_root_row(edge).unwrap_or_else(|| {
            is_below_one_of(
                self.meta(edge.child),
                self.meta(edge.parent),
                self.cascade.group.foreign_key(edge),
                |names| self.select_marked(edge.parent, names),
            )
        })
    }

    /// The same by the root row's key, where that is the only marked row of its table: no statement follows if it was not
    /// marked.
    fn is_below_root_row(&self, edge: Edge) -> Option<Expr> {
        self.key.as_ref()?.is_above(self.cascade, self.root, edge)
    }

    fn only_below_marked(&self, update: &mut UpdateStatement, edge: Edge) {
        let key = self.cascade.group.foreign_key(edge);
        let child = self.meta(edge.child);
        if let Some(is_below) = self.is_below_root_row(edge) {
            update.and_where(is_below);
        } else {
            let parent = self.meta(edge.parent);
            let names = key.matching_parent();
            let mut parents = self.select_marked(edge.parent, &names);
            parents.and_where_option(key.condition_on_parent(parent.table.to_iden()));
            if self.is_read_on_the_way_to(edge.parent, edge.child) {
                // MySQL reads the table that it updates only through a sub-select that it can't merge.
                parents.distinct();
            }
            let own = key.matching();
            only_taken(update, child, &own, parents, &names, self.backend);
            if let Some(on_child) = key.condition_on_child(child.table.to_iden()) {
                update.and_where(on_child);
            }
        }
        update.and_where(is_active(child));
    }

    fn write_stamp(&self, entity: usize) -> UpdateStatement {
        write_stamp(self.meta(entity), &self.stamp)
    }
}

/// Counts rows and locks them, in the order of their keys, so that two bulk operations wait for each other instead of
/// deadlocking.
pub(crate) fn lock_rows(
    meta: &EntityMeta,
    condition: Expr,
    lock: LockType,
    backend: DbBackend,
) -> SelectStatement {
    let mut rows = Query::select();
    rows.from(meta.table.to_ref())
        .and_where(condition)
        .lock(lock);
    if dialect::locks_aggregates(backend) {
        return rows.expr(Expr::cust("COUNT(*)")).to_owned();
    }
    for key in columns(meta, &meta.primary_key) {
        rows.expr(key.clone()).order_by_expr(key, Order::Asc);
    }
    Query::select()
        .expr(Expr::cust("COUNT(*)"))
        .from_subquery(rows, TAKEN)
        .to_owned()
}

/// Limits an UPDATE to the rows whose own columns are among those that a sub-select takes, under these names.
pub fn only_taken(
    update: &mut UpdateStatement,
    meta: &EntityMeta,
    own: &[String],
    taken: SelectStatement,
    names: &[String],
    backend: DbBackend,
) {
    let is_own = columns(meta, own);
    if dialect::joins_updates(backend) {
        join(update, taken);
        update.and_where(equal(is_own, columns_of(TAKEN, names)));
        return;
    }
    let is_taken = in_select(is_own, taken);
    if own == meta.primary_key || !has_integer_key(meta) {
        update.and_where(is_taken);
        return;
    }
    // SQLite's index of any columns has this key too. To take the keys from it first, and the rows in the keys' order, reads
    // each page of a large table once.
    let keys = Query::select()
        .exprs(columns(meta, &meta.primary_key))
        .from(meta.table.to_ref())
        .and_where(is_taken)
        .and_where(in_scope(meta, Scope::WithDeleted))
        .to_owned();
    update.and_where(in_select(columns(meta, &meta.primary_key), keys));
}

fn has_integer_key(meta: &EntityMeta) -> bool {
    match meta.primary_key.as_slice() {
        [name] => meta
            .column(name)
            .is_some_and(|column| is_integer(&column.column_type)),
        _ => false,
    }
}

/// `UPDATE … FROM (SELECT …) AS taken`; MySQL's builder makes it a JOIN.
pub(crate) fn join(update: &mut UpdateStatement, select: SelectStatement) {
    update.from(TableRef::SubQuery(Box::new(select), TAKEN.into_iden()));
}

pub(crate) fn write_stamp(meta: &EntityMeta, stamp: &Stamp) -> UpdateStatement {
    let names = &meta.stamp;
    let mut update = Query::update();
    update.table(meta.table.to_ref());
    for (name, value) in names.deleted_values(stamp.deleted_at) {
        update.value(iden(name), value);
    }
    if let Some(name) = &names.deletion_id {
        update.value(iden(name), stamp.deletion_id);
    }
    let actor = stamp.deleted_by.clone().map(Expr::val);
    let reason = stamp.delete_reason.clone().map(Expr::val);
    for (name, value) in [(&names.deleted_by, actor), (&names.delete_reason, reason)] {
        // A row that was scheduled may have those of the deletion that was to come.
        let value = value.or_else(|| names.scheduled.then(|| Expr::cust("NULL")));
        if let (Some(name), Some(value)) = (name, value) {
            update.value(iden(name), value);
        }
    }
    touch(&mut update, meta, stamp.touched_at);
    update
}

/// What a delete and a restore write beside the stamp: `updated_at = $1, version = version + 1`.
pub(crate) fn touch(update: &mut UpdateStatement, meta: &EntityMeta, at: DateTime<Utc>) {
    for touch in &meta.touch {
        update.value(iden(&touch.name), touch.kind.value(at));
    }
    if let Some(name) = &meta.version {
        update.value(iden(name), column(meta, name).add(Expr::Constant(1.into())));
    }
}
