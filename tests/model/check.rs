//! Runs a case on a database and on the oracle, side by side.

use std::{collections::BTreeSet, fmt, time::Duration};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, IsolationLevel, TransactionSession,
    TransactionTrait,
};
use soft_delete::{OnDelete, ScopedConnection};
use tokio::time::timeout;

use super::{
    aim::aim,
    answer::{Answer, Place, Row, Rows},
    cancel::{cancelled, settled},
    database::Database,
    layout::Layout,
    operation::Operation,
    oracle::{Oracle, parents},
    random::{Around, Case, Step, Where},
    raw,
    schema::Rules,
    telling::Code,
};
use support::Connection;

/// The engine did something else than the oracle.
#[derive(Debug)]
pub struct Disagreement(pub String);

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Disagreement {}

impl From<DbErr> for Disagreement {
    fn from(error: DbErr) -> Self {
        Self(error.to_string())
    }
}

pub type Checked = Result<(), Disagreement>;

/// Whether the database has triggers that refuse an active row under a deleted parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Triggers {
    None,
    ActiveParent,
}

/// Checks a case, beginning with empty tables.
pub async fn check(db: &Connection, layout: &Layout, case: &Case) -> Checked {
    check_beside(db, layout, case, Triggers::None).await
}

/// [`check`], on tables that may have triggers.
pub async fn check_beside(
    db: &Connection,
    layout: &Layout,
    case: &Case,
    triggers: Triggers,
) -> Checked {
    let pool: &DatabaseConnection = db.unscoped();
    settled(pool).await;
    let transaction = pool.begin().await?;
    raw::clear(&transaction).await?;
    transaction.commit().await?;
    let run = Run {
        layout,
        case,
        triggers,
    };
    match case.place {
        Where::Connection => run.check(db, async || settled(pool).await).await,
        Where::Transaction(level) => {
            let level = level.filter(|_| can_have(level, db.get_database_backend()));
            let transaction = db.begin_with_config(level, None).await?;
            let checked = run.check(&transaction, async || {}).await;
            transaction.rollback().await?;
            checked
        }
    }
}

/// Whether a whole case may be in one transaction of this level. PostgreSQL's snapshots get too old with any commit on the server.
fn can_have(level: Option<IsolationLevel>, backend: DbBackend) -> bool {
    match backend {
        DbBackend::MySql => true,
        DbBackend::Postgres => level == Some(IsolationLevel::ReadCommitted),
        _ => false,
    }
}

struct Run<'r> {
    layout: &'r Layout,
    case: &'r Case,
    triggers: Triggers,
}

/// The rows on both sides.
struct Sides {
    database: Database,
    oracle: Oracle,
}

/// Whether a case goes on.
enum Goes {
    On,
    /// A deletion is done whose result is lost.
    NoFurther,
}

/// How long an operation may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often what is to be tried again is tried.
const ATTEMPTS: usize = 10;

impl Run<'_> {
    /// `settled` waits until nothing is left to do of what was cancelled.
    async fn check<C>(&self, db: &ScopedConnection<C>, settled: impl AsyncFn()) -> Checked
    where
        C: ConnectionTrait + TransactionTrait,
        C::Transaction: ConnectionTrait + TransactionTrait + TransactionSession,
        <C::Transaction as TransactionTrait>::Transaction: ConnectionTrait + TransactionTrait,
    {
        let rules = &self.case.rules;
        let database = Database::new(rules.registry(), self.layout);
        let oracle = Oracle::new(rules, &database.clock);
        let mut sides = Sides { database, oracle };
        let mut done = Vec::new();
        let begins = |step: &&Step| matches!(step.operation, Operation::Insert { .. });
        let begin = self.case.steps.iter().take_while(begins).count();
        let (begin, rest) = self.case.steps.split_at(begin);
        sides.insert(db, begin, &mut done).await?;
        for step in rest {
            let operation = match step.is_aimed {
                true => aim(&step.operation, &sides.oracle),
                false => step.operation.clone(),
            };
            let Some(operation) = sides.oracle.possible(operation) else {
                continue;
            };
            if self.triggers == Triggers::ActiveParent && makes_orphans(&sides.oracle, &operation) {
                // In a transaction of PostgreSQL's the refusal would be the end.
                if self.case.place == Where::Connection
                    && sides.database.exec(db, &operation).await.is_ok()
                {
                    return Err(Disagreement(format!("no trigger refused {operation:?}")));
                }
                continue;
            }
            let around = match step.around {
                _ if !operation.is_engines() => Around::Nothing,
                // SeaORM rolls the caller's transaction back if the future is dropped that makes a savepoint in it. And the servers'
                // drivers may keep a connection for ever whose statement was dropped.
                Around::Cancelled(_)
                    if self.case.place != Where::Connection
                        || db.get_database_backend() != DbBackend::Sqlite =>
                {
                    Around::Nothing
                }
                around => around,
            };
            let step = Step {
                operation,
                is_aimed: false,
                around,
            };
            done.push(step.clone());
            let checked = timeout(PATIENCE, sides.check(db, &step, &settled)).await;
            let checked =
                checked.unwrap_or_else(|_| Err(Disagreement("the last did not end".to_owned())));
            let goes = checked.map_err(|error| {
                let (steps, layout) = (&done, self.layout);
                let code = Code { rules, steps };
                Disagreement(format!("{error}\n{code}\non {layout:?}"))
            })?;
            if let Goes::NoFurther = goes {
                break;
            }
        }
        Ok(())
    }
}

impl Sides {
    /// The rows that a case begins with, in one transaction, which servers are quick with.
    async fn insert<C>(
        &mut self,
        db: &ScopedConnection<C>,
        steps: &[Step],
        done: &mut Vec<Step>,
    ) -> Checked
    where
        C: ConnectionTrait + TransactionTrait,
        C::Transaction: ConnectionTrait + TransactionTrait + TransactionSession,
        <C::Transaction as TransactionTrait>::Transaction: ConnectionTrait + TransactionTrait,
    {
        let transaction = db.begin().await?;
        for step in steps {
            let Some(operation) = self.oracle.possible(step.operation.clone()) else {
                continue;
            };
            self.oracle.apply(&operation);
            self.database.exec(&transaction, &operation).await?;
            done.push(Step::as_it_is(operation));
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn check<C>(
        &mut self,
        db: &ScopedConnection<C>,
        step: &Step,
        settled: &impl AsyncFn(),
    ) -> Result<Goes, Disagreement>
    where
        C: ConnectionTrait + TransactionTrait,
        C::Transaction: ConnectionTrait + TransactionTrait + TransactionSession,
        <C::Transaction as TransactionTrait>::Transaction: ConnectionTrait + TransactionTrait,
    {
        let operation = &step.operation;
        let before = self.oracle.clone();
        let expected = self.oracle.apply(operation);
        if let Some(plan) = expected.plan {
            same("plan", self.database.plan(db, operation).await, Some(plan))?;
        }
        let answer = match step.around {
            Around::Nothing => self.database.exec(db, operation).await?,
            Around::Transaction { level, commits } => {
                self.within(db, operation, level, commits).await?
            }
            Around::Cancelled(polls) => {
                let done = cancelled(polls, self.database.exec(db, operation)).await;
                settled().await;
                match done {
                    Some(answer) => answer?,
                    None => return self.all_or_nothing(db, before).await,
                }
            }
        };
        same("answer", answer, expected.answer)?;
        if !operation.is_engines() {
            return Ok(Goes::On);
        }
        if let Around::Transaction { commits: false, .. } = step.around {
            self.database.forget_after(before.deletions);
            self.oracle = before.clone();
        }
        self.rows_are_same(db, &before).await?;
        Ok(Goes::On)
    }

    /// Does it in a transaction of the caller's.
    async fn within<C>(
        &mut self,
        db: &ScopedConnection<C>,
        operation: &Operation,
        level: Option<IsolationLevel>,
        commits: bool,
    ) -> Result<Answer, Disagreement>
    where
        C: ConnectionTrait + TransactionTrait,
        C::Transaction: ConnectionTrait + TransactionTrait + TransactionSession,
        <C::Transaction as TransactionTrait>::Transaction: ConnectionTrait + TransactionTrait,
    {
        let is_server = db.get_database_backend() != DbBackend::Sqlite;
        let is_outermost = std::any::type_name::<C>().ends_with("::DatabaseConnection");
        let mut level = level.filter(|_| is_server && is_outermost);
        let mut attempt = 1;
        loop {
            let transaction = db.begin_with_config(level, None).await?;
            let answer = self.database.exec(&transaction, operation).await?;
            match (commits, &answer) {
                (_, Answer::Retry(_)) | (false, _) => transaction.rollback().await?,
                (true, _) => transaction.commit().await?,
            }
            if !matches!(answer, Answer::Retry(_)) || level.is_none() {
                return Ok(answer);
            }
            attempt += 1;
            if attempt > ATTEMPTS {
                // There are too many others on the server.
                level = None;
            }
        }
    }

    /// Of what was cancelled: nothing is done, or all of it.
    async fn all_or_nothing<C>(
        &mut self,
        db: &ScopedConnection<C>,
        before: Oracle,
    ) -> Result<Goes, Disagreement>
    where
        C: ConnectionTrait,
    {
        let rows = self.database.rows(db.unscoped()).await?;
        if rows == before.told_rows() {
            self.oracle = before;
            return Ok(Goes::On);
        }
        if self.oracle.deletions == before.deletions {
            self.rows_are_same(db, &before).await?;
            return Ok(Goes::On);
        }
        // Who is to say which deletion it is.
        let without_stamps = |rows: Rows| -> Vec<_> {
            let rows = rows.into_iter().map(|(place, row)| {
                let is_active = row.stamp.is_none();
                (place, is_active, Row { stamp: None, ..row })
            });
            rows.collect()
        };
        let expected = without_stamps(self.oracle.rows.clone());
        same(
            "rows after what was cancelled",
            without_stamps(rows),
            expected,
        )?;
        Ok(Goes::NoFurther)
    }

    async fn rows_are_same<C>(&mut self, db: &ScopedConnection<C>, before: &Oracle) -> Checked
    where
        C: ConnectionTrait,
    {
        // A plan that wrote anything is found out here, too.
        let after = self.database.rows(db.unscoped()).await?;
        self.oracle.clock = self.database.clock.clone();
        self.oracle.settle(&after);
        same_rows(&after, &self.oracle.told_rows())?;
        same(
            "deletion of the same time",
            self.oracle.taken_for_last(),
            None,
        )?;
        codes_are_unique_among_active(&after)?;
        let orphans_before = orphans(&before.rows, &before.rules);
        let orphans_after = orphans(&after, &before.rules);
        let new: Vec<_> = orphans_after.difference(&orphans_before).collect();
        same("active rows below deleted ones", new, Vec::new())
    }
}

/// Whether an insert or update puts an active row under a deleted parent.
fn makes_orphans(oracle: &Oracle, operation: &Operation) -> bool {
    if !matches!(
        operation,
        Operation::Insert { .. } | Operation::Move { .. } | Operation::SetKind { .. }
    ) {
        return false;
    }
    let mut after = oracle.clone();
    after.apply(operation);
    !orphans(&after.rows, &after.rules).is_subset(&orphans(&oracle.rows, &oracle.rules))
}

fn codes_are_unique_among_active(rows: &Rows) -> Checked {
    let mut taken = BTreeSet::new();
    for ((table, id), row) in rows {
        if let (Some(code), None) = (row.code, row.stamp)
            && !taken.insert((*table, code))
        {
            return Err(Disagreement(format!(
                "another active row has the code of {:?}",
                (table, id)
            )));
        }
    }
    Ok(())
}

/// Active rows below deleted ones, with those. Only a user's own insert or update can make them.
fn orphans(rows: &Rows, rules: &Rules) -> BTreeSet<(Place, Place)> {
    let active = rows.iter().filter(|(_, row)| row.stamp.is_none());
    let below = active.flat_map(|(child, _)| {
        let parents = parents(rows, rules, *child);
        let cascading = parents.filter(|(_, rule)| *rule == OnDelete::Cascade);
        cascading.map(|(parent, _)| (*child, parent))
    });
    below
        .filter(|(_, parent)| rows[parent].stamp.is_some())
        .collect()
}

fn same<T: std::fmt::Debug + PartialEq>(what: &str, engine: T, oracle: T) -> Checked {
    if engine == oracle {
        return Ok(());
    }
    Err(Disagreement(format!(
        "{what}\n engine: {engine:?}\n oracle: {oracle:?}"
    )))
}

fn same_rows(engine: &Rows, oracle: &Rows) -> Checked {
    let places: BTreeSet<_> = engine.keys().chain(oracle.keys()).collect();
    for place in places {
        same(
            &format!("row {place:?}"),
            engine.get(place),
            oracle.get(place),
        )?;
    }
    Ok(())
}
