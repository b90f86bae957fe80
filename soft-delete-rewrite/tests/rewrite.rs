//! What a statement becomes. One file per topic; each test is a sentence of the specification.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod rewrite {
    mod carriers;
    mod column_references;
    mod deletes;
    mod dialects;
    mod forms;
    mod fuzz;
    mod idempotence;
    mod joins;
    mod names;
    mod nonsense;
    mod other_statements;
    mod reads;
    mod shapes;
    mod spaces;
    mod traps;
    mod writes;
}

use std::borrow::Cow;

use soft_delete_rewrite::{
    Dialect::{self, MySql, Postgres, Sqlite},
    Refused, Rewriter, Rows, Tables, rewrite,
};

const ALL: [Dialect; 3] = [Sqlite, Postgres, MySql];

/// `post`, `comment` and `tag` are soft-deleted, `author` is not.
fn tables() -> Tables {
    Tables::new()
        .with(None, "post", "deleted_at")
        .with(None, "comment", "deleted_at")
        .with(None, "tag", "removed_at")
}

fn active(backend: Dialect, sql: &str) -> Result<Cow<'_, str>, Refused> {
    rewrite(backend, sql, &tables(), Rows::Active)
}

/// The quote around an identifier.
fn quote(backend: Dialect) -> &'static str {
    if backend == MySql { "`" } else { "\"" }
}

/// The statement becomes that one. A `“` in what is expected stands for the quote of the database.
#[track_caller]
fn becomes(backends: &[Dialect], sql: &str, expected: &str) {
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
fn stays(backends: &[Dialect], sql: &str) {
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
fn refuses(backends: &[Dialect], sql: &str, words: &str) {
    for backend in backends {
        for scope in [Rows::Active, Rows::All, Rows::Deleted] {
            match rewrite(*backend, sql, &tables(), scope) {
                Ok(text) => panic!("{backend:?} {scope:?} took {sql}, as {text}"),
                Err(refused) => {
                    let message = refused.to_string();
                    assert!(message.contains(words), "{backend:?}: {message}");
                    assert!(message.contains("without the rewriter"), "{message}");
                    assert!(!refused.table().is_empty());
                }
            }
        }
    }
}
