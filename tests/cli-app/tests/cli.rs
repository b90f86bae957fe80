//! The command line, run as a process: in pipes, on a terminal, and on every backend.

#![allow(clippy::expect_used, clippy::unwrap_used)]

#[path = "../src/shop.rs"]
#[allow(unreachable_pub)]
mod shop;

/// Makes each function a test on a database that another process can open, of every kind.
macro_rules! on_shared_databases {
    ($($tests:tt)*) => {
        support::on_backends! {
            [sqlite SqliteFile Pool, postgres Postgres Pool, mariadb MariaDb Pool] $($tests)*
        }
    };
}

/// The same, where the database makes no difference.
macro_rules! on_sqlite {
    ($($tests:tt)*) => {
        support::on_backends! { [sqlite SqliteFile Pool] $($tests)* }
    };
}

/// What a command said, the same on every backend.
macro_rules! assert_text {
    ($text:expr, $expected:literal) => {
        insta::allow_duplicates! { insta::assert_snapshot!($text, @$expected) }
    };
}

mod cli {
    mod app;
    mod archive;
    mod catalog;
    mod database;
    mod delete;
    mod deletion;
    mod doctor;
    mod erase;
    mod errors;
    mod hooks;
    mod output;
    mod purge;
    mod several;
    mod stats;
    mod terminal;
    mod trash;
    mod usage;
    mod world;
}
