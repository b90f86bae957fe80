//! Every way in which SeaORM reaches a table: what the derive alone covers, and what a `ScopedConnection` does. The tables
//! in the guide are made of what is observed here.
//!
//! `UPDATE_GUIDE=1 cargo test -p soft-delete-tests --test leaks` writes them.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod leaks {
    mod account;
    mod effect;
    mod matrix;
    mod page;
    mod read;
    mod world;
    mod write;

    mod reads;
    mod writes;
}
