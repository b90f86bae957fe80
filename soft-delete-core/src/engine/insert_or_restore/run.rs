//! How deleted rows come back with new values: find them, write the values while they are deleted, and restore them by the rules of a
//! restore.

use std::sync::Arc;

use sea_orm::{ConnectionTrait, TransactionTrait, Value, sea_query::Expr};

use super::{
    assign::{assign, writes_any},
    find::{By, Found, find},
    given::Given,
};
use crate::{
    dialect,
    engine::{
        Restoration, RestorePlan,
        cascade::rows::{RowKey, has_key},
        restore::{
            Options,
            run::{Run as RestoreRun, Start},
        },
    },
    model::{EntityMeta, Error, display::display_key, graph::Group},
};

/// What is known but the connection and the models.
pub(super) struct Run {
    pub(super) group: Arc<Group>,
    pub(super) root: usize,
    /// What deleted rows are looked for by, in this order.
    pub(super) by: Vec<By>,
    pub(super) options: Options,
}

impl Run {
    pub(super) fn meta(&self) -> &EntityMeta {
        self.group.entity(self.root)
    }

    /// The deleted rows that models mean, with the new values in them.
    pub(super) async fn find<C: ConnectionTrait>(
        &self,
        db: &C,
        models: &[Given],
        locks: bool,
    ) -> Result<Found, Error> {
        let mut found = Found::new(models.len());
        for by in &self.by {
            find(db, self.meta(), by, models, locks, &mut found).await?;
        }
        if writes_any(self.meta(), models, &found) {
            if dialect::locks_rows(db.get_database_backend()) {
                // Parents before children.
                let keys = found_keys(models, &found);
                let condition = has_key(self.meta(), keys, db.get_database_backend());
                let run = self.restore_of(condition.clone(), None);
                run.lock_parents(db, self.root, &condition).await?;
            }
            assign(db, self.meta(), models, &found).await?;
        }
        Ok(found)
    }

    /// Restores the rows.
    ///
    /// # Errors
    ///
    /// [`Error::NotUpdated`] if one was restored meanwhile, and those of a restore.
    pub(super) async fn restore<C>(
        &self,
        db: &C,
        models: &[Given],
        found: &Found,
    ) -> Result<Restoration, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let Some((run, rows)) = self.restore_run(db, models, found) else {
            return Ok(Restoration::default());
        };
        let restoration = run.exec(db).await?;
        if restoration.rows_affected < rows {
            let keys = found_keys(models, found)
                .take(5)
                .map(|key| display_key(key));
            return Err(Error::NotUpdated {
                table: self.meta().table.clone(),
                rows: keys.collect::<Vec<_>>().join(", "),
            });
        }
        Ok(restoration)
    }

    pub(super) async fn plan<C>(
        &self,
        db: &C,
        models: &[Given],
        found: &Found,
    ) -> Result<RestorePlan, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        match self.restore_run(db, models, found) {
            Some((run, _)) => run.plan(db).await,
            None => Ok(RestorePlan::default()),
        }
    }

    /// The restore, and of how many rows.
    fn restore_run<C: ConnectionTrait>(
        &self,
        db: &C,
        models: &[Given],
        found: &Found,
    ) -> Option<(RestoreRun, u64)> {
        let backend = db.get_database_backend();
        let keys: Vec<_> = found_keys(models, found).collect();
        let (condition, key) = match keys.as_slice() {
            [] => return None,
            [key] => {
                let key = RowKey::new(self.meta(), (*key).clone(), backend);
                (key.condition.clone(), Some(key))
            }
            keys => (has_key(self.meta(), keys.iter().copied(), backend), None),
        };
        Some((self.restore_of(condition, key), keys.len() as u64))
    }

    fn restore_of(&self, condition: Expr, key: Option<RowKey>) -> RestoreRun {
        let start = Start::Rows {
            root: self.root,
            condition,
            key,
            expected: None,
        };
        RestoreRun::new(self.group.clone(), start, self.options.clone())
    }
}

fn found_keys<'f>(models: &'f [Given], found: &'f Found) -> impl Iterator<Item = &'f Vec<Value>> {
    (0..models.len()).filter_map(|place| found.key(place))
}
