//! What is unique among active rows: inserts that restore, upserts, and keys by expressions and under conditions.

// SeaORM generates more for an entity than one test uses.
#![allow(clippy::expect_used, clippy::unwrap_used, dead_code)]

mod unique {
    mod expressions;
    mod insert_or_restore;
    mod markers;
    mod on_conflict_active;
}
