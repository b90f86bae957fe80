//! What is to be purged: the tables, in their order, with what each run needs to know of them.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;

use super::{
    order::order_of,
    references::{EntityTables, Reference},
};
use crate::{
    dialect::{self, Dialect},
    removal::{Component, KeyBetween, KeyedTable, components, nullable_of},
};
use soft_delete_core::{EntityMeta, Error};
use soft_delete_schema::schema_api::catalog::{Catalog, Table};

/// One table of a purge.
pub(super) struct PurgeTable<'s> {
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
    /// Keys of this table to tables of the same cycle, itself included: when a row is gone, the rows it referred to may be
    /// free.
    pub(super) parent_keys: Vec<KeyBetween>,
}

/// What is to be purged of one entity.
pub(super) struct Wanted<'s> {
    pub(super) meta: &'s EntityMeta,
    pub(super) cutoff: DateTime<Utc>,
    pub(super) hold: Option<Expr>,
}

/// The tables of a purge.
pub(super) struct PurgeTables<'s> {
    pub(super) all: Vec<PurgeTable<'s>>,
    /// Their places, children before parents.
    pub(super) order: Vec<Component>,
}

impl<'s> PurgeTables<'s> {
    pub(super) fn new(
        catalog: &'s Catalog,
        entities: impl Iterator<Item = &'s EntityMeta>,
        wanted: Vec<Wanted<'s>>,
    ) -> Result<Self, Error> {
        let dialect = dialect::of(catalog.dialect().backend())?;
        let known = EntityTables::new(catalog, entities);
        let mut all = Vec::with_capacity(wanted.len());
        for Wanted { meta, cutoff, hold } in wanted {
            meta.stamp.require_any_time(&meta.table)?;
            let table = catalog.require(&meta.table)?;
            all.push(PurgeTable {
                dialect,
                meta,
                table,
                cutoff,
                hold,
                order: order_of(meta, table),
                has_unique_key: table.keeps_unique(&meta.primary_key),
                references: known.references_to(meta, table),
                parent_keys: Vec::new(),
            });
        }
        let metas: Vec<_> = all
            .iter()
            .map(|purge_table: &PurgeTable<'_>| purge_table.meta)
            .collect();
        for reference in all
            .iter_mut()
            .flat_map(|purge_table| &mut purge_table.references)
        {
            let child = reference.entity.map(|entity| known.entities[entity].0);
            reference.purge_table = child.and_then(|child| {
                let mut metas = metas.iter();
                metas.position(|meta| std::ptr::eq(*meta, child))
            });
        }
        let places: Vec<_> = (0..all.len()).collect();
        let order = components(&places, &keys_between(&all));
        for key in order.iter().flat_map(|component| &component.keys) {
            // A column that the entity does not have can't be read. Going through the table again does, too.
            let child = &mut all[key.child];
            let mut names = key.columns.iter();
            if names.all(|name| child.meta.column(name).is_some()) {
                child.parent_keys.push(key.clone());
            }
        }
        Ok(Self { all, order })
    }
}

/// The keys by which rows of the tables keep rows of others of them.
fn keys_between(all: &[PurgeTable<'_>]) -> Vec<KeyBetween> {
    let references = all.iter().enumerate().flat_map(|(parent, purge_table)| {
        let references = purge_table.references.iter();
        references.filter_map(move |reference| Some((parent, reference.purge_table?, reference)))
    });
    references
        .map(|(parent, child, reference)| KeyBetween {
            child,
            parent,
            columns: reference.columns.clone(),
            parent_columns: reference.parent_columns.clone(),
            nullable: nullable_of(Some(all[child].table), &reference.columns),
        })
        .collect()
}

impl PurgeTable<'_> {
    pub(super) fn keyed(&self) -> KeyedTable<'_> {
        KeyedTable {
            dialect: self.dialect,
            meta: self.meta,
            table: Some(self.table),
            has_unique_key: self.has_unique_key,
        }
    }
}
