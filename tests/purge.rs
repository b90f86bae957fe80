//! The purge, on every backend.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod purge {
    mod conditions;
    mod cycles;
    mod fixture;
    mod kept;
    mod limits;
    mod odd;
    mod partitions;
    mod races;
    mod random;
    mod refused;
    mod scale;
    mod statements;
    mod times;
    mod unindexed;
    mod workers;
}
