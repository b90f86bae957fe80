//! Which database a connection leads to.

use sea_orm::{DbBackend, DbErr};

/// The databases that the crates have a dialect for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    /// PostgreSQL.
    Postgres,
    /// MySQL, and MariaDB where its version was not asked for: what the two do alike.
    MySql,
    /// MariaDB.
    MariaDb,
    /// SQLite.
    Sqlite,
}

impl Server {
    /// The database of a backend, and of the version that it gives itself. SeaORM has one backend for MySQL and MariaDB.
    ///
    /// # Errors
    ///
    /// [`DbErr::BackendNotSupported`] for a backend that SeaORM has and this library hasn't.
    pub fn of(backend: DbBackend, version: Option<&str>) -> Result<Self, DbErr> {
        match backend {
            DbBackend::Postgres => Ok(Self::Postgres),
            DbBackend::MySql if version.is_some_and(|version| version.contains("MariaDB")) => {
                Ok(Self::MariaDb)
            }
            DbBackend::MySql => Ok(Self::MySql),
            DbBackend::Sqlite => Ok(Self::Sqlite),
            other => Err(DbErr::BackendNotSupported {
                db: other.as_str(),
                ctx: "soft-delete knows PostgreSQL, MySQL, MariaDB and SQLite",
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mariadb_is_told_from_mysql_by_its_version() {
        let of = |version| Server::of(DbBackend::MySql, Some(version)).ok();
        assert_eq!(of("10.11.19-MariaDB-0+deb12u1"), Some(Server::MariaDb));
        assert_eq!(of("8.0.36"), Some(Server::MySql));
    }
}
