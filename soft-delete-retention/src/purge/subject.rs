//! What is to be purged: the tables, in their order, with what each run needs to know of them.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;

use super::{
    order::order_of,
    references::{Known, Reference},
};
use crate::dialect::{self, Dialect};
use soft_delete_core::{EntityMeta, Error, engine_api::components};
use soft_delete_schema::schema_api::catalog::{Catalog, Table};

/// One table of a purge.
pub(super) struct Subject<'s> {
    pub(super) dialect: &'static dyn Dialect,
    pub(super) meta: &'s EntityMeta,
    /// As the database has it.
    pub(super) table: &'s Table,
    /// Rows deleted then or before are expired.
    pub(super) cutoff: DateTime<Utc>,
    /// Rows that are exempt.
    pub(super) hold: Option<Expr>,
    /// The columns that its rows are gone through by.
    pub(super) order: Vec<String>,
    /// Whether the database sees to it that no two rows have the entity's primary key. A partitioned table's may have more columns.
    pub(super) has_unique_key: bool,
    /// Keys of rows that keep rows of this table.
    pub(super) references: Vec<Reference>,
    /// Keys of this table to tables of the same circle, itself included: when a row is gone, the rows it referred to may be
    /// free.
    pub(super) upwards: Vec<Upwards>,
}

/// A key to a table of the same circle.
#[derive(Clone, Debug)]
pub(super) struct Upwards {
    /// The place of the table referred to.
    pub(super) parent: usize,
    pub(super) columns: Vec<String>,
    pub(super) parent_columns: Vec<String>,
    /// Those of the columns that may be NULL.
    pub(super) nullable: Vec<String>,
}

/// What is asked of one entity.
pub(super) struct Wanted<'s> {
    pub(super) meta: &'s EntityMeta,
    pub(super) cutoff: DateTime<Utc>,
    pub(super) hold: Option<Expr>,
}

/// The tables of a purge.
pub(super) struct Subjects<'s> {
    pub(super) all: Vec<Subject<'s>>,
    /// Their places, children before parents.
    pub(super) order: Vec<Component>,
}

/// Tables that refer to each other in a circle, or one that is in no circle.
pub(super) struct Component {
    pub(super) places: Vec<usize>,
    /// Whether a table refers to itself or another of them.
    pub(super) is_circular: bool,
    /// The same places, in the order in which rows that keep each other can go once their keys that may be NULL are. Empty if
    /// there is no such order.
    pub(super) untied: Vec<usize>,
}

impl<'s> Subjects<'s> {
    pub(super) fn new(
        catalog: &'s Catalog,
        entities: impl Iterator<Item = &'s EntityMeta>,
        wanted: Vec<Wanted<'s>>,
    ) -> Result<Self, Error> {
        let dialect = dialect::of(catalog.dialect().backend())?;
        let known = Known::new(catalog, entities);
        let mut all = Vec::with_capacity(wanted.len());
        for Wanted { meta, cutoff, hold } in wanted {
            let table = catalog.require(&meta.table)?;
            all.push(Subject {
                dialect,
                meta,
                table,
                cutoff,
                hold,
                order: order_of(meta, table),
                has_unique_key: table.keeps_unique(&meta.primary_key),
                references: known.references_to(meta, table),
                upwards: Vec::new(),
            });
        }
        let metas: Vec<_> = all
            .iter()
            .map(|subject: &Subject<'_>| subject.meta)
            .collect();
        for reference in all.iter_mut().flat_map(|subject| &mut subject.references) {
            let child = reference.entity.map(|entity| known.entities[entity].0);
            reference.subject = child.and_then(|child| {
                let mut metas = metas.iter();
                metas.position(|meta| std::ptr::eq(*meta, child))
            });
        }
        let order = components_of(&all);
        for component in &order {
            for (child, key) in keys_within(&all, &component.places) {
                // A column that the entity does not have can't be read. Going through the table again does, too.
                let mut names = key.columns.iter();
                if names.all(|name| all[child].meta.column(name).is_some()) {
                    all[child].upwards.push(key);
                }
            }
        }
        Ok(Self { all, order })
    }
}

/// Children before parents.
fn components_of(all: &[Subject<'_>]) -> Vec<Component> {
    let places: Vec<_> = (0..all.len()).collect();
    let children = |parent: usize| -> Vec<usize> {
        let references = all[parent].references.iter();
        references
            .filter_map(|reference| reference.subject)
            .collect()
    };
    let found = components(&places, children);
    let component = |places: Vec<usize>| {
        let keys = keys_within(all, &places);
        Component {
            is_circular: !keys.is_empty(),
            untied: order_untied(&places, &keys),
            places,
        }
    };
    found.into_iter().rev().map(component).collect()
}

/// The keys between these tables, each with the place of the table that has it.
fn keys_within(all: &[Subject<'_>], places: &[usize]) -> Vec<(usize, Upwards)> {
    let mut keys = Vec::new();
    for parent in places {
        for reference in &all[*parent].references {
            if let Some(child) = reference.subject.filter(|child| places.contains(child)) {
                let is_nullable = |name: &&String| {
                    let column = all[child].table.column(name);
                    column.is_some_and(|column| column.nullable)
                };
                let nullable = reference.columns.iter().filter(is_nullable);
                let key = Upwards {
                    parent: *parent,
                    columns: reference.columns.clone(),
                    parent_columns: reference.parent_columns.clone(),
                    nullable: nullable.cloned().collect(),
                };
                keys.push((child, key));
            }
        }
    }
    keys
}

fn order_untied(places: &[usize], keys: &[(usize, Upwards)]) -> Vec<usize> {
    let firm: Vec<_> = keys
        .iter()
        .filter(|(_, key)| key.nullable.is_empty())
        .collect();
    let children = |parent: usize| -> Vec<usize> {
        let keys = firm.iter().filter(|(_, key)| key.parent == parent);
        keys.map(|(child, _)| *child).collect()
    };
    let is_loop = |(child, key): &&(usize, Upwards)| key.parent == *child;
    let found = components(places, children);
    if firm.iter().copied().any(|key| is_loop(&key)) || found.iter().any(|some| some.len() > 1) {
        return Vec::new();
    }
    found.into_iter().rev().flatten().collect()
}
