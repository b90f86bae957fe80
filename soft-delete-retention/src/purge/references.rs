//! The foreign keys by which rows keep others from being purged, from the entities and from the database.

use sea_orm::sea_query::{DynIden, Expr};

use soft_delete_core::{EntityMeta, OnDelete, Registry, TableName};
use soft_delete_schema::schema_api::catalog::{Catalog, ForeignKey, Table};

/// A foreign key of a row that keeps the row it refers to.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub(super) child: TableName,
    pub(super) columns: Vec<String>,
    pub(super) parent_columns: Vec<String>,
    /// The relation, if the entity has one for it: it may bound the key by a condition.
    relation: Option<soft_delete_core::ForeignKeyMeta>,
    /// The child's place among the registry's entities, if it has one, and its marker.
    pub(super) entity: Option<usize>,
    pub(super) marker: Option<String>,
    /// The child's place among the tables that are purged, if it is one of them.
    pub(super) purge_table: Option<usize>,
}

/// All entities of a registry, with their tables.
pub(super) struct EntityTables<'k> {
    pub(super) catalog: &'k Catalog,
    pub(super) entities: Vec<(&'k EntityMeta, Option<&'k Table>)>,
}

impl<'k> EntityTables<'k> {
    pub(super) fn new(
        catalog: &'k Catalog,
        entities: impl Iterator<Item = &'k EntityMeta>,
    ) -> Self {
        let entities = entities.map(|meta| (meta, catalog.find(&meta.table)));
        Self {
            catalog,
            entities: entities.collect(),
        }
    }

    /// The keys that keep rows of this entity: of soft-deletable tables all, of others those by which the database would
    /// forbid a DELETE.
    pub(super) fn references_to(&self, parent: &EntityMeta, table: &Table) -> Vec<Reference> {
        let mut references: Vec<Reference> = Vec::new();
        for (place, (child, child_table)) in self.entities.iter().enumerate() {
            let is_to_parent = |key: &&soft_delete_core::ForeignKeyMeta| {
                child.group == parent.group && key.parent == parent.table
            };
            for key in child.foreign_keys.iter().filter(is_to_parent) {
                // A key that nothing enforces and that nobody follows keeps nothing.
                if key.on_delete != OnDelete::Ignore && child_table.is_some() {
                    references.push(Reference {
                        child: child.table.clone(),
                        columns: key.matching(),
                        parent_columns: key.matching_parent(),
                        relation: Some(key.clone()),
                        entity: Some(place),
                        marker: Some(child.stamp.marker_column().to_owned()),
                        purge_table: None,
                    });
                }
            }
        }
        for (child, key) in self.catalog.references(table) {
            let entity = self.entity_of(child);
            let meta = match entity {
                Some(place) => Some(self.entities[place].0),
                None => self.entity_elsewhere(child),
            };
            let reference = Reference {
                child: match meta {
                    Some(meta) => meta.table.clone(),
                    None => name_of(self.catalog, child),
                },
                columns: key.columns.clone(),
                parent_columns: key.parent_columns.clone(),
                relation: None,
                entity,
                marker: meta.map(|meta| meta.stamp.marker_column().to_owned()),
                purge_table: None,
            };
            let is_new = references.iter().all(|known| !known.is_same(&reference));
            if is_new && (meta.is_some() || self.forbids(child, key, &mut Vec::new())) {
                references.push(reference);
            }
        }
        references
    }

    fn entity_of(&self, table: &Table) -> Option<usize> {
        let mut tables = self.entities.iter();
        tables.position(|(_, known)| known.is_some_and(|known| std::ptr::eq(known, table)))
    }

    /// The entity of a table that this registry lacks and the program has. Its rows are not to go unasked, either.
    fn entity_elsewhere(&self, table: &Table) -> Option<&'static EntityMeta> {
        Registry::global().entities().find(|meta| {
            let known = self.catalog.find(&meta.table);
            known.is_some_and(|known| std::ptr::eq(known, table))
        })
    }

    /// Whether a row of a table that is not soft-deletable stands in the way of a DELETE. It does not if its own key lets it
    /// go along, and nothing else stands in the way of that.
    fn forbids<'t>(
        &'t self,
        child: &'t Table,
        key: &ForeignKey,
        seen: &mut Vec<&'t Table>,
    ) -> bool {
        match key.on_delete.as_str() {
            "CASCADE" => {
                if seen.iter().any(|table| std::ptr::eq(*table, child)) {
                    return false;
                }
                seen.push(child);
                let mut references = self.catalog.references(child);
                references.any(|(next, key)| {
                    self.entity_of(next).is_some()
                        || self.entity_elsewhere(next).is_some()
                        || self.forbids(next, key, seen)
                })
            }
            "SET NULL" => {
                let nullable =
                    |name: &String| child.column(name).is_some_and(|column| column.nullable);
                !key.columns.iter().all(nullable)
            }
            _ => true,
        }
    }
}

impl Reference {
    /// What a row must meet to refer to a parent by this key, under this name of its table.
    pub(super) fn condition_on_child(&self, child: DynIden) -> Option<Expr> {
        self.relation.as_ref()?.condition_on_child(child)
    }

    /// What the parent must meet.
    pub(super) fn condition_on_parent(&self, parent: DynIden) -> Option<Expr> {
        self.relation.as_ref()?.condition_on_parent(parent)
    }

    /// Whether the key means all rows that have its values. The database knows of no condition.
    fn is_unconditional(&self) -> bool {
        let name = || DynIden::from("t");
        self.condition_on_child(name()).is_none() && self.condition_on_parent(name()).is_none()
    }

    /// Whether it is the same key, known from elsewhere. Names may differ in case where the backend ignores it.
    fn is_same(&self, other: &Self) -> bool {
        let equal = |a: &[String], b: &[String]| {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.eq_ignore_ascii_case(b))
        };
        self.child == other.child
            && self.is_unconditional()
            && equal(&self.columns, &other.columns)
            && equal(&self.parent_columns, &other.parent_columns)
    }
}

/// The table's name, with its schema where tables have one.
fn name_of(catalog: &Catalog, table: &Table) -> TableName {
    let has_schemas = catalog.dialect().has_schemas();
    TableName {
        schema: has_schemas.then(|| table.schema.clone()),
        name: table.name.clone(),
    }
}
