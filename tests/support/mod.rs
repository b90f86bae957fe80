//! What the tests stand on: a fresh database for each test on each backend, a statement recorder, and the domain
//! that all tests share.

// Each binary that includes this module uses its own part of it.
#![allow(dead_code, unused_imports, unused_macros)]

pub mod domain;
pub mod folder;
mod kind;
mod place;
mod recorder;
mod run;
pub mod shelf;
mod table;
mod test_db;

pub use kind::Kind;
pub use recorder::Recorder;
pub use run::{Failure, TestResult, run};
pub use table::create_table;
pub use test_db::TestDb;

/// Makes each function a test on every backend, named `function::backend`, each on an empty database of its own.
///
/// ```ignore
/// support::on_every_backend! {
///     async fn a_new_database_is_empty(db: &TestDb) {
///         assert!(post::Entity::find().all(db).await?.is_empty());
///     }
/// }
/// ```
///
/// The functions return nothing, and `?` works in them: an error fails the test and tells the line.
macro_rules! on_every_backend {
    ($($tests:tt)*) => {
        $crate::support::on_backends! {
            [sqlite_memory SqliteMemory, sqlite_file SqliteFile, postgres Postgres, mariadb MariaDb] $($tests)*
        }
    };
}

/// [`on_every_backend`] for what needs several connections that really write at the same time.
macro_rules! on_servers {
    ($($tests:tt)*) => {
        $crate::support::on_backends! { [postgres Postgres, mariadb MariaDb] $($tests)* }
    };
}

macro_rules! on_backends {
    ($backends:tt $($(#[$attribute:meta])* async fn $name:ident($db:ident: $ty:ty) $body:block)*) => {$(
        $(#[$attribute])*
        async fn $name($db: $ty) -> $crate::support::TestResult {
            let () = $body;
            Ok(())
        }

        // Functions and modules may share a name.
        mod $name {
            $crate::support::one_test_each! { $backends $name }
        }
    )*};
}

macro_rules! one_test_each {
    ([$($backend:ident $kind:ident),*] $name:ident) => {$(
        #[test]
        fn $backend() {
            $crate::support::run($crate::support::Kind::$kind, super::$name);
        }
    )*};
}

pub(crate) use {on_backends, on_every_backend, on_servers, one_test_each};
