//! How long a lookup takes beside a purge.

use std::time::{Duration, Instant};

use sea_orm::DatabaseConnection;
use soft_delete::Purge;

use super::tables::{Shape, load, post};
use support::{TestDb, TestResult};

/// Microseconds of each lookup.
pub type Times = Vec<f64>;

const ROUNDS: usize = 3;
/// How long lookups are timed while no purge runs, and beside the slow one.
const TIME: Duration = Duration::from_secs(5);
/// Between two lookups.
const PAUSE: Duration = Duration::from_millis(1);

/// While no purge runs, while one does, and while one runs at that rate.
pub async fn measure(db: &TestDb, rows: u64, rate: u32) -> TestResult<[Times; 3]> {
    let mut all: [Times; 3] = Default::default();
    let pool = db.connection();
    for round in 0..ROUNDS {
        for turn in 0..all.len() {
            let place = (round + turn) % all.len();
            load(db, Shape::Leaf, rows).await?;
            // Others than those that are asked for have been read.
            look_up(&pool, rows, Duration::from_millis(200), || false).await?;
            let purge = Shape::Leaf.purge();
            let times = match place {
                0 => look_up(&pool, rows, TIME, || false).await?,
                1 => beside(&pool, rows, purge).await?,
                _ => beside(&pool, rows, purge.rows_per_second(rate).deadline(TIME)).await?,
            };
            all[place].extend(times);
        }
    }
    Ok(all)
}

async fn beside(pool: &DatabaseConnection, rows: u64, purge: Purge) -> TestResult<Times> {
    let other = pool.clone();
    let purge = tokio::spawn(async move { purge.exec(&other).await });
    let times = look_up(pool, rows, Duration::MAX, || purge.is_finished()).await?;
    assert!(purge.await.unwrap()?.rows_purged() > 0);
    Ok(times)
}

async fn look_up(
    pool: &DatabaseConnection,
    rows: u64,
    time: Duration,
    is_over: impl Fn() -> bool,
) -> TestResult<Times> {
    let begun = Instant::now();
    let mut times = Times::new();
    let mut number: u64 = 1;
    while begun.elapsed() < time && !is_over() {
        // Odd numbers are active.
        number = number
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let id = 1 + 2 * ((number >> 33) % rows);
        let start = Instant::now();
        let found = post::Entity::find_by_id(id as i64).one(pool).await?;
        times.push(start.elapsed().as_secs_f64() * 1e6);
        assert!(found.is_some(), "post {id}");
        tokio::time::sleep(PAUSE).await;
    }
    Ok(times)
}
