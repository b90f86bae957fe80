//! The archive and erasure, on every backend.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod archive {
    mod alike;
    mod changed_tables;
    mod conditions;
    mod entries;
    mod erasures;
    mod fixture;
    mod keys;
    mod renamed;
    mod restores;
    mod round_trips;
    mod shapes;
    mod snapshots;
    mod spawned;
    mod table;
}
