//! The oldest servers that the schema helpers were written for.

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use soft_delete_core::{Error, SchemaError};

/// Fails on a server that lacks what the helpers build on.
pub(super) async fn check<C: ConnectionTrait>(db: &C) -> Result<(), Error> {
    let backend = db.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => "SELECT current_setting('server_version')",
        DbBackend::MySql => "SELECT CAST(VERSION() AS CHAR)",
        _ => "SELECT sqlite_version()",
    };
    let row = db
        .query_one_raw(Statement::from_string(backend, sql))
        .await?;
    let Some(found) = row
        .map(|row| row.try_get_by_index::<String>(0))
        .transpose()?
    else {
        return Ok(());
    };
    let (server, needed, named) = oldest(backend, &found);
    if numbers(&found) < needed {
        return Err(SchemaError::ServerTooOld {
            server,
            found,
            needed: named,
        }
        .into());
    }
    Ok(())
}

fn oldest(backend: DbBackend, found: &str) -> (&'static str, (u32, u32), &'static str) {
    match backend {
        DbBackend::Postgres => ("PostgreSQL", (13, 0), "13"),
        DbBackend::MySql if found.contains("MariaDB") => ("MariaDB", (10, 6), "10.6"),
        DbBackend::MySql => ("MySQL", (8, 0), "8.0"),
        // ALTER TABLE … DROP COLUMN.
        _ => ("SQLite", (3, 35), "3.35"),
    }
}

/// The first two numbers of `8.0.36`, `15.18 (Debian 15.18-0+deb12u1)` or `16beta1`.
fn numbers(version: &str) -> (u32, u32) {
    let mut numbers = version.split('.').map(|part| {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap_or(0)
    });
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_whatever_is_appended() {
        assert_eq!(numbers("10.11.19-MariaDB-0+deb12u1"), (10, 11));
        assert_eq!(numbers("15.18 (Debian 15.18-0+deb12u1)"), (15, 18));
        assert_eq!(numbers("16beta1"), (16, 0));
        assert_eq!(numbers("8.0.36"), (8, 0));
        assert_eq!(numbers(""), (0, 0));
    }
}
