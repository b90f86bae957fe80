//! The settings, from the environment or the command line.

use std::{net::IpAddr, num::NonZeroU32, time::Duration};

use clap::{Args, Parser, Subcommand, ValueEnum};

/// A project tracker over HTTP.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Config {
    /// SQLite in a file, or PostgreSQL.
    #[arg(
        long,
        env,
        default_value = "sqlite://axum-api.sqlite?mode=rwc",
        hide_env_values = true
    )]
    pub database_url: String,

    /// How many connections to the database there are at most.
    #[arg(long, env, default_value_t = 10)]
    pub database_connections: u32,

    /// In development an empty database is filled, and demo tokens are printed.
    #[arg(long, env, value_enum, default_value_t = Environment::Development)]
    pub app_env: Environment,

    /// How the log is written.
    #[arg(long, env, value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,

    #[command(subcommand)]
    pub command: Option<Command>,

    #[command(flatten)]
    pub serve: Serve,
}

#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Serves requests. This is what happens without a command.
    Serve,
    /// Purges every so often, and does nothing else.
    Worker,
    /// Purges once.
    Purge,
    /// Brings the database up to date.
    Migrate,
    /// Prints the OpenAPI document.
    Openapi,
    /// Asks the server on this machine whether it is ready, for containers without a shell.
    Health,
}

#[derive(Clone, Debug, Args)]
pub struct Serve {
    #[arg(long, env, default_value = "127.0.0.1")]
    pub host: IpAddr,

    /// 0 takes any that is free.
    #[arg(long, env, default_value_t = 3000)]
    pub port: u16,

    /// Seconds between two purges; 0 for none. `serve` purges too, unless a worker does.
    #[arg(long, env, default_value_t = 3600)]
    pub purge_every: u64,

    /// Requests of one client per second, with bursts of twice as many; 0 for no limit.
    #[arg(long, env, default_value_t = 50)]
    pub rate_limit: u32,

    /// Clients are told apart by `X-Forwarded-For`. Only behind a proxy that sets it.
    #[arg(long, env)]
    pub trust_forwarded_for: bool,

    /// How large a body may be, in bytes.
    #[arg(long, env, default_value_t = 64 * 1024)]
    pub body_limit: usize,

    /// Seconds after which a request is given up.
    #[arg(long, env, default_value_t = 10)]
    pub request_timeout: u64,

    /// 32 characters or more that encrypt the sessions of the pages. Without, they end with the process, and are its own.
    #[arg(long, env, hide_env_values = true)]
    pub session_secret: Option<String>,

    /// Browsers come by https: the cookies of the pages are for that alone.
    #[arg(long, env)]
    pub behind_https: bool,

    /// In production, the token of the first member of the support, who creates the workspaces.
    #[arg(long, env, hide_env_values = true)]
    pub bootstrap_support_token: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Environment {
    Development,
    Production,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

/// Bounds on what a client can ask for.
#[derive(Clone, Debug)]
pub struct Limits {
    pub requests_per_second: Option<NonZeroU32>,
    pub trust_forwarded_for: bool,
    pub body_bytes: usize,
    pub timeout: Duration,
}

impl Serve {
    pub fn limits(&self) -> Limits {
        Limits {
            requests_per_second: NonZeroU32::new(self.rate_limit),
            trust_forwarded_for: self.trust_forwarded_for,
            body_bytes: self.body_limit,
            timeout: Duration::from_secs(self.request_timeout),
        }
    }

    /// None for no purge.
    pub fn purge_period(&self) -> Option<Duration> {
        (self.purge_every > 0).then(|| Duration::from_secs(self.purge_every))
    }
}
