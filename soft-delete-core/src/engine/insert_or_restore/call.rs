//! One call: its models, and the transaction that all of it is in.

use std::collections::BTreeMap;

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbErr, Insert, InsertMany, IntoActiveModel,
    QueryFilter as _, SqlErr, TransactionSession as _, TransactionTrait,
};

use super::{
    InsertOrRestoreManyResult, InsertOrRestorePlan, InsertOrRestoreResult, Model,
    find::{By, Found},
    given::{Given, as_active},
    run::Run,
};
use crate::{
    engine::{cascade::rows::has_key, restore::Options, transaction},
    model::{EntityMeta, Error, Registry},
    query::SoftDelete,
};

/// So many models are looked at together.
const MODELS: usize = 2_000;
/// So many values are bound by one INSERT, well below every backend's limit.
const VALUES: usize = 10_000;

/// What was asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    pub(super) by: Option<Vec<String>>,
    pub(super) with_children: bool,
    pub(super) with_parents: bool,
    pub(super) registry: Option<Registry>,
}

pub(super) struct Call<A> {
    models: Vec<A>,
    given: Vec<Given>,
    run: Run,
}

impl<A> Call<A>
where
    A: ActiveModelTrait + Send + Sync,
    A::Entity: SoftDelete,
{
    pub(super) fn new(mut models: Vec<A>, settings: &Settings) -> Result<Self, Error> {
        let meta = A::Entity::meta();
        let registry = settings.registry.as_ref().unwrap_or(Registry::global());
        let (group, root) = registry.group_of(meta)?;
        let by = by(group.entity(root), settings.by.as_deref())?;
        models.iter_mut().try_for_each(as_active)?;
        let given = models.iter().map(Given::of).collect();
        let options = Options {
            with_parents: settings.with_parents,
            without_children: !settings.with_children,
            ..Options::default()
        };
        let run = Run {
            group,
            root,
            by,
            options,
        };
        Ok(Self { models, given, run })
    }

    pub(super) async fn exec_one<C>(&self, db: &C) -> Result<InsertOrRestoreResult<Model<A>>, Error>
    where
        Model<A>: IntoActiveModel<A>,
        C: ConnectionTrait + TransactionTrait,
    {
        let mut locks = false;
        loop {
            let transaction = transaction::begin(db).await?;
            match self.attempt_one(&transaction, locks).await {
                Ok(done) => {
                    transaction.commit().await?;
                    return Ok(done);
                }
                Err(error) => locks = lock_next_time(db, transaction, error, locks).await?,
            }
        }
    }

    async fn attempt_one<C>(
        &self,
        db: &C,
        locks: bool,
    ) -> Result<InsertOrRestoreResult<Model<A>>, Error>
    where
        Model<A>: IntoActiveModel<A>,
        C: ConnectionTrait + TransactionTrait,
    {
        let found = self.run.find(db, &self.given, locks).await?;
        let Some(key) = found.key(0) else {
            let model = self.models.first().cloned();
            let model = model.ok_or(DbErr::RecordNotInserted)?;
            let model = Insert::one(model).exec_with_returning(db).await?;
            return Ok(InsertOrRestoreResult {
                model,
                restoration: None,
            });
        };
        let restoration = self.run.restore(db, &self.given, &found).await?;
        let is_it = has_key(self.run.meta(), [key], db.get_database_backend());
        let model = A::Entity::active().filter(is_it).one(db).await?;
        // A trigger may have changed it again.
        let table = || self.run.meta().table.to_string();
        Ok(InsertOrRestoreResult {
            model: model.ok_or_else(|| DbErr::RecordNotFound(table()))?,
            restoration: Some(restoration),
        })
    }

    pub(super) async fn exec_many<C>(&self, db: &C) -> Result<InsertOrRestoreManyResult, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        if self.models.is_empty() {
            return Ok(InsertOrRestoreManyResult::default());
        }
        let mut locks = false;
        loop {
            let transaction = transaction::begin(db).await?;
            match self.attempt_many(&transaction, locks).await {
                Ok(done) => {
                    transaction.commit().await?;
                    return Ok(done);
                }
                Err(error) => locks = lock_next_time(db, transaction, error, locks).await?,
            }
        }
    }

    async fn attempt_many<C>(&self, db: &C, locks: bool) -> Result<InsertOrRestoreManyResult, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let mut done = InsertOrRestoreManyResult::default();
        for (models, given) in self.batches() {
            let found = self.run.find(db, given, locks).await?;
            let restoration = self.run.restore(db, given, &found).await?;
            done.restoration.add(restoration);
            done.inserted += insert(db, models, given, &found).await?;
        }
        Ok(done)
    }

    pub(super) async fn plan<C>(&self, db: &C) -> Result<InsertOrRestorePlan, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let transaction = transaction::begin(db).await?;
        let tried = self.try_out(&transaction).await;
        transaction::revert(db, transaction, tried).await
    }

    async fn try_out<C>(&self, db: &C) -> Result<InsertOrRestorePlan, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let mut plan = InsertOrRestorePlan::default();
        for (models, given) in self.batches() {
            let found = self.run.find(db, given, true).await?;
            let restore = self.run.plan(db, given, &found).await?;
            plan.restore.add(restore);
            let inserted = (0..models.len()).filter(|place| found.key(*place).is_none());
            plan.inserted += inserted.count() as u64;
        }
        Ok(plan)
    }

    fn batches(&self) -> impl Iterator<Item = (&[A], &[Given])> {
        self.models.chunks(MODELS).zip(self.given.chunks(MODELS))
    }
}

/// Inserts the models that mean no deleted row: those together that set the same columns, so that the others get their defaults.
async fn insert<A, C>(db: &C, models: &[A], given: &[Given], found: &Found) -> Result<u64, Error>
where
    A: ActiveModelTrait + Send + Sync,
    C: ConnectionTrait,
{
    let mut groups: BTreeMap<Vec<&str>, Vec<A>> = BTreeMap::new();
    for (place, (model, given)) in models.iter().zip(given).enumerate() {
        if found.key(place).is_none() {
            let group = groups.entry(given.columns()).or_default();
            group.push(model.clone());
        }
    }
    let mut inserted = 0;
    for (columns, models) in groups {
        if columns.is_empty() {
            for model in models {
                inserted += Insert::one(model).exec_without_returning(db).await?;
            }
            continue;
        }
        for models in models.chunks(Ord::max(VALUES / columns.len(), 1)) {
            let insert = InsertMany::many(models.iter().cloned());
            inserted += insert.exec_without_returning(db).await?;
        }
    }
    Ok(inserted)
}

/// What deleted rows are looked for by.
fn by(meta: &EntityMeta, asked: Option<&[String]>) -> Result<Vec<By>, Error> {
    let uniques = meta.unique.iter().filter(|unique| !unique.is_conditional());
    let uniques = uniques.map(|unique| By::Unique(unique.clone()));
    let all = std::iter::once(By::PrimaryKey).chain(uniques);
    let Some(asked) = asked else {
        return Ok(all.collect());
    };
    let is_it = |by: &By| {
        let columns = match by {
            By::PrimaryKey => &meta.primary_key,
            By::Unique(unique) => &unique.columns,
        };
        columns.len() == asked.len() && columns.iter().all(|name| asked.contains(name))
    };
    match all.into_iter().find(is_it) {
        Some(by) => Ok(vec![by]),
        None => Err(Error::NotUnique {
            table: meta.table.clone(),
            columns: asked.to_vec(),
        }),
    }
}

/// Ends an attempt that has failed. The next one locks what it reads, if there is to be one.
async fn lock_next_time<C>(
    db: &C,
    transaction: C::Transaction,
    error: Error,
    locks: bool,
) -> Result<bool, Error>
where
    C: ConnectionTrait + TransactionTrait,
{
    let error = transaction::abort(db, transaction, error).await;
    match !locks && may_be_a_race(&error) {
        true => Ok(true),
        false => Err(error),
    }
}

/// Whether a row may have been deleted or restored between the look for it and what was written then.
fn may_be_a_race(error: &Error) -> bool {
    match error {
        Error::NotUpdated { .. } => true,
        Error::Db(error) => {
            matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
        }
        _ => false,
    }
}
