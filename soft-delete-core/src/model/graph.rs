//! The foreign keys between the entities of a group, and the part of them that a deletion follows.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicBool, Ordering},
};

use chrono::{DateTime, Utc};

use crate::model::{
    EntityMeta, Error, ForeignKeyMeta, OnDelete, StampColumns, TableName,
    registry::shared_table::by_table,
};

/// A foreign key between two entities of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    pub parent: usize,
    pub child: usize,
    /// The place in the child's [`EntityMeta::foreign_keys`].
    key: usize,
}

impl Edge {
    pub(crate) fn is_loop(self) -> bool {
        self.parent == self.child
    }
}

/// The entities of one group and the foreign keys between them. An entity is named by its place in `entities`.
#[derive(Debug)]
pub struct Group {
    entities: Vec<EntityMeta>,
    edges: Vec<Edge>,
    /// What tells the tables' deleted rows: several of one table only if its entities disagree.
    markers: Vec<(TableName, StampColumns)>,
    /// What entities that share a table say differently of it.
    disagreement: Option<Error>,
    /// Whether triggers in the database look at each row that comes back, and want its parents back before it.
    pub(crate) has_parent_triggers: AtomicBool,
}

impl Group {
    /// Entities that share a table are one from here on.
    pub(crate) fn new(entities: Vec<EntityMeta>) -> Self {
        let markers = markers(&entities);
        let (entities, disagreement) = by_table(entities);
        let places: BTreeMap<_, _> = entities
            .iter()
            .enumerate()
            .map(|(place, meta)| (&meta.table, place))
            .collect();
        let edges = entities
            .iter()
            .enumerate()
            .flat_map(|(child, meta)| {
                let places = &places;
                meta.foreign_keys
                    .iter()
                    .enumerate()
                    .filter_map(move |(key, foreign_key)| {
                        let parent = *places.get(&foreign_key.parent)?;
                        Some(Edge { parent, child, key })
                    })
            })
            .collect();
        let mut group = Self {
            entities,
            edges,
            markers,
            disagreement,
            has_parent_triggers: AtomicBool::new(false),
        };
        for entity in 0..group.entities.len() {
            let mut above = group.above(entity).into_iter();
            let is_without_id = |entity| group.entity(entity).stamp.deletion_id.is_none();
            group.entities[entity].may_lack_deletion_id = above.any(is_without_id);
        }
        group
    }

    /// The same entities, whose scheduled rows are active or deleted as of that time.
    pub(crate) fn as_of(&self, at: DateTime<Utc>) -> Self {
        let mut entities = self.entities.clone();
        for meta in entities.iter_mut().filter(|meta| meta.stamp.scheduled) {
            meta.stamp = meta.stamp.as_of(at);
        }
        Self {
            entities,
            edges: self.edges.clone(),
            markers: self.markers.clone(),
            disagreement: self.disagreement.clone(),
            has_parent_triggers: AtomicBool::new(self.has_parent_triggers.load(Ordering::Relaxed)),
        }
    }

    /// Whether the entities of each table say the same of it.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.disagreement.clone().map_or(Ok(()), Err)?;
        self.check_unique_keys()?;
        self.check_conditions()
    }

    fn check_unique_keys(&self) -> Result<(), Error> {
        for meta in &self.entities {
            for key in &meta.unique {
                if let Some(problem) = key.problem() {
                    return Err(Error::InvalidUnique {
                        table: meta.table.clone(),
                        unique: key.name.clone(),
                        problem,
                    });
                }
            }
        }
        Ok(())
    }

    #[cfg(feature = "scoped-connection")]
    pub(crate) fn markers(&self) -> impl Iterator<Item = (&TableName, &StampColumns)> {
        let markers = self.markers.iter();
        markers.map(|(table, stamp)| (table, stamp))
    }

    fn check_conditions(&self) -> Result<(), Error> {
        for meta in &self.entities {
            let keys = meta.foreign_keys.iter();
            for key in keys.filter(|key| key.on_delete != OnDelete::Ignore) {
                if let Some(problem) = key.problem() {
                    return Err(Error::RelationCondition {
                        table: meta.table.clone(),
                        relation: key.relation.clone(),
                        problem: problem.to_owned(),
                    });
                }
            }
        }
        Ok(())
    }

    /// Whether each cascade can write one actor into all its tables.
    pub(crate) fn check_actors(&self) -> Result<(), Error> {
        let type_of = |meta: &EntityMeta| {
            let name = meta.stamp.deleted_by.as_deref()?;
            meta.column(name).map(|column| column.value_type.clone())
        };
        for (place, root) in self.entities.iter().enumerate() {
            let Some(actor) = type_of(root) else { continue };
            let cascade = Cascade::from(self, &[place]);
            let mut below = cascade.entities().map(|entity| self.entity(entity));
            if let Some(other) = below.find(|meta| type_of(meta).is_some_and(|own| own != actor)) {
                return Err(Error::ActorType {
                    table: other.table.clone(),
                });
            }
        }
        Ok(())
    }

    /// The entities, each at its place.
    pub fn entities(&self) -> &[EntityMeta] {
        &self.entities
    }

    /// The entity at that place.
    pub fn entity(&self, place: usize) -> &EntityMeta {
        &self.entities[place]
    }

    /// The place of the entity of that table.
    pub fn find(&self, table: &TableName) -> Option<usize> {
        self.entities.iter().position(|meta| meta.table == *table)
    }

    pub fn foreign_key(&self, edge: Edge) -> &ForeignKeyMeta {
        &self.entities[edge.child].foreign_keys[edge.key]
    }

    fn rule(&self, edge: Edge) -> OnDelete {
        self.foreign_key(edge).on_delete
    }

    /// The keys along which a deletion of one of this entity's parents takes its rows.
    pub(crate) fn cascades_into(&self, child: usize) -> impl Iterator<Item = Edge> {
        self.edges
            .iter()
            .copied()
            .filter(move |edge| edge.child == child && self.rule(*edge) == OnDelete::Cascade)
    }

    /// The keys along which a deletion of this entity's rows takes others.
    pub(crate) fn cascades_from(&self, parent: usize) -> impl Iterator<Item = Edge> {
        self.edges_from(parent, OnDelete::Cascade)
    }

    /// The keys that refer to this entity, whatever their rule.
    pub fn edges_to(&self, parent: usize) -> impl Iterator<Item = Edge> {
        self.edges
            .iter()
            .copied()
            .filter(move |edge| edge.parent == parent)
    }

    /// The entities above this one along cascading keys, itself included.
    pub fn above(&self, entity: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::from([entity]);
        let mut next = vec![entity];
        while let Some(entity) = next.pop() {
            let parents = self.cascades_into(entity).map(|edge| edge.parent);
            next.extend(parents.filter(|parent| found.insert(*parent)));
        }
        found
    }

    /// Whether a restore may keep rows of this entity deleted, with the stamp of another parent: rows that have two, or are below
    /// such.
    pub(crate) fn may_be_kept(&self, entity: usize) -> bool {
        let mut above = self.above(entity).into_iter();
        above.any(|entity| self.cascades_into(entity).nth(1).is_some())
    }

    /// The columns of a key that a parent's deletion sets to NULL, where its rule is to do so: those that may be. The others, such as
    /// the tenant in `(tenant_id, label_id)`, keep their values.
    pub(crate) fn nullable_columns(&self, edge: Edge) -> impl Iterator<Item = &String> {
        let child = self.entity(edge.child);
        let may_be_null = |name: &&String| child.column(name).is_some_and(|column| column.nullable);
        self.foreign_key(edge).columns.iter().filter(may_be_null)
    }

    /// The keys of this entity whose parents must be active if the row is, whatever their rule.
    pub(crate) fn parents_of(&self, child: usize) -> impl Iterator<Item = Edge> {
        self.edges
            .iter()
            .copied()
            .filter(move |edge| edge.child == child && self.rule(*edge) != OnDelete::Ignore)
    }

    /// Whether rows of other entities refer to a column of this one.
    pub(crate) fn is_referred_to(&self, parent: usize, column: &String) -> bool {
        let mut edges = self.edges.iter().filter(|edge| edge.parent == parent);
        edges.any(|edge| self.foreign_key(*edge).matching_parent().contains(column))
    }

    pub(crate) fn cascades(&self, edge: Edge) -> bool {
        self.rule(edge) == OnDelete::Cascade
    }

    /// Whether a deletion of the parent sets this key to NULL.
    fn sets_null(&self, edge: Edge) -> bool {
        self.rule(edge) == OnDelete::SetNull && self.nullable_columns(edge).next().is_some()
    }

    /// Whether rows that refer to a parent through this key forbid its deletion. So they do where none of the key's columns may be
    /// NULL, though the rule is to set it.
    fn restricts(&self, edge: Edge) -> bool {
        match self.rule(edge) {
            OnDelete::Restrict => true,
            OnDelete::SetNull => !self.sets_null(edge),
            OnDelete::Cascade | OnDelete::Ignore => false,
        }
    }

    fn edges_from(&self, parent: usize, rule: OnDelete) -> impl Iterator<Item = Edge> {
        self.edges
            .iter()
            .copied()
            .filter(move |edge| edge.parent == parent && self.rule(*edge) == rule)
    }
}

/// The tables' markers, in the order of the tables.
fn markers(entities: &[EntityMeta]) -> Vec<(TableName, StampColumns)> {
    let markers = entities.iter();
    let mut markers: Vec<_> = markers
        .map(|meta| (meta.table.clone(), meta.stamp.without_companions()))
        .collect();
    let order = |(table, stamp): &(TableName, StampColumns)| {
        (table.clone(), stamp.marker_column().to_owned())
    };
    markers.sort_by_key(order);
    markers.dedup();
    markers
}

/// Entities that cascade into each other in a circle, or one that is in no circle.
#[derive(Debug)]
pub(crate) struct Component {
    pub(crate) entities: Vec<usize>,
    /// Cascading keys from components before this one.
    pub(crate) incoming: Vec<Edge>,
    /// Cascading keys within this one.
    pub(crate) internal: Vec<Edge>,
}

/// The part of a group that a deletion can reach from where it starts.
#[derive(Debug)]
pub struct Cascade<'g> {
    pub group: &'g Group,
    /// Parents before children.
    pub(crate) components: Vec<Component>,
    /// Keys that forbid to delete a row of a reached entity.
    pub restrict: Vec<Edge>,
    /// Keys that are set to NULL.
    pub set_null: Vec<Edge>,
    /// Columns that may be NULL in the database, of keys whose entity says that none may.
    pub(crate) nullable: Vec<(Edge, Vec<String>)>,
}

impl<'g> Cascade<'g> {
    pub fn from(group: &'g Group, roots: &[usize]) -> Self {
        let order = components_from(group, roots);
        let mut reached = BTreeSet::new();
        let mut components = Vec::with_capacity(order.len());
        for entities in order {
            let (internal, incoming) = entities
                .iter()
                .flat_map(|entity| group.cascades_into(*entity))
                .filter(|edge| reached.contains(&edge.parent) || entities.contains(&edge.parent))
                .partition(|edge| entities.contains(&edge.parent));
            reached.extend(entities.iter().copied());
            components.push(Component {
                entities,
                incoming,
                internal,
            });
        }
        let from_reached = |is_such: &dyn Fn(Edge) -> bool| -> Vec<Edge> {
            let of = |parent: &usize| {
                let parent = *parent;
                let edges = group.edges.iter().copied();
                edges.filter(move |edge| edge.parent == parent && is_such(*edge))
            };
            reached.iter().flat_map(of).collect()
        };
        Self {
            group,
            restrict: from_reached(&|edge| group.restricts(edge)),
            set_null: from_reached(&|edge| group.sets_null(edge)),
            nullable: Vec::new(),
            components,
        }
    }

    /// Whether a row of the one root can't have children that matter.
    pub(crate) fn is_leaf(&self) -> bool {
        self.components.len() == 1
            && self.components[0].internal.is_empty()
            && self.restrict.is_empty()
            && self.set_null.is_empty()
    }

    /// Whether several entities cascade into each other in a circle. What a deletion reaches then is known only by marking
    /// it, step by step: no single query can say it on every backend.
    pub(crate) fn has_circle(&self) -> bool {
        self.components
            .iter()
            .any(|component| component.entities.len() > 1)
    }

    /// Whether an entity cascades into itself.
    pub(crate) fn has_loop(&self) -> bool {
        self.components
            .iter()
            .any(|component| !component.loops().is_empty())
    }

    /// The entities reached, parents before children.
    pub fn entities(&self) -> impl DoubleEndedIterator<Item = usize> {
        self.components
            .iter()
            .flat_map(|component| component.entities.iter().copied())
    }

    pub(crate) fn has(&self, entity: usize) -> bool {
        self.entities().any(|reached| reached == entity)
    }

    /// The cascading keys by which the rows of an entity are reached.
    pub fn edges_into(&self, entity: usize) -> impl Iterator<Item = Edge> {
        self.components
            .iter()
            .flat_map(|component| component.incoming.iter().chain(&component.internal))
            .copied()
            .filter(move |edge| edge.child == entity)
    }

    /// Whether a deletion of this entity's rows goes on to others, or is forbidden by them.
    pub(crate) fn has_edges_from(&self, entity: usize) -> bool {
        let components = self.components.iter();
        let cascading =
            components.flat_map(|component| component.incoming.iter().chain(&component.internal));
        let mut edges = cascading.chain(&self.restrict).chain(&self.set_null);
        edges.any(|edge| edge.parent == entity)
    }

    /// The columns of a key that are set to NULL.
    pub(crate) fn columns_set_null(&self, edge: Edge) -> Vec<String> {
        let mut known = self.nullable.iter();
        match known.find(|(other, _)| *other == edge) {
            Some((_, names)) => names.clone(),
            None => self.group.nullable_columns(edge).cloned().collect(),
        }
    }

    /// Whether rows of any entity can be told by their time only.
    pub(crate) fn goes_by_time(&self) -> bool {
        self.entities()
            .any(|entity| self.group.entity(entity).stamp.deletion_id.is_none())
    }

    /// Tables of reached entities' children that are not in the group, hence not soft-deletable: they are left alone.
    pub fn not_followed(&self) -> BTreeSet<&'g TableName> {
        self.entities()
            .flat_map(|entity| &self.group.entity(entity).children)
            .filter(|table| self.group.find(table).is_none())
            .collect()
    }
}

impl Component {
    /// Keys of an entity to itself.
    pub(crate) fn loops(&self) -> Vec<Edge> {
        self.internal
            .iter()
            .copied()
            .filter(|edge| edge.is_loop())
            .collect()
    }
}

/// The strongly connected components that cascading keys reach from `roots`, each with its roots first, parents before
/// children.
fn components_from(group: &Group, roots: &[usize]) -> Vec<Vec<usize>> {
    let children = |entity| {
        group
            .edges_from(entity, OnDelete::Cascade)
            .map(|edge| edge.child)
            .collect()
    };
    components(roots, children)
}

/// The strongly connected components that are reached from `roots`, each with its roots first, in topological order (Tarjan's
/// algorithm, which finds them in the reverse one).
pub fn components(roots: &[usize], successors: impl Fn(usize) -> Vec<usize>) -> Vec<Vec<usize>> {
    struct Search<'g, S> {
        successors: S,
        roots: &'g [usize],
        index: BTreeMap<usize, usize>,
        low: BTreeMap<usize, usize>,
        stack: Vec<usize>,
        found: Vec<Vec<usize>>,
    }

    impl<S: Fn(usize) -> Vec<usize>> Search<'_, S> {
        fn visit(&mut self, node: usize) {
            let index = self.index.len();
            self.index.insert(node, index);
            self.stack.push(node);
            let mut low = index;
            // Backwards, since the result is turned around: successors come in their order.
            for next in (self.successors)(node).into_iter().rev() {
                if !self.index.contains_key(&next) {
                    self.visit(next);
                    low = low.min(self.low[&next]);
                } else if self.stack.contains(&next) {
                    low = low.min(self.index[&next]);
                }
            }
            self.low.insert(node, low);
            if low == index {
                let start = self.stack.iter().position(|on| *on == node);
                let mut component = self.stack.split_off(start.unwrap_or_default());
                component.sort_unstable_by_key(|node| {
                    let root = self.roots.iter().position(|root| root == node);
                    (root.unwrap_or(usize::MAX), *node)
                });
                self.found.push(component);
            }
        }
    }

    let mut search = Search {
        successors,
        roots,
        index: BTreeMap::new(),
        low: BTreeMap::new(),
        stack: Vec::new(),
        found: Vec::new(),
    };
    for root in roots.iter().rev() {
        if !search.index.contains_key(root) {
            search.visit(*root);
        }
    }
    search.found.reverse();
    search.found
}
