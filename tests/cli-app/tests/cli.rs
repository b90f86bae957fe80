//! The command line, run as a process: in pipes, on a terminal, and on every backend.

#![allow(clippy::expect_used, clippy::unwrap_used)]

#[path = "../../support/mod.rs"]
mod support;

mod cli {
    mod app;
    mod explore;
    mod world;
}
