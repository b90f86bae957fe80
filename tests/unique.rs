//! What is unique among active rows: inserts that restore, upserts, and keys by expressions and under conditions.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod unique {
    mod expressions;
    mod insert_or_restore;
    mod markers;
    mod on_conflict_active;
}
