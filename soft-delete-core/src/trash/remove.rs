//! Removing a deleted row for good.

use sea_orm::{
    ConnectionTrait, Value,
    sea_query::{Expr, Query},
};

use super::{DeletionStamp, Row, Trash};
use crate::{
    engine::cascade::{
        rows::{columns, in_scope, in_select},
        walk::count_rows,
    },
    model::{Error, Scope, TableName},
};

impl Trash {
    /// Removes a deleted row for good: see [`RemoveTrashed`].
    ///
    /// # Errors
    ///
    /// [`Error::UnknownTable`] and [`Error::InvalidKey`].
    pub fn remove(&self, table: &str, key: Vec<Value>) -> Result<RemoveTrashed, Error> {
        Ok(RemoveTrashed {
            row: self.row(table, key)?,
        })
    }
}

/// The physical removal of a row that is in the trash: made by [`Trash::remove`]. An active row is never removed.
///
/// ```sql
/// DELETE FROM post WHERE post.id = $1 AND post.deleted_at IS NOT NULL
/// ```
///
/// What becomes of rows that refer to it is up to the database's foreign keys; [`plan`](Self::plan) counts them. To remove the row
/// with all below it and all that the archive has of them, see `Erase` (feature `purge`). Hooks don't run.
#[derive(Clone, Debug)]
#[must_use = "nothing is removed until `exec(&db)` is awaited"]
pub struct RemoveTrashed {
    row: Row,
}

impl RemoveTrashed {
    /// Removes it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is no such row, [`Error::NotDeleted`] if it is active, and [`Error::Db`] for the database's own,
    /// such as a foreign key that forbids it.
    pub async fn exec<C: ConnectionTrait>(&self, db: &C) -> Result<Removal, Error> {
        let meta = self.row.meta();
        let stamp = self.require_deleted(db).await?;
        let delete = Query::delete()
            .from_table(meta.table.to_ref())
            .and_where(self.row.key(db.get_database_backend()).condition)
            .and_where(in_scope(meta, Scope::OnlyDeleted))
            .to_owned();
        if db.execute(&delete).await?.rows_affected() == 0 {
            // Somebody else was here meanwhile, or a trigger keeps the row.
            self.require_deleted(db).await?;
            return Err(Error::NotUpdated {
                table: meta.table.clone(),
                rows: crate::model::display::display_key(&self.row.key),
            });
        }
        Ok(Removal { stamp })
    }

    /// The row's stamp, and the rows that refer to it, in whatever state: what becomes of them is up to the database's foreign keys.
    ///
    /// # Errors
    ///
    /// As [`exec`](Self::exec).
    pub async fn plan<C: ConnectionTrait>(&self, db: &C) -> Result<RemovalPlan, Error> {
        Ok(RemovalPlan {
            stamp: self.require_deleted(db).await?,
            references: self.references(db).await?,
        })
    }

    /// The stamp of the row, which must be deleted.
    async fn require_deleted<C: ConnectionTrait>(&self, db: &C) -> Result<DeletionStamp, Error> {
        let meta = self.row.meta();
        let table = || meta.table.clone();
        let backend = db.get_database_backend();
        let mut deleted = self.row.select(backend);
        DeletionStamp::select(&mut deleted, meta, backend);
        deleted.and_where(in_scope(meta, Scope::OnlyDeleted));
        if let Some(row) = db.query_one(&deleted).await? {
            return DeletionStamp::read(&row, meta);
        }
        let mut any = self.row.select(backend);
        match db.query_one(any.expr(Expr::cust("1"))).await? {
            Some(_) => Err(Error::NotDeleted { table: table() }),
            None => Err(Error::NotFound { table: table() }),
        }
    }

    async fn references<C: ConnectionTrait>(&self, db: &C) -> Result<Vec<(TableName, u64)>, Error> {
        let Row { group, entity, .. } = &self.row;
        let mut references = Vec::new();
        for edge in group.edges_to(*entity) {
            let key = group.foreign_key(edge);
            let child = group.entity(edge.child);
            let parent = self
                .row
                .select(db.get_database_backend())
                .exprs(columns(self.row.meta(), &key.matching_parent()))
                .to_owned();
            let children = Query::select()
                .from(child.table.to_ref())
                .and_where(in_select(columns(child, &key.matching()), parent))
                .and_where(in_scope(child, Scope::WithDeleted))
                .to_owned();
            let rows = count_rows(db, children).await?;
            if rows > 0 {
                references.push((child.table.clone(), rows));
            }
        }
        Ok(references)
    }
}

/// What was removed.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Removal {
    /// The row's stamp.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub stamp: DeletionStamp,
}

/// What a removal would do.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct RemovalPlan {
    /// The row's stamp.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub stamp: DeletionStamp,
    /// How many rows refer to it, by table.
    pub references: Vec<(TableName, u64)>,
}
