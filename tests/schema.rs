//! The schema helpers, SchemaSync and the doctor, on every backend.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod schema {
    mod bad_input;
    mod columns;
    mod doctor;
    mod flag;
    mod indexes;
    mod migrations;
    mod statements;
    mod sync;
    mod tables;
    mod triggers;
    mod unique;
    mod upserts;
    mod view;
}
