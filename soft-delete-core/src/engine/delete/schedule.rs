//! Deletes at a time to come: rows of `#[soft_delete(scheduled)]` stay active until then.
//!
//! A deletion takes the rows that are active at its own time: those that have none, and those that are scheduled for later, below a
//! row deleted now too. So no row outlives one above it.

use std::sync::Arc;

use chrono::Utc;
use sea_orm::ConnectionTrait;

use crate::{
    engine::{cascade::keeps, delete::run::Run},
    model::{Error, graph::Cascade},
};

impl Run {
    /// Looks at rows as of the time of the deletion, if rows of its cascade are scheduled.
    ///
    /// # Errors
    ///
    /// [`Error::ScheduledInPast`], [`Error::NotScheduled`], and [`Error::MissingDeletionId`] where only a time would tell the deletion.
    pub(super) async fn look_as_of_its_time<C: ConnectionTrait>(
        &mut self,
        db: &C,
    ) -> Result<(), Error> {
        let group = self.group.clone();
        let cascade = Cascade::from(&group, &[self.root]);
        let is_scheduled = |entity: &usize| group.entity(*entity).stamp.scheduled;
        if !cascade.entities().any(|entity| is_scheduled(&entity)) {
            return Ok(());
        }
        self.check_schedule(&cascade)?;
        let mut entities = cascade.entities().map(|entity| group.entity(entity));
        let root = self.root_meta();
        if let Some(lacking) = entities.find(|meta| meta.stamp.deletion_id.is_none()) {
            return Err(Error::MissingDeletionId {
                table: lacking.table.clone(),
                child: Box::new(lacking.table.clone()),
                parent: Box::new(root.table.clone()),
            });
        }
        // What is stored must not be later than what it is compared with.
        let keeps = keeps::of_columns(db, &cascade, self.stamp.deleted_at).await?;
        self.stamp.deleted_at = keeps.cut(self.stamp.deleted_at);
        self.group = Arc::new(group.as_of(self.stamp.deleted_at));
        Ok(())
    }

    fn check_schedule(&self, cascade: &Cascade<'_>) -> Result<(), Error> {
        let root = self.root_meta();
        let is_to_come = self.stamp.deleted_at > Utc::now();
        if !is_to_come {
            return match self.at_is_given && root.stamp.scheduled {
                true => Err(Error::ScheduledInPast {
                    table: root.table.clone(),
                    at: self.stamp.deleted_at,
                }),
                false => Ok(()),
            };
        }
        let group = cascade.group;
        let other = cascade
            .entities()
            .find(|entity| group.entity(*entity).stamp.scheduled != root.stamp.scheduled);
        // The key would be NULL at once.
        let nulled = cascade.set_null.first().map(|edge| edge.child);
        match other.or(nulled) {
            None => Ok(()),
            Some(other) => Err(Error::NotScheduled {
                table: root.table.clone(),
                other: Box::new(group.entity(other).table.clone()),
            }),
        }
    }
}
