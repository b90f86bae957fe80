//! The engine against a model of its rules: random tables and rules, random operations, and after each of them the same
//! rows, stamps and results as in a model that goes from row to row and knows no SQL.

#![allow(
    dead_code,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::result_large_err
)]

mod model {
    mod aim;
    mod answer;
    mod cancel;
    mod check;
    mod database;
    mod key;
    mod layout;
    mod operation;
    mod oracle;
    mod random;
    mod raw;
    mod regressions;
    mod restoring;
    mod schema;
    mod telling;
    #[cfg(feature = "schema")]
    mod triggers;
}
