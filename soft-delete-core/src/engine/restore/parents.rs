//! Parents of the rows that come back: a row does not come back below a deleted one.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ConnectionTrait, JoinType,
    sea_query::{Expr, ExprTrait as _, SelectStatement},
};

use super::{
    closure::select,
    rows::{KEYS_PER_STATEMENT, MissingParent, PARENT, PARENT_PREFIX, Part, RowId, Rows},
};
use crate::{
    dialect,
    engine::{
        cascade::{
            marking::lock_rows,
            rows::{all, any, columns, columns_of, has_key, iden, in_scope, in_select},
        },
        value::read_all,
    },
    model::{DeletedParent, Error, Scope, graph::Edge},
};

/// How rows stay deleted below another parent: which they are, through which key, and that parent's key.
#[derive(Debug)]
pub(super) struct Keeping {
    pub(super) row: RowId,
    pub(super) edge: Edge,
    pub(super) parent: Vec<sea_orm::Value>,
}

/// What is to be done about parents.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// Rows that stay deleted below another parent, each after that parent if it is one of them.
    pub(super) keeping: Vec<Keeping>,
    /// Deleted parents that forbid the restore.
    pub(super) deleted: Vec<DeletedParent>,
    /// Parents that don't exist any more.
    pub(super) gone: Vec<DeletedParent>,
}

impl Rows<'_> {
    /// Tells which rows stay deleted below another parent, and which parents forbid the restore: a row below through a cascading
    /// key stays deleted with that parent, every other one must have all its parents.
    ///
    /// `with_parents` brings deleted parents back as well, and theirs.
    pub(super) async fn settle<C: ConnectionTrait>(
        &mut self,
        db: &C,
        with_parents: bool,
    ) -> Result<Settled, Error> {
        loop {
            self.look_at_parents(db).await?;
            let keeping = self.keep();
            self.skip_below();
            let required = self.required_parents();
            if with_parents && self.add_parents(db, &required).await? {
                continue;
            }
            let (mut deleted, mut gone) = (Vec::new(), Vec::new());
            for (row, parent) in required {
                let told = self.tell(row, &parent);
                match parent.key {
                    Some(_) => deleted.push(told),
                    None => gone.push(told),
                }
            }
            return Ok(Settled {
                keeping,
                deleted,
                gone,
            });
        }
    }

    /// Of a deletion as a whole nothing was named: a row that can't come back for its parent stays deleted, and is in no conflict.
    pub(super) fn set_aside(&mut self, orphans: &[DeletedParent]) {
        for orphan in orphans {
            let entity = self.group.entities().iter();
            let mut entity = entity.enumerate();
            let entity = entity.find(|(_, meta)| meta.table == orphan.table);
            if let Some((entity, _)) = entity
                && let Some(id) = self.find(entity, &orphan.key)
                && let Some(row) = self.row_mut(id)
            {
                row.part = Part::Below;
            }
        }
        self.keep();
    }

    /// Looks at all parents again.
    pub(super) fn forget_parents(&mut self) {
        for id in self.ids() {
            if let Some(row) = self.row_mut(id) {
                row.is_looked_at = false;
                row.missing.clear();
            }
        }
    }

    /// Finds the parents of each row that are deleted or gone.
    async fn look_at_parents<C: ConnectionTrait>(&mut self, db: &C) -> Result<(), Error> {
        let entities: Vec<_> = self.entities().collect();
        for entity in entities {
            let places = self.places(entity, |row| !row.is_looked_at);
            let group = self.group;
            let ways = group.cascades_into(entity).count();
            for edge in group.parents_of(entity) {
                // The one way that led to a row is known.
                let led_here = ways == 1 && group.cascades(edge);
                let of = |place: &&usize| {
                    let row = self.row((entity, **place));
                    !(led_here && row.part == Part::Below && !row.above.is_empty())
                };
                let of: Vec<_> = places.iter().filter(of).copied().collect();
                for places in of.chunks(KEYS_PER_STATEMENT) {
                    self.look_at(db, edge, places).await?;
                }
            }
            for place in places {
                if let Some(row) = self.row_mut((entity, place)) {
                    row.is_looked_at = true;
                }
            }
        }
        Ok(())
    }

    async fn look_at<C: ConnectionTrait>(
        &mut self,
        db: &C,
        edge: Edge,
        places: &[usize],
    ) -> Result<(), Error> {
        let (child, parent) = (self.meta(edge.child), self.meta(edge.parent));
        if self.locks && dialect::locks_rows(self.backend) {
            db.query_one(&self.lock_parents(edge, places)).await?;
        }
        let mut select = self.without_parents(edge, places);
        if self.locks && dialect::sees_latest_by_locking(self.backend) {
            select.lock_exclusive();
        }
        for row in db.query_all(&select).await? {
            let key = read_all(&row, child, &child.primary_key, "")?;
            let above = read_all(&row, parent, &parent.primary_key, PARENT_PREFIX)?;
            let exists = above.iter().any(|value| *value != value.as_null());
            let missing = MissingParent {
                edge,
                key: exists.then_some(above),
            };
            if let Some(id) = self.find(edge.child, &key)
                && let Some(row) = self.row_mut(id)
            {
                row.missing.push(missing);
            }
        }
        Ok(())
    }

    fn keys<'r>(
        &'r self,
        entity: usize,
        places: &'r [usize],
    ) -> impl Iterator<Item = &'r Vec<sea_orm::Value>> {
        places
            .iter()
            .map(move |place| &self.row((entity, *place)).key)
    }

    /// Keeps the parents of these rows through a key from being deleted or restored while this runs, whatever their state.
    fn lock_parents(&self, edge: Edge, places: &[usize]) -> SelectStatement {
        let (child, parent) = (self.meta(edge.child), self.meta(edge.parent));
        let key = self.group.foreign_key(edge);
        let is_one = has_key(child, self.keys(edge.child, places), self.backend);
        let mut keys = select(child, &key.matching(), is_one);
        keys.and_where(in_scope(child, Scope::WithDeleted))
            .and_where_option(key.condition_on_child(child.table.to_iden()));
        let parents = all([
            in_select(columns(parent, &key.matching_parent()), keys),
            in_scope(parent, Scope::WithDeleted),
        ]);
        let lock = dialect::keeping_lock(self.backend);
        lock_rows(parent, parents, lock, self.backend)
    }

    /// Those of these rows whose parent through a key is deleted, with its key, or gone, with NULL in its place.
    fn without_parents(&self, edge: Edge, places: &[usize]) -> SelectStatement {
        let (child, parent) = (self.meta(edge.child), self.meta(edge.parent));
        let key = self.group.foreign_key(edge);
        let of_parent = |name: &str| Expr::col((PARENT, iden(name)));
        let refers = columns(child, &key.columns).into_iter();
        let refers = refers.map(|column| column.is_not_null());
        let is_deleted = parent
            .stamp
            .predicate(Scope::OnlyDeleted, of_parent(parent.stamp.marker_column()));
        // A parent that does not meet the relation's condition is none, and there need not be another.
        let is_gone = key.condition_on_parent(PARENT).is_none().then(|| {
            all(columns_of(PARENT, &parent.primary_key)
                .into_iter()
                .map(|column| column.is_null()))
        });
        let mut rows = self.with_parents(edge, JoinType::LeftJoin);
        rows.and_where(has_key(child, self.keys(edge.child, places), self.backend))
            .and_where(in_scope(child, Scope::WithDeleted))
            .and_where(all(refers))
            .and_where(any([is_deleted].into_iter().chain(is_gone)));
        rows
    }

    /// Tells which rows stay deleted below another parent, and then those below these.
    fn keep(&mut self) -> Vec<Keeping> {
        for id in self.ids() {
            if let Some(row) = self.row_mut(id)
                && row.part == Part::Kept
            {
                row.part = Part::Below;
            }
        }
        let below = self.below();
        let mut keeping = Vec::new();
        let mut next: Vec<_> = self.ids();
        while let Some(id) = next.pop() {
            if self.row(id).part != Part::Below {
                continue;
            }
            let Some((edge, parent)) = self.keeper_of(id) else {
                continue;
            };
            if let Some(row) = self.row_mut(id) {
                row.part = Part::Kept;
            }
            keeping.push(Keeping {
                row: id,
                edge,
                parent,
            });
            next.extend(below.get(&id).into_iter().flatten());
        }
        keeping
    }

    /// The deleted parent, through a cascading key, that keeps a row deleted.
    fn keeper_of(&self, id: RowId) -> Option<(Edge, Vec<sea_orm::Value>)> {
        let row = self.row(id);
        let stays = |entity, key: &[sea_orm::Value]| match self.find(entity, key) {
            Some(parent) => self.row(parent).part == Part::Kept,
            None => true,
        };
        let others = row.missing.iter().find_map(|missing| {
            let key = missing.key.as_ref()?;
            let keeps = self.group.cascades(missing.edge) && stays(missing.edge.parent, key);
            keeps.then(|| (missing.edge, key.clone()))
        });
        others.or_else(|| {
            let mut above = row.above.iter();
            let (edge, above) = above.find(|(_, above)| self.row(*above).part == Part::Kept)?;
            Some((*edge, self.row(*above).key.clone()))
        })
    }

    /// Skips rows below those skipped, whatever the key's rule: none of them could come back.
    fn skip_below(&mut self) {
        if !self
            .ids()
            .iter()
            .any(|id| self.row(*id).part == Part::Skipped)
        {
            return;
        }
        let below = self.below_by(|_| true);
        let mut next = self.ids();
        next.retain(|id| self.row(*id).part == Part::Skipped);
        while let Some(id) = next.pop() {
            for child in below.get(&id).into_iter().flatten() {
                if let Some(row) = self.row_mut(*child)
                    && matches!(row.part, Part::Below | Part::Named)
                {
                    row.part = Part::Skipped;
                    next.push(*child);
                }
            }
        }
    }

    /// The rows below each, by cascading keys.
    pub(super) fn below(&self) -> BTreeMap<RowId, Vec<RowId>> {
        self.below_by(|edge| self.group.cascades(edge))
    }

    fn below_by(&self, is_such: impl Fn(Edge) -> bool) -> BTreeMap<RowId, Vec<RowId>> {
        let mut below: BTreeMap<RowId, Vec<RowId>> = BTreeMap::new();
        for id in self.ids() {
            let row = self.row(id);
            for (_, above) in &row.above {
                below.entry(*above).or_default().push(id);
            }
            for missing in &row.missing {
                if is_such(missing.edge)
                    && let Some(key) = &missing.key
                    && let Some(above) = self.find(missing.edge.parent, key)
                {
                    below.entry(above).or_default().push(id);
                }
            }
        }
        below
    }

    /// Parents that rows must have and that don't come back.
    fn required_parents(&self) -> Vec<(RowId, MissingParent)> {
        let mut required = Vec::new();
        for id in self.ids() {
            let row = self.row(id);
            if !row.comes_back() {
                continue;
            }
            for missing in &row.missing {
                let is_required = row.part != Part::Below || !self.group.cascades(missing.edge);
                let comes = missing.key.as_ref().is_some_and(|key| {
                    self.find(missing.edge.parent, key)
                        .is_some_and(|parent| self.row(parent).comes_back())
                });
                if is_required && !comes {
                    required.push((id, missing.clone()));
                }
            }
        }
        required
    }

    /// Adds deleted parents to the rows that come back. Tells whether there was one.
    async fn add_parents<C: ConnectionTrait>(
        &mut self,
        db: &C,
        required: &[(RowId, MissingParent)],
    ) -> Result<bool, Error> {
        let mut keys: BTreeMap<usize, Vec<Vec<sea_orm::Value>>> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for (_, parent) in required {
            let Some(key) = &parent.key else { continue };
            let entity = parent.edge.parent;
            if self.find(entity, key).is_none() && seen.insert(format!("{entity} {key:?}")) {
                keys.entry(entity).or_default().push(key.clone());
            }
        }
        let before = self.ids().len();
        let mut comes_after_all = false;
        for (_, parent) in required {
            if let Some(key) = &parent.key
                && let Some(id) = self.find(parent.edge.parent, key)
                && let Some(row) = self.row_mut(id)
                && row.part == Part::Kept
            {
                row.part = Part::Parent;
                // Of a row below, the parent that led to it was not looked at.
                row.is_looked_at = false;
                row.missing.clear();
                comes_after_all = true;
            }
        }
        for (entity, keys) in keys {
            for keys in keys.chunks(KEYS_PER_STATEMENT) {
                let meta = self.meta(entity);
                let is_one = has_key(meta, keys, self.backend);
                self.read(db, entity, is_one, Part::Parent).await?;
            }
        }
        Ok(comes_after_all || self.ids().len() > before)
    }

    fn tell(&self, id: RowId, parent: &MissingParent) -> DeletedParent {
        let key = self.group.foreign_key(parent.edge);
        DeletedParent {
            table: self.meta(id.0).table.clone(),
            key: self.row(id).key.clone(),
            relation: key.relation.clone(),
            parent_table: self.meta(parent.edge.parent).table.clone(),
            parent_key: parent.key.clone().unwrap_or_default(),
        }
    }
}
