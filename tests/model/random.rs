//! Random cases, on tables that keep any number of digits of `deleted_at`. What fails is told as code for `regressions`.
//!
//! `SOFT_DELETE_MODEL=long` runs many more: 10^5 operations of the engine on SQLite, 10^4 on each server, which takes an hour or so.
//! `SOFT_DELETE_MODEL=2000` runs this many cases, and a tenth of it on servers.

use std::{env, fmt};

use proptest::{
    collection::vec,
    option,
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, TestError, TestRunner},
};
use sea_orm::{Database, IsolationLevel};
use soft_delete::{OnDelete, Registry, ScopedConnection};
use tokio::{runtime::Handle, task::block_in_place};

use super::{
    check::{Checked, check},
    layout::{Form, Layout},
    operation::{OnConflict, Operation, Target},
    schema::{Key, Rules, TABLES, Table, WHENS, When, create_tables, drop_tables},
};
use support::{self, Connection, Kind, TestDb, TestResult};

support::on_backends! {
    [sqlite SqliteFile Pool, postgres Postgres Pool, mariadb MariaDb Pool, mysql MySql Pool, scoped_sqlite SqliteFile Scoped]
    async fn the_engine_does_what_the_rules_say(db: &TestDb) {
        run(db, &layouts(db.kind()), 1, check).await?;
    }
}

/// Runs a part of the usual number of cases, spread over the layouts.
pub async fn run(
    db: &TestDb,
    layouts: &[Layout],
    part: u32,
    check: impl AsyncFn(&Connection, &Layout, &Case) -> Checked,
) -> TestResult {
    let mut config = Config {
        failure_persistence: None,
        max_shrink_iters: 3000,
        max_shrink_time: 60_000,
        ..Config::default()
    };
    config.cases = (cases(db.kind()) / part / layouts.len() as u32).max(1);
    for layout in layouts {
        let db = &fresh(db, layout).await?;
        let runtime = Handle::current();
        let run = || -> Result<(), TestError<Case>> {
            let mut runner = TestRunner::new(config.clone());
            runner.run(&case(), |case| {
                Ok(runtime.block_on(check(db, layout, &case))?)
            })
        };
        block_in_place(run)?;
    }
    Ok(())
}

fn cases(kind: Kind) -> u32 {
    let cases = match env::var("SOFT_DELETE_MODEL") {
        Ok(cases) if cases == "long" => 15_000,
        Ok(cases) => cases.parse().expect("`long`, or a number of cases"),
        Err(_) => 360,
    };
    match kind {
        Kind::SqliteMemory | Kind::SqliteFile => cases,
        Kind::Postgres | Kind::MariaDb | Kind::MySql => cases / 10,
    }
}

/// Whole seconds, microseconds, and any.
fn layouts(kind: Kind) -> Vec<Layout> {
    if !kind.is_server() {
        return vec![Layout::finest(kind)];
    }
    let mut runner = TestRunner::default();
    let mut any = || {
        let layout = Layout::any(kind).new_tree(&mut runner);
        layout.map_or_else(|_| Layout::finest(kind), |layout| layout.current())
    };
    let any = [any(), any()];
    [Layout::whole_seconds(kind), Layout::finest(kind)]
        .into_iter()
        .chain(any)
        .collect()
}

/// New tables. A server's connections are new too: statements that were prepared know the types of the tables before.
pub async fn fresh(db: &TestDb, layout: &Layout) -> TestResult<Connection> {
    let pool = match db.kind().is_server() {
        true => Database::connect(db.url()).await?,
        false => db.connection(),
    };
    let db = match db.is_scoped() {
        true => ScopedConnection::new(pool),
        false => ScopedConnection::with_registry(pool, &Registry::builder().build()),
    };
    drop_tables(&db).await?;
    create_tables(&db, layout).await?;
    Ok(db)
}

/// A schema and what happens in it.
#[derive(Clone)]
pub struct Case {
    pub rules: Rules,
    pub place: Where,
    pub steps: Vec<Step>,
}

/// Where all of a case happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    Connection,
    /// One transaction of the caller's.
    Transaction(Option<IsolationLevel>),
}

/// A disagreement tells the operations as they came out.
impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the above, in {:?}", self.place)
    }
}

#[derive(Clone)]
pub struct Step {
    pub operation: Operation,
    /// Whether the operation is [aimed](super::aim::aim) at rows where it matters.
    pub is_aimed: bool,
    pub around: Around,
}

/// What an operation of the engine happens in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Around {
    Nothing,
    /// A transaction of the caller's, or a savepoint. A level is for a transaction on a server.
    Transaction {
        level: Option<IsolationLevel>,
        commits: bool,
    },
    /// It is dropped after this number of polls.
    Cancelled(u32),
}

impl Step {
    pub fn as_it_is(operation: Operation) -> Self {
        Self {
            operation,
            is_aimed: false,
            around: Around::Nothing,
        }
    }
}

/// Rows that a case begins with, in each table.
const ROWS: i64 = 4;
const IDS: std::ops::RangeInclusive<i64> = 1..=ROWS + 2;
const CODES: std::ops::Range<i32> = 0..4;

fn case() -> impl Strategy<Value = Case> {
    let rows = vec(option::weighted(0.85, row()), TABLES * ROWS as usize);
    let operations = vec((operation(), prop::bool::weighted(0.8), around()), 1..20);
    let place = prop_oneof![
        Just(Where::Connection),
        option::of(level()).prop_map(Where::Transaction)
    ];
    let schema = (vec(key(), 2..10), prop::array::uniform6(any::<bool>()));
    (3..=TABLES, 0..TABLES, schema, place, rows, operations).prop_map(
        |(tables, first, (keys, has_id), place, rows, operations)| {
            let within = |table: Table| (table % tables + first) % TABLES;
            let rows = rows.into_iter().enumerate();
            let inserts = rows.filter_map(|(place, row)| {
                let (table, id) = (place % TABLES, (place / TABLES) as i64 + 1);
                row.filter(|_| table < tables)
                    .map(|row| row.insert(table, id))
            });
            let keys = keys.into_iter().map(|key| Key {
                child: within(key.child),
                parent: within(key.parent),
                ..key
            });
            Case {
                rules: Rules {
                    keys: keys.collect(),
                    has_id,
                },
                place,
                steps: inserts
                    .map(|insert| (insert, false, Around::Nothing))
                    .chain(operations)
                    .map(|(operation, is_aimed, around)| Step {
                        operation: operation.with_tables(within),
                        is_aimed,
                        around,
                    })
                    .collect(),
            }
        },
    )
}

fn level() -> impl Strategy<Value = IsolationLevel> {
    prop_oneof![
        Just(IsolationLevel::ReadCommitted),
        Just(IsolationLevel::RepeatableRead),
        Just(IsolationLevel::Serializable),
    ]
}

fn around() -> impl Strategy<Value = Around> {
    let transaction = (option::of(level()), prop::bool::weighted(0.8))
        .prop_map(|(level, commits)| Around::Transaction { level, commits });
    prop_oneof![
        6 => Just(Around::Nothing),
        2 => transaction,
        1 => (0..10u32).prop_map(Around::Cancelled),
        1 => (0..40u32).prop_map(Around::Cancelled),
    ]
}

/// What a new row has.
#[derive(Clone, Debug)]
struct NewRow {
    parents: Vec<Option<i64>>,
    kind: i32,
    code: Option<i32>,
}

impl NewRow {
    fn insert(self, table: Table, id: i64) -> Operation {
        let below = self.parents.into_iter().enumerate();
        Operation::Insert {
            table,
            id,
            below: below
                .filter_map(|(parent, id)| Some((parent, id?)))
                .collect(),
            kind: self.kind,
            code: self.code,
        }
    }
}

fn row() -> impl Strategy<Value = NewRow> {
    let parents = vec(option::weighted(0.6, 1..=ROWS), TABLES);
    (parents, 0..2, code()).prop_map(|(parents, kind, code)| NewRow {
        parents,
        kind,
        code,
    })
}

fn code() -> impl Strategy<Value = Option<i32>> {
    option::weighted(0.8, CODES)
}

fn table() -> impl Strategy<Value = Table> {
    0..TABLES
}

fn key() -> impl Strategy<Value = Key> {
    let rule = prop_oneof![
        6 => Just(OnDelete::Cascade),
        3 => Just(OnDelete::SetNull),
        2 => Just(OnDelete::Restrict),
    ];
    let when = prop_oneof![
        3 => Just(When::Always),
        1 => prop::sample::select(&WHENS[..]),
    ];
    (table(), table(), rule, when)
        .prop_map(|(child, parent, rule, when)| Key::new(child, parent, rule).when(when))
}

fn operation() -> impl Strategy<Value = Operation> {
    let delete = (table(), target(), option::weighted(0.5, 7..9i64))
        .prop_map(|(table, target, by)| Operation::Delete { table, target, by });
    let restore = (table(), target(), any::<bool>(), on_conflict()).prop_map(
        |(table, target, with_parents, on_conflict)| Operation::Restore {
            table,
            target,
            with_parents,
            on_conflict,
        },
    );
    let undo = (0..8usize, any::<bool>(), on_conflict()).prop_map(
        |(deletion, with_parents, on_conflict)| Operation::Undo {
            deletion,
            with_parents,
            on_conflict,
        },
    );
    let moved =
        (table(), IDS, table(), option::weighted(0.8, IDS)).prop_map(|(table, id, parent, to)| {
            Operation::Move {
                table,
                id,
                parent,
                to,
            }
        });
    prop_oneof![
        2 => (table(), IDS, row()).prop_map(|(table, id, row)| row.insert(table, id)),
        2 => (table(), IDS, code()).prop_map(|(table, id, code)| Operation::SetCode { table, id, code }),
        6 => delete,
        8 => restore,
        3 => undo,
        1 => (any::<u64>(), any::<u64>()).prop_map(|(one, other)| Operation::Purge(one & other)),
        1 => (table(), IDS, 0..2).prop_map(|(table, id, kind)| Operation::SetKind { table, id, kind }),
        1 => (table(), IDS, form()).prop_map(|(table, id, form)| Operation::Rewrite { table, id, form }),
        1 => (table(), IDS).prop_map(|(table, id)| Operation::ForceDelete { table, id }),
        2 => moved,
    ]
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        6 => IDS.prop_map(Target::Id),
        2 => vec(IDS, 1..5).prop_map(Target::Ids),
        1 => CODES.prop_map(Target::Code),
        1 => Just(Target::All),
    ]
}

fn form() -> impl Strategy<Value = Form> {
    prop_oneof![
        Just(Form::Plain),
        Just(Form::Zulu),
        Just(Form::Nanoseconds),
        Just(Form::Eastward),
        Just(Form::Westward),
    ]
}

fn on_conflict() -> impl Strategy<Value = OnConflict> {
    prop_oneof![
        3 => Just(OnConflict::Fail),
        3 => Just(OnConflict::Skip),
        3 => Just(OnConflict::Replace),
        1 => (0..3).prop_map(OnConflict::RenameBy),
        1 => Just(OnConflict::RenameToNull),
    ]
}

impl Operation {
    fn with_tables(mut self, map: impl Fn(Table) -> Table) -> Self {
        match &mut self {
            Self::Insert { table, below, .. } => {
                *table = map(*table);
                for (parent, _) in below.iter_mut() {
                    *parent = map(*parent);
                }
                below.sort_unstable();
                below.dedup_by_key(|(parent, _)| *parent);
            }
            Self::Delete { table, .. }
            | Self::Restore { table, .. }
            | Self::ForceDelete { table, .. }
            | Self::SetKind { table, .. }
            | Self::Rewrite { table, .. }
            | Self::SetCode { table, .. } => *table = map(*table),
            Self::Move { table, parent, .. } => {
                *table = map(*table);
                *parent = map(*parent);
            }
            Self::Undo { .. } | Self::Purge(_) => {}
        }
        self
    }
}
