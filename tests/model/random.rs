//! Random cases. `PROPTEST_CASES=20000` runs more of them than usual; what fails is told as code for `regressions.rs`.

use std::fmt;

use proptest::{
    collection::vec,
    option,
    prelude::*,
    test_runner::{Config, TestError, TestRunner},
};
use sea_orm::DatabaseConnection;
use soft_delete::OnDelete;
use tokio::{runtime::Handle, task::block_in_place};

use super::{
    check::{Checked, check},
    operation::{OnConflict, Operation, Target},
    schema::{Key, TABLES, Table, create_tables},
};
use crate::support::{self, Kind, TestDb};

support::on_backends! {
    [sqlite SqliteMemory Pool, postgres Postgres Pool, mariadb MariaDb Pool, scoped_sqlite SqliteMemory Scoped]
    async fn the_engine_does_what_the_rules_say(db: &TestDb) {
        create_tables(db).await?;
        block_in_place(|| run(db, 1, check))?;
    }
}

/// Runs a part of the usual number of cases.
pub fn run(
    db: &TestDb,
    part: u32,
    check: impl AsyncFn(&DatabaseConnection, &Case) -> Checked,
) -> Result<(), TestError<Case>> {
    let mut config = Config {
        failure_persistence: None,
        max_shrink_iters: 3000,
        ..Config::default()
    };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = match db.kind() {
            Kind::SqliteMemory | Kind::SqliteFile => 400,
            Kind::Postgres | Kind::MariaDb | Kind::MySql => 50,
        };
        config.cases /= part;
    }
    let runtime = Handle::current();
    TestRunner::new(config).run(&case(), |case| Ok(runtime.block_on(check(db, &case))?))
}

/// A schema and what happens in it.
#[derive(Clone)]
pub struct Case {
    pub keys: Vec<Key>,
    /// Whether all of it happens in one transaction of the caller's.
    pub in_transaction: bool,
    pub steps: Vec<Step>,
}

/// A disagreement tells the operations as they came out.
impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.in_transaction {
            "in a transaction"
        } else {
            "on a connection"
        };
        write!(f, "the above, {place}")
    }
}

#[derive(Clone)]
pub struct Step {
    pub operation: Operation,
    /// Whether the operation is [aimed](super::aim::aim) at rows where it matters.
    pub is_aimed: bool,
}

impl Step {
    pub fn as_it_is(operation: Operation) -> Self {
        Self {
            operation,
            is_aimed: false,
        }
    }
}

/// Rows that a case begins with, in each table.
const ROWS: i64 = 4;
const IDS: std::ops::RangeInclusive<i64> = 1..=ROWS + 2;
const CODES: std::ops::Range<i32> = 0..4;

fn case() -> impl Strategy<Value = Case> {
    let rows = vec(option::weighted(0.85, row()), TABLES * ROWS as usize);
    let operations = vec((operation(), prop::bool::weighted(0.8)), 1..20);
    (
        3..=TABLES,
        0..TABLES,
        vec(key(), 2..10),
        any::<bool>(),
        rows,
        operations,
    )
        .prop_map(|(tables, first, keys, in_transaction, rows, operations)| {
            let within = |table: Table| (table % tables + first) % TABLES;
            let keys = keys.into_iter();
            let rows = rows.into_iter().enumerate();
            let inserts = rows.filter_map(|(place, row)| {
                let (table, id) = (place % TABLES, (place / TABLES) as i64 + 1);
                row.filter(|_| table < tables)
                    .map(|row| row.insert(table, id))
            });
            Case {
                keys: keys
                    .map(|key| Key::new(within(key.child), within(key.parent), key.rule))
                    .collect(),
                in_transaction,
                steps: inserts
                    .map(|insert| (insert, false))
                    .chain(operations)
                    .map(|(operation, is_aimed)| Step {
                        operation: operation.with_tables(within),
                        is_aimed,
                    })
                    .collect(),
            }
        })
}

/// What a new row has.
#[derive(Clone, Debug)]
struct NewRow {
    parents: Vec<Option<i64>>,
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
            code: self.code,
        }
    }
}

fn row() -> impl Strategy<Value = NewRow> {
    let parents = vec(option::weighted(0.6, 1..=ROWS), TABLES);
    (parents, code()).prop_map(|(parents, code)| NewRow { parents, code })
}

fn code() -> impl Strategy<Value = Option<i32>> {
    option::weighted(0.8, CODES)
}

fn table() -> impl Strategy<Value = Table> {
    0..TABLES
}

fn key() -> impl Strategy<Value = Key> {
    let rule = prop_oneof![
        7 => Just(OnDelete::Cascade),
        2 => Just(OnDelete::SetNull),
        1 => Just(OnDelete::Restrict),
    ];
    (table(), table(), rule).prop_map(|(child, parent, rule)| Key::new(child, parent, rule))
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
        1 => (0..8usize).prop_map(Operation::Undo),
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
            | Self::SetCode { table, .. } => *table = map(*table),
            Self::Move { table, parent, .. } => {
                *table = map(*table);
                *parent = map(*parent);
            }
            Self::Undo(_) => {}
        }
        self
    }
}
