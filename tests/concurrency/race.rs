//! Two operations at the same time, at every interleaving of their statements.
//!
//! The first operation runs up to its n-th statement, then the second up to its m-th or until it waits for a lock of the
//! first, then the first to its end, then the second; for every n and m. What the two return and the rows they leave behind
//! must be what they are when one runs after the other.

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex},
    time::Duration,
};

use sea_orm::{ConnectionTrait as _, Statement};
use soft_delete::{Deletion, Error, Removal, Restoration};
use tokio::sync::{Notify, watch};

use super::{
    session::Session,
    steps::{Db, Steps},
    world::{Rows, World},
};
use support::{Kind, TestDb, TestResult};

/// Races the two operations, on the rows that `setup` has changed.
pub async fn race<A: Answer, B: Answer, E: Into<Error>, F: Into<Error>>(
    db: &TestDb,
    world: &World,
    setup: impl AsyncFn(&TestDb) -> TestResult,
    first: impl AsyncFn(&Db) -> Result<A, E>,
    second: impl AsyncFn(&Db) -> Result<B, F>,
) -> TestResult {
    let operations = Operations {
        setup,
        first: async |db: &Db| first(db).await.map_err(Into::into),
        second: async |db: &Db| second(db).await.map_err(Into::into),
        are_transactions: true,
    };
    operations.race(db, world).await
}

/// Races two operations of which one is more than one transaction. The other may come in between, so that only what must
/// never be is checked.
pub async fn race_of_several<A: Answer, B: Answer, E: Into<Error>, F: Into<Error>>(
    db: &TestDb,
    world: &World,
    setup: impl AsyncFn(&TestDb) -> TestResult,
    first: impl AsyncFn(&Db) -> Result<A, E>,
    second: impl AsyncFn(&Db) -> Result<B, F>,
) -> TestResult {
    let operations = Operations {
        setup,
        first: async |db: &Db| first(db).await.map_err(Into::into),
        second: async |db: &Db| second(db).await.map_err(Into::into),
        are_transactions: false,
    };
    operations.race(db, world).await
}

/// What sessions are set to: each race is run with each.
///
/// MariaDB 11.6 and later refuse to lock a row that is newer than what the transaction sees. Earlier ones do on request, and the
/// oldest don't know it. Nor does it apply to READ COMMITTED, which many set.
async fn settings(db: &TestDb) -> TestResult<Vec<Option<&'static str>>> {
    let variable = "SHOW VARIABLES LIKE 'innodb_snapshot_isolation'";
    let variable = Statement::from_string(db.backend(), variable);
    if db.kind() != Kind::MariaDb {
        return Ok(vec![None]);
    }
    let read_committed = Some("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
    if db.query_one_raw(variable).await?.is_none() {
        return Ok(vec![None, read_committed]);
    }
    Ok(vec![
        Some("SET SESSION innodb_snapshot_isolation = OFF"),
        Some("SET SESSION innodb_snapshot_isolation = ON"),
        read_committed,
    ])
}

/// PostgreSQL looks for deadlocks after a second, which makes tests slow. Only a superuser may change it.
pub async fn detect_deadlocks_soon(db: &TestDb) {
    if db.kind() == Kind::Postgres {
        let database = db.url().rsplit('/').next().expect("a database");
        let _ = db
            .execute_unprepared(&format!(
                "ALTER DATABASE {database} SET deadlock_timeout = '20ms'"
            ))
            .await;
    }
}

/// What an operation returned, to be compared.
pub trait Answer {
    fn tell(&self) -> String;
}

impl Answer for Deletion {
    fn tell(&self) -> String {
        format!("{:?} {:?}", self.outcome(), self.rows_by_table())
    }
}

impl Answer for Restoration {
    fn tell(&self) -> String {
        let (restored, kept, skipped) = (self.rows_by_table(), self.kept(), self.skipped());
        format!("restored {restored:?} kept {kept:?} skipped {skipped:?}")
    }
}

impl Answer for Removal {
    fn tell(&self) -> String {
        format!("removed {:?}", self.stamp.deletion_id.is_some())
    }
}

impl Answer for () {
    fn tell(&self) -> String {
        "done".to_owned()
    }
}

impl Answer for &str {
    fn tell(&self) -> String {
        (*self).to_owned()
    }
}

fn tell<A: Answer>(result: &Result<A, Error>) -> String {
    match result {
        Ok(answer) => answer.tell(),
        Err(Error::ParentDeleted { .. }) => "a parent is deleted".to_owned(),
        Err(Error::Conflict(_)) => "a conflict".to_owned(),
        Err(Error::Restricted { .. }) => "restricted".to_owned(),
        Err(error) => format!("error: {error}"),
    }
}

/// What two operations returned, and what they left behind.
type Outcome = (String, String, Rows);

struct Operations<S, F, G> {
    setup: S,
    first: F,
    second: G,
    are_transactions: bool,
}

impl<S, F, G, A, B> Operations<S, F, G>
where
    S: AsyncFn(&TestDb) -> TestResult,
    F: AsyncFn(&Db) -> Result<A, Error>,
    G: AsyncFn(&Db) -> Result<B, Error>,
    A: Answer,
    B: Answer,
{
    async fn race(&self, db: &TestDb, world: &World) -> TestResult {
        detect_deadlocks_soon(db).await;
        for setting in settings(db).await? {
            let sessions = [
                Session::open(db, setting).await?,
                Session::open(db, setting).await?,
            ];
            let race = Race {
                db,
                world,
                operations: self,
                sessions,
                setting,
            };
            race.at_every_interleaving().await?;
        }
        Ok(())
    }
}

struct Race<'r, S, F, G> {
    db: &'r TestDb,
    world: &'r World,
    operations: &'r Operations<S, F, G>,
    sessions: [Session; 2],
    setting: Option<&'static str>,
}

impl<S, F, G, A, B> Race<'_, S, F, G>
where
    S: AsyncFn(&TestDb) -> TestResult,
    F: AsyncFn(&Db) -> Result<A, Error>,
    G: AsyncFn(&Db) -> Result<B, Error>,
    A: Answer,
    B: Answer,
{
    async fn at_every_interleaving(&self) -> TestResult {
        let serial = self.one_after_the_other().await?;
        for stop_first in 1.. {
            for stop_second in 1.. {
                let round = self.round(stop_first, stop_second, &serial).await?;
                if !round.first_stopped {
                    return Ok(());
                }
                if !round.second_stopped {
                    break;
                }
            }
        }
        Ok(())
    }

    async fn reset(&self) -> TestResult {
        self.world.reset(self.db).await?;
        (self.operations.setup)(self.db).await
    }

    async fn one_after_the_other(&self) -> TestResult<[Outcome; 2]> {
        let db = || Db::plain(self.db);
        self.reset().await?;
        let (first, second) = (
            (self.operations.first)(&db()).await,
            (self.operations.second)(&db()).await,
        );
        let first_first = (tell(&first), tell(&second), self.world.rows(self.db).await?);
        self.world.check(self.db).await?;
        self.reset().await?;
        let (second, first) = (
            (self.operations.second)(&db()).await,
            (self.operations.first)(&db()).await,
        );
        let second_first = (tell(&first), tell(&second), self.world.rows(self.db).await?);
        self.world.check(self.db).await?;
        Ok([first_first, second_first])
    }

    async fn round(
        &self,
        stop_first: usize,
        stop_second: usize,
        serial: &[Outcome],
    ) -> TestResult<Round> {
        self.reset().await?;
        let story = Story::default();
        let first = Pace::new(stop_first, &story, "first ");
        let second = Pace::new(stop_second, &story, "second");
        let start_second = Notify::new();
        let on = |pace: &Arc<Pace>, session: &Session| {
            let pace = pace.clone();
            Steps::new(session.connection.clone(), move |step, sql| {
                let (pace, sql) = (pace.clone(), sql.to_owned());
                async move { pace.step(step, &sql).await }
            })
        };
        let (result_first, result_second, round) = tokio::join!(
            async {
                let result = (self.operations.first)(&on(&first, &self.sessions[0])).await;
                first.finish(&tell(&result));
                result
            },
            async {
                start_second.notified().await;
                let result = (self.operations.second)(&on(&second, &self.sessions[1])).await;
                second.finish(&tell(&result));
                result
            },
            async {
                let first_stopped = first.until_still(self.db, &self.sessions[0]).await?;
                start_second.notify_one();
                let second_stopped = second.until_still(self.db, &self.sessions[1]).await?;
                first.go_on();
                first.until_still(self.db, &self.sessions[0]).await?;
                second.go_on();
                TestResult::Ok(Round {
                    first_stopped,
                    second_stopped,
                })
            },
        );
        let first =
            again_if_in_the_way(self.db, &self.operations.first, result_first, &story).await;
        let second =
            again_if_in_the_way(self.db, &self.operations.second, result_second, &story).await;
        let outcome = (tell(&first), tell(&second), self.world.rows(self.db).await?);
        assert!(
            serial.contains(&outcome) || !self.operations.are_transactions,
            "{:?}\n{story}came to\n{outcome:#?}\nbut one after the other comes to\n{serial:#?}",
            self.setting
        );
        self.world.check(self.db).await?;
        round
    }
}

/// What the database gave up on may succeed when tried again.
async fn again_if_in_the_way<A: Answer>(
    db: &TestDb,
    operation: &impl AsyncFn(&Db) -> Result<A, Error>,
    mut result: Result<A, Error>,
    story: &Story,
) -> Result<A, Error> {
    while result.as_ref().is_err_and(Error::is_retryable) {
        result = operation(&Db::plain(db)).await;
        story.add(&format!("again: {}", tell(&result)));
    }
    result
}

/// Whether the operations have come to where they were to stop.
struct Round {
    first_stopped: bool,
    second_stopped: bool,
}

/// How far an operation may run.
struct Pace {
    stop_before: usize,
    state: watch::Sender<State>,
    go_on: Notify,
    story: Story,
    name: &'static str,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Running,
    Stopped,
    Finished,
}

impl Pace {
    fn new(stop_before: usize, story: &Story, name: &'static str) -> Arc<Self> {
        Arc::new(Self {
            stop_before,
            state: watch::Sender::new(State::Running),
            go_on: Notify::new(),
            story: story.clone(),
            name,
        })
    }

    async fn step(&self, step: usize, sql: &str) {
        if step == self.stop_before {
            self.state.send_replace(State::Stopped);
            self.go_on.notified().await;
        }
        self.story.add(&format!("{} {step}: {sql}", self.name));
    }

    fn finish(&self, result: &str) {
        self.story.add(&format!("{}: {result}", self.name));
        self.state.send_replace(State::Finished);
    }

    fn go_on(&self) {
        self.state.send_if_modified(|state| {
            let stopped = *state == State::Stopped;
            if stopped {
                *state = State::Running;
            }
            stopped
        });
        self.go_on.notify_one();
    }

    /// Waits until it has stopped, finished, or waits for a lock. Whether it has stopped.
    async fn until_still(&self, db: &TestDb, session: &Session) -> TestResult<bool> {
        let mut state = self.state.subscribe();
        loop {
            tokio::select! {
                state = state.wait_for(|state| *state != State::Running) => {
                    return Ok(*state? == State::Stopped);
                }
                () = tokio::time::sleep(Duration::from_millis(3)) => {}
            }
            if session.is_waiting(db).await? {
                self.story.add(&format!("{} waits", self.name));
                return Ok(false);
            }
        }
    }
}

/// What happened in a round, for the message of a failure.
#[derive(Clone, Default)]
struct Story(Arc<Mutex<String>>);

impl Story {
    fn add(&self, line: &str) {
        writeln!(self.0.lock().unwrap(), "{line}").unwrap();
    }
}

impl std::fmt::Display for Story {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.lock().unwrap())
    }
}
