//! `cargo run -p axum-api` starts it on SQLite, migrated and filled. See `--help`.

use std::{error::Error, net::SocketAddr};

use axum_api::{
    app::{self, App},
    config::{Command, Config, Environment, LogFormat},
    migration::Migrator,
    page::session::Sessions,
    purge, seed,
};
use clap::Parser as _;
use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use sea_orm_migration::MigratorTrait as _;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let config = Config::parse();
    start_log(config.log_format);
    match &config.command {
        Some(Command::Openapi) => {
            let (_, document) = app::api();
            println!("{}", serde_json::to_string_pretty(&document)?);
        }
        Some(Command::Migrate) => {
            connect(&config).await?;
        }
        Some(Command::Purge) => println!("{}", purge::once(&connect(&config).await?).await?),
        Some(Command::Worker) => {
            let db = connect(&config).await?;
            let period = config
                .serve
                .purge_period()
                .ok_or("a worker needs a PURGE_EVERY")?;
            tokio::select! {
                () = purge::every(period, db) => {}
                end = told_to_end() => end?,
            }
        }
        None | Some(Command::Serve) => serve(&config).await?,
    }
    Ok(())
}

async fn serve(config: &Config) -> Result<(), Box<dyn Error>> {
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
    let purges = config
        .serve
        .purge_period()
        .map(|period| tokio::spawn(purge::every(period, db.clone())));

    let listener = TcpListener::bind((config.serve.host, config.serve.port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let router = app::router(app, &config.serve.limits());
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service)
        .with_graceful_shutdown(async {
            if let Err(error) = told_to_end().await {
                tracing::error!(%error, "signals can't be heard");
            }
        })
        .await?;
    if let Some(purges) = purges {
        purges.abort();
    }
    db.close().await?;
    Ok(())
}

/// Connects, and brings the database up to date.
async fn connect(config: &Config) -> Result<DatabaseConnection, Box<dyn Error>> {
    let mut options = ConnectOptions::new(&config.database_url);
    options
        .max_connections(config.database_connections)
        .sqlx_logging_level(tracing::log::LevelFilter::Debug);
    let db = Database::connect(options).await?;
    Migrator::up(&db, None).await?;
    Ok(db)
}

/// Waits for what a terminal, a container or a supervisor sends.
async fn told_to_end() -> std::io::Result<()> {
    let (mut interrupt, mut terminate) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    );
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("ending; requests under way are finished first");
    Ok(())
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
