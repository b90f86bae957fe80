//! Purges on a cron schedule, shared by any number of processes, with [apalis](https://docs.rs/apalis) on PostgreSQL:
//!
//! ```sh
//! DATABASE_URL=postgres://… cargo run --manifest-path examples/purge-apalis/Cargo.toml
//! ```
//!
//! Every process knows the schedule and puts each tick into the queue, under a key that the queue takes once. So a tick is one job
//! whatever their number, and there is no leader to be lost. One of the workers takes it. A job whose process died goes to another one,
//! and two purges at the same time share the rows; so nothing is lost or counted twice if a purge takes longer than the time between
//! two ticks.

use std::{env, pin::pin, str::FromStr as _, time::Duration};

use apalis::prelude::*;
use apalis_cron::CronScheduler;
use apalis_postgres::{Config, PgPool, PostgresStorage, queries::push_tasks};
use cron::Schedule;
use futures_util::StreamExt as _;
use sea_orm::{Database, DatabaseConnection, prelude::Uuid};
use serde::{Deserialize, Serialize};
use soft_delete::Purge;

mod note;

const QUEUE: &str = "purge";

/// The job: a purge that is due.
#[derive(Debug, Serialize, Deserialize)]
struct PurgeDue {
    /// The tick of the schedule, in seconds since 1970.
    tick: u64,
}

#[tokio::main]
async fn main() -> Result<(), BoxDynError> {
    let db = Database::connect(env::var("DATABASE_URL")?).await?;
    // SeaORM's pool is apalis's, too.
    let pool = db.get_postgres_connection_pool().clone();
    // apalis's own tables, in a schema of their own. In production this belongs where your migrations run.
    PostgresStorage::setup(&pool).await?;

    let heartbeat = Duration::from_secs(setting("HEARTBEAT_SECONDS", 30));
    let config = Config::default()
        .queue(QUEUE)
        .batch_size(1)
        .heartbeat_interval(heartbeat)
        // A process that is silent that long is taken for dead, and its job is another's.
        .missed_heartbeats(3);
    let worker = WorkerBuilder::new(format!("purge-{}", Uuid::now_v7()))
        .backend(PostgresStorage::<PurgeDue>::new(&pool).with_config(config))
        .data(db)
        .build(purge)
        // A purge that is under way is waited for; its deadline says how long that takes at most.
        .run_until(tokio::signal::ctrl_c());

    // At half past three every night.
    let schedule = env::var("PURGE_SCHEDULE").unwrap_or_else(|_| "0 30 3 * * *".to_owned());
    let ticks = put_ticks_into_queue(Schedule::from_str(&schedule)?, &pool);
    println!("ready");
    tokio::select! {
        ended = worker => ended?,
        failed = ticks => failed?,
    }
    Ok(())
}

async fn purge(due: PurgeDue, db: Data<DatabaseConnection>) -> Result<(), BoxDynError> {
    let tick = due.tick;
    let report = Purge::new()
        .batch(setting("PURGE_BATCH", 1_000))
        .rows_per_second(setting("PURGE_ROWS_PER_SECOND", 5_000))
        // What is left then is the next tick's.
        .deadline(Duration::from_secs(3_600))
        .on_progress(move |progress| println!("tick {tick}: {}", progress.total_purged))
        .exec(&*db)
        .await?;
    println!("tick {tick} done: {}", report.rows_purged());
    Ok(())
}

async fn put_ticks_into_queue(schedule: Schedule, pool: &PgPool) -> Result<(), BoxDynError> {
    let mut ticks = pin!(CronScheduler::new(schedule).into_stream());
    while let Some(tick) = ticks.next().await {
        let due = PurgeDue {
            tick: tick?.get_timestamp(),
        };
        let job = TaskBuilder::new(serde_json::to_vec(&due)?)
            .idempotency_key(due.tick.to_string())
            .build();
        let mut connection = pool.acquire().await?;
        match push_tasks(&mut *connection, QUEUE, vec![job]).await {
            // Another process was first.
            Err(apalis_postgres::Error::Database(error))
                if error
                    .as_database_error()
                    .is_some_and(|error| error.is_unique_violation()) => {}
            other => other?,
        }
    }
    // The schedule has an end, and the worker has not.
    std::future::pending().await
}

/// A number from the environment.
fn setting<T: std::str::FromStr>(name: &str, otherwise: T) -> T {
    let value = env::var(name).ok();
    value
        .and_then(|value| value.parse().ok())
        .unwrap_or(otherwise)
}
