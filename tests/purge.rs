//! The purge, on every backend.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod support;

mod purge {
    mod circles;
    mod kept;
    mod limits;
    mod odd;
    mod races;
    mod random;
    mod scale;
    mod statements;
    mod workers;
    mod world;
}
