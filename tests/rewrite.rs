//! What a statement becomes on a scoped connection. One file per topic; each test is a sentence of the specification.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

mod rewrite {
    mod carriers;
    mod corpus;
    mod deletes;
    mod dialects;
    mod equality;
    mod fuzz;
    mod idempotence;
    mod joins;
    mod mentions;
    mod names;
    mod nonsense;
    mod other_statements;
    mod reads;
    mod spaces;
    mod traps;
    mod writes;
}

use std::borrow::Cow;

use sea_orm::DatabaseBackend::{self as DbBackend, MySql, Postgres, Sqlite};
use soft_delete::{
    Scope,
    rewrite::{Refused, Tables, rewrite},
};

const ALL: [DbBackend; 3] = [Sqlite, Postgres, MySql];

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
    if backend == MySql { "`" } else { "\"" }
}

/// The statement becomes that one. A `“` in what is expected stands for the quote of the database.
#[track_caller]
fn becomes(backends: &[DbBackend], sql: &str, expected: &str) {
    for backend in backends {
        let quote = quote(*backend);
        let expected = expected.replace('“', quote);
        match active(*backend, sql) {
            Ok(text) => assert_eq!(text, expected, "{backend:?}"),
            Err(refused) => panic!("{backend:?} refused {sql}: {refused}"),
        }
    }
}

/// The statement stays as it is, and is not copied.
#[track_caller]
fn stays(backends: &[DbBackend], sql: &str) {
    for backend in backends {
        match active(*backend, sql) {
            Ok(text) => {
                assert_eq!(text, sql, "{backend:?}");
                assert!(matches!(text, Cow::Borrowed(_)), "{backend:?} copied");
            }
            Err(refused) => panic!("{backend:?} refused {sql}: {refused}"),
        }
    }
}

/// The statement is refused in every scope, and the error says so in these words.
#[track_caller]
fn refuses(backends: &[DbBackend], sql: &str, words: &str) {
    for backend in backends {
        for scope in [Scope::Active, Scope::WithDeleted, Scope::OnlyDeleted] {
            match rewrite(*backend, sql, &tables(), scope) {
                Ok(text) => panic!("{backend:?} {scope:?} took {sql}, as {text}"),
                Err(refused) => {
                    let message = refused.to_string();
                    assert!(message.contains(words), "{backend:?}: {message}");
                    assert!(message.contains("unscoped()"), "{message}");
                    assert!(!refused.table().is_empty());
                }
            }
        }
    }
}
