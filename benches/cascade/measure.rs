//! The rounds: ours and the floor take turns.

use soft_delete::TableCounts;
use std::{
    fmt,
    future::Future,
    time::{Duration, Instant},
};

use super::{
    by_hand::{self, Form, Values},
    case::Case,
    figures::Quartiles,
    load::{AUTHORS, after},
    memory::Watch,
};
use sea_orm::prelude::{DateTimeUtc, Uuid};
use support::{Failure, TestDb, TestResult};

/// How long to measure.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    pub time: Duration,
    pub rounds_at_least: usize,
    pub rounds_at_most: usize,
    /// Whether hand-written forms that read whole tables are left out.
    pub by_key_only: bool,
}

impl Default for Effort {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(12),
            rounds_at_least: 4,
            rounds_at_most: 200,
            by_key_only: false,
        }
    }
}

/// What is measured against the floor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Delete,
    Undo,
    RestoreById,
    /// The floor against itself.
    DeleteByHand,
    RestoreByHand,
}

/// One round: who has which author, and who is first.
#[derive(Clone, Copy, Debug)]
struct Turn {
    our_author: i64,
    floor_author: i64,
    ours_first: bool,
}

impl Effort {
    /// Over four rounds each side has each author, and is first and second.
    fn turns(self) -> impl Iterator<Item = Turn> {
        let start = Instant::now();
        let is_enough = move |round| round >= self.rounds_at_least && start.elapsed() > self.time;
        let rounds = (0..self.rounds_at_most).take_while(move |round| !is_enough(*round));
        rounds.map(|round| {
            let [our_author, floor_author] = match round % 2 {
                0 => AUTHORS,
                _ => [AUTHORS[1], AUTHORS[0]],
            };
            Turn {
                our_author,
                floor_author,
                ours_first: round / 2 % 2 == 0,
            }
        })
    }
}

/// One operation on one database at one size.
#[derive(Debug)]
pub struct Measured {
    pub operation: Operation,
    /// The fastest form of the floor, and its statements.
    pub form: &'static str,
    pub floor_statements: usize,
    pub statements: usize,
    /// Whether forms that read whole tables were left out.
    pub by_key_only: bool,
    /// Milliseconds of each turn.
    pub ours: Vec<f64>,
    pub floor: Vec<f64>,
    /// By how many KiB an operation's peak of resident memory was above what it began with, at most.
    pub memory: Option<u64>,
}

impl Measured {
    fn new(operation: Operation, form: Form, statements: usize, effort: Effort) -> Self {
        Self {
            operation,
            form: form.name,
            floor_statements: form.statement_count(),
            statements,
            by_key_only: effort.by_key_only,
            ours: Vec::new(),
            floor: Vec::new(),
            memory: None,
        }
    }

    pub fn ratio(&self) -> Quartiles {
        Quartiles::of_ratios(&self.ours, &self.floor)
    }

    /// Runs both sides in the turn's order.
    async fn pair<T, E, F>(
        &mut self,
        turn: Turn,
        ours: impl Future<Output = Result<T, E>>,
        floor: impl Future<Output = Result<(), F>>,
    ) -> TestResult<T>
    where
        Failure: From<E> + From<F>,
    {
        if turn.ours_first {
            let result = self.ours(ours).await?;
            self.floor(floor).await?;
            return Ok(result);
        }
        self.floor(floor).await?;
        Ok(self.ours(ours).await?)
    }

    async fn ours<T, E>(&mut self, run: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let watch = Watch::start();
        let start = Instant::now();
        let result = run.await;
        self.ours.push(milliseconds(start));
        self.memory = self.memory.max(watch.and_then(|watch| watch.grown()));
        result
    }

    async fn floor<E>(&mut self, run: impl Future<Output = Result<(), E>>) -> Result<(), E> {
        let start = Instant::now();
        let result = run.await;
        self.floor.push(milliseconds(start));
        result
    }
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

pub async fn measure(
    db: &TestDb,
    case: Case,
    comments: u64,
    effort: Effort,
) -> TestResult<Vec<Measured>> {
    let (delete, restore) = fastest_forms(db, case, comments, effort.by_key_only).await?;
    let pool = db.connection();
    let [deletes, undoes, restores] = count_statements(db, case).await?;
    let mut deleting = Measured::new(Operation::Delete, delete, deletes, effort);
    let mut undoing = Measured::new(Operation::Undo, restore, undoes, effort);
    let mut restoring = Measured::new(Operation::RestoreById, restore, restores, effort);

    for turn in effort.turns() {
        for undo in [true, false] {
            let values = Values::of_new_deletion(turn.floor_author);
            let ours = case.delete(turn.our_author, &pool);
            let floor = delete.exec(db, values);
            let deletion = deleting.pair(turn, ours, floor).await?;
            check(deletion.rows_by_table(), case, comments);
            after(db, case, true).await?;

            let measured = if undo { &mut undoing } else { &mut restoring };
            let ours = async {
                match undo {
                    true => Ok(deletion.undo().exec(&pool).await?),
                    false => case.restore(turn.our_author, &pool).await,
                }
            };
            let floor = restore.exec(db, values);
            let restoration = measured.pair(turn, ours, floor).await?;
            check(restoration.rows_by_table(), case, comments);
            after(db, case, false).await?;
        }
    }
    Ok(vec![deleting, undoing, restoring])
}

/// The floor against itself: what differs is noise.
pub async fn control(
    db: &TestDb,
    case: Case,
    comments: u64,
    effort: Effort,
) -> TestResult<Vec<Measured>> {
    let (delete, restore) = fastest_forms(db, case, comments, effort.by_key_only).await?;
    let count = |form: Form| form.statement_count();
    let mut deleting = Measured::new(Operation::DeleteByHand, delete, count(delete), effort);
    let mut restoring = Measured::new(Operation::RestoreByHand, restore, count(restore), effort);
    for turn in effort.turns() {
        let [ours, other] = [turn.our_author, turn.floor_author].map(Values::of_new_deletion);
        let pair = (delete.exec(db, ours), delete.exec(db, other));
        deleting.pair(turn, pair.0, pair.1).await?;
        after(db, case, true).await?;
        let pair = (restore.exec(db, ours), restore.exec(db, other));
        restoring.pair(turn, pair.0, pair.1).await?;
        after(db, case, false).await?;
    }
    Ok(vec![deleting, restoring])
}

fn check(rows: &TableCounts, case: Case, comments: u64) {
    assert_eq!(
        rows,
        [("author", 1), ("post", case.posts), ("comment", comments)]
    );
}

/// Finds the fastest form of each operation, which also warms the database up.
async fn fastest_forms(
    db: &TestDb,
    case: Case,
    comments: u64,
    by_key_only: bool,
) -> TestResult<(Form, Form)> {
    let mut restores = by_hand::restores(db.backend());
    restores.retain(|form| !by_key_only || form.name != by_hand::SCAN);
    let mut deletes = Trials::of(by_hand::deletes(db.backend()));
    let mut restores = Trials::of(restores);
    for round in 0..TRIALS {
        for turn in 0..deletes.0.len().max(restores.0.len()) {
            let values = Values::of_new_deletion(AUTHORS[(round + turn) % 2]);
            deletes.next(turn).exec(db, values).await?;
            if round == 0 {
                assert_eq!(
                    deleted_by(db, values.deletion).await?,
                    [1, case.posts, comments]
                );
            }
            after(db, case, true).await?;
            restores.next(turn).exec(db, values).await?;
            if round == 0 {
                assert_eq!(deleted_by(db, values.deletion).await?, [0, 0, 0]);
            }
            after(db, case, false).await?;
        }
        deletes.drop_slow();
        restores.drop_slow();
    }
    eprintln!(
        "{}, {comments} comments, {}, by hand: delete {deletes}; restore {restores}",
        db.kind(),
        case.name
    );
    Ok((deletes.0[0].form, restores.0[0].form))
}

const TRIALS: usize = 4;

/// The forms of one operation that are still in the race, after each round the fastest first.
struct Trials(Vec<Trial>);

struct Trial {
    form: Form,
    /// The shortest time, in milliseconds.
    best: f64,
}

impl Trials {
    fn of(forms: Vec<Form>) -> Self {
        let trial = |form| Trial {
            form,
            best: f64::MAX,
        };
        Self(forms.into_iter().map(trial).collect())
    }

    fn next(&mut self, turn: usize) -> &mut Trial {
        let forms = self.0.len();
        &mut self.0[turn % forms]
    }

    fn drop_slow(&mut self) {
        self.0.sort_by(|a, b| a.best.total_cmp(&b.best));
        let limit = self.0[0].best * 1.5;
        self.0.retain(|trial| trial.best <= limit);
    }
}

impl Trial {
    async fn exec(&mut self, db: &TestDb, values: Values) -> TestResult {
        let start = Instant::now();
        self.form.exec(db, values).await?;
        self.best = self.best.min(milliseconds(start));
        Ok(())
    }
}

impl fmt::Display for Trials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trials = self.0.iter();
        let trials: Vec<_> = trials
            .map(|trial| format!("{} {:.1} ms", trial.form.name, trial.best))
            .collect();
        f.write_str(&trials.join(", "))
    }
}

/// How many rows of each table a deletion has taken.
async fn deleted_by(db: &TestDb, deletion: Uuid) -> TestResult<[u64; 3]> {
    use sea_orm::{ColumnTrait as _, PaginatorTrait as _, QueryFilter as _};

    use super::blog::{author, comment, post};

    let authors = author::Entity::only_deleted().filter(author::Column::DeletionId.eq(deletion));
    let posts = post::Entity::only_deleted().filter(post::Column::DeletionId.eq(deletion));
    let comments = comment::Entity::only_deleted().filter(comment::Column::DeletionId.eq(deletion));
    Ok([
        authors.count(db).await?,
        posts.count(db).await?,
        comments.count(db).await?,
    ])
}

/// How many statements a delete, an undo and a restore by id take, the transaction's limits among them.
async fn count_statements(db: &TestDb, case: Case) -> TestResult<[usize; 3]> {
    let recorder = db.recorder();
    let count = || {
        let count = recorder.count();
        if std::env::var_os("CASCADE_SQL").is_some() {
            eprintln!("{}\n", recorder.statements().join("\n"));
        }
        recorder.clear();
        count
    };
    let [author, _] = AUTHORS;
    let deletion = case.delete(author, &recorder).await?;
    let delete = count();
    let _ = deletion.undo().exec(&recorder).await?;
    let undo = count();
    let _ = case.delete(author, &db.connection()).await?;
    let _ = case.restore(author, &recorder).await?;
    let restore = count();
    after(db, case, false).await?;
    Ok([delete, undo, restore])
}

impl Values {
    fn of_new_deletion(author: i64) -> Self {
        Self {
            author,
            deletion: Uuid::now_v7(),
            at: DateTimeUtc::from(std::time::SystemTime::now()),
        }
    }
}
