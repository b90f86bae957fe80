//! Which database, and the way to it.

use std::{
    env, io,
    net::{TcpStream, ToSocketAddrs as _},
    time::Duration,
};

use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbBackend, DbErr};
use url::Url;

use super::failure::Failure;

const VARIABLE: &str = "DATABASE_URL";

/// How much longer than to be reached a server may take to answer.
const PATIENCE: u32 = 5;

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
        "set {VARIABLE} in the environment or in a file `.env`, or pass `--database-url URL`"
    ))
}

/// Connects. The URL may hold a password: no message shows it.
pub(super) async fn connect(url: &str, timeout: Duration) -> Result<DatabaseConnection, Failure> {
    reach(url, timeout)?;
    // A server that can be reached may be busy.
    let timeout = timeout.saturating_mul(PATIENCE);
    let mut options = ConnectOptions::new(url);
    options
        .sqlx_logging(false)
        .max_connections(4)
        .connect_timeout(timeout)
        .acquire_timeout(timeout);
    let db = Database::connect(options).await;
    db.map_err(|error| explain(url, &error, timeout))
}

/// Whether the server's port can be reached. The pool would try it again and again, and in the end say that it timed out.
fn reach(url: &str, timeout: Duration) -> Result<(), Failure> {
    let Some((host, port)) = server(url) else {
        return Ok(());
    };
    let to = format!("{host}:{port}");
    let failed = |why: &str, tip: &str| {
        Failure::database(format!("no connection to the database at {to}: {why}")).tip(tip)
    };
    let addresses = (host.as_str(), port).to_socket_addrs();
    let addresses = addresses.map_err(|_| {
        failed(
            "the name of the host is not known",
            "check the host in the URL",
        )
    })?;
    let mut last = None;
    for address in addresses {
        match TcpStream::connect_timeout(&address, timeout) {
            Ok(_) => return Ok(()),
            Err(error) => last = Some(error),
        }
    }
    let last = last.unwrap_or_else(|| io::ErrorKind::AddrNotAvailable.into());
    Err(match last.kind() {
        io::ErrorKind::ConnectionRefused => failed(
            "the connection was refused",
            "is the server running, and is the port right?",
        ),
        io::ErrorKind::TimedOut => failed(
            &format!("no answer in {} s", timeout.as_secs()),
            "is the server running, and can it be reached from here? `--connect-timeout 10s` waits longer",
        ),
        _ => failed(&last.to_string(), "can the server be reached from here?"),
    })
}

/// The host and port of a server that is reached by TCP.
fn server(url: &str) -> Option<(String, u16)> {
    let url = Url::parse(url).ok()?;
    let port = match url.scheme() {
        "postgres" | "postgresql" => 5432,
        "mysql" | "mariadb" => 3306,
        _ => return None,
    };
    // A socket in a directory, or a host that is named elsewhere.
    let names_other = |(name, _): (std::borrow::Cow<'_, str>, _)| {
        ["host", "hostaddr", "port", "socket"].contains(&&*name)
    };
    if url.query_pairs().any(names_other) {
        return None;
    }
    let host = url.host_str().filter(|host| !host.is_empty())?;
    // An address of IPv6 is in brackets, and a path is encoded.
    let host = host.trim_start_matches('[').trim_end_matches(']');
    (!host.contains('%')).then(|| (host.to_owned(), url.port().unwrap_or(port)))
}

fn explain(url: &str, error: &DbErr, timeout: Duration) -> Failure {
    let said = error.to_string();
    if said.contains("has no supporting driver") {
        return without_driver(url);
    }
    if said.contains("cannot be parsed") {
        return Failure::usage_error("the database's URL can't be read")
            .tip("it looks like `postgres://user:password@host/database`, `mysql://…` or `sqlite://file.db`");
    }
    if matches!(error, DbErr::ConnectionAcquire(_)) || said.contains("timed out") {
        let seconds = timeout.as_secs();
        return Failure::database(format!(
            "no connection to the database: the server accepts connections, and did not answer in {seconds} s"
        ))
        .tip("is it the right port? `--connect-timeout 10s` waits longer");
    }
    let said = said.strip_prefix("Connection Error: ").unwrap_or(&said);
    let failure = Failure::database(format!("no connection to the database: {said}"));
    if said.contains("unable to open database file") {
        return failure.tip("does the file exist? `sqlite://file.db?mode=rwc` makes a new one");
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
