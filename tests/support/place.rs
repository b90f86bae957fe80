//! Where the database of one test is: made before the test, removed after it.

use std::{env, fs, path::PathBuf, time::Duration};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DbErr};
use url::Url;
use uuid::Uuid;

use super::Kind;

pub(super) struct Place {
    pub(super) kind: Kind,
    pub(super) url: String,
    storage: Storage,
}

enum Storage {
    Memory,
    Directory(PathBuf),
    Server { url: String, database: String },
}

impl Place {
    /// A place of a new name, or `None` if tests on this kind of database are left out.
    pub(super) fn new(kind: Kind) -> Option<Self> {
        let name = format!("soft_delete_{}", Uuid::now_v7().simple());
        let (url, storage) = match kind.server()? {
            Some(server) => {
                let mut url = Url::parse(&server).unwrap_or_else(|error| {
                    panic!("the URL of the {kind} server is wrong: {error}")
                });
                url.set_path(&name);
                let storage = Storage::Server {
                    url: server,
                    database: name,
                };
                (url.to_string(), storage)
            }
            None if kind.is_shared() => {
                let directory = env::temp_dir().join(name);
                let url = format!("sqlite://{}?mode=rwc", directory.join("test.db").display());
                (url, Storage::Directory(directory))
            }
            None => ("sqlite::memory:".to_owned(), Storage::Memory),
        };
        Some(Self { kind, url, storage })
    }

    pub(super) async fn create(&self) -> Result<(), DbErr> {
        match &self.storage {
            Storage::Memory => Ok(()),
            Storage::Directory(path) => {
                fs::create_dir(path).map_err(|error| DbErr::Custom(error.to_string()))
            }
            Storage::Server { url, database } => {
                let statement = match self.kind {
                    // Nobody is ever connected to template0, which would make this fail.
                    Kind::Postgres => format!("CREATE DATABASE {database} TEMPLATE template0"),
                    _ => format!("CREATE DATABASE {database} CHARACTER SET utf8mb4"),
                };
                on_server(url, &[&statement]).await
            }
        }
    }

    pub(super) async fn remove(&self) -> Result<(), DbErr> {
        match &self.storage {
            Storage::Memory => Ok(()),
            Storage::Directory(path) => {
                fs::remove_dir_all(path).map_err(|error| DbErr::Custom(error.to_string()))
            }
            Storage::Server { url, database } => match self.kind {
                Kind::Postgres => {
                    on_server(url, &[&format!("DROP DATABASE {database} WITH (FORCE)")]).await
                }
                // The server may not yet have noticed that the test's connections, and their locks, are gone.
                _ => {
                    let statement = format!("DROP DATABASE {database}");
                    on_server(url, &["SET SESSION lock_wait_timeout = 10", &statement]).await
                }
            },
        }
    }

    pub(super) fn connect_options(&self) -> ConnectOptions {
        let mut options = ConnectOptions::new(&self.url);
        options
            .sqlx_logging(false)
            .acquire_timeout(Duration::from_secs(20))
            .max_connections(5)
            .map_sqlx_sqlite_opts(|sqlite| {
                sqlite
                    .foreign_keys(true)
                    .busy_timeout(Duration::from_secs(10))
                    .pragma("journal_mode", "WAL")
                    .pragma("synchronous", "OFF")
            });
        if self.kind == Kind::SqliteMemory {
            // The database lives as long as its one connection.
            options
                .min_connections(1)
                .max_connections(1)
                .idle_timeout(None)
                .max_lifetime(None);
        }
        options
    }
}

async fn on_server(url: &str, statements: &[&str]) -> Result<(), DbErr> {
    let mut options = ConnectOptions::new(url);
    options.sqlx_logging(false).max_connections(1);
    let server = Database::connect(options).await?;
    for statement in statements {
        server.execute_unprepared(statement).await?;
    }
    server.close().await
}
