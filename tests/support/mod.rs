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

pub use kind::{Kind, Through};
pub use recorder::Recorder;
pub use run::{Failure, TestResult, run};
pub use table::create_table;
pub use test_db::{Connection, TestDb, Transaction};

/// Makes each function a test on every backend, on a pool and on a scoped connection, named `function::backend`, each on an
/// empty database of its own.
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
            [sqlite_memory SqliteMemory Pool, sqlite_file SqliteFile Pool, postgres Postgres Pool, mariadb MariaDb Pool,
             mysql MySql Pool, scoped_sqlite SqliteMemory Scoped, scoped_postgres Postgres Scoped, scoped_mariadb MariaDb Scoped] $($tests)*
        }
    };
}

/// [`on_every_backend`] for what needs several connections that really write at the same time.
macro_rules! on_servers {
    ($($tests:tt)*) => {
        $crate::support::on_backends! { [postgres Postgres Pool, mariadb MariaDb Pool] $($tests)* }
    };
}

/// [`on_every_backend`] for what is about scoped connections.
macro_rules! on_scoped {
    ($($tests:tt)*) => {
        $crate::support::on_backends! {
            [sqlite SqliteMemory Scoped, postgres Postgres Scoped, mariadb MariaDb Scoped] $($tests)*
        }
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
    ([$($backend:ident $kind:ident $through:ident),*] $name:ident) => {$(
        #[test]
        fn $backend() {
            use $crate::support::{Kind, Through, run};
            run(Kind::$kind, Through::$through, super::$name);
        }
    )*};
}

pub(crate) use {on_backends, on_every_backend, on_scoped, on_servers, one_test_each};
