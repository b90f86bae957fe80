//! Deletes and restores that happen at the same time as others, and that are cut short: by a killed session, and by a
//! killed server.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod support;

mod concurrency {
    mod race;
    mod session;
    mod steps;
    mod world;

    mod deletes;
    mod restores;
}
