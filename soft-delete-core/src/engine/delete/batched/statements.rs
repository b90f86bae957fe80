//! The statements of a delete in batches. Each names its rows by their keys, so that none is slower for what the statistics say of rows
//! that were deleted a moment ago.

use sea_orm::{
    DbBackend, Order, Value,
    sea_query::{Expr, ExprTrait as _, Query, SelectStatement, UpdateStatement},
};

use crate::{
    dialect,
    engine::{
        cascade::{
            identity::Identity,
            marking::write_stamp,
            rows::{
                State, all, any, column, columns, has_key, iden, in_scope, is_active,
                is_below_one_of,
            },
        },
        value::{bind, select_values},
    },
    model::{
        EntityMeta, Scope,
        graph::{Cascade, Edge},
        stamp::Stamp,
    },
};

/// The values of a primary key.
pub(super) type Key = Vec<Value>;

pub(super) struct Statements<'c> {
    pub(super) backend: DbBackend,
    pub(super) cascade: &'c Cascade<'c>,
    pub(super) stamp: &'c Stamp,
    /// How many rows a batch has.
    pub(super) rows: u64,
}

impl Statements<'_> {
    pub(super) fn meta(&self, entity: usize) -> &EntityMeta {
        self.cascade.group.entity(entity)
    }

    /// The next active rows that a condition names.
    pub(super) fn active(
        &self,
        entity: usize,
        condition: Expr,
        after: Option<&Key>,
    ) -> SelectStatement {
        let active = is_active(self.meta(entity));
        let mut select = self.keys(entity, all([condition, active]), after);
        if dialect::locks_rows(self.backend) {
            select.lock_exclusive();
        }
        select
    }

    /// Whether a row refers by this key to one of these rows, which are deleted.
    pub(super) fn is_below(&self, edge: Edge, parents: &[Key]) -> Expr {
        let (child, parent) = (self.meta(edge.child), self.meta(edge.parent));
        let key = self.cascade.group.foreign_key(edge);
        is_below_one_of(child, parent, key, |names| {
            self.deleted(edge.parent, parents, names)
        })
    }

    /// Columns of these rows, which are deleted.
    pub(super) fn deleted(&self, entity: usize, keys: &[Key], names: &[String]) -> SelectStatement {
        let meta = self.meta(entity);
        Query::select()
            .exprs(columns(meta, names))
            .from(meta.table.to_ref())
            .and_where(has_key(meta, keys, self.backend))
            .and_where(in_scope(meta, Scope::OnlyDeleted))
            .to_owned()
    }

    /// The next rows that the deletion has taken already.
    pub(super) fn taken(&self, entity: usize, after: Option<&Key>) -> SelectStatement {
        let is_taken = State::DeletedBy(self.identity()).of_child(self.meta(entity), self.backend);
        self.keys(entity, is_taken, after)
    }

    /// How many of these rows the deletion has taken.
    pub(super) fn taken_of(&self, entity: usize, keys: &[Key]) -> SelectStatement {
        let meta = self.meta(entity);
        let is_taken = self.identity().of_row(meta, self.backend);
        Query::select()
            .from(meta.table.to_ref())
            .and_where(has_key(meta, keys, self.backend))
            .and_where(is_taken)
            .to_owned()
    }

    /// The columns of the stamp, in a row that the deletion has taken.
    pub(super) fn stamp_of(&self, entity: usize) -> SelectStatement {
        let meta = self.meta(entity);
        let mut select = Query::select();
        let names = &meta.stamp;
        let companions = names.deleted_by.iter().chain(&names.delete_reason);
        select_values(
            &mut select,
            meta,
            &companions.cloned().collect::<Vec<_>>(),
            self.backend,
        );
        select
            .from(meta.table.to_ref())
            .and_where(self.identity().of_row(meta, self.backend))
            .limit(1)
            .to_owned()
    }

    pub(super) fn mark(&self, entity: usize, keys: &[Key]) -> UpdateStatement {
        let meta = self.meta(entity);
        let mut update = write_stamp(meta, self.stamp);
        update
            .and_where(has_key(meta, keys, self.backend))
            .and_where(is_active(meta));
        update
    }

    pub(super) fn set_null(&self, edge: Edge, keys: &[Key]) -> UpdateStatement {
        let meta = self.meta(edge.child);
        let mut update = Query::update();
        update.table(meta.table.to_ref());
        for name in self.cascade.columns_set_null(edge) {
            update.value(iden(&name), Expr::cust("NULL"));
        }
        update
            .and_where(has_key(meta, keys, self.backend))
            .and_where(is_active(meta));
        update
    }

    fn identity(&self) -> Identity {
        Identity {
            deletion_id: Some(self.stamp.deletion_id),
            deleted_at: self.stamp.deleted_at,
        }
    }

    /// The next rows in the order of their keys.
    fn keys(&self, entity: usize, condition: Expr, after: Option<&Key>) -> SelectStatement {
        let meta = self.meta(entity);
        let mut select = Query::select();
        select_values(&mut select, meta, &meta.primary_key, self.backend);
        select
            .from(meta.table.to_ref())
            .and_where(condition)
            .and_where_option(after.map(|after| self.is_after(meta, after)))
            .limit(self.rows);
        for key in columns(meta, &meta.primary_key) {
            select.order_by_expr(key, Order::Asc);
        }
        select
    }

    /// `a > x OR a = x AND b > y`
    fn is_after(&self, meta: &EntityMeta, key: &Key) -> Expr {
        let parts: Vec<_> = meta.primary_key.iter().zip(key).collect();
        let bound = |(name, value): (&String, &Value)| bind(meta, name, value, self.backend);
        any((0..parts.len()).map(|last| {
            let before = parts[..last].iter();
            let before = before.map(|part| column(meta, part.0).eq(bound(*part)));
            let is_greater = column(meta, parts[last].0).gt(bound(parts[last]));
            all(before.chain([is_greater]))
        }))
    }
}
