//! One deletion, and what it took.

use sea_orm::{
    ConnectionTrait,
    sea_query::{ExprTrait as _, Query},
};
use uuid::Uuid;

use super::{DeletionStamp, Trash};
use crate::{
    engine::{
        active_view,
        cascade::{
            identity::Identity,
            rows::{column, in_scope},
            walk::count_rows,
        },
    },
    model::{
        Error, Scope, TableCounts,
        graph::{Cascade, Group},
    },
};

impl Trash {
    /// A deletion by its id: who, when, why, and how many rows of each table it holds in the trash.
    ///
    /// # Errors
    ///
    /// [`Error::DeletionNotFound`] if no row has that id, and [`Error::Db`].
    pub async fn deletion<C>(&self, id: Uuid, db: &C) -> Result<TrashedDeletion, Error>
    where
        C: ConnectionTrait,
    {
        let (stamp, roots) = find(db, &self.group, id).await?;
        let tables = match stamp.identity() {
            Some(identity) => tables(db, &self.group, &roots, identity).await?,
            None => TableCounts::default(),
        };
        Ok(TrashedDeletion { stamp, tables })
    }
}

/// A deletion that has rows in the trash.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct TrashedDeletion {
    /// When, by whom, and why.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub stamp: DeletionStamp,
    /// How many of its rows are in the trash, by table, parents before children.
    pub tables: TableCounts,
}

/// The stamp of a deletion, and the entities that have its id on a row.
async fn find<C: ConnectionTrait>(
    db: &C,
    group: &Group,
    id: Uuid,
) -> Result<(DeletionStamp, Vec<usize>), Error> {
    let mut found: Option<DeletionStamp> = None;
    let mut entities = Vec::new();
    for (entity, meta) in group.entities().iter().enumerate() {
        let Some(name) = &meta.stamp.deletion_id else {
            continue;
        };
        let mut select = Query::select();
        DeletionStamp::select(&mut select, meta, db.get_database_backend());
        select
            .from(meta.table.to_ref())
            .and_where(column(meta, name).eq(id))
            .and_where(in_scope(meta, Scope::OnlyDeleted))
            .limit(1);
        let Some(row) = db.query_one(&select).await? else {
            continue;
        };
        let stamp = DeletionStamp::read(&row, meta)?;
        entities.push(entity);
        // Not every table has all of it.
        let merged = found.get_or_insert_with(|| stamp.clone());
        merged.deleted_by = merged.deleted_by.take().or(stamp.deleted_by);
        merged.delete_reason = merged.delete_reason.take().or(stamp.delete_reason);
    }
    let Some(found) = found else {
        if let Some(meta) = group.entities().first() {
            active_view::refuse(db, meta).await?;
        }
        return Err(Error::DeletionNotFound { id });
    };
    Ok((found, entities))
}

/// How many rows of each table the deletion of one of an entity's rows took.
pub(super) async fn tables_of_row<C: ConnectionTrait>(
    db: &C,
    group: &Group,
    entity: usize,
    identity: Identity,
) -> Result<TableCounts, Error> {
    let roots = match identity.deletion_id {
        Some(id) => find(db, group, id).await?.1,
        None => group.above(entity).into_iter().collect(),
    };
    tables(db, group, &roots, identity).await
}

/// How many rows of each table a deletion took that began at one of the roots, parents before children.
async fn tables<C: ConnectionTrait>(
    db: &C,
    group: &Group,
    roots: &[usize],
    identity: Identity,
) -> Result<TableCounts, Error> {
    let backend = db.get_database_backend();
    let mut tables = Vec::new();
    for entity in Cascade::from(group, roots).entities() {
        let meta = group.entity(entity);
        let taken = Query::select()
            .from(meta.table.to_ref())
            .and_where(identity.of_deleted_row(meta, backend))
            .to_owned();
        let rows = count_rows(db, taken).await?;
        tables.push((meta.table.clone(), rows));
    }
    Ok(tables.into_iter().collect())
}
