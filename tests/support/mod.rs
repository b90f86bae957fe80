//! What the tests stand on: a fresh database for each test on each backend, a statement recorder, and the domain
//! that all tests share.

#![allow(missing_docs, clippy::expect_used, clippy::unwrap_used)]

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
#[macro_export]
macro_rules! on_every_backend {
    ($($tests:tt)*) => {
        $crate::on_backends! {
            [sqlite_memory SqliteMemory Pool, sqlite_file SqliteFile Pool, postgres Postgres Pool, mariadb MariaDb Pool,
             mysql MySql Pool, scoped_sqlite SqliteMemory Scoped, scoped_postgres Postgres Scoped, scoped_mariadb MariaDb Scoped] $($tests)*
        }
    };
}

/// [`on_every_backend`] for what needs several connections that really write at the same time.
#[macro_export]
macro_rules! on_servers {
    ($($tests:tt)*) => {
        $crate::on_backends! { [postgres Postgres Pool, mariadb MariaDb Pool] $($tests)* }
    };
}

/// [`on_every_backend`] for what is about scoped connections.
#[macro_export]
macro_rules! on_scoped {
    ($($tests:tt)*) => {
        $crate::on_backends! {
            [sqlite SqliteMemory Scoped, postgres Postgres Scoped, mariadb MariaDb Scoped] $($tests)*
        }
    };
}

/// Makes each function a test on these backends: `[name Kind Through, …]`.
#[macro_export]
macro_rules! on_backends {
    ($backends:tt $($(#[$attribute:meta])* async fn $name:ident($db:ident: $ty:ty) $body:block)*) => {$(
        $(#[$attribute])*
        async fn $name($db: $ty) -> $crate::TestResult {
            let () = $body;
            Ok(())
        }

        // Functions and modules may share a name.
        mod $name {
            $crate::one_test_each! { $backends $name }
        }
    )*};
}

#[doc(hidden)]
#[macro_export]
macro_rules! one_test_each {
    ([$($backend:ident $kind:ident $through:ident),*] $name:ident) => {$(
        #[test]
        fn $backend() {
            use $crate::{Kind, Through, run};
            run(Kind::$kind, Through::$through, super::$name);
        }
    )*};
}
