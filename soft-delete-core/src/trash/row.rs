//! One row, by its table and key.

use sea_orm::{ConnectionTrait, TransactionTrait, Value, sea_query::Expr};

use super::{DeletionStamp, Row, RowValue, Trash, deletion::tables_of_row, value};
use crate::{
    engine::{
        RestorePlan, active_view,
        cascade::{
            roots::taken_with_parent,
            rows::{any, iden},
        },
        restore::{Options, by_key},
    },
    model::{Error, TableCounts, TableName},
};

/// Goes before the names of columns in the result, where the stamp has names of its own.
const PREFIX: &str = "soft_delete_shown_";

impl Trash {
    /// A row with all of its columns, active or deleted. Of a deleted one: its deletion, what that took, and what a restore would do.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownTable`], [`Error::InvalidKey`], [`Error::NotFound`] if there is no such row, and those of
    /// [`Restore::plan`](crate::Restore::plan).
    pub async fn show<C>(&self, table: &str, key: Vec<Value>, db: &C) -> Result<TrashRow, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let row = self.row(table, key)?;
        let meta = row.meta();
        let backend = db.get_database_backend();
        let mut select = row.select(backend);
        for column in &meta.columns {
            let name = iden(&format!("{PREFIX}{}", column.name));
            select.expr_as(value::select(meta, column, backend), name);
        }
        DeletionStamp::select(&mut select, meta, backend);
        let is_deleted =
            crate::engine::cascade::rows::in_scope_now(meta, crate::model::Scope::OnlyDeleted);
        select.expr_as(
            Expr::case(is_deleted, Expr::cust("1")).finally(Expr::cust("0")),
            iden("soft_delete_is_deleted"),
        );
        let found = db.query_one(&select).await?;
        let Some(found) = found else {
            active_view::refuse(db, meta).await?;
            return Err(Error::NotFound {
                table: meta.table.clone(),
            });
        };
        let mut columns = Vec::with_capacity(meta.columns.len());
        for column in &meta.columns {
            let name = format!("{PREFIX}{}", column.name);
            let value = value::read(&found, meta, column, &name)?;
            columns.push((column.name.clone(), value));
        }
        let is_deleted = found.try_get::<i32>("", "soft_delete_is_deleted")? == 1;
        let deletion = match is_deleted {
            true => {
                let stamp = DeletionStamp::read(&found, meta)?;
                Some(row.deletion(stamp, db).await?)
            }
            false => None,
        };
        Ok(TrashRow {
            table: meta.table.clone(),
            key: row.key.iter().cloned().map(RowValue).collect(),
            columns,
            deletion,
        })
    }
}

impl Row {
    async fn deletion<C>(&self, stamp: DeletionStamp, db: &C) -> Result<RowDeletion, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let (meta, backend) = (self.meta(), db.get_database_backend());
        let taken = any(taken_with_parent(
            meta,
            self.group.entities(),
            Some(backend),
        ));
        let mut with_parent = self.select(backend);
        with_parent.expr(Expr::cust("1")).and_where(taken);
        let with_parent = db.query_one(&with_parent).await?.is_some();
        let tables = match stamp.identity() {
            Some(identity) => tables_of_row(db, &self.group, self.entity, identity).await?,
            None => TableCounts::default(),
        };
        let run = by_key(
            self.group.clone(),
            self.entity,
            self.key(backend),
            Options::default(),
        );
        Ok(RowDeletion {
            stamp,
            with_parent,
            tables,
            restore: run.plan(db).await?,
        })
    }
}

/// A row by its table and key.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TrashRow {
    /// Its table.
    pub table: TableName,
    /// The values of its primary key.
    pub key: Vec<RowValue>,
    /// All columns of the entity, with the row's values.
    pub columns: Vec<(String, RowValue)>,
    /// Its deletion; `None` if it is active.
    pub deletion: Option<RowDeletion>,
}

/// The deletion of a row.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RowDeletion {
    /// When, by whom, and why.
    pub stamp: DeletionStamp,
    /// Whether it was deleted along with a parent, and not itself.
    pub with_parent: bool,
    /// How many rows the whole deletion has in the trash, by table, parents before children.
    pub tables: TableCounts,
    /// What a restore of the row would do.
    pub restore: RestorePlan,
}
