//! What is to be purged: the tables, in their order, with what each run needs to know of them.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;

use super::references::{Known, Reference};
use crate::{
    EntityMeta, Error,
    cascade::graph::components,
    schema::catalog::{Catalog, Table},
};

/// One table of a purge.
pub(super) struct Subject<'s> {
    pub(super) meta: &'s EntityMeta,
    /// As the database has it.
    pub(super) table: &'s Table,
    /// Rows deleted then or before are expired.
    pub(super) cutoff: DateTime<Utc>,
    /// Rows that are exempt.
    pub(super) hold: Option<Expr>,
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
}

impl<'s> Subjects<'s> {
    pub(super) fn new(
        catalog: &'s Catalog,
        entities: impl Iterator<Item = &'s EntityMeta>,
        wanted: Vec<Wanted<'s>>,
    ) -> Result<Self, Error> {
        let known = Known::new(catalog, entities);
        let mut all = Vec::with_capacity(wanted.len());
        for Wanted { meta, cutoff, hold } in wanted {
            let table = catalog.require(&meta.table)?;
            all.push(Subject {
                meta,
                table,
                cutoff,
                hold,
                references: known.references_to(meta, table),
                upwards: Vec::new(),
            });
        }
        let place_of = |entity: usize| {
            let meta = known.entities[entity].0;
            all.iter()
                .position(|subject| std::ptr::eq(subject.meta, meta))
        };
        let children = |parent: usize| -> Vec<usize> {
            let references = all[parent].references.iter();
            references
                .filter_map(|reference| place_of(reference.entity?))
                .collect()
        };
        let places: Vec<_> = (0..all.len()).collect();
        let components = components(&places, children);
        let mut order: Vec<_> = components
            .into_iter()
            .map(|places| Component {
                places,
                is_circular: false,
            })
            .collect();
        order.reverse();

        let mut upwards = vec![Vec::new(); all.len()];
        for component in &mut order {
            for parent in component.places.clone() {
                for reference in &all[parent].references {
                    let child = reference.entity.and_then(&place_of);
                    let Some(child) = child.filter(|child| component.places.contains(child)) else {
                        continue;
                    };
                    component.is_circular = true;
                    // A column that the entity does not have can't be read. Going through the table again does, too.
                    let mut names = reference.columns.iter();
                    if names.all(|name| all[child].meta.column(name).is_some()) {
                        upwards[child].push(Upwards {
                            parent,
                            columns: reference.columns.clone(),
                            parent_columns: reference.parent_columns.clone(),
                        });
                    }
                }
            }
        }
        for (subject, upwards) in all.iter_mut().zip(upwards) {
            subject.upwards = upwards;
        }
        Ok(Self { all, order })
    }
}
