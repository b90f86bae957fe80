//! The purge, on every backend.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod support;

mod purge {
    mod circles;
    mod kept;
    mod limits;
    mod odd;
    mod random;
    mod world;
}
