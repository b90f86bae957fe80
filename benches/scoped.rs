//! What a scoped connection costs: `tests/run.sh -- cargo bench -p soft-delete-benches --bench scoped`.
//!
//! First what it does to a statement, without a database: reading it once, and finding it again. Then, on PostgreSQL,
//! lookups and pages through a plain and a scoped connection, in turns within one run, as a ratio.

#![allow(clippy::expect_used)]

use std::{hint::black_box, time::Instant};

use sea_orm::{DbBackend, MockDatabase, QueryOrder as _, QuerySelect as _};
use soft_delete::{
    Scope, ScopedConnection, SelectActive as _,
    rewrite::{Tables, rewrite},
};

mod blog;
#[allow(dead_code)]
#[path = "cascade/case.rs"]
mod case;
#[allow(dead_code)]
#[path = "cascade/load.rs"]
mod load;
#[allow(dead_code)]
#[path = "cascade/magazine.rs"]
mod magazine;

use blog::{
    author,
    post::{self, Entity as Post},
};
use support::{Kind, TestDb, TestResult, Through};

/// One round gives one ratio.
const ROUNDS: usize = 25;
/// Within a round the two sides take turns this often.
const TURNS: usize = 40;
const CALLS_PER_TURN: u32 = 10;

const FIVE_JOINS: &str = "SELECT p.id, p.title, a.slug, c.body, COUNT(*) AS answers FROM post AS p \
     INNER JOIN author AS a ON a.id = p.author_id LEFT JOIN comment AS c ON c.post_id = p.id \
     LEFT JOIN comment AS answer ON answer.post_id = p.id AND answer.id > c.id \
     LEFT JOIN author AS reader ON reader.id = c.id LEFT JOIN post AS other ON other.author_id = a.id \
     WHERE p.id > $1 AND (p.title LIKE $2 OR a.slug = $3) GROUP BY p.id, p.title, a.slug, c.body \
     ORDER BY p.id DESC LIMIT 50";

fn main() {
    statements();
    support::run(Kind::Postgres, Through::Pool, end_to_end);
}

fn statements() {
    let tables = ["author", "post", "comment"];
    let tables = tables.into_iter().fold(Tables::new(), |tables, name| {
        tables.with(None, name, "deleted_at")
    });
    let read = || rewrite(DbBackend::Postgres, FIVE_JOINS, &tables, Scope::Active).map(drop);
    assert_eq!(read(), Ok(()));
    let read = best_time(200, || _ = black_box(read()));

    let mock = MockDatabase::new(DbBackend::Postgres).into_connection();
    let db = ScopedConnection::new(mock);
    let find = || db.rewrite(FIVE_JOINS).map(drop);
    assert_eq!(find(), Ok(()));
    let allocations = allocation_counter::measure(|| _ = black_box(find())).count_total;
    let find = best_time(20_000, || _ = black_box(find()));

    println!("| a select with five joins | time | allocations |");
    println!("|---|---:|---:|");
    println!("| read for the first time | {:.1} µs | |", read * 1e6);
    println!("| found again | {:.2} µs | {allocations} |", find * 1e6);
    println!();
}

/// Seconds per call, in the quickest of some rounds: what others do on the machine only adds to it.
fn best_time(calls: u32, call: impl Fn()) -> f64 {
    let time = || {
        let start = Instant::now();
        for _ in 0..calls {
            call();
        }
        start.elapsed().as_secs_f64() / f64::from(calls)
    };
    (0..ROUNDS).map(|_| time()).fold(f64::INFINITY, f64::min)
}

async fn end_to_end(db: &TestDb) -> TestResult {
    load::tables(db, case::ALL[0]).await?;
    load::rows(db, case::ALL[0], 10_000).await?;
    let plain = db.connection();
    let scoped = ScopedConnection::new(plain.clone());

    println!("| on PostgreSQL | plain | scoped | ratio | of {ROUNDS} rounds |");
    println!("|---|---:|---:|---:|---:|");
    let lookup = Post::find_by_id;
    compare(
        "lookup by primary key",
        async || {
            lookup(7).one(&plain).await?;
            Ok(())
        },
        async || {
            lookup(7).one(&scoped).await?;
            Ok(())
        },
    )
    .await?;
    let page = || Post::find().order_by_asc(post::Column::Id).limit(50);
    compare(
        "page of 50 rows with a join",
        async || {
            let rows = page().find_also_active(author::Entity).all(&plain).await?;
            assert_eq!(rows.len(), 50);
            Ok(())
        },
        async || {
            let rows = page()
                .find_also_related(author::Entity)
                .all(&scoped)
                .await?;
            assert_eq!(rows.len(), 50);
            Ok(())
        },
    )
    .await
}

async fn compare(
    read: &str,
    plain: impl AsyncFn() -> TestResult,
    scoped: impl AsyncFn() -> TestResult,
) -> TestResult {
    let mut ratios = Vec::with_capacity(ROUNDS);
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        let mut turns = [Vec::with_capacity(TURNS), Vec::with_capacity(TURNS)];
        for turn in 0..TURNS {
            // Neither side always comes first.
            if turn % 2 == 0 {
                turns[0].push(time(&plain).await?);
                turns[1].push(time(&scoped).await?);
            } else {
                turns[1].push(time(&scoped).await?);
                turns[0].push(time(&plain).await?);
            }
        }
        let [plain, scoped] = turns.map(median);
        ratios.push(scoped / plain);
        times[0].push(plain);
        times[1].push(scoped);
    }
    ratios.sort_by(f64::total_cmp);
    let (min, max) = (ratios[0], ratios[ROUNDS - 1]);
    let [plain, scoped] = times.map(median);
    println!(
        "| {read} | {plain:.0} µs | {scoped:.0} µs | {:.2} | {min:.2} to {max:.2} |",
        median(ratios),
    );
    Ok(())
}

/// Microseconds per call.
async fn time(read: &impl AsyncFn() -> TestResult) -> TestResult<f64> {
    let start = Instant::now();
    for _ in 0..CALLS_PER_TURN {
        read().await?;
    }
    Ok(start.elapsed().as_secs_f64() * 1e6 / f64::from(CALLS_PER_TURN))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
