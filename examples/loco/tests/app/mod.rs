//! The application on a database of its own.

#![allow(dead_code)] // Each binary uses what its database has.

use std::{env, net::SocketAddr};

use axum_test::TestServer;
use loco_rs::{
    app::{AppContext, Hooks as _},
    boot::{BootResult, StartMode},
    config::Config,
    environment::Environment,
    testing::prelude::*,
};
use migration::{Migrator, MigratorTrait as _};
use notes::app::App;
use sea_orm::Database;

pub mod requests;
mod tasks;

/// Runs tests on the database of the binary that they are in.
macro_rules! tests {
    ($($test:ident),+ $(,)?) => {
        mod on_app {
            $(#[tokio::test]
            async fn $test() {
                crate::request(super::$test).await;
            })+
        }
    };
}
use tests;

/// The application with the database of `config/active.yaml`, whose tables its migrations made over the plain URL.
pub async fn on_active_schema() -> Option<(TestServer, AppContext)> {
    let Ok(server) = env::var("POSTGRES_URL") else {
        let required = env::var("SOFT_DELETE_REQUIRE_BACKENDS").is_ok();
        assert!(!required, "POSTGRES_URL is not set");
        return None;
    };
    let database = init_test_db_creation(&server).unwrap();
    database.init_db().await;
    let plain = database.get_connection_str();
    let tables = Database::connect(plain).await.unwrap();
    Migrator::up(&tables, None).await.unwrap();
    tables.close().await.unwrap();

    let active = active_config().await;
    let (_, search_path) = active.database.uri.split_once('?').unwrap();
    let mut config = App::load_config(&Environment::Test).await.unwrap();
    config.settings = active.settings;
    config.database = active.database.clone();
    config.database.uri = format!("{plain}?{search_path}");
    let boot = boot(config).await;
    let routes = boot.router.unwrap();
    let routes = routes.into_make_service_with_connect_info::<SocketAddr>();
    Some((TestServer::new(routes).unwrap(), boot.app_context))
}

/// `config/active.yaml`.
pub async fn active_config() -> Config {
    let environment = Environment::Any("active".to_owned());
    App::load_config(&environment).await.unwrap()
}

async fn boot(config: Config) -> BootResult {
    let boot = App::boot(StartMode::ServerOnly, &Environment::Test, config);
    boot.await.unwrap()
}
