//! Restores by table and key, and of a whole deletion.

use sea_orm::{ConnectionTrait, TransactionTrait, Value};
use uuid::Uuid;

use super::{Row, Trash};
use crate::{
    engine::{
        ConflictPolicy, Restoration, RestorePlan, Undo,
        restore::{Options, by_key, run::Run},
    },
    model::Error,
};

impl Trash {
    /// Restores a row, with what its deletion took below it: see [`Restore`](crate::Restore).
    ///
    /// # Errors
    ///
    /// [`Error::UnknownTable`] and [`Error::InvalidKey`].
    pub fn restore(&self, table: &str, key: Vec<Value>) -> Result<RestoreTrashed, Error> {
        Ok(RestoreTrashed {
            row: self.row(table, key)?,
            options: Options::default(),
        })
    }

    /// Restores all that a deletion took, by its id.
    pub fn undo(&self, id: Uuid) -> Undo {
        Undo::in_group(id, self.group.clone())
    }
}

/// The restore of a row that is named by its table and key: made by [`Trash::restore`].
#[derive(Clone, Debug)]
#[must_use = "nothing is restored until `exec(&db)` is awaited"]
pub struct RestoreTrashed {
    row: Row,
    options: Options,
}

impl RestoreTrashed {
    /// Restores deleted parents too: see [`Restore::with_parents`](crate::Restore::with_parents).
    pub fn with_parents(mut self) -> Self {
        self.options.with_parents = true;
        self
    }

    /// What to do about unique values that are taken: see [`Restore::on_conflict`](crate::Restore::on_conflict).
    pub fn on_conflict(mut self, policy: ConflictPolicy) -> Self {
        self.options.on_conflict = policy;
        self
    }

    /// Who restores it, for the hooks: see [`Restore::by`](crate::Restore::by).
    pub fn by(mut self, actor: impl Into<Value>) -> Self {
        self.options.actor = Some(actor.into());
        self
    }

    /// Runs it in one transaction.
    ///
    /// # Errors
    ///
    /// As [`Restore::exec`](crate::Restore::exec).
    pub async fn exec<C>(self, db: &C) -> Result<Restoration, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        self.run(db).exec(db).await
    }

    /// What it would do, without doing it.
    ///
    /// # Errors
    ///
    /// As [`Restore::plan`](crate::Restore::plan).
    pub async fn plan<C>(self, db: &C) -> Result<RestorePlan, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        self.run(db).plan(db).await
    }

    fn run<C: ConnectionTrait>(self, db: &C) -> Run {
        let key = self.row.key(db.get_database_backend());
        by_key(self.row.group, self.row.entity, key, self.options)
    }
}
