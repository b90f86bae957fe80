//! The databases that tests run on, and what they can do.

use std::{env, fmt, io::Write, sync::Once};

use sea_orm::DbBackend;

/// A kind of database that tests run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    SqliteMemory,
    SqliteFile,
    Postgres,
    MariaDb,
    MySql,
}

/// What a test's statements go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Through {
    /// A plain pool.
    Pool,
    /// A `ScopedConnection` over it.
    Scoped,
}

impl Kind {
    pub fn backend(self) -> DbBackend {
        match self {
            Kind::SqliteMemory | Kind::SqliteFile => DbBackend::Sqlite,
            Kind::Postgres => DbBackend::Postgres,
            Kind::MariaDb | Kind::MySql => DbBackend::MySql,
        }
    }

    /// Several connections see the same data.
    pub fn is_shared(self) -> bool {
        self != Kind::SqliteMemory
    }

    /// Several connections write at the same time, under row locks.
    pub fn is_server(self) -> bool {
        matches!(self, Kind::Postgres | Kind::MariaDb | Kind::MySql)
    }

    /// `INSERT`, `UPDATE` and `DELETE` take `RETURNING`.
    pub fn supports_returning(self) -> bool {
        self.backend() != DbBackend::MySql
    }

    /// `CREATE INDEX … WHERE …`.
    pub fn supports_partial_index(self) -> bool {
        self.backend() != DbBackend::MySql
    }

    /// `SELECT … FOR UPDATE SKIP LOCKED`.
    pub fn supports_skip_locked(self) -> bool {
        self.is_server()
    }

    /// The environment variable that names the server to use.
    fn variable(self) -> Option<&'static str> {
        match self {
            Kind::SqliteMemory | Kind::SqliteFile => None,
            Kind::Postgres => Some("POSTGRES_URL"),
            Kind::MariaDb => Some("MYSQL_URL"),
            Kind::MySql => Some("MYSQL8_URL"),
        }
    }

    /// URL of the server: `Some(None)` for a database that has none, `None` if the tests on it are left out.
    ///
    /// # Panics
    /// If there is no server and none may be left out.
    pub(super) fn server(self) -> Option<Option<String>> {
        let Some(variable) = self.variable() else {
            return Some(None);
        };
        let url = env::var(variable).ok().filter(|url| !url.is_empty());
        if url.is_none() {
            assert!(
                env::var_os("SOFT_DELETE_REQUIRE_BACKENDS").is_none(),
                "no {self} to test on: run tests/run.sh, which starts one, \
                 or set {variable} to a server and a user who may create databases",
            );
            tell_what_is_left_out();
        }
        url.map(Some)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::SqliteMemory => "SQLite in memory",
            Kind::SqliteFile => "SQLite in a file",
            Kind::Postgres => "PostgreSQL",
            Kind::MariaDb => "MariaDB",
            Kind::MySql => "MySQL",
        })
    }
}

/// Once per process, and past the test harness, which shows no output of tests that pass.
fn tell_what_is_left_out() {
    static TOLD: Once = Once::new();
    TOLD.call_once(|| {
        let missing: Vec<String> = [Kind::Postgres, Kind::MariaDb, Kind::MySql]
            .into_iter()
            .filter_map(|kind| Some((kind, kind.variable()?)))
            .filter(|(_, variable)| env::var_os(variable).is_none_or(|url| url.is_empty()))
            .map(|(kind, variable)| format!("{kind} ({variable} is not set)"))
            .collect();
        let line = format!(
            "tests leave out {}; tests/run.sh runs them all\n",
            missing.join(", ")
        );
        // Nothing is lost if nobody reads it.
        let _ = std::io::stderr().write_all(line.as_bytes());
    });
}
