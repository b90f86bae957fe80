//! Writing what a restore has found out: by keys, in batches.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait,
    sea_query::{Expr, ExprTrait as _, Query, UpdateStatement},
};

use super::{
    closure::{clear_stamp, select},
    counts::Counts,
    parents::Keeping,
    rows::{KEYS_PER_STATEMENT, Row, RowId, Rows},
    run::Order,
};
use crate::{
    engine::cascade::{
        identity::as_kind,
        marking::{TAKEN, join},
        rows::{columns, columns_of, equal, has_key, iden, in_scope},
        walk::count_rows,
    },
    model::{
        Error, Scope,
        display::display_key,
        graph::{Cascade, Edge},
    },
};

impl Rows<'_> {
    /// Gives rows that stay deleted the stamp of the parent that keeps them.
    pub(super) async fn write_kept<C: ConnectionTrait>(
        &self,
        db: &C,
        keeping: &[Keeping],
    ) -> Result<(), Error> {
        let mut rest = keeping;
        while let Some(first) = rest.first() {
            // Those of one key together, but none before its parent has got its own stamp.
            let same = rest.iter().take(KEYS_PER_STATEMENT);
            let same = same.take_while(|other| other.edge == first.edge && !first.edge.is_loop());
            let (batch, others) = rest.split_at(same.count().max(1));
            self.keep_batch(db, first.edge, batch).await?;
            rest = others;
        }
        Ok(())
    }

    async fn keep_batch<C: ConnectionTrait>(
        &self,
        db: &C,
        edge: Edge,
        batch: &[Keeping],
    ) -> Result<(), Error> {
        let rows: Vec<RowId> = batch.iter().map(|keeping| keeping.row).collect();
        let updated = db
            .execute(&self.give_stamps(edge, batch))
            .await?
            .rows_affected();
        self.check(edge.child, &rows, updated)
    }

    fn give_stamps(&self, edge: Edge, batch: &[Keeping]) -> UpdateStatement {
        let key = self.group.foreign_key(edge);
        let (child, parent) = (self.meta(edge.child), self.meta(edge.parent));
        let mut names = key.matching_parent();
        let mut update = Query::update();
        update.table(child.table.to_ref());
        let (to, from) = (&child.stamp, &parent.stamp);
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
        copy(&to.deletion_id, &from.deletion_id);
        copy(&to.deleted_by, &from.deleted_by);
        copy(&to.delete_reason, &from.delete_reason);
        let kinds = (from.deleted_at_kind, to.deleted_at_kind);
        // A time of another kind can't be copied: the row keeps its own.
        if kinds.0.is_like(kinds.1) {
            if !names.contains(&from.deleted_at) {
                names.push(from.deleted_at.clone());
            }
            let deleted_at = Expr::col((TAKEN, iden(&from.deleted_at)));
            update.value(
                iden(&to.deleted_at),
                as_kind(self.backend, deleted_at, kinds.0, kinds.1),
            );
        }
        let parents = batch.iter().map(|keeping| &keeping.parent);
        let parents = Query::select()
            .exprs(columns(parent, &names))
            .from(parent.table.to_ref())
            .and_where(has_key(parent, parents, self.backend))
            .and_where(in_scope(parent, Scope::OnlyDeleted))
            .and_where_option(key.condition_on_parent(parent.table.to_iden()))
            .distinct()
            .to_owned();
        join(&mut update, parents);
        let rows = batch.iter().map(|keeping| &self.row(keeping.row).key);
        update
            .and_where(equal(
                columns(child, &key.matching()),
                columns_of(TAKEN, &key.matching_parent()),
            ))
            .and_where(has_key(child, rows, self.backend))
            .and_where(in_scope(child, Scope::OnlyDeleted))
            .to_owned()
    }

    /// Makes the rows active that come back.
    pub(super) async fn clear_stamps<C: ConnectionTrait>(
        &self,
        db: &C,
        order: Order,
        at: DateTime<Utc>,
    ) -> Result<Counts, Error> {
        let entities: Vec<_> = self.entities().collect();
        let cascade = Cascade::from(self.group, &entities);
        let mut entities: Vec<_> = cascade.entities().collect();
        if order == Order::ChildrenFirst {
            entities.reverse();
        }
        let mut restored = Counts::default();
        for batch in self.batches(&entities, order) {
            let Some((entity, _)) = batch.first() else {
                continue;
            };
            let meta = self.meta(*entity);
            let keys = batch.iter().map(|id| &self.row(*id).key);
            let update = clear_stamp(meta, at)
                .and_where(has_key(meta, keys, self.backend))
                .and_where(in_scope(meta, Scope::OnlyDeleted))
                .to_owned();
            let updated = db.execute(&update).await?.rows_affected();
            self.check(*entity, &batch, updated)?;
            restored.add(*entity, updated);
        }
        Ok(restored)
    }

    /// The rows that come back, those of one statement together. A parent's statement comes before its children's if the order wants
    /// that: in a circle of tables, or in a tree, level by level.
    fn batches(&self, entities: &[usize], order: Order) -> Vec<Vec<RowId>> {
        let levels = match order {
            Order::ParentsFirst => self.levels(),
            Order::ChildrenFirst => HashMap::new(),
        };
        let level_of = |id: &RowId| levels.get(id).copied().unwrap_or_default();
        let deepest = levels.values().max().copied().unwrap_or_default();
        let mut batches = Vec::new();
        for level in 0..=deepest {
            for entity in entities {
                let places = self.places(*entity, Row::comes_back).into_iter();
                let ids = places.map(|place| (*entity, place));
                let ids: Vec<_> = ids.filter(|id| level_of(id) == level).collect();
                batches.extend(ids.chunks(KEYS_PER_STATEMENT).map(<[_]>::to_vec));
            }
        }
        batches
    }

    /// How many rows are above each at the most. Those of a circle come last.
    fn levels(&self) -> HashMap<RowId, usize> {
        let below = self.below();
        let mut parents: HashMap<RowId, usize> = HashMap::new();
        for child in below.values().flatten() {
            *parents.entry(*child).or_default() += 1;
        }
        let mut levels = HashMap::new();
        let mut next = self.ids();
        next.retain(|id| !parents.contains_key(id));
        let mut deepest = 0;
        while let Some(id) = next.pop() {
            let level = *levels.entry(id).or_insert(0);
            deepest = Ord::max(deepest, level);
            for child in below.get(&id).into_iter().flatten() {
                let own = levels.entry(*child).or_insert(0);
                *own = Ord::max(*own, level + 1);
                if let Some(left) = parents.get_mut(child) {
                    *left -= 1;
                    if *left == 0 {
                        next.push(*child);
                    }
                }
            }
        }
        for (id, left) in parents {
            if left > 0 {
                levels.insert(id, deepest + 1);
            }
        }
        levels
    }

    /// Checks that the rows that were locked are all that are seen: a policy may let rows be read and not be locked.
    ///
    /// # Errors
    ///
    /// [`Error::NotUpdated`] if there are others.
    pub(super) fn are_all_of(&self, seen: &Rows<'_>) -> Result<(), Error> {
        for (entity, place) in seen.ids() {
            let key = &seen.row((entity, place)).key;
            if self.find(entity, key).is_none() {
                return Err(Error::NotUpdated {
                    table: self.meta(entity).table.clone(),
                    rows: display_key(key),
                });
            }
        }
        Ok(())
    }

    /// Looks at the rows again, where a trigger may have given them another state than was written.
    ///
    /// # Errors
    ///
    /// [`Error::NotUpdated`] if one is still deleted.
    pub(super) async fn all_are_active<C: ConnectionTrait>(&self, db: &C) -> Result<(), Error> {
        let entities: Vec<_> = self.entities().collect();
        for batch in self.batches(&entities, Order::ChildrenFirst) {
            let Some((entity, _)) = batch.first() else {
                continue;
            };
            let meta = self.meta(*entity);
            let keys = batch.iter().map(|id| &self.row(*id).key);
            let is_one = has_key(meta, keys, self.backend);
            let active = select(meta, &[], is_one.and(in_scope(meta, Scope::Active)));
            self.check(*entity, &batch, count_rows(db, active).await?)?;
        }
        Ok(())
    }

    /// The rows are locked, so that nobody else can have changed them.
    fn check(&self, entity: usize, rows: &[RowId], updated: u64) -> Result<(), Error> {
        let expected = rows.len() as u64;
        if updated >= expected {
            return Ok(());
        }
        let keys = rows
            .iter()
            .take(5)
            .map(|id| display_key(&self.row(*id).key));
        let keys: Vec<_> = keys.collect();
        Err(Error::NotUpdated {
            table: self.meta(entity).table.clone(),
            rows: format!(
                "{} of {expected}, among {}",
                expected - updated,
                keys.join(", ")
            ),
        })
    }
}
