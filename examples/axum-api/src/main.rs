//! `cargo run -p axum-api` starts it on SQLite, migrated and filled. See `--help`.

use std::{
    error::Error,
    net::{Ipv4Addr, SocketAddr},
};

use axum_api::{
    app::{self, App},
    config::{Command, Config, Environment, LogFormat},
    migration::Migrator,
    page::session::Sessions,
    purge, seed,
};
use clap::Parser as _;
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, DbErr,
};
use sea_orm_migration::MigratorTrait as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    signal::unix::{Signal, SignalKind, signal},
};
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let config = Config::parse();
    start_log(config.log_format);
    let mut end = End::listen()?;
    tokio::select! {
        () = end.told() => return Ok(()),
        done = run(&config) => done?,
    }
    if let None | Some(Command::Serve) = config.command {
        serve(&config, end).await?;
    }
    Ok(())
}

/// What may be dropped at any time.
async fn run(config: &Config) -> Result<(), Box<dyn Error>> {
    match &config.command {
        Some(Command::Openapi) => {
            let (_, document) = app::api();
            println!("{}", serde_json::to_string_pretty(&document)?);
        }
        Some(Command::Health) => ask_for_health(config.serve.port).await?,
        Some(Command::Worker) => {
            let period = config
                .serve
                .purge_period()
                .ok_or("a worker needs a PURGE_EVERY")?;
            let db = connect(config).await?;
            println!("purging every {period:?}");
            purge::every(period, db).await;
        }
        Some(Command::Purge) => println!("{}", purge::once(&connect(config).await?).await?),
        _ => migrate(config).await?,
    }
    Ok(())
}

async fn serve(config: &Config, mut end: End) -> Result<(), Box<dyn Error>> {
    let db = connect(config).await?;
    let sessions = Sessions::new(config.serve.session_secret.as_deref())
        .ok_or("SESSION_SECRET needs 32 characters or more")?
        .secure(config.serve.behind_https)
        .with_demo(config.app_env == Environment::Development);
    let app = App::new(db.clone()).with_sessions(sessions);
    match (config.app_env, &config.serve.bootstrap_support_token) {
        (Environment::Development, _) => {
            seed::demo(&app.db()).await?;
            for (role, token) in seed::DEMO_TOKENS {
                println!("{} {token}", role.name());
            }
        }
        (Environment::Production, Some(token)) if token.len() < 32 => {
            return Err("BOOTSTRAP_SUPPORT_TOKEN needs 32 characters or more".into());
        }
        (Environment::Production, Some(token)) => seed::first_support(token, &app.db()).await?,
        (Environment::Production, None) => {}
    }
    let period = config.serve.purge_period();
    let purges = period.map(|period| tokio::spawn(purge::every(period, db.clone())));

    let listener = TcpListener::bind((config.serve.host, config.serve.port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let router = app::router(app, &config.serve.limits());
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service)
        .with_graceful_shutdown(async move {
            end.told().await;
            tracing::info!("ending; requests under way are finished first");
        })
        .await?;
    if let Some(purges) = purges {
        purges.abort();
    }
    db.close().await?;
    Ok(())
}

async fn connect(config: &Config) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(&config.database_url);
    options
        .max_connections(config.database_connections)
        .sqlx_logging_level(tracing::log::LevelFilter::Debug);
    Database::connect(options).await
}

/// Brings the database up to date. Of several processes that start at once, on PostgreSQL, one does it and the others wait.
async fn migrate(config: &Config) -> Result<(), DbErr> {
    const LOCK: &str = "SELECT pg_advisory_lock(4611686018427387905)";
    let mut options = ConnectOptions::new(&config.database_url);
    options.max_connections(1);
    // The lock is this one connection's, and ends with it.
    let lock = Database::connect(options).await?;
    if lock.get_database_backend() == DbBackend::Postgres {
        lock.execute_unprepared(LOCK).await?;
    }
    let db = connect(config).await?;
    let migrated = Migrator::up(&db, None).await;
    db.close().await?;
    lock.close().await?;
    migrated
}

async fn ask_for_health(port: u16) -> Result<(), Box<dyn Error>> {
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    let request = b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    server.write_all(request).await?;
    let mut answer = String::new();
    server.read_to_string(&mut answer).await?;
    let status = answer.lines().next().unwrap_or_default();
    if status.contains(" 200 ") {
        return Ok(());
    }
    Err(format!("not ready: {status}").into())
}

/// What a terminal, a container or a supervisor sends.
struct End {
    interrupt: Signal,
    terminate: Signal,
}

impl End {
    /// From now on the signals wait to be looked at.
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn told(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

fn start_log(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
}
