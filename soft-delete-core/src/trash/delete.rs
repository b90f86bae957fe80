//! Deletes by table and key.

use sea_orm::{ConnectionTrait, TransactionTrait, Value};

use super::{Row, Trash};
use crate::{
    engine::{DeletePlan, Deletion, delete::run::Run},
    model::{Error, stamp::Stamp},
};

impl Trash {
    /// Deletes a row, and what its foreign keys say: see [`DeleteRow`].
    ///
    /// # Errors
    ///
    /// [`Error::UnknownTable`] and [`Error::InvalidKey`].
    pub fn delete(&self, table: &str, key: Vec<Value>) -> Result<DeleteRow, Error> {
        Ok(DeleteRow {
            row: self.row(table, key)?,
            actor: None,
            reason: None,
        })
    }
}

/// The delete of a row that is named by its table and key: made by [`Trash::delete`]. It does what [`Delete`](crate::Delete) does.
#[derive(Clone, Debug)]
#[must_use = "nothing is deleted until `exec(&db)` is awaited"]
pub struct DeleteRow {
    row: Row,
    actor: Option<Value>,
    reason: Option<String>,
}

impl DeleteRow {
    /// Who deletes: goes into `deleted_by` of every row the deletion takes, where its entity has that column.
    pub fn by(mut self, actor: impl Into<Value>) -> Self {
        self.actor = Some(actor.into());
        self
    }

    /// Why: goes into `delete_reason` of every row the deletion takes, where its entity has that column.
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Runs it in one transaction.
    ///
    /// # Errors
    ///
    /// [`Error::MissingColumn`] for [`by`](Self::by) or [`reason`](Self::reason) of a table without that column, and as
    /// [`Delete::exec`](crate::Delete::exec).
    pub async fn exec<C>(self, db: &C) -> Result<Deletion, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        self.run(db)?.exec(db).await
    }

    /// What it would do, without doing it.
    ///
    /// # Errors
    ///
    /// As [`exec`](Self::exec), but what restricts the deletion is in the plan and not an error.
    pub async fn plan<C>(self, db: &C) -> Result<DeletePlan, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        self.run(db)?.plan(db).await
    }

    fn run<C: ConnectionTrait>(self, db: &C) -> Result<Run, Error> {
        let meta = self.row.meta();
        let missing = |method, column| Error::MissingColumn {
            table: meta.table.clone(),
            method,
            column,
        };
        if self.actor.is_some() && meta.stamp.deleted_by.is_none() {
            return Err(missing("by", "deleted_by"));
        }
        if self.reason.is_some() && meta.stamp.delete_reason.is_none() {
            return Err(missing("reason", "delete_reason: Option<String>"));
        }
        let key = self.row.key(db.get_database_backend());
        Ok(Run {
            root: self.row.entity,
            condition: key.condition.clone(),
            key: Some(key),
            stamp: Stamp {
                deleted_by: self.actor,
                delete_reason: self.reason,
                ..Stamp::new(None)
            },
            at_is_given: false,
            expected: None,
            group: self.row.group,
        })
    }
}
