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
    let cascading = meta
        .foreign_keys
        .iter()
        .filter(|key| key.on_delete == OnDelete::Cascade);
    cascading.fold(select, |select, key| {
        let mut entities = Registry::global().entities();
        let parent = entities.find(|other| other.group == meta.group && other.table == key.parent);
        match parent {
            Some(parent) => select.filter(Expr::exists(deleted_with(meta, key, parent)).not()),
            None => select,
        }
    })
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
