//! Deletes and restores that happen at the same time as others, and that are cut short: by a killed session, and by a
//! killed server.

#![allow(
    dead_code,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::result_large_err
)]

mod concurrency {
    mod depot;
    mod race;
    mod session;
    mod steps;
    mod world;

    mod bulk;
    mod callers;
    mod deadlocks;
    mod deletes;
    mod edits;
    mod inserts;
    mod isolation;
    mod killed_server;
    mod killed_session;
    mod removals;
    mod restores;
    mod shared_rows;
    mod sqlite_lock;
    #[cfg(feature = "schema")]
    mod triggers;
    mod unique;
}
