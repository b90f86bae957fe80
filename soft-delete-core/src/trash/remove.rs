//! Removing a deleted row permanently.

use sea_orm::{
    ConnectionTrait, IsolationLevel, TransactionTrait, Value,
    sea_query::{Expr, Query},
};

use super::{DeletionStamp, Row, Trash, below};
use crate::{
    dialect,
    engine::{
        active_view,
        cascade::{
            rows::{columns, in_scope, in_scope_now, in_select},
            walk::count_rows,
            watch::{Number, snapshot_is_old, what_is_watched},
        },
        transaction,
    },
    model::{Blocker, Error, Scope, TableCounts, display::display_key},
};

impl Trash {
    /// Removes a deleted row permanently: see [`RemoveTrashed`].
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

/// The physical removal of a row that is in the trash: made by [`Trash::remove`]. No active row is removed.
///
/// ```sql
/// DELETE FROM post WHERE post.id = $1 AND post.deleted_at IS NOT NULL
/// ```
///
/// What becomes of rows that refer to it is up to the database's foreign keys, which know nothing of deleted rows: `ON DELETE CASCADE`
/// would take an active row along. So it is refused as long as an active row refers to the row, or to a deleted one that refers to it,
/// and so on, by any relation of the program's entities. The rows in between are locked until the removal is committed.
/// [`plan`](Self::plan) tells what refers to it.
///
/// To remove the row with all below it and all that the archive has of them, see `Erase` (feature `retention`). Hooks don't run.
#[derive(Clone, Debug)]
#[must_use = "nothing is removed until `exec(&db)` is awaited"]
pub struct RemoveTrashed {
    row: Row,
}

impl RemoveTrashed {
    /// Removes it, in a transaction.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is no such row, [`Error::NotDeleted`] if it is active, [`Error::Referenced`] if active rows refer to
    /// it or to what is below it, [`Error::OldSnapshot`] in a transaction of yours that may not see them, and [`Error::Db`] for the
    /// database's own, such as a foreign key that forbids it.
    pub async fn exec<C>(&self, db: &C) -> Result<Removal, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let mut options = dialect::write_transaction(db.get_database_backend());
        let sees_old = self.snapshot(db).await?;
        let is_pool = dialect::is_pool::<C>();
        if sees_old && is_pool {
            options.isolation_level = Some(IsolationLevel::ReadCommitted);
        }
        let transaction = db.begin_with_options(options).await?;
        let removed = self.remove(&transaction, sees_old && !is_pool).await;
        transaction::end(db, transaction, removed).await
    }

    async fn remove<C: ConnectionTrait>(&self, db: &C, sees_old: bool) -> Result<Removal, Error> {
        let meta = self.row.meta();
        let table = || meta.table.clone();
        let stamp = self.require_deleted(db, true).await?;
        let is_row = self.row.key(db.get_database_backend()).condition;
        if sees_old && snapshot_is_old(db, &meta.table, is_row.clone(), Number::OfLock).await? {
            return Err(Error::OldSnapshot { table: table() });
        }
        let blockers = below::active(db, &self.row, true).await?;
        if !blockers.is_empty() {
            return Err(Error::Referenced {
                table: table(),
                blockers,
            });
        }
        let delete = Query::delete()
            .from_table(meta.table.to_ref())
            .and_where(is_row)
            .and_where(in_scope_now(meta, Scope::OnlyDeleted))
            .to_owned();
        if db.execute(&delete).await?.rows_affected() == 0 {
            // A trigger or a policy keeps the row.
            return Err(Error::NotUpdated {
                table: table(),
                rows: display_key(&self.row.key),
            });
        }
        Ok(Removal { stamp })
    }

    /// The row's stamp, the rows that refer to it, in whatever state, and those that forbid its removal.
    ///
    /// # Errors
    ///
    /// As [`exec`](Self::exec), but that the rows that forbid it are told.
    pub async fn plan<C: ConnectionTrait>(&self, db: &C) -> Result<RemovalPlan, Error> {
        Ok(RemovalPlan {
            stamp: self.require_deleted(db, false).await?,
            references: self.references(db).await?,
            blockers: below::active(db, &self.row, false).await?,
        })
    }

    /// Whether what is read may be of an old state.
    async fn snapshot<C: ConnectionTrait>(&self, db: &C) -> Result<bool, Error> {
        if dialect::sees_latest(db.get_database_backend()).is_none() {
            return Ok(false);
        }
        let watched = what_is_watched(db, &[&self.row.meta().table]).await?;
        Ok(watched.snapshot)
    }

    /// The stamp of the row, which must be deleted.
    async fn require_deleted<C: ConnectionTrait>(
        &self,
        db: &C,
        locks: bool,
    ) -> Result<DeletionStamp, Error> {
        let meta = self.row.meta();
        let table = || meta.table.clone();
        let backend = db.get_database_backend();
        let mut deleted = self.row.select(backend);
        DeletionStamp::select(&mut deleted, meta, backend);
        deleted.and_where(in_scope_now(meta, Scope::OnlyDeleted));
        if locks && dialect::locks_rows(backend) {
            deleted.lock_exclusive();
        }
        if let Some(row) = db.query_one(&deleted).await? {
            return DeletionStamp::read(&row, meta);
        }
        let mut any = self.row.select(backend);
        match db.query_one(any.expr(Expr::cust("1"))).await? {
            Some(_) => Err(Error::NotDeleted { table: table() }),
            None => {
                active_view::refuse(db, meta).await?;
                Err(Error::NotFound { table: table() })
            }
        }
    }

    async fn references<C: ConnectionTrait>(&self, db: &C) -> Result<TableCounts, Error> {
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
            references.push((child.table.clone(), rows));
        }
        Ok(references.into_iter().collect())
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
#[non_exhaustive]
pub struct RemovalPlan {
    /// The row's stamp.
    pub stamp: DeletionStamp,
    /// How many rows refer to it, by table.
    pub references: TableCounts,
    /// The active rows that refer to it, or to deleted rows below it: they forbid its removal.
    pub blockers: Vec<Blocker>,
}
