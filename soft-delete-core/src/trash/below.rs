//! What is below a deleted row by the foreign keys, whatever their rules: rows that the database may remove along with it.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ConnectionTrait, Order, Value,
    sea_query::{Query, SelectStatement},
};

use super::Row;
use crate::{
    dialect,
    engine::{
        cascade::rows::{all, columns, has_key, in_scope, is_below_one_of},
        delete::restrict::blockers,
        restore::rows::KEYS_PER_STATEMENT,
        value::{read_all, select_values},
    },
    model::{
        Blocker, EntityMeta, Error, OnDelete, Scope,
        blocker::KEYS_SHOWN,
        graph::{Edge, Group},
    },
};

type Keys = Vec<Vec<Value>>;

/// The active rows that refer to the row, or to deleted rows below it. With `locks`, the deleted rows stay deleted until the
/// transaction ends: no row comes below them where the database has the foreign key.
pub(super) async fn active<C: ConnectionTrait>(
    db: &C,
    row: &Row,
    locks: bool,
) -> Result<Vec<Blocker>, Error> {
    let mut walk = Walk {
        db,
        group: &row.group,
        locks,
        seen: BTreeSet::new(),
        found: BTreeMap::new(),
    };
    let mut next = vec![(row.entity, vec![row.key.clone()])];
    while let Some((entity, keys)) = next.pop() {
        for edge in row
            .group
            .edges_to(entity)
            .filter(|edge| is_followed(&row.group, *edge))
        {
            for keys in keys.chunks(KEYS_PER_STATEMENT) {
                // The deleted ones first: of these, none that was restored a moment before may be missed.
                let deleted = walk.deleted_children(edge, keys).await?;
                walk.find_active_children(edge, keys).await?;
                if !deleted.is_empty() {
                    next.push((edge.child, deleted));
                }
            }
        }
    }
    Ok(walk.found.into_values().collect())
}

/// A condition that can't be put into SQL, of a key that nobody follows, is most likely that of a polymorphic relation: there is no
/// such foreign key in the database.
fn is_followed(group: &Group, edge: Edge) -> bool {
    let key = group.foreign_key(edge);
    key.on_delete != OnDelete::Ignore || key.problem().is_none()
}

struct Walk<'w, C> {
    db: &'w C,
    group: &'w Group,
    locks: bool,
    /// Deleted rows that were met, by their tables and keys.
    seen: BTreeSet<(usize, String)>,
    /// By the places of child and parent, and the relation.
    found: BTreeMap<(usize, usize, String), Blocker>,
}

impl<C: ConnectionTrait> Walk<'_, C> {
    /// The keys of the deleted children of these parents that were not met before.
    async fn deleted_children(&mut self, edge: Edge, keys: &[Vec<Value>]) -> Result<Keys, Error> {
        let backend = self.db.get_database_backend();
        let child = self.group.entity(edge.child);
        let is_below = is_below_one_of(
            child,
            self.group.entity(edge.parent),
            self.group.foreign_key(edge),
            |names| self.parents(edge, keys, names),
        );
        let mut rows = Query::select();
        select_values(&mut rows, child, &child.primary_key, backend);
        rows.from(child.table.to_ref())
            .and_where(all([is_below, in_scope(child, Scope::OnlyDeleted)]));
        for key in columns(child, &child.primary_key) {
            rows.order_by_expr(key, Order::Asc);
        }
        if self.locks && dialect::locks_rows(backend) {
            rows.lock_exclusive();
        }
        let rows = self.db.query_all(&rows).await?;
        let keys = rows
            .iter()
            .map(|row| read_all(row, child, &child.primary_key, ""));
        let mut keys = keys.collect::<Result<Keys, Error>>()?;
        keys.retain(|key| self.seen.insert((edge.child, format!("{key:?}"))));
        Ok(keys)
    }

    async fn find_active_children(&mut self, edge: Edge, keys: &[Vec<Value>]) -> Result<(), Error> {
        let parents = |_, names: &[String]| self.parents(edge, keys, names);
        let found = blockers(self.db, self.group, &[edge], self.locks, parents, |_| None).await?;
        for blocker in found {
            let place = (edge.child, edge.parent, blocker.relation.clone());
            match self.found.get_mut(&place) {
                Some(known) => {
                    known.rows += blocker.rows;
                    known.keys.extend(blocker.keys);
                    known.keys.truncate(KEYS_SHOWN as usize);
                }
                None => {
                    self.found.insert(place, blocker);
                }
            }
        }
        Ok(())
    }

    fn parents(&self, edge: Edge, keys: &[Vec<Value>], names: &[String]) -> SelectStatement {
        let parent: &EntityMeta = self.group.entity(edge.parent);
        Query::select()
            .exprs(columns(parent, names))
            .from(parent.table.to_ref())
            .and_where(has_key(parent, keys, self.db.get_database_backend()))
            .and_where(in_scope(parent, Scope::WithDeleted))
            .to_owned()
    }
}
