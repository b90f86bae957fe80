//! How an erasure runs: find all rows and lock them, look what forbids it, look in the archive, remove.

use chrono::{DateTime, SubsecRound as _, Utc};
use sea_orm::{ConnectionTrait, sea_query::ExprTrait as _};

use super::{ErasedTable, ErasurePlan, ErasureReport, KeySetNull, archived::Archived, rows::Rows};
use crate::{
    archive::ArchiveTable,
    dialect::{self, Dialect},
    removal::{BATCH, Key, KeyBetween, components, nullable_of},
};
use soft_delete_core::{
    Blocker, Error, Scope,
    engine_api::{Cascade, Edge},
};
use soft_delete_schema::schema_api::catalog::Catalog;

pub(super) struct Run<'r> {
    dialect: &'static dyn Dialect,
    pub(super) catalog: &'r Catalog,
    pub(super) cascade: &'r Cascade<'r>,
    root: usize,
    key: &'r Key,
    archive: Option<&'r ArchiveTable>,
    /// Whether it is not a plan.
    writes: bool,
}

/// What there is to erase, and what forbids it.
struct Found<'r> {
    rows: Vec<Rows<'r>>,
    blockers: Vec<Blocker>,
    archived: Archived,
}

impl<'r> Run<'r> {
    pub(super) fn new(
        catalog: &'r Catalog,
        cascade: &'r Cascade<'r>,
        root: usize,
        key: &'r Key,
        archive: Option<&'r ArchiveTable>,
    ) -> Result<Self, Error> {
        for entity in cascade.entities() {
            catalog.require(&cascade.group.entity(entity).table)?;
        }
        Ok(Self {
            dialect: dialect::of(catalog.dialect().backend())?,
            catalog,
            cascade,
            root,
            key,
            archive,
            writes: true,
        })
    }

    pub(super) async fn exec<C: ConnectionTrait>(
        &self,
        db: &C,
        now: DateTime<Utc>,
    ) -> Result<ErasureReport, Error> {
        let found = self.look(db).await?;
        let all = &found.rows;
        if !found.blockers.is_empty() {
            return Err(Error::restricted(
                &all[self.root].meta.table,
                found.blockers,
            ));
        }
        let set_null = self.set_null(db, all).await?;
        let removed = self.remove(db, all).await?;
        let mut tables = Vec::new();
        for entity in self.cascade.entities() {
            tables.push(ErasedTable {
                table: all[entity].meta.table.clone(),
                rows: removed[entity],
                archived: found.archived.remove(db, self.archive, entity).await?,
            });
        }
        Ok(self.report(now, tables, set_null, found.archived))
    }

    /// What [`exec`](Self::exec) would do, and what forbids it.
    pub(super) async fn plan<C: ConnectionTrait>(
        mut self,
        db: &C,
        now: DateTime<Utc>,
    ) -> Result<ErasurePlan, Error> {
        self.writes = false;
        let found = self.look(db).await?;
        let all = &found.rows;
        let tables = self.cascade.entities().map(|entity| ErasedTable {
            table: all[entity].meta.table.clone(),
            rows: all[entity].keys().len() as u64,
            archived: found.archived.count(entity),
        });
        let tables = tables.collect();
        let set_null = self.set_null(db, all).await?;
        Ok(ErasurePlan {
            erasure: self.report(now, tables, set_null, found.archived),
            blockers: found.blockers,
        })
    }

    fn report(
        &self,
        now: DateTime<Utc>,
        mut tables: Vec<ErasedTable>,
        set_null: Vec<KeySetNull>,
        archived: Archived,
    ) -> ErasureReport {
        tables.retain(|of| of.rows > 0 || of.archived > 0);
        let key = self.key.iter();
        let not_followed = self.cascade.not_followed();
        ErasureReport {
            table: self.cascade.group.entity(self.root).table.clone(),
            key: key
                .map(soft_delete_core::engine_api::value::plain)
                .collect(),
            erased_at: now.trunc_subsecs(6),
            tables,
            set_null,
            not_followed: not_followed.into_iter().cloned().collect(),
            archive: self.archive.map(|archive| archive.table().to_string()),
            not_looked_at: archived.not_looked_at,
        }
    }

    async fn look<C: ConnectionTrait>(&self, db: &C) -> Result<Found<'r>, Error> {
        let rows = self.find(db).await?;
        let blockers = self.blockers(db, &rows).await?;
        let archived = match self.archive {
            // What is forbidden is told without a search of the archive, which may be long.
            Some(archive) if blockers.is_empty() || !self.writes => {
                Archived::find(db, archive, self, &rows, self.root, self.key).await?
            }
            _ => Archived::none(rows.len()),
        };
        Ok(Found {
            rows,
            blockers,
            archived,
        })
    }

    /// The rows, by entity. Of entities that are not reached there are none.
    async fn find<C: ConnectionTrait>(&self, db: &C) -> Result<Vec<Rows<'r>>, Error> {
        let entities = self.cascade.group.entities().iter();
        let rows = |meta| {
            Rows::new(
                self.dialect,
                meta,
                self.catalog.find(&meta.table),
                self.writes,
            )
        };
        let mut all: Vec<_> = entities.map(rows).collect();
        let roots = &all[self.root];
        let select = roots.select(roots.is(self.key));
        let keys = roots.read(&db.query_all(&select).await?)?;
        let mut level = vec![(self.root, all[self.root].add(0, keys))];
        let mut depth = 0;
        while level.iter().any(|(_, keys)| !keys.is_empty()) {
            depth += 1;
            let mut next = Vec::new();
            for (parent, keys) in &level {
                for edge in self.cascading_from(*parent) {
                    for keys in keys.chunks(BATCH) {
                        let found = self.referring(db, &all, edge, keys).await?;
                        next.push((edge.child, all[edge.child].add(depth, found)));
                    }
                }
            }
            level = next;
        }
        Ok(all)
    }

    pub(super) fn cascading_from(&self, parent: usize) -> Vec<Edge> {
        let entities = self.cascade.entities();
        entities
            .flat_map(|child| self.cascade.edges_into(child))
            .filter(|edge| edge.parent == parent)
            .collect()
    }

    /// The keys of rows that refer to these by a key, whatever their state.
    async fn referring<C: ConnectionTrait>(
        &self,
        db: &C,
        all: &[Rows<'_>],
        edge: Edge,
        keys: &[Key],
    ) -> Result<Vec<Key>, Error> {
        let key = self.cascade.group.foreign_key(edge);
        let child = &all[edge.child];
        let refers = all[edge.parent].referred_by(child.meta, key, keys);
        child.read(&db.query_all(&child.select(refers)).await?)
    }

    /// The rows that refer to erased ones by a key, and are not erased.
    async fn remaining<C: ConnectionTrait>(
        &self,
        db: &C,
        all: &[Rows<'_>],
        edge: Edge,
    ) -> Result<Vec<Key>, Error> {
        let mut remaining = Vec::new();
        for keys in all[edge.parent].keys().chunks(BATCH) {
            remaining.extend(self.referring(db, all, edge, keys).await?);
        }
        remaining.retain(|key| !all[edge.child].has(key));
        Ok(remaining)
    }

    async fn blockers<C: ConnectionTrait>(
        &self,
        db: &C,
        all: &[Rows<'_>],
    ) -> Result<Vec<Blocker>, Error> {
        let mut blockers = Vec::new();
        for edge in &self.cascade.restrict {
            let keys = self.remaining(db, all, *edge).await?;
            if keys.is_empty() {
                continue;
            }
            let key = self.cascade.group.foreign_key(*edge);
            blockers.push(Blocker::of_erasure(&all[edge.child].meta.table, key, keys));
        }
        Ok(blockers)
    }

    /// Sets the keys to NULL by which rows refer to erased ones, and stay. A plan counts them.
    async fn set_null<C: ConnectionTrait>(
        &self,
        db: &C,
        all: &[Rows<'_>],
    ) -> Result<Vec<KeySetNull>, Error> {
        let mut done = Vec::new();
        for edge in &self.cascade.set_null {
            let names = &self.cascade.group.foreign_key(*edge).columns;
            let remaining = self.remaining(db, all, *edge).await?;
            let rows = match self.writes {
                true => {
                    self.write_null(db, &all[edge.child], names, &remaining)
                        .await?
                }
                false => remaining.len() as u64,
            };
            if rows > 0 {
                done.push(KeySetNull {
                    table: all[edge.child].meta.table.clone(),
                    columns: names.clone(),
                    rows,
                });
            }
        }
        Ok(done)
    }

    async fn write_null<C: ConnectionTrait>(
        &self,
        db: &C,
        rows: &Rows<'_>,
        names: &[String],
        keys: &[Key],
    ) -> Result<u64, Error> {
        let mut written = 0;
        for keys in keys.chunks(BATCH) {
            let update = rows
                .keyed()
                .set_null(names, rows.are(keys), Scope::WithDeleted);
            written += db.execute(&update).await?.rows_affected();
        }
        Ok(written)
    }

    /// Removes the rows, children before parents, and counts them by entity.
    async fn remove<C: ConnectionTrait>(
        &self,
        db: &C,
        all: &[Rows<'_>],
    ) -> Result<Vec<u64>, Error> {
        let mut removed = vec![0; all.len()];
        let places: Vec<_> = (0..all.len())
            .filter(|place| !all[*place].is_empty())
            .collect();
        for component in components(&places, &keys_between(all, &places)) {
            for key in component.keys.iter().filter(|key| !key.nullable.is_empty()) {
                let rows = &all[key.child];
                if rows.keys().len() > 1 || component.places.len() > 1 {
                    self.write_null(db, rows, &key.nullable, &rows.keys())
                        .await?;
                }
            }
            if let Some(order) = &component.broken {
                for place in order {
                    removed[*place] += self.delete(db, &all[*place], &all[*place].keys()).await?;
                }
                continue;
            }
            let component = &component.places;
            // What was found last refers to what was found before.
            let deepest = component.iter().map(|place| all[*place].levels.len()).max();
            for level in (0..deepest.unwrap_or(0)).rev() {
                for place in component {
                    let keys = all[*place].levels.get(level);
                    let keys = keys.map_or(&[][..], Vec::as_slice);
                    removed[*place] += self.delete(db, &all[*place], keys).await?;
                }
            }
        }
        Ok(removed)
    }

    async fn delete<C: ConnectionTrait>(
        &self,
        db: &C,
        rows: &Rows<'_>,
        keys: &[Key],
    ) -> Result<u64, Error> {
        let mut removed = 0;
        for keys in keys.chunks(BATCH) {
            let delete = rows.keyed().delete(rows.are(keys).and(rows.any_state()));
            removed += db.execute(&delete).await?.rows_affected();
        }
        Ok(removed)
    }
}

/// The keys by which tables refer to each other, whatever their rule.
fn keys_between(all: &[Rows<'_>], places: &[usize]) -> Vec<KeyBetween> {
    let mut keys = Vec::new();
    for child in places {
        let rows = &all[*child];
        for key in &rows.meta.foreign_keys {
            let mut parents = places.iter();
            if let Some(parent) = parents.find(|parent| all[**parent].meta.table == key.parent) {
                keys.push(KeyBetween {
                    child: *child,
                    parent: *parent,
                    columns: key.columns.clone(),
                    parent_columns: key.parent_columns.clone(),
                    nullable: nullable_of(rows.table, &key.columns),
                });
            }
        }
    }
    keys
}
