//! The rows that a restore is about, by their keys: read from the top down, along the foreign keys and in batches, and locked as
//! they are read.
//!
//! Nothing is written to tell them, so that nothing depends on what a column keeps of a mark. Whether a row belongs to its parent's
//! deletion is what the database says of the two rows' own columns.

use std::collections::{BTreeMap, HashMap};

use sea_orm::{
    ConnectionTrait, DbBackend, JoinType, Value,
    sea_query::{Alias, Expr, ExprTrait as _, Query, SelectStatement},
};

use super::{closure::select, counts::Counts};
use crate::{
    dialect,
    engine::{
        cascade::{
            identity::same_deletion,
            rows::{column, columns_of, equal, iden, in_scope},
        },
        value::{is_one_of, read_all, select_value_of, select_values},
    },
    model::{
        EntityMeta, Error, Scope,
        graph::{Edge, Group},
    },
};

/// A parent's name beside its child's, which may be of the same table.
pub(super) const PARENT: &str = "soft_delete_parent";
pub(super) const PARENT_PREFIX: &str = "soft_delete_parent_";

/// How many keys one statement names, well below every backend's limit of bound values.
pub(crate) const KEYS_PER_STATEMENT: usize = 500;

/// A row, by its entity and its place among the rows of that.
pub(super) type RowId = (usize, usize);

/// Why a row is among those that a restore is about, or was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// It was named, or is at the top of a deletion that was.
    Named,
    /// The deletion of a row above took it.
    Below,
    /// It is a deleted parent of another one.
    Parent,
    /// It stays deleted, and goes over to another parent's deletion.
    Kept,
    /// It stays deleted because of a conflict, or is below such a row.
    Skipped,
}

#[derive(Debug)]
pub(super) struct Row {
    pub(super) key: Vec<Value>,
    pub(super) part: Part,
    /// Rows above it whose deletion took it, too, each with the cascading key to it.
    pub(super) above: Vec<(Edge, RowId)>,
    /// Parents that are deleted or gone, as last looked at.
    pub(super) missing: Vec<MissingParent>,
    pub(super) is_looked_at: bool,
}

/// A parent that is not active.
#[derive(Clone, Debug)]
pub(super) struct MissingParent {
    pub(super) edge: Edge,
    /// Its key. `None` if there is no such row.
    pub(super) key: Option<Vec<Value>>,
}

/// All rows, by entity.
#[derive(Debug)]
pub(super) struct Rows<'g> {
    pub(super) group: &'g Group,
    pub(super) backend: DbBackend,
    /// Whether rows are locked as they are read.
    pub(super) locks: bool,
    tables: BTreeMap<usize, Table>,
}

#[derive(Debug, Default)]
struct Table {
    rows: Vec<Row>,
    places: HashMap<String, usize>,
}

impl<'g> Rows<'g> {
    pub(super) fn new(group: &'g Group, backend: DbBackend, locks: bool) -> Self {
        Self {
            group,
            backend,
            locks,
            tables: BTreeMap::new(),
        }
    }

    pub(super) fn meta(&self, entity: usize) -> &'g EntityMeta {
        self.group.entity(entity)
    }

    pub(super) fn entities(&self) -> impl Iterator<Item = usize> {
        self.tables.keys().copied()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    pub(super) fn of(&self, entity: usize) -> &[Row] {
        self.tables.get(&entity).map_or(&[], |table| &table.rows)
    }

    pub(super) fn row(&self, (entity, place): RowId) -> &Row {
        &self.tables[&entity].rows[place]
    }

    pub(super) fn row_mut(&mut self, (entity, place): RowId) -> Option<&mut Row> {
        self.tables.get_mut(&entity)?.rows.get_mut(place)
    }

    pub(super) fn find(&self, entity: usize, key: &[Value]) -> Option<RowId> {
        let place = self.tables.get(&entity)?.places.get(&name_of(key))?;
        Some((entity, *place))
    }

    /// The places of rows of an entity.
    pub(super) fn places(&self, entity: usize, is_such: impl Fn(&Row) -> bool) -> Vec<usize> {
        let rows = self.of(entity).iter().enumerate();
        rows.filter(|(_, row)| is_such(row))
            .map(|(place, _)| place)
            .collect()
    }

    pub(super) fn ids(&self) -> Vec<RowId> {
        let tables = self.tables.iter();
        tables
            .flat_map(|(entity, table)| (0..table.rows.len()).map(|place| (*entity, place)))
            .collect()
    }

    /// How many rows of each entity come back, or have one of these parts.
    pub(super) fn count(&self, is_such: impl Fn(&Row) -> bool) -> Counts {
        let mut counts = Counts::default();
        for (entity, table) in &self.tables {
            let rows = table.rows.iter().filter(|row| is_such(row)).count();
            counts.add(*entity, rows as u64);
        }
        counts
    }

    /// Adds a row, unless it is known. Tells whether it was new.
    pub(super) fn add(&mut self, entity: usize, key: Vec<Value>, part: Part) -> (RowId, bool) {
        let table = self.tables.entry(entity).or_default();
        let next = table.rows.len();
        let place = *table.places.entry(name_of(&key)).or_insert(next);
        if place == next {
            table.rows.push(Row {
                key,
                part,
                above: Vec::new(),
                missing: Vec::new(),
                is_looked_at: false,
            });
        }
        ((entity, place), place == next)
    }

    /// Reads the deleted rows of an entity that meet a condition.
    pub(crate) async fn read<C: ConnectionTrait>(
        &mut self,
        db: &C,
        entity: usize,
        condition: Expr,
        part: Part,
    ) -> Result<(), Error> {
        let meta = self.meta(entity);
        let mut rows = select(meta, &[], condition);
        select_values(&mut rows, meta, &meta.primary_key, self.backend);
        rows.and_where(in_scope(meta, Scope::OnlyDeleted));
        for name in &meta.primary_key {
            rows.order_by_expr(column(meta, name), sea_orm::Order::Asc);
        }
        self.lock(&mut rows);
        for row in db.query_all(&rows).await? {
            let key = read_all(&row, meta, &meta.primary_key, "")?;
            self.add(entity, key, part);
        }
        Ok(())
    }

    /// Reads the rows below those known that the same deletions took, and theirs.
    pub(super) async fn read_below<C: ConnectionTrait>(&mut self, db: &C) -> Result<(), Error> {
        let group = self.group;
        let mut last: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (entity, place) in self.ids() {
            last.entry(entity).or_default().push(place);
        }
        while !last.is_empty() {
            let mut next: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
            for (parent, places) in &last {
                for edge in group.cascades_from(*parent) {
                    for places in places.chunks(KEYS_PER_STATEMENT) {
                        let new = self.read_children(db, edge, places).await?;
                        if !new.is_empty() {
                            next.entry(edge.child).or_default().extend(new);
                        }
                    }
                }
            }
            last = next;
        }
        Ok(())
    }

    async fn read_children<C: ConnectionTrait>(
        &mut self,
        db: &C,
        edge: Edge,
        parents: &[usize],
    ) -> Result<Vec<usize>, Error> {
        let (child, parent) = (self.meta(edge.child), self.meta(edge.parent));
        let rows = db.query_all(&self.children(edge, parents)).await?;
        let mut new = Vec::new();
        for row in rows {
            let key = read_all(&row, child, &child.primary_key, "")?;
            let above = read_all(&row, parent, &parent.primary_key, PARENT_PREFIX)?;
            let above = self.find(edge.parent, &above);
            let ((_, place), is_new) = self.add(edge.child, key, Part::Below);
            if let (Some(row), Some(above)) = (self.row_mut((edge.child, place)), above)
                && above != (edge.child, place)
            {
                row.above.push((edge, above));
            }
            if is_new {
                new.push(place);
            }
        }
        Ok(new)
    }

    /// The rows that the deletions of these parents took through a key, each with its parent's key.
    fn children(&self, edge: Edge, parents: &[usize]) -> SelectStatement {
        let (child, parent) = (self.meta(edge.child), self.meta(edge.parent));
        let keys = parents
            .iter()
            .map(|place| &self.row((edge.parent, *place)).key);
        let of_parent = |name: &str| Expr::col((PARENT, iden(name)));
        let mut children = self.with_parents(edge, JoinType::InnerJoin);
        children
            .and_where(is_one_of(
                columns_of(PARENT, &parent.primary_key),
                parent,
                &parent.primary_key,
                keys,
                self.backend,
            ))
            .and_where(
                parent
                    .stamp
                    .predicate(Scope::OnlyDeleted, of_parent(parent.stamp.marker_column())),
            )
            .and_where(in_scope(child, Scope::OnlyDeleted))
            .and_where(same_deletion(
                Some(self.backend),
                (child, |name| column(child, name)),
                (parent, of_parent),
            ));
        self.lock(&mut children);
        children
    }

    /// Selects the keys of a child's rows and of the parents that they refer to.
    pub(super) fn with_parents(&self, edge: Edge, join: JoinType) -> SelectStatement {
        let (child, parent) = (self.meta(edge.child), self.meta(edge.parent));
        let key = self.group.foreign_key(edge);
        let on = equal(
            key.matching().iter().map(|name| column(child, name)),
            columns_of(PARENT, &key.matching_parent()),
        );
        let on = match key.condition_on_parent(PARENT) {
            Some(condition) => on.and(condition),
            None => on,
        };
        let mut rows = Query::select();
        rows.from(child.table.to_ref());
        select_values(&mut rows, child, &child.primary_key, self.backend);
        for name in &parent.primary_key {
            let value = Expr::col((PARENT, iden(name)));
            rows.expr_as(
                select_value_of(value, parent, name, self.backend),
                Alias::new(format!("{PARENT_PREFIX}{name}")),
            );
        }
        rows.join_as(join, parent.table.to_ref(), PARENT, on)
            .and_where_option(key.condition_on_child(child.table.to_iden()));
        rows
    }

    fn lock(&self, rows: &mut SelectStatement) {
        if self.locks && dialect::locks_rows(self.backend) {
            rows.lock_exclusive();
        }
    }
}

impl Row {
    /// Whether it becomes active.
    pub(super) fn comes_back(&self) -> bool {
        !matches!(self.part, Part::Kept | Part::Skipped)
    }
}

/// What tells a key from others of its table. The database gives a row's key in one form only.
fn name_of(key: &[Value]) -> String {
    format!("{key:?}")
}
