//! A server of its own for each test, on a throw-away database, and a client that speaks to it over HTTP.

// Each test binary uses its own part.
#![allow(dead_code, unused_imports, unused_macros)]

use std::{
    env,
    net::SocketAddr,
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use axum_api::{
    app::{self, App},
    config::Limits,
    migration::Migrator,
    seed,
};
use reqwest::{Method, StatusCode, header};
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection};
use sea_orm_migration::MigratorTrait as _;
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub const ADMIN: &str = "demo-admin-token";
pub const MEMBER: &str = "demo-member-token";
pub const SUPPORT: &str = "demo-support-token";

#[derive(Clone, Copy, Debug)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// The same test on both databases.
macro_rules! on_both {
    ($($(#[$attribute:meta])* async fn $name:ident($world:ident: &World) $body:block)*) => {
        $(
            mod $name {
                #[allow(unused_imports)]
                use super::*;

                async fn run($world: &World) $body

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn sqlite() {
                    run(&World::start(Backend::Sqlite).await.unwrap()).await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn postgres() {
                    if let Some(world) = World::start(Backend::Postgres).await {
                        run(&world).await;
                    }
                }
            }
        )*
    };
}
pub(crate) use on_both;

/// A server with the demo data.
pub struct World {
    pub db: DatabaseConnection,
    pub base: String,
    client: reqwest::Client,
}

impl World {
    /// None, with a word about it, if the backend is not at hand.
    pub async fn start(backend: Backend) -> Option<Self> {
        Self::start_with(backend, unlimited()).await
    }

    pub async fn start_with(backend: Backend, limits: Limits) -> Option<Self> {
        let url = database(backend).await?;
        let mut options = ConnectOptions::new(url);
        options.max_connections(8).sqlx_logging(false);
        let db = Database::connect(options).await.unwrap();
        Migrator::up(&db, None).await.unwrap();
        let app = App::new(db.clone());
        seed::demo(&app.db()).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let router = app::router(app, &limits);
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        Some(Self {
            db,
            base,
            client: reqwest::Client::new(),
        })
    }

    /// A request by the owner of that token. Paths begin behind `/api/v1`.
    pub fn request(&self, token: &str, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client
            .request(method, format!("{}/api/v1{path}", self.base))
            .bearer_auth(token)
    }

    pub async fn get(&self, token: &str, path: &str) -> Answer {
        Answer::of(self.request(token, Method::GET, path)).await
    }

    pub async fn delete(&self, token: &str, path: &str) -> Answer {
        Answer::of(self.request(token, Method::DELETE, path)).await
    }

    pub async fn post(&self, token: &str, path: &str, body: Value) -> Answer {
        Answer::of(self.request(token, Method::POST, path).json(&body)).await
    }

    pub async fn patch(&self, token: &str, path: &str, body: Value) -> Answer {
        Answer::of(self.request(token, Method::PATCH, path).json(&body)).await
    }

    /// Deletes it and gives the deletion's id.
    pub async fn delete_for_its_id(&self, token: &str, path: &str) -> String {
        let request = self
            .request(token, Method::DELETE, path)
            .header("prefer", "return=representation");
        let answer = Answer::of(request).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.body["id"].as_str().unwrap().to_owned()
    }

    pub async fn new_project(&self, slug: &str) -> i64 {
        let body = json!({ "workspace_id": 1, "slug": slug, "name": slug });
        let answer = self.post(ADMIN, "/projects", body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        answer.body["id"].as_i64().unwrap()
    }

    pub async fn new_task(&self, token: &str, project: i64, title: &str) -> i64 {
        let body = json!({ "project_id": project, "title": title });
        let answer = self.post(token, "/tasks", body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        answer.body["id"].as_i64().unwrap()
    }
}

/// What the server said.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: header::HeaderMap,
    /// Null if there was none.
    pub body: Value,
}

impl Answer {
    pub async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Self {
            status,
            headers,
            body,
        }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// Asserts that it is a problem document of this kind.
    #[track_caller]
    pub fn is_problem(&self, status: u16, kind: &str) -> &Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.body["type"], format!("/problems/{kind}"));
        assert_eq!(self.body["status"], status);
        &self.body
    }

    #[track_caller]
    pub fn is(&self, status: u16) -> &Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        &self.body
    }
}

pub fn unlimited() -> Limits {
    Limits {
        requests_per_second: None,
        trust_forwarded_for: false,
        body_bytes: 64 * 1024,
        timeout: Duration::from_secs(30),
    }
}

pub fn limited_to(requests_per_second: u32) -> Limits {
    Limits {
        requests_per_second: NonZeroU32::new(requests_per_second),
        ..unlimited()
    }
}

/// The URL of a new, empty database.
pub async fn database(backend: Backend) -> Option<String> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!(
        "axum_api_{}_{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    match backend {
        Backend::Sqlite => {
            let path = format!("{}/{name}.sqlite", env!("CARGO_TARGET_TMPDIR"));
            let _ = std::fs::remove_file(&path);
            Some(format!("sqlite://{path}?mode=rwc"))
        }
        Backend::Postgres => {
            let Ok(url) = env::var("POSTGRES_URL") else {
                assert!(
                    env::var("SOFT_DELETE_REQUIRE_BACKENDS").is_err(),
                    "POSTGRES_URL is not set"
                );
                eprintln!("left out on PostgreSQL: POSTGRES_URL is not set");
                return None;
            };
            let server = Database::connect(&url).await.unwrap();
            let create = format!("CREATE DATABASE {name}");
            server.execute_unprepared(&create).await.unwrap();
            server.close().await.unwrap();
            let (server, _) = url.rsplit_once('/').unwrap();
            Some(format!("{server}/{name}"))
        }
    }
}
