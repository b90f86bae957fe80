//! Telling rows that were deleted themselves from those that a parent's deletion took.

use sea_orm::{
    DbBackend, EntityTrait, QueryFilter as _, Select,
    sea_query::{Expr, ExprTrait as _, IntoTableRef as _, Query, SelectStatement},
};

use crate::{
    engine::cascade::{
        identity::same_deletion,
        rows::{column, columns, columns_of, equal, iden},
    },
    model::{EntityMeta, ForeignKeyMeta, OnDelete, Registry, Scope},
};

const PARENT: &str = "soft_delete_parent";

/// Leaves out rows whose parent, by a key that cascades, was taken by the same deletion.
pub(crate) fn without_deleted_with_parent<E: EntityTrait>(
    select: Select<E>,
    meta: &EntityMeta,
    backend: Option<DbBackend>,
) -> Select<E> {
    taken_with_parent(meta, Registry::global().entities(), backend)
        .into_iter()
        .fold(select, |select, taken| select.filter(taken.not()))
}

/// The conditions on rows that a parent's deletion took, one for each key that cascades from one of the entities.
pub(crate) fn taken_with_parent<'e>(
    meta: &EntityMeta,
    entities: impl IntoIterator<Item = &'e EntityMeta>,
    backend: Option<DbBackend>,
) -> Vec<Expr> {
    let entities: Vec<_> = entities.into_iter().collect();
    let cascading = meta
        .foreign_keys
        .iter()
        .filter(|key| key.on_delete == OnDelete::Cascade);
    cascading
        .filter_map(|key| {
            let mut entities = entities.iter();
            let parent =
                entities.find(|other| other.group == meta.group && other.table == key.parent)?;
            Some(Expr::exists(deleted_with(meta, key, parent, backend)))
        })
        .collect()
}

fn deleted_with(
    meta: &EntityMeta,
    key: &ForeignKeyMeta,
    parent: &EntityMeta,
    backend: Option<DbBackend>,
) -> SelectStatement {
    let of_parent = |name: &str| Expr::col((PARENT, iden(name)));
    Query::select()
        .expr(Expr::cust("1"))
        .from(parent.table.to_ref().into_table_ref().alias(PARENT))
        .and_where(equal(
            columns_of(PARENT, &key.matching_parent()),
            columns(meta, &key.matching()),
        ))
        .and_where_option(key.condition_on_child(meta.table.to_iden()))
        .and_where_option(key.condition_on_parent(PARENT))
        .and_where(same_deletion(
            backend,
            (meta, |name| column(meta, name)),
            (parent, of_parent),
        ))
        .and_where(
            parent
                .stamp
                .predicate(Scope::OnlyDeleted, of_parent(parent.stamp.marker_column())),
        )
        .to_owned()
}
