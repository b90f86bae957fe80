//! Futures that are dropped before they are done.

use std::{future::poll_fn, pin::pin, task::Poll, time::Duration};

use sea_orm::{DatabaseConnection, DbBackend};

/// Polls a future this often at most, and drops it then. `None` if it was not done.
pub async fn cancelled<F: Future>(polls: u32, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut polled = 0;
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if polled >= polls => Poll::Ready(None),
        Poll::Pending => {
            polled += 1;
            Poll::Pending
        }
    })
    .await
}

/// Waits until no connection of the pool has anything left to do, such as a rollback or a COMMIT that was sent.
///
/// # Panics
///
/// If one has after half a minute.
pub async fn settled(db: &DatabaseConnection) {
    let is_idle = || match db.get_database_backend() {
        DbBackend::Postgres => {
            let pool = db.get_postgres_connection_pool();
            pool.size() as usize == pool.num_idle()
        }
        DbBackend::MySql => {
            let pool = db.get_mysql_connection_pool();
            pool.size() as usize == pool.num_idle()
        }
        _ => {
            let pool = db.get_sqlite_connection_pool();
            pool.size() as usize == pool.num_idle()
        }
    };
    for _ in 0..30_000 {
        if is_idle() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("a connection was not given back");
}
