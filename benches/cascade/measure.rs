//! The rounds: ours and the floor take turns.

use std::{
    fmt,
    future::Future,
    time::{Duration, Instant},
};

use sea_orm::prelude::{DateTimeUtc, Uuid};
use soft_delete::Deletion;

use super::{
    blog::author::Entity as Author,
    by_hand::{self, Form, Values},
    load::{AUTHORS, POSTS, settle},
    memory::Watch,
    support::{TestDb, TestResult},
};

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
            rounds_at_most: 100,
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
}

/// One operation on one database at one size.
#[derive(Debug)]
pub struct Measured {
    pub operation: Operation,
    /// The fastest form of the floor, and its statements.
    pub form: &'static str,
    pub floor_statements: usize,
    pub statements: usize,
    /// Milliseconds of each turn.
    pub ours: Vec<f64>,
    pub floor: Vec<f64>,
    /// By how many KiB an operation's peak of resident memory was above what it began with, at most.
    pub memory: Option<u64>,
}

impl Measured {
    fn new(operation: Operation, form: Form, statements: usize) -> Self {
        Self {
            operation,
            form: form.name,
            floor_statements: form.statement_count(),
            statements,
            ours: Vec::new(),
            floor: Vec::new(),
            memory: None,
        }
    }

    /// The ratio of each turn.
    pub fn ratios(&self) -> Vec<f64> {
        let pairs = self.ours.iter().zip(&self.floor);
        pairs.map(|(ours, floor)| ours / floor).collect()
    }

    async fn ours<T, E>(&mut self, run: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let watch = Watch::start();
        let start = Instant::now();
        let result = run.await;
        self.ours.push(milliseconds(start));
        self.memory = self.memory.max(watch.and_then(|watch| watch.grown()));
        result
    }

    async fn floor<T, E>(&mut self, run: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let start = Instant::now();
        let result = run.await;
        self.floor.push(milliseconds(start));
        result
    }
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

pub async fn measure(db: &TestDb, comments: u64, effort: Effort) -> TestResult<Vec<Measured>> {
    let (delete, restore) = fastest_forms(db, comments, effort.by_key_only).await?;
    let [deletes, undoes, restores] = count_statements(db).await?;
    let mut deleting = Measured::new(Operation::Delete, delete, deletes);
    let mut undoing = Measured::new(Operation::Undo, restore, undoes);
    let mut restoring = Measured::new(Operation::RestoreById, restore, restores);

    let pool = db.connection();
    let start = Instant::now();
    for round in 0..effort.rounds_at_most {
        if round >= effort.rounds_at_least && start.elapsed() > effort.time {
            break;
        }
        // Over four rounds each side has each author, and is first and second.
        let [our_author, floor_author] = match round % 2 {
            0 => AUTHORS,
            _ => [AUTHORS[1], AUTHORS[0]],
        };
        let ours_first = round / 2 % 2 == 0;
        for undo in [true, false] {
            let values = Values::of_new_deletion(floor_author);
            let ours = Author::delete_by_id(our_author);
            let deletion = if ours_first {
                let deletion = deleting.ours(ours.exec(&pool)).await?;
                deleting.floor(delete.exec(db, values)).await?;
                deletion
            } else {
                deleting.floor(delete.exec(db, values)).await?;
                deleting.ours(ours.exec(&pool)).await?
            };
            check(&deletion.rows_by_table(), comments);
            settle(db).await?;

            let measured = if undo { &mut undoing } else { &mut restoring };
            let ours = async {
                match undo {
                    true => deletion.undo(&pool).await,
                    false => Author::restore_by_id(our_author).exec(&pool).await,
                }
            };
            let restoration = if ours_first {
                let restoration = measured.ours(ours).await?;
                measured.floor(restore.exec(db, values)).await?;
                restoration
            } else {
                measured.floor(restore.exec(db, values)).await?;
                measured.ours(ours).await?
            };
            check(&restoration.rows_by_table(), comments);
            settle(db).await?;
        }
    }
    Ok(vec![deleting, undoing, restoring])
}

fn check(rows: &[(&str, u64)], comments: u64) {
    assert_eq!(
        rows,
        [("author", 1), ("post", POSTS), ("comment", comments)]
    );
}

/// Finds the fastest form of each operation, which also warms the database up.
async fn fastest_forms(db: &TestDb, comments: u64, by_key_only: bool) -> TestResult<(Form, Form)> {
    let mut restores = by_hand::restores(db.backend());
    restores.retain(|form| !by_key_only || form.name != by_hand::SCAN);
    let mut deletes = Trials::of(by_hand::deletes(db.backend()));
    let mut restores = Trials::of(restores);
    for round in 0..TRIALS {
        for turn in 0..deletes.0.len().max(restores.0.len()) {
            let values = Values::of_new_deletion(AUTHORS[(round + turn) % 2]);
            deletes.next(turn).exec(db, values).await?;
            if round == 0 {
                assert_eq!(deleted_by(db, values.deletion).await?, [1, POSTS, comments]);
            }
            settle(db).await?;
            restores.next(turn).exec(db, values).await?;
            if round == 0 {
                assert_eq!(deleted_by(db, values.deletion).await?, [0, 0, 0]);
            }
            settle(db).await?;
        }
        deletes.drop_slow();
        restores.drop_slow();
    }
    eprintln!(
        "{}, {comments} comments, by hand: delete {deletes}; restore {restores}",
        db.kind()
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
async fn count_statements(db: &TestDb) -> TestResult<[usize; 3]> {
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
    let deletion: Deletion = Author::delete_by_id(author).exec(&recorder).await?;
    let delete = count();
    let _ = deletion.undo(&recorder).await?;
    let undo = count();
    let _ = Author::delete_by_id(author).exec(&db.connection()).await?;
    let _ = Author::restore_by_id(author).exec(&recorder).await?;
    let restore = count();
    settle(db).await?;
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
