//! Telling rows that were deleted themselves from those that a parent's deletion took.

use sea_orm::{
    EntityTrait, QueryFilter as _, Select,
    sea_query::{Expr, ExprTrait as _, IntoTableRef as _, Query, SelectStatement},
};

use crate::{
    EntityMeta, ForeignKey, OnDelete, Registry, Scope,
    cascade::rows::{column, columns, columns_of, equal, iden},
};

const PARENT: &str = "soft_delete_parent";

/// Leaves out rows whose parent, by a key that cascades, was taken by the same deletion.
pub(crate) fn without_deleted_with_parent<E: EntityTrait>(
    select: Select<E>,
    meta: &EntityMeta,
) -> Select<E> {
    taken_with_parent(meta, Registry::global().entities())
        .into_iter()
        .fold(select, |select, taken| select.filter(taken.not()))
}

/// The conditions on rows that a parent's deletion took, one for each key that cascades from one of the entities.
pub(crate) fn taken_with_parent<'e>(
    meta: &EntityMeta,
    entities: impl IntoIterator<Item = &'e EntityMeta>,
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
            Some(Expr::exists(deleted_with(meta, key, parent)))
        })
        .collect()
}

fn deleted_with(meta: &EntityMeta, key: &ForeignKey, parent: &EntityMeta) -> SelectStatement {
    let same_deletion = match (&meta.stamp.deletion_id, &parent.stamp.deletion_id) {
        (Some(own), Some(parents)) => column(meta, own).eq(Expr::col((PARENT, iden(parents)))),
        _ => {
            let parents = Expr::col((PARENT, iden(&parent.stamp.deleted_at)));
            column(meta, &meta.stamp.deleted_at).eq(parents)
        }
    };
    Query::select()
        .expr(Expr::cust("1"))
        .from(parent.table.to_ref().into_table_ref().alias(PARENT))
        .and_where(equal(
            columns_of(PARENT, &key.parent_columns),
            columns(meta, &key.columns),
        ))
        .and_where(same_deletion)
        .and_where(
            Scope::OnlyDeleted.predicate(Expr::col((PARENT, iden(&parent.stamp.deleted_at)))),
        )
        .to_owned()
}
