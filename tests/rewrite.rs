//! What the database gives for a rewritten statement. What the text becomes is tested in `soft-delete-rewrite`.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod rewrite {
    mod corpus;
    mod equality;
    mod forms;
}

use std::borrow::Cow;

use sea_orm::DatabaseBackend as DbBackend;
use soft_delete::{
    Scope,
    rewrite::{Refused, Tables, rewrite},
};

/// `post`, `comment` and `tag` are soft-deleted, `author` is not.
fn tables() -> Tables {
    Tables::new()
        .with(None, "post", "deleted_at")
        .with(None, "comment", "deleted_at")
        .with(None, "tag", "removed_at")
}

fn active(backend: DbBackend, sql: &str) -> Result<Cow<'_, str>, Refused> {
    rewrite(backend, sql, &tables(), Scope::Active)
}

/// The quote around an identifier.
fn quote(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::MySql => "`",
        _ => "\"",
    }
}
