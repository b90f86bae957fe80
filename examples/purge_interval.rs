//! A purge every so often, in the program itself, without a scheduler: `cargo run --example purge_interval --features retention`.
//!
//! The database is SQLite in memory. It purges every second, five times, so that one sees it; `-- 3600` purges every hour until Ctrl-C.
//! Ctrl-C waits for the purge that is under way, which ends at its deadline at the latest.

use std::{env, time::Duration};

use sea_orm::{ConnectOptions, Database, DatabaseConnection, EntityTrait as _, Set, prelude::*};
use soft_delete::{Error, Purge, PurgeReport};
use tokio::time::{MissedTickBehavior, interval};

mod note {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "note")]
    #[soft_delete(retention = "30 days")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub text: String,
        pub deleted_at: Option<DateTimeUtc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let db = a_database_with_expired_rows().await?;
    let every: Option<u64> = env::args()
        .nth(1)
        .map(|seconds| seconds.parse())
        .transpose()?;

    let mut ticks = interval(Duration::from_secs(every.unwrap_or(1)));
    // A purge that takes longer than the time between two is not followed by those that it missed.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut left = every.map_or(5, |_| usize::MAX);
    let mut ctrl_c = std::pin::pin!(tokio::signal::ctrl_c());
    while left > 0 {
        // No purge is dropped here: they run outside of the choice.
        tokio::select! {
            _ = ticks.tick() => {}
            _ = &mut ctrl_c => break,
        }
        left -= 1;
        match purge(&db).await {
            Ok(report) => println!("{report}\n"),
            // The next one goes on from where this one was.
            Err(error) => eprintln!("the purge failed: {error}"),
        }
    }
    Ok(())
}

async fn purge(db: &DatabaseConnection) -> Result<PurgeReport, Error> {
    Purge::new()
        .batch(100)
        .rows_per_second(2_000)
        // What is left then is the next one's.
        .deadline(Duration::from_millis(300))
        .exec(db)
        .await
}

async fn a_database_with_expired_rows() -> Result<DatabaseConnection, DbErr> {
    // A database in memory is its connection's own.
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await?;
    db.get_schema_builder()
        .register(note::Entity)
        .apply(&db)
        .await?;
    let now = chrono::Utc::now();
    let notes = (0..2_000).map(|number| note::ActiveModel {
        text: Set(format!("note {number}")),
        // Of every four, two are expired, one was deleted today, and one is active.
        deleted_at: Set(match number % 4 {
            0 | 1 => Some(now - chrono::TimeDelta::days(60)),
            2 => Some(now),
            _ => None,
        }),
        ..Default::default()
    });
    note::Entity::insert_many(notes).exec(&db).await?;
    Ok(db)
}
