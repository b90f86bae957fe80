//! Any text: the rewriter never panics, and lets no select of a table through unscoped.

#![no_main]

#[path = "../check.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|sql: &str| check::check(sql));
