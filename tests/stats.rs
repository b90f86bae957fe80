//! Figures, on every backend.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod stats {
    mod catalogs;
    mod counts;
    mod errors;
    mod estimates;
    mod gauges;
    mod kinds;
    mod print;
    mod statements;
    mod tables;
    mod texts;
}
