//! The archive and erasure, on every backend.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod support;

mod archive {
    mod changed_tables;
    mod entries;
    mod erasures;
    mod restores;
    mod round_trips;
    mod shapes;
    mod spawned;
    mod table;
    mod world;
}
