//! The rows below one root row, as conditions on each table: nothing need be read to know them.

use chrono::{DateTime, Utc};
use sea_orm::{
    DbBackend, JoinType,
    sea_query::{Expr, ExprTrait as _, LockType, Query, SelectStatement, UpdateStatement},
};

use crate::{
    engine::cascade::{
        marking::{lock_rows, only_taken, touch},
        reach::Reach,
        rows::{all, column, columns, columns_of, equal, iden, in_scope, in_select},
    },
    model::{
        EntityMeta, Scope, UniqueKey,
        graph::{Cascade, Edge},
    },
};

/// A parent's name beside its child's, which may be of the same table.
const PARENT: &str = "soft_delete_parent";

/// What one deletion took below one row, and that row.
#[derive(Clone, Debug)]
pub(super) struct Closure<'c>(pub(super) Reach<'c>);

impl<'c> Closure<'c> {
    pub(super) fn cascade(&self) -> &'c Cascade<'c> {
        self.0.cascade
    }

    pub(super) fn meta(&self, entity: usize) -> &EntityMeta {
        self.0.meta(entity)
    }

    /// Whether a row of this entity comes back.
    pub(super) fn contains(&self, entity: usize) -> Expr {
        self.0.reaches(entity)
    }

    pub(super) fn select(&self, entity: usize, names: &[String]) -> SelectStatement {
        self.0.select(entity, names)
    }

    /// The keys by which a row may have a parent that is deleted and stays so, each with the rows that it is asked of. The way that
    /// led to a row is none of them.
    pub(super) fn edges_to_other_parents(&self) -> Vec<Edge> {
        let cascade = self.cascade();
        let root = self.0.root;
        let mut edges = Vec::new();
        for entity in cascade.entities() {
            let ways: Vec<_> = cascade.edges_into(entity).collect();
            let led_here = |edge: &Edge| entity != root && ways == [*edge];
            let all = cascade.group.parents_of(entity);
            edges.extend(all.filter(|edge| !led_here(edge)));
        }
        edges
    }

    /// One of the rows whose parent through this key stays deleted, or is gone. The parents are joined and not in a sub-select: a
    /// SELECT that locks sees the latest state of what it joins.
    pub(super) fn row_without_parent(&self, edge: Edge) -> SelectStatement {
        let group = self.cascade().group;
        let key = group.foreign_key(edge);
        let (child, parent) = (self.meta(edge.child), self.meta(edge.parent));
        let marker = Expr::col((PARENT, iden(parent.stamp.marker_column())));
        let parent_key = columns_of(PARENT, &parent.primary_key);
        let stays_deleted = all([parent.stamp.predicate(Scope::OnlyDeleted, marker)]
            .into_iter()
            .chain(self.is_outside(edge.parent, parent_key)));
        let is_gone = all(columns_of(PARENT, &parent.primary_key)
            .into_iter()
            .map(|column| column.is_null()));
        let refers = columns(child, &key.columns);
        let refers = all(refers.into_iter().map(|column| column.is_not_null()));
        let own = columns(child, &key.matching());
        let on = equal(own, columns_of(PARENT, &key.matching_parent()));
        let on = all([on].into_iter().chain(key.condition_on_parent(PARENT)));
        let mut trouble = stays_deleted;
        if key.condition_on_parent(PARENT).is_none() {
            trouble = trouble.or(is_gone);
        }
        select(child, &child.primary_key, self.contains(edge.child))
            .join_as(JoinType::LeftJoin, parent.table.to_ref(), PARENT, on)
            .and_where(refers)
            .and_where_option(key.condition_on_child(child.table.to_iden()))
            .and_where(trouble)
            .limit(1)
            .to_owned()
    }

    /// [`row_without_parent`](Self::row_without_parent) by locking. As long as all that was read is locked, no row gets to be one.
    pub(super) fn lock_row_without_parent(&self, edge: Edge) -> SelectStatement {
        let mut closure = self.clone();
        closure.0.locks = true;
        closure.row_without_parent(edge).lock_exclusive().to_owned()
    }

    /// Locks the parents through this key that don't come back themselves, whatever their state.
    pub(super) fn lock_parents(
        &self,
        edge: Edge,
        lock: LockType,
        backend: DbBackend,
    ) -> SelectStatement {
        let key = self.cascade().group.foreign_key(edge);
        let (child, parent) = (self.meta(edge.child), self.meta(edge.parent));
        let mut keys = select(child, &key.matching(), self.contains(edge.child));
        keys.and_where_option(key.condition_on_child(child.table.to_iden()));
        let parents = [
            in_select(columns(parent, &key.matching_parent()), keys),
            in_scope(parent, Scope::WithDeleted),
        ];
        let outside = self.is_outside(edge.parent, columns(parent, &parent.primary_key));
        lock_rows(
            parent,
            all(parents.into_iter().chain(outside)),
            lock,
            backend,
        )
    }

    /// Whether rows of this entity that come back must be locked before the other parents of rows below them.
    ///
    /// Another restore that leaves a row below one of them deleted gives it that one's stamp. Were it to do so after this
    /// restore has looked at other parents, this one would bring that row back unchecked, or pass it by for ever.
    pub(super) fn must_lock(&self, entity: usize) -> bool {
        entity != self.0.root
            && self.edges_to_other_parents().iter().any(|other| {
                let mut ways = self.cascade().edges_into(other.child);
                ways.any(|way| way.parent == entity)
            })
    }

    /// Locks the rows of this entity that come back.
    pub(super) fn lock(&self, entity: usize, backend: DbBackend) -> SelectStatement {
        let rows = self.contains(entity);
        lock_rows(self.meta(entity), rows, LockType::Update, backend)
    }

    /// The same rows, for a statement that locks all that it reads, in sub-selects as well.
    pub(super) fn locked(&self) -> Self {
        let mut closure = self.clone();
        closure.0.locks = true;
        closure
    }

    /// Whether the row of this key does not come back. `None` if no row of the entity does.
    fn is_outside(&self, entity: usize, key: Vec<Expr>) -> Option<Expr> {
        if !self.cascade().has(entity) {
            return None;
        }
        // A NULL in the comparison must not make the whole condition NULL: IN over keys can't.
        let members = self.select(entity, &self.meta(entity).primary_key);
        Some(in_select(key, members).not())
    }

    /// Makes the rows of this entity active.
    pub(super) fn clear_stamp(&self, entity: usize, at: DateTime<Utc>) -> UpdateStatement {
        let reach = &self.0;
        let meta = self.meta(entity);
        let mut update = clear_stamp(meta, at);
        let edges: Vec<_> = reach.cascade.edges_into(entity).collect();
        match edges.as_slice() {
            [] => update.and_where(reach.reaches(entity)),
            [edge] if !edge.is_loop() && entity != reach.root => {
                self.only_below(&mut update, *edge);
                update.and_where(reach.state.of_child(meta, reach.backend))
            }
            _ => {
                let names = &meta.primary_key;
                let keys = reach.select(entity, names).distinct().to_owned();
                only_taken(&mut update, meta, names, keys, names, reach.backend);
                update.and_where(reach.state.of_row(meta, reach.backend))
            }
        };
        update
    }

    fn only_below(&self, update: &mut UpdateStatement, edge: Edge) {
        let reach = &self.0;
        let (child, parent) = (self.meta(edge.child), self.meta(edge.parent));
        if let Some(is_below) = reach.is_below_root_row(edge) {
            update.and_where(is_below);
            return;
        }
        let key = reach.cascade.group.foreign_key(edge);
        let names = key.matching_parent();
        let mut parents = reach.select(edge.parent, &names);
        parents.and_where_option(key.condition_on_parent(parent.table.to_iden()));
        only_taken(
            update,
            child,
            &key.matching(),
            parents,
            &names,
            reach.backend,
        );
        if let Some(on_child) = key.condition_on_child(child.table.to_iden()) {
            update.and_where(on_child);
        }
    }

    /// A row that comes back whose unique values an active row has.
    pub(super) fn held(&self, entity: usize, unique: &UniqueKey) -> SelectStatement {
        let meta = self.meta(entity);
        super::conflict::held_by_active(meta, unique, &self.contains(entity), self.0.backend)
            .limit(1)
            .to_owned()
    }

    /// Unique values that two rows that come back share.
    pub(super) fn shared(&self, entity: usize, unique: &UniqueKey) -> SelectStatement {
        let meta = self.meta(entity);
        let own = |name: &str| column(meta, name);
        let values = unique.values(self.0.backend, own);
        let mut shared = Query::select();
        shared
            .expr(Expr::cust("1"))
            .from(meta.table.to_ref())
            .and_where(self.contains(entity))
            .and_where_option(unique.is_compared(self.0.backend, own))
            .and_having(Expr::cust("COUNT(*) > 1"))
            .limit(1);
        for value in values {
            shared.add_group_by([value]);
        }
        shared
    }
}

pub(super) fn select(meta: &EntityMeta, names: &[String], condition: Expr) -> SelectStatement {
    Query::select()
        .exprs(columns(meta, names))
        .from(meta.table.to_ref())
        .and_where(condition)
        .to_owned()
}

/// `UPDATE … SET deleted_at = NULL, …`, for a condition to be added.
pub(super) fn clear_stamp(meta: &EntityMeta, at: DateTime<Utc>) -> UpdateStatement {
    let mut update = Query::update();
    update.table(meta.table.to_ref());
    for (name, value) in meta.stamp.active_values() {
        update.value(iden(name), value);
    }
    touch(&mut update, meta, at);
    update
}
