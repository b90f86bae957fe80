//! Which database, and the way to it.

use std::{env, time::Duration};

use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbBackend, DbErr};

use super::failure::Failure;

const VARIABLE: &str = "DATABASE_URL";

/// How long a server may take to answer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The database that the user names.
///
/// `.env` is read and not loaded: changing the environment of a running program is unsafe.
pub(super) fn database_url(given: Option<&str>) -> Result<Option<String>, Failure> {
    if let Some(url) = given {
        return Ok(Some(url.to_owned()));
    }
    match env::var(VARIABLE) {
        Ok(url) if !url.is_empty() => return Ok(Some(url)),
        Err(env::VarError::NotUnicode(_)) => {
            return Err(Failure::usage_error(format!(
                "{VARIABLE} is not valid UTF-8"
            )));
        }
        _ => {}
    }
    let Ok(lines) = dotenvy::dotenv_iter() else {
        return Ok(None);
    };
    for line in lines {
        match line {
            Ok((name, url)) if name == VARIABLE && !url.is_empty() => return Ok(Some(url)),
            Ok(_) => {}
            Err(error) => return Err(unreadable(&error)),
        }
    }
    Ok(None)
}

/// Without the line, which may hold a password.
fn unreadable(error: &dotenvy::Error) -> Failure {
    let message = match error {
        dotenvy::Error::LineParse(..) => "a line of `.env` can't be read".to_owned(),
        error => format!("`.env` can't be read: {error}"),
    };
    Failure::usage_error(message).tip("values with spaces or `#` in them need quotes")
}

pub(super) fn no_database() -> Failure {
    Failure::usage_error("no database was given").tip(format!(
        "set {VARIABLE} in the environment or in a file `.env`, or say `--database-url URL`"
    ))
}

/// Connects. The URL may hold a password: no message shows it.
pub(super) async fn connect(url: &str) -> Result<DatabaseConnection, Failure> {
    let mut options = ConnectOptions::new(url);
    options
        .sqlx_logging(false)
        .max_connections(4)
        .connect_timeout(CONNECT_TIMEOUT)
        .acquire_timeout(CONNECT_TIMEOUT);
    Database::connect(options)
        .await
        .map_err(|error| explain(url, &error))
}

fn explain(url: &str, error: &DbErr) -> Failure {
    let said = error.to_string();
    if said.contains("has no supporting driver") {
        return without_driver(url);
    }
    if said.contains("cannot be parsed") {
        return Failure::usage_error("the database's URL can't be read")
            .tip("it looks like `postgres://user:password@host/database`, `mysql://…` or `sqlite://file.db`");
    }
    let failure = Failure::database(format!("no connection to the database: {said}"));
    if said.contains("unable to open database file") {
        return failure.tip("does the file exist? `sqlite://file.db?mode=rwc` makes a new one");
    }
    if matches!(error, DbErr::ConnectionAcquire(_)) || said.contains("timed out") {
        return failure.tip("is the server running, and can it be reached from here?");
    }
    failure.tip("check the URL: host, user, password and database")
}

fn without_driver(url: &str) -> Failure {
    let known = [
        (DbBackend::Postgres, "PostgreSQL", "sqlx-postgres"),
        (DbBackend::MySql, "MySQL and MariaDB", "sqlx-mysql"),
        (DbBackend::Sqlite, "SQLite", "sqlx-sqlite"),
    ];
    match known.iter().find(|(backend, ..)| backend.is_prefix_of(url)) {
        Some((_, name, feature)) => {
            Failure::usage_error(format!("this program has no driver for {name}")).tip(format!(
                "add the feature `{feature}` to `sea-orm` in its Cargo.toml"
            ))
        }
        None => Failure::usage_error("the database's URL is of an unknown kind")
            .tip("it begins with `postgres://`, `mysql://` or `sqlite://`"),
    }
}
