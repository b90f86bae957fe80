//! The entities that a program soft-deletes, found at link time or listed by hand.

#[cfg(feature = "scoped-connection")]
use std::sync::OnceLock;
use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

#[cfg(feature = "scoped-connection")]
use crate::connection::Guard;
use crate::{EntityMeta, Error, SoftDelete, TableName, cascade::graph::Group};

/// A link-time entry: the derive submits one for each entity.
#[doc(hidden)]
#[derive(Debug)]
pub struct Registration {
    meta: fn() -> &'static EntityMeta,
}

#[doc(hidden)]
impl Registration {
    #[allow(missing_docs)]
    pub const fn of<E: SoftDelete>() -> Self {
        Self { meta: E::meta }
    }
}

inventory::collect!(Registration);

/// The soft-deletable entities that work together, cheap to clone.
///
/// [`Registry::global`] has every entity of the program with `#[derive(SoftDelete)]`, those of other crates included;
/// it is what deletes and restores use. [`Registry::builder`] makes another, for a test or a tool.
///
/// Entities are looked up by [group](EntityMeta::group): a program with two databases gives the entities of the second
/// `#[soft_delete(group = "billing")]`, and neither sees the other's tables.
#[derive(Clone, Debug)]
pub struct Registry {
    groups: Arc<BTreeMap<&'static str, Arc<Group>>>,
    /// Made when the first scoped connection asks for it.
    #[cfg(feature = "scoped-connection")]
    guard: Arc<OnceLock<Arc<Guard>>>,
}

impl Registry {
    /// Every entity of the program.
    pub fn global() -> &'static Self {
        static GLOBAL: LazyLock<Registry> = LazyLock::new(|| {
            inventory::iter::<Registration>()
                .fold(Registry::builder(), |builder, entry| {
                    builder.meta((entry.meta)().clone())
                })
                .build()
        });
        &GLOBAL
    }

    /// An empty registry to add entities to.
    pub fn builder() -> RegistryBuilder {
        RegistryBuilder::default()
    }

    /// All entities, sorted by group and then by table.
    pub fn entities(&self) -> impl Iterator<Item = &EntityMeta> {
        self.groups.values().flat_map(|group| group.entities())
    }

    /// The entity of that table.
    ///
    /// # Errors
    ///
    /// [`Error::DuplicateTable`] if two entities of the group have one table.
    pub fn entity(&self, group: &str, table: &TableName) -> Result<Option<&EntityMeta>, Error> {
        match self.groups.get(group) {
            Some(group) => {
                group.check()?;
                Ok(group.find(table).map(|index| group.entity(index)))
            }
            None => Ok(None),
        }
    }

    /// The entities of one group, as a registry of their own.
    ///
    /// A `ScopedConnection` of it leaves tables of the other groups alone.
    pub fn of_group(&self, group: &str) -> Self {
        let entities = self.entities().filter(|meta| meta.group == group);
        entities
            .fold(Self::builder(), |builder, meta| builder.meta(meta.clone()))
            .build()
    }

    #[cfg(feature = "scoped-connection")]
    pub(crate) fn guard(&self) -> Arc<Guard> {
        let guard = self
            .guard
            .get_or_init(|| Arc::new(Guard::of(self.entities())));
        guard.clone()
    }

    pub(crate) fn group(&self, name: &str) -> Result<Option<Arc<Group>>, Error> {
        let group = self.groups.get(name);
        group.map_or(Ok(()), |group| group.check())?;
        Ok(group.cloned())
    }

    /// The group of an entity, with the entity's place in it.
    ///
    /// An entity that the registry lacks, because another registry was given on purpose, stands alone: nothing cascades.
    pub(crate) fn group_of(&self, meta: &EntityMeta) -> Result<(Arc<Group>, usize), Error> {
        if let Some(group) = self.group(meta.group)?
            && let Some(place) = group.find(&meta.table)
        {
            return Ok((group, place));
        }
        Ok((Arc::new(Group::new(meta.group, vec![meta.clone()])), 0))
    }
}

/// Collects the entities of a [`Registry`].
#[derive(Clone, Debug, Default)]
pub struct RegistryBuilder {
    groups: BTreeMap<&'static str, Vec<EntityMeta>>,
}

impl RegistryBuilder {
    /// Adds an entity.
    pub fn entity<E: SoftDelete>(self) -> Self {
        self.meta(E::meta().clone())
    }

    /// Adds a description, such as a changed copy of an entity's own.
    pub fn meta(mut self, meta: EntityMeta) -> Self {
        self.groups.entry(meta.group).or_default().push(meta);
        self
    }

    /// The registry. Two entities on one table are an error when their group is first used, not here.
    pub fn build(self) -> Registry {
        let groups = self
            .groups
            .into_iter()
            .map(|(name, entities)| (name, Arc::new(Group::new(name, entities))))
            .collect();
        Registry {
            groups: Arc::new(groups),
            #[cfg(feature = "scoped-connection")]
            guard: Arc::default(),
        }
    }
}
