//! Removes for good what was deleted long enough ago, every so often.

use std::time::Duration;

use sea_orm::DatabaseConnection;
use soft_delete::{Error, Purge, PurgeReport};
use tokio::time::{MissedTickBehavior, interval};

/// Purges every so often, and never ends. It may be dropped at any time: a batch that is under way is rolled back then. Several
/// processes may do this at once: they share the work.
pub async fn every(period: Duration, db: DatabaseConnection) {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match once(&db).await {
            Ok(report) => tracing::info!(rows = report.rows_purged(), "purged"),
            // The next one goes on from where this one was.
            Err(error) => tracing::error!(%error, "a purge failed"),
        }
    }
}

/// Purges now. How long things stay is said by the entities' `retention`.
pub async fn once(db: &DatabaseConnection) -> Result<PurgeReport, Error> {
    Purge::new()
        .target_time(Duration::from_millis(200))
        .rows_per_second(5_000)
        .deadline(Duration::from_secs(10 * 60))
        .exec(db)
        .await
}
