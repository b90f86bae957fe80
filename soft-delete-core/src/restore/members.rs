//! The rows that a restore brings back, and the statements over them.

use sea_orm::{
    DbBackend,
    sea_query::{Alias, Expr, ExprTrait as _, Query, SelectStatement, UpdateStatement},
};

use crate::{
    EntityMeta, Scope,
    cascade::graph::{Cascade, Edge},
    cascade::marking::{TAKEN, join, only_taken, write_identity, write_stamp},
    cascade::reach::Reach,
    cascade::rows::{
        Identity, all, any, column, columns, columns_of, equal, iden, in_scope, in_select,
    },
    stamp::Stamp,
};

/// A parent's name beside its child's, which may be of the same table.
const PARENT: &str = "soft_delete_parent";
const PARENT_PREFIX: &str = "soft_delete_parent_";

/// The rows that a restore brings back.
#[derive(Clone, Debug)]
pub(crate) enum Members<'c> {
    /// Those on the foreign keys' way from one row: nothing need be written to know them.
    Reached(Reach<'c>),
    /// Those that carry one of these identities.
    Marked {
        backend: DbBackend,
        cascade: &'c Cascade<'c>,
        /// Of the rows named, if it is not a whole deletion that comes back.
        named: Vec<Identity>,
        /// Of what is below them.
        below: Vec<Identity>,
        /// What rows with either of these identities had before, in the same order.
        originals: Vec<Identity>,
        /// Of the parents of the rows named that come back with them.
        parents: Option<Identity>,
    },
}

impl<'c> Members<'c> {
    /// All rows of one deletion, wherever they are.
    pub(crate) fn whole_deletion(
        backend: DbBackend,
        cascade: &'c Cascade<'c>,
        identity: Identity,
    ) -> Self {
        Self::Marked {
            backend,
            cascade,
            named: Vec::new(),
            below: vec![identity],
            originals: vec![identity],
            parents: None,
        }
    }
}

impl Members<'_> {
    fn backend(&self) -> DbBackend {
        match self {
            Self::Reached(reach) => reach.backend,
            Self::Marked { backend, .. } => *backend,
        }
    }

    pub(crate) fn cascade(&self) -> &Cascade<'_> {
        match self {
            Self::Reached(reach) => reach.cascade,
            Self::Marked { cascade, .. } => cascade,
        }
    }

    /// Whether parents come back along with the rows named.
    pub(crate) fn have_parents(&self) -> bool {
        matches!(
            self,
            Self::Marked {
                parents: Some(_),
                ..
            }
        )
    }

    pub(crate) fn meta(&self, entity: usize) -> &EntityMeta {
        self.cascade().group.entity(entity)
    }

    /// Whether a row of this entity comes back.
    pub(crate) fn contain(&self, entity: usize) -> Expr {
        match self {
            Self::Reached(reach) => reach.reaches(entity),
            Self::Marked { parents, .. } => any([self.taken(entity)]
                .into_iter()
                .chain(parents.map(|identity| self.has(entity, identity)))),
        }
    }

    /// Whether a row of this entity was named, or is below one that was.
    pub(crate) fn taken(&self, entity: usize) -> Expr {
        match self {
            Self::Reached(reach) => reach.reaches(entity),
            Self::Marked { named, below, .. } => self.has_one_of(entity, named.iter().chain(below)),
        }
    }

    /// Whether a row of this entity is below one that was named, and was not named itself.
    fn below(&self, entity: usize) -> Expr {
        match self {
            Self::Reached(reach) if entity == reach.root => {
                reach.reaches(entity).and(reach.condition.clone().not())
            }
            Self::Reached(reach) => reach.reaches(entity),
            Self::Marked { below, .. } => self.has_one_of(entity, below),
        }
    }

    fn has_one_of<'i>(
        &self,
        entity: usize,
        identities: impl IntoIterator<Item = &'i Identity>,
    ) -> Expr {
        any(identities
            .into_iter()
            .map(|identity| self.has(entity, *identity)))
    }

    fn has(&self, entity: usize, identity: Identity) -> Expr {
        identity.of_deleted_row(self.meta(entity), self.backend())
    }

    pub(crate) fn select(&self, entity: usize, names: &[String]) -> SelectStatement {
        match self {
            Self::Reached(reach) => reach.select(entity, names),
            Self::Marked { .. } => select(self.meta(entity), names, self.contain(entity)),
        }
    }

    fn select_taken(&self, entity: usize, names: &[String]) -> SelectStatement {
        select(self.meta(entity), names, self.taken(entity))
    }

    /// The keys by which a row that was not named may have a deleted parent that stays deleted: all that cascade, but for
    /// the one way that led to the row.
    pub(crate) fn edges_to_other_parents(&self) -> Vec<Edge> {
        let cascade = self.cascade();
        let mut edges = Vec::new();
        for entity in cascade.entities() {
            let ways: Vec<_> = cascade.edges_into(entity).collect();
            let led_here = |edge: &Edge| matches!(self, Self::Reached(_)) && ways == [*edge];
            let all = cascade.group.cascades_into(entity);
            match self {
                Self::Reached(reach) if reach.root == entity && ways.is_empty() => {}
                _ => edges.extend(all.filter(|edge| !led_here(edge))),
            }
        }
        edges
    }

    /// Makes the rows of this entity active.
    pub(crate) fn clear_stamp(&self, entity: usize) -> UpdateStatement {
        let meta = self.meta(entity);
        let mut update = Query::update();
        update.table(meta.table.to_ref());
        for name in meta.stamp.names() {
            update.value(iden(name), Expr::cust("NULL"));
        }
        let Self::Reached(reach) = self else {
            return update.and_where(self.contain(entity)).to_owned();
        };
        let edges: Vec<_> = reach.cascade.edges_into(entity).collect();
        match edges.as_slice() {
            [] => update.and_where(reach.reaches(entity)),
            [edge] if !edge.is_loop() && entity != reach.root => {
                if let Some(is_below) = reach.is_below_root_row(*edge) {
                    update.and_where(is_below);
                } else {
                    let key = reach.cascade.group.foreign_key(*edge);
                    let names = &key.parent_columns;
                    let parents = reach.select(edge.parent, names);
                    only_taken(
                        &mut update,
                        meta,
                        &key.columns,
                        parents,
                        names,
                        reach.backend,
                    );
                }
                update.and_where(reach.state.of_row(meta, reach.backend))
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

    /// Gives rows below whose parent through this key stays deleted that parent's stamp: they are no members any more.
    pub(crate) fn keep_under_deleted_parent(&self, edge: Edge) -> UpdateStatement {
        let key = self.cascade().group.foreign_key(edge);
        let child = self.meta(edge.child);
        let parent = self.meta(edge.parent);
        let mut names = key.parent_columns.clone();
        let mut update = Query::update();
        update.table(child.table.to_ref());
        let mut copy = |to: &Option<String>, from: &Option<String>| {
            let Some(to) = to else { return };
            let value = match from {
                Some(from) => {
                    if !names.contains(from) {
                        names.push(from.clone());
                    }
                    Expr::col((TAKEN, iden(from)))
                }
                None => Expr::cust("NULL"),
            };
            update.value(iden(to), value);
        };
        let (to, from) = (&child.stamp, &parent.stamp);
        copy(&Some(to.deleted_at.clone()), &Some(from.deleted_at.clone()));
        copy(&to.deletion_id, &from.deletion_id);
        copy(&to.deleted_by, &from.deleted_by);
        copy(&to.delete_reason, &from.delete_reason);

        let mut parents = select(parent, &names, self.stays_deleted(edge.parent));
        if let (Self::Marked { below, backend, .. }, None) = (self, &to.deletion_id) {
            // Another deletion at the same time is the same to such a child: it would get for ever what it has.
            let same_time = below.iter().map(|identity| identity.by_time());
            let same_time = any(same_time.map(|identity| identity.of_row(parent, *backend)));
            parents.and_where(same_time.not());
        }
        join(&mut update, parents.distinct().to_owned());
        update
            .and_where(equal(
                columns(child, &key.columns),
                columns_of(TAKEN, &key.parent_columns),
            ))
            .and_where(self.below(edge.child))
            .to_owned()
    }

    /// Gives rows back the identity that they had: they are no members any more.
    pub(crate) fn give_back_rows(&self, entity: usize, rows: &Expr) -> Vec<UpdateStatement> {
        let mut updates = self.give_back(entity);
        for update in &mut updates {
            update.and_where(rows.clone());
        }
        updates
    }

    /// Gives taken rows whose parent through this key stays deleted the identity back that they had.
    pub(crate) fn give_back_below_deleted(&self, edge: Edge) -> Vec<UpdateStatement> {
        let key = self.cascade().group.foreign_key(edge);
        let mut parents = select(
            self.meta(edge.parent),
            &key.parent_columns,
            self.stays_deleted(edge.parent),
        );
        let mut updates = self.give_back(edge.child);
        for update in &mut updates {
            let child = self.meta(edge.child);
            let taken = parents.distinct().to_owned();
            let names = &key.parent_columns;
            only_taken(update, child, &key.columns, taken, names, self.backend());
        }
        updates
    }

    /// One statement for each identity that taken rows have.
    fn give_back(&self, entity: usize) -> Vec<UpdateStatement> {
        let Self::Marked {
            backend,
            named,
            below,
            originals,
            ..
        } = self
        else {
            return Vec::new();
        };
        let meta = self.meta(entity);
        [named, below]
            .into_iter()
            .flat_map(|marks| marks.iter().zip(originals))
            .map(|(mark, original)| {
                write_identity(meta, original)
                    .and_where(mark.of_row(meta, *backend))
                    .to_owned()
            })
            .collect()
    }

    /// Whether a row of this entity is deleted and does not come back.
    fn stays_deleted(&self, entity: usize) -> Expr {
        let meta = self.meta(entity);
        let deleted = in_scope(meta, Scope::OnlyDeleted);
        all([deleted]
            .into_iter()
            .chain(self.is_outside(entity, columns(meta, &meta.primary_key))))
    }

    /// Whether the row of this key does not come back. `None` if no row of the entity does.
    pub(super) fn is_outside(&self, entity: usize, key: Vec<Expr>) -> Option<Expr> {
        if let Self::Reached(reach) = self
            && !reach.cascade.has(entity)
        {
            return None;
        }
        // A NULL in the comparison must not make the whole condition NULL: IN over keys can't.
        let members = self.select(entity, &self.meta(entity).primary_key);
        Some(in_select(key, members).not())
    }

    /// Marks parents of rows named, and then parents of those, through this key.
    pub(crate) fn mark_parents(&self, edge: Edge, of: Expr, mark: &Stamp) -> UpdateStatement {
        let key = self.cascade().group.foreign_key(edge);
        let child = self.meta(edge.child);
        let parent = self.meta(edge.parent);
        let mut update = write_stamp(parent, mark);
        let keys = select(child, &key.columns, of).distinct().to_owned();
        let own = &key.parent_columns;
        only_taken(&mut update, parent, own, keys, &key.columns, self.backend());
        update
            .and_where(in_scope(parent, Scope::OnlyDeleted))
            .and_where(self.must_come(edge.parent).not_true())
            .to_owned()
    }

    /// Whether a row of this entity comes back, or nothing does: it was named, or is a parent of one that was. A whole
    /// deletion names those of its rows that are not below others of them.
    pub(crate) fn must_come(&self, entity: usize) -> Expr {
        let meta = self.meta(entity);
        match self {
            Self::Reached(reach) if entity == reach.root => {
                let identity = reach.state.of_row(meta, reach.backend);
                reach.condition.clone().and(identity)
            }
            Self::Reached(_) => any([]),
            Self::Marked { named, parents, .. } if !named.is_empty() => {
                self.has_one_of(entity, named.iter().chain(parents))
            }
            Self::Marked { .. } => {
                let group = self.cascade().group;
                let led_to = group.cascades_into(entity).map(|edge| {
                    let key = group.foreign_key(edge);
                    let parents = self.select_taken(edge.parent, &key.parent_columns);
                    in_select(columns(meta, &key.columns), parents)
                });
                self.taken(entity).and(any(led_to).not_true())
            }
        }
    }

    /// Rows that must come and whose parent through this key stays deleted, each with that parent's key.
    pub(crate) fn must_come_below_deleted(&self, edge: Edge) -> (SelectStatement, &'static str) {
        let child = self.meta(edge.child);
        let mut found = self.below_deleted(edge, self.must_come(edge.child));
        for name in &self.meta(edge.parent).primary_key {
            found.expr_as(
                Expr::col((PARENT, iden(name))),
                Alias::new(format!("{PARENT_PREFIX}{name}")),
            );
        }
        for name in &child.primary_key {
            found.order_by_expr(column(child, name), sea_orm::Order::Asc);
        }
        (found, PARENT_PREFIX)
    }

    /// One of the rows below whose parent through this key stays deleted.
    pub(crate) fn row_to_keep(&self, edge: Edge) -> SelectStatement {
        self.below_deleted(edge, self.below(edge.child))
            .limit(1)
            .to_owned()
    }

    /// Those of the rows whose parent through this key stays deleted. The parents are joined and not in a sub-select: a
    /// SELECT that locks sees the latest state of what it joins.
    fn below_deleted(&self, edge: Edge, rows: Expr) -> SelectStatement {
        let key = self.cascade().group.foreign_key(edge);
        let child = self.meta(edge.child);
        let parent = self.meta(edge.parent);
        let deleted_at = Expr::col((PARENT, iden(&parent.stamp.deleted_at)));
        let parent_key = columns_of(PARENT, &parent.primary_key);
        select(child, &child.primary_key, rows)
            .join_as(
                sea_orm::JoinType::InnerJoin,
                parent.table.to_ref(),
                PARENT,
                equal(
                    columns(child, &key.columns),
                    columns_of(PARENT, &key.parent_columns),
                ),
            )
            .and_where(Scope::OnlyDeleted.predicate(deleted_at))
            .and_where_option(self.is_outside(edge.parent, parent_key))
            .to_owned()
    }
}

pub(super) fn select(meta: &EntityMeta, names: &[String], condition: Expr) -> SelectStatement {
    Query::select()
        .exprs(columns(meta, names))
        .from(meta.table.to_ref())
        .and_where(condition)
        .to_owned()
}

/// `NOT` of a condition that may be NULL, which counts as false.
trait NotTrue {
    fn not_true(self) -> Expr;
}

impl NotTrue for Expr {
    fn not_true(self) -> Expr {
        Expr::case(self, Expr::cust("0"))
            .finally(Expr::cust("1"))
            .eq(Expr::cust("1"))
    }
}
