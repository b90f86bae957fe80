//! How a delete in batches runs: depth first, so that what waits is one batch for each level.

use sea_orm::{ConnectionTrait, TransactionTrait};

use super::{
    Watcher,
    batch::Batch,
    level::{Level, Step},
    statements::{Key, Statements},
};
use crate::{
    engine::{
        Deletion, Outcome,
        cascade::{
            keeps, nullable,
            rows::readable_time,
            walk::RowCounts,
            watch::{self, what_is_watched},
        },
        delete::{
            restrict::{blockers_of, blockers_of_marked},
            run::Run,
        },
        value::read_all,
    },
    model::{Blocker, Error, graph::Cascade},
};

/// How many values of keys a statement binds.
const MOST_VALUES: u64 = 30_000;

/// How often a batch is tried that others get in the way of.
const ATTEMPTS: usize = 3;

pub(super) struct BatchRun {
    run: Run,
    rows: u64,
    watcher: Watcher,
}

/// A run with its connection.
pub(super) struct Walk<'r, C> {
    pub(super) db: &'r C,
    pub(super) run: &'r Run,
    pub(super) statements: Statements<'r>,
    /// Whether something may keep rows as they are.
    pub(super) is_watched: bool,
    watcher: &'r mut Watcher,
    counts: RowCounts,
}

impl BatchRun {
    pub(super) fn new(run: Run, rows: u64, watcher: Watcher) -> Self {
        Self { run, rows, watcher }
    }

    pub(super) async fn exec<C>(mut self, db: &C, is_continued: bool) -> Result<Deletion, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let backend = db.get_database_backend();
        self.run.bind_key(backend);
        if is_continued {
            self.take_over_stamp(db).await?;
        }
        self.run.look_as_of_its_time(db).await?;
        let group = self.run.group.clone();
        let mut cascade = Cascade::from(&group, &[self.run.root]);
        require_deletion_id(&cascade)?;
        nullable::ask_database(db, &mut cascade).await?;
        self.run.check_actor(&cascade)?;
        self.run.check_touch(&cascade)?;
        self.run.check_version(db).await?;
        let keeps = keeps::read(db, &cascade, self.run.stamp.deleted_at).await?;
        self.run.stamp.deleted_at = keeps.cut(self.run.stamp.deleted_at);
        let found = self.blockers(db, &cascade).await?;
        self.run.refuse_if_any(found)?;
        let rows = self.rows_of_batch(&cascade);
        let Self {
            run, mut watcher, ..
        } = self;
        let stamp = run.stamp.clone();
        let mut walk = Walk {
            db,
            run: &run,
            watcher: &mut watcher,
            statements: Statements {
                backend,
                cascade: &cascade,
                stamp: &stamp,
                rows,
            },
            counts: RowCounts::of(&group, run.root, 0),
            is_watched: what_is_watched(db, &watch::tables(&cascade)).await?.rows,
        };
        walk.all(is_continued).await?;
        let counts = walk.counts;
        let outcome = match counts.total() {
            0 => run.why_none(db).await?.unwrap_or(Outcome::Deleted),
            _ => Outcome::Deleted,
        };
        Ok(run.deletion(&cascade, counts, outcome, None))
    }

    /// A continued deletion has the stamp that its rows have.
    async fn take_over_stamp<C>(&mut self, db: &C) -> Result<(), Error>
    where
        C: ConnectionTrait,
    {
        let backend = db.get_database_backend();
        let run = &mut self.run;
        let group = run.group.clone();
        let cascade = Cascade::from(&group, &[run.root]);
        let meta = group.entity(run.root);
        if meta.stamp.deletion_id.is_none() {
            return Ok(());
        }
        let names = &meta.stamp;
        let statements = Statements {
            backend,
            cascade: &cascade,
            stamp: &run.stamp,
            rows: 1,
        };
        let mut select = statements.stamp_of(run.root);
        const AT: &str = "soft_delete_at";
        select.expr_as(readable_time(meta, backend), AT);
        let Some(row) = db.query_one(&select).await? else {
            return Ok(());
        };
        // It was of that version and of a time to come when it began.
        run.expected = None;
        run.at_is_given = false;
        if let Some(at) = names.read_known_time(&row, &meta.table, AT)? {
            run.stamp.deleted_at = at;
        }
        if let Some(name) = &names.deleted_by {
            let mut actor = read_all(&row, meta, std::slice::from_ref(name), "")?;
            run.stamp.deleted_by = actor.pop();
        }
        if let Some(name) = &names.delete_reason {
            run.stamp.delete_reason = row.try_get("", name)?;
        }
        Ok(())
    }

    /// Rows that forbid the deletion, where one query can tell.
    async fn blockers<C>(&self, db: &C, cascade: &Cascade<'_>) -> Result<Vec<Blocker>, Error>
    where
        C: ConnectionTrait,
    {
        let reach = self.run.reach(cascade, db.get_database_backend());
        match reach.is_known() && self.run.may_repeat_condition() {
            true => blockers_of(db, &reach, true).await,
            false => Ok(Vec::new()),
        }
    }

    fn rows_of_batch(&self, cascade: &Cascade<'_>) -> u64 {
        let columns = |entity| cascade.group.entity(entity).primary_key.len() as u64;
        let nulled = cascade.set_null.iter().map(|edge| edge.child);
        let widest = cascade.entities().chain(nulled).map(columns).max();
        self.rows.clamp(1, MOST_VALUES / widest.unwrap_or(1).max(1))
    }
}

impl<C> Walk<'_, C>
where
    C: ConnectionTrait + TransactionTrait,
{
    async fn all(&mut self, is_continued: bool) -> Result<(), Error> {
        let cascade = self.statements.cascade;
        if is_continued {
            for entity in cascade.entities() {
                let steps = self.steps(entity);
                self.below_taken(entity, &steps).await?;
            }
        }
        let mut after = None;
        let condition = self.run.to_be_marked();
        loop {
            let roots = Batch::Roots(&condition);
            let keys = self.batch(&roots, after.as_ref()).await?;
            if keys.is_empty() && after.take().is_none() {
                break;
            }
            after = keys.last().cloned();
            self.counts.roots += keys.len() as u64;
            self.follow(Level::new(keys, self.steps(self.run.root)))
                .await?;
        }
        self.finish().await
    }

    /// What can be told of rows that the cascade may take itself only when it has.
    async fn finish(&mut self) -> Result<(), Error> {
        let cascade = self.statements.cascade;
        if self.counts.total() == 0 {
            return Ok(());
        }
        let restrict: Vec<_> = cascade
            .restrict
            .iter()
            .copied()
            .filter(|edge| cascade.has(edge.child))
            .collect();
        if !restrict.is_empty() {
            let marking = self.run.marking(cascade, self.statements.backend, false);
            let found =
                blockers_of_marked(self.db, &marking, &self.counts, &restrict, true).await?;
            self.run.refuse_if_any(found)?;
        }
        for edge in &cascade.set_null {
            if cascade.has(edge.child) {
                self.below_taken(edge.parent, &[Step::SetNull(*edge)])
                    .await?;
            }
        }
        Ok(())
    }

    /// What follows a batch of an entity's rows.
    fn steps(&self, entity: usize) -> Vec<Step> {
        let cascade = self.statements.cascade;
        let marked = cascade.group.cascades_from(entity).map(Step::Mark);
        let nulled = cascade.set_null.iter().copied();
        let nulled = nulled.filter(|edge| edge.parent == entity && !cascade.has(edge.child));
        marked.chain(nulled.map(Step::SetNull)).collect()
    }

    /// Follows all rows of an entity that the deletion has taken.
    async fn below_taken(&mut self, entity: usize, steps: &[Step]) -> Result<(), Error> {
        if steps.is_empty() {
            return Ok(());
        }
        let mut after = None;
        loop {
            let select = self.statements.taken(entity, after.as_ref());
            let keys = self.read_keys(self.db, entity, select).await?;
            let Some(last) = keys.last().cloned() else {
                return Ok(());
            };
            after = Some(last);
            self.follow(Level::new(keys, steps.to_vec())).await?;
        }
    }

    async fn follow(&mut self, first: Level) -> Result<(), Error> {
        let mut levels = vec![first];
        while let Some(level) = levels.last_mut() {
            let Some(step) = level.next() else {
                levels.pop();
                continue;
            };
            let parents = &level.keys[level.from..level.to];
            let found = self
                .batch(&Batch::Below(step, parents), level.after.as_ref())
                .await?;
            level.found(&found, self.statements.rows);
            if let Step::Mark(edge) = step {
                let steps = self.steps(edge.child);
                if !found.is_empty() && !steps.is_empty() {
                    levels.push(Level::new(found, steps));
                }
            }
        }
        Ok(())
    }

    /// Deletes the next rows, and gives their keys.
    async fn batch(&mut self, batch: &Batch<'_>, after: Option<&Key>) -> Result<Vec<Key>, Error> {
        let mut attempt = 1;
        let keys = loop {
            match self.try_batch(batch, after).await {
                Err(error) if error.is_retryable() && attempt < ATTEMPTS => attempt += 1,
                done => break done?,
            }
        };
        let entity = batch.entity(self.run.root);
        let is_marked = !matches!(batch, Batch::Below(Step::SetNull(_), _));
        if is_marked && !keys.is_empty() {
            self.counts.add(entity, keys.len() as u64);
            let table = &self.run.group.entity(entity).table;
            self.watcher.tell(table, keys.len() as u64);
        }
        Ok(keys)
    }
}

/// A deletion that ends early is found again by its id.
fn require_deletion_id(cascade: &Cascade<'_>) -> Result<(), Error> {
    let group = cascade.group;
    let Some(entity) = cascade
        .entities()
        .find(|entity| group.entity(*entity).stamp.deletion_id.is_none())
    else {
        return Ok(());
    };
    let table = &group.entity(entity).table;
    let parent = cascade.edges_into(entity).next();
    let parent = parent.map_or(table, |edge| &group.entity(edge.parent).table);
    Err(Error::MissingDeletionId {
        table: table.clone(),
        child: Box::new(table.clone()),
        parent: Box::new(parent.clone()),
    })
}
