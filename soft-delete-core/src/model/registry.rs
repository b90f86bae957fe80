//! The entities that a program soft-deletes, found at link time or listed by hand.

pub(crate) mod shared_table;

#[cfg(feature = "scoped-connection")]
use std::sync::OnceLock;
use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

#[cfg(feature = "scoped-connection")]
use crate::connection::Guard;
use crate::{
    model::{EntityMeta, Error, TableName, graph::Group},
    query::SoftDelete,
};

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
///
/// # Entities that share a table
///
/// Several entities of a group may be on one table, such as those of an inheritance or a light read model. They share its
/// keys, and the table counts once: it has the columns, foreign keys, unique keys and children that any of them names, and
/// [`Hooks`](crate::Hooks) of one run for its rows whichever entity deletes them. So a delete or restore does the same
/// through each of them. What they say differently of the table is an error: see [`check`](Self::check). A relation from one
/// to the other, by which each row would refer to itself, is no foreign key.
///
/// # An empty registry
///
/// A program in which no entity is linked has an empty global registry. That is never taken for "no table is
/// soft-deletable": whatever uses it is refused with [`Error::NoEntities`], and so is a [group](Self::of_group) that no entity
/// is in. A registry that was built empty on purpose, `Registry::builder().build()`, is used as it is: a
/// `ScopedConnection` of it lets every statement pass, and there is nothing to purge or to examine.
#[derive(Clone, Debug)]
pub struct Registry {
    groups: Arc<BTreeMap<&'static str, Arc<Group>>>,
    origin: Origin,
    /// Made when the first scoped connection asks for it.
    #[cfg(feature = "scoped-connection")]
    guard: Arc<OnceLock<Arc<Guard>>>,
}

/// Where the entities of a registry are from, hence what it means that one is not among them.
#[derive(Clone, Debug)]
enum Origin {
    /// Those of the program: it is not linked.
    Program,
    /// Those of a group: there is no such group.
    Group(String),
    /// Those that someone chose: it is left out on purpose.
    Chosen,
}

impl Registry {
    /// Every entity of the program.
    ///
    /// The linker leaves out a crate that nothing refers to, and with it the entities in it: where they live in a library, say
    /// `use my_library as _;` in the binary.
    pub fn global() -> &'static Self {
        static GLOBAL: LazyLock<Registry> = LazyLock::new(|| {
            let registry = inventory::iter::<Registration>()
                .fold(Registry::builder(), |builder, entry| {
                    builder.meta((entry.meta)().clone())
                })
                .build();
            Registry {
                origin: Origin::Program,
                ..registry
            }
        });
        &GLOBAL
    }

    /// An empty registry to add entities to.
    pub fn builder() -> RegistryBuilder {
        RegistryBuilder::default()
    }

    /// Whether the entities can be worked with. What uses a registry asks this of the entities that it works on, before it
    /// sends anything; a test of it shows a mistake before a user does:
    ///
    /// ```
    /// # mod post {
    /// #     use sea_orm::entity::prelude::*;
    /// #     use soft_delete::SoftDelete;
    /// #     #[sea_orm::model]
    /// #     #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    /// #     #[sea_orm(table_name = "post")]
    /// #     pub struct Model {
    /// #         #[sea_orm(primary_key)]
    /// #         pub id: i64,
    /// #         pub deleted_at: Option<DateTimeUtc>,
    /// #     }
    /// #     impl ActiveModelBehavior for ActiveModel {}
    /// # }
    /// # fn main() -> Result<(), soft_delete::Error> {
    /// use soft_delete::Registry;
    ///
    /// Registry::global().check()?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`Error::NoEntities`] if the program has none, or none of a [group](Self::of_group).
    /// - [`Error::EntitiesDisagree`] if entities that share a table say different things of it: another primary key, another
    ///   `deleted_at` (its column or its type), another column for a companion that both have, another retention (none is
    ///   "for ever"), another rule for the same foreign key, other columns for a unique key of the same name, another type of
    ///   a column that is in one of these, or `Hooks` of both. What only one of them says counts for all.
    /// - [`Error::RelationCondition`] if a relation has an `on_condition` that can't be put into the statements of a cascade.
    /// - [`Error::ActorType`] if a cascade leads from one entity to another whose `deleted_by` has another type: a delete with `.by(…)`
    ///   would be refused.
    pub fn check(&self) -> Result<(), Error> {
        self.require_entities()?;
        self.groups.values().try_for_each(|group| {
            group.check()?;
            group.check_actors()
        })
    }

    /// Refuses a registry that is empty, unless it is so on purpose.
    pub fn require_entities(&self) -> Result<(), Error> {
        let group = match &self.origin {
            _ if !self.groups.is_empty() => return Ok(()),
            Origin::Chosen => return Ok(()),
            Origin::Program => None,
            Origin::Group(name) => Some(name.clone()),
        };
        Err(Error::NoEntities { group })
    }

    /// All entities, sorted by group and then by table. Those that share a table are one, which has the name of the one with
    /// most columns.
    pub fn entities(&self) -> impl Iterator<Item = &EntityMeta> {
        self.groups.values().flat_map(|group| group.entities())
    }

    /// The entity of that table.
    ///
    /// # Errors
    ///
    /// [`Error::EntitiesDisagree`] if entities of the group that share a table say different things of it.
    pub fn entity(&self, group: &str, table: &TableName) -> Result<Option<&EntityMeta>, Error> {
        match self.groups.get(group) {
            Some(group) => {
                group.check()?;
                Ok(group.find(table).map(|index| group.entity(index)))
            }
            None => Ok(None),
        }
    }

    /// The entities of one group, as a registry of their own. If there are none, whatever uses it is refused with
    /// [`Error::NoEntities`].
    ///
    /// A `ScopedConnection` of it leaves tables of the other groups alone.
    pub fn of_group(&self, name: &str) -> Self {
        let group = self.groups.get_key_value(name);
        let groups = group.map(|(name, group)| (*name, group.clone()));
        Self::of(groups.into_iter().collect(), Origin::Group(name.to_owned()))
    }

    fn of(groups: BTreeMap<&'static str, Arc<Group>>, origin: Origin) -> Self {
        Self {
            groups: Arc::new(groups),
            origin,
            #[cfg(feature = "scoped-connection")]
            guard: Arc::default(),
        }
    }

    /// The tables and the names of their `deleted_at`.
    #[cfg(feature = "scoped-connection")]
    pub(crate) fn markers(
        &self,
    ) -> impl Iterator<Item = (&TableName, &crate::model::StampColumns)> {
        self.groups.values().flat_map(|group| group.markers())
    }

    #[cfg(feature = "scoped-connection")]
    pub(crate) fn guard(&self) -> Arc<Guard> {
        let guard = self.guard.get_or_init(|| Arc::new(Guard::of(self)));
        guard.clone()
    }

    /// The group of that name.
    ///
    /// # Errors
    ///
    /// [`Error::NoEntities`] if no entity is in it, and [`Error::EntitiesDisagree`].
    pub fn group(&self, name: &str) -> Result<Arc<Group>, Error> {
        let Some(group) = self.groups.get(name) else {
            self.require_entities()?;
            let group = Some(name.to_owned());
            return Err(Error::NoEntities { group });
        };
        group.check()?;
        Ok(group.clone())
    }

    /// The group of an entity, with the entity's place in it.
    ///
    /// An entity that the registry lacks, because another registry was given on purpose, stands alone: nothing cascades.
    pub fn group_of(&self, meta: &EntityMeta) -> Result<(Arc<Group>, usize), Error> {
        if let Some(group) = self.groups.get(meta.group)
            && let Some(place) = group.find(&meta.table)
        {
            group.check()?;
            return Ok((group.clone(), place));
        }
        self.require_entities()?;
        match self.origin {
            Origin::Program => Err(Error::NotRegistered {
                table: meta.table.clone(),
            }),
            Origin::Group(_) | Origin::Chosen => Ok((Arc::new(Group::new(vec![meta.clone()])), 0)),
        }
    }

    /// What all entities of the table say of it together.
    pub(crate) fn shared<'m>(&'m self, meta: &'m EntityMeta) -> &'m EntityMeta {
        let group = self.groups.get(meta.group);
        let shared =
            group.and_then(|group| group.find(&meta.table).map(|place| group.entity(place)));
        shared.unwrap_or(meta)
    }
}

/// Collects the entities of a [`Registry`].
#[derive(Clone, Debug, Default)]
#[must_use = "a registry is made by `build()`"]
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

    /// The registry. What entities that share a table say differently of it is an error when it is first used, not here: see
    /// [`Registry::check`].
    pub fn build(self) -> Registry {
        let groups = self
            .groups
            .into_iter()
            .map(|(name, entities)| (name, Arc::new(Group::new(entities))))
            .collect();
        Registry::of(groups, Origin::Chosen)
    }
}
