//! A schema of views that show active rows: what connections see that begin with it, and what the library does through it.
//!
//! `UPDATE_DOCS=1 cargo test -p soft-delete-tests --test active_schema matrix` writes the tables of docs/guide/src/active-schema.md.

// The lock lets one test of a server attach at a time; each test has a thread and a runtime of its own.
#![allow(clippy::await_holding_lock)]
#![allow(clippy::expect_used, clippy::unwrap_used)]

mod active_schema {
    mod attached;
    mod errors;
    mod layer;
    mod matrix;
    mod plans;
    mod schema;
    mod unattached;
    mod urls;
    mod writes;
}

#[allow(dead_code)]
#[path = "leaks"]
mod leaks {
    mod account;
    pub mod effect;
    pub mod read;
    pub mod world;
    pub mod write;

    pub mod reads;
    pub mod writes;
}
