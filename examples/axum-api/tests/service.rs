//! The service around the API: input, limits, health, the document, and the process.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod support;

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use reqwest::{Method, StatusCode};
use sea_orm::{ConnectionTrait as _, Database, TransactionTrait as _};
use serde_json::{Value, json};
use soft_delete::{Registry, schema::doctor};
use support::{ADMIN, Answer, Backend, SUPPORT, World, database, limited_to, on_both, unlimited};

on_both! {
    async fn input_is_checked(world: &World) {
        for (path, body, pointer) in [
            ("/projects", json!({ "workspace_id": 1, "slug": "A b", "name": "N" }), "/slug"),
            ("/projects", json!({ "workspace_id": 1, "slug": "a", "name": " " }), "/name"),
            ("/projects", json!({ "workspace_id": 1, "slug": "a", "name": "nul \u{0}" }), "/name"),
            ("/projects", json!({ "workspace_id": 1, "slug": "a".repeat(61), "name": "N" }), "/slug"),
            ("/projects", json!({ "workspace_id": "1", "slug": "a", "name": "N" }), "/workspace_id"),
            ("/projects", json!({ "workspace_id": 1, "slug": "a", "name": "N", "nmae": 1 }), "/nmae"),
            ("/projects", json!({ "workspace_id": 4711, "slug": "a", "name": "N" }), "/workspace_id"),
            ("/tasks", json!({ "project_id": 1, "title": "T", "status": "lost" }), "/status"),
            ("/tasks", json!({ "project_id": 1, "title": "T", "assignee_id": 4 }), "/assignee_id"),
            ("/members", json!({ "workspace_id": 1, "name": "N", "email": "nobody", "role": "member" }), "/email"),
            ("/members", json!({ "name": "N", "email": "n@example.com", "role": "admin" }), "/workspace_id"),
        ] {
            let refused = world.post(ADMIN, path, body.clone()).await;
            assert_eq!(refused.is_problem(422, "invalid")["errors"][0]["pointer"], pointer, "{body}");
        }
        world.patch(ADMIN, "/projects/1", json!([null, null, null])).await.is_problem(422, "invalid");
        for query in ["page=0", "page=x", "per_page=101", "include_deleted=1", "page=-1"] {
            world.get(ADMIN, &format!("/projects?{query}")).await.is_problem(400, "bad-request");
        }
        world.get(ADMIN, "/trash?since=yesterday").await.is_problem(400, "bad-request");
        world.get(ADMIN, "/projects?q=%00").await.is_problem(422, "invalid");
        world.delete(ADMIN, "/projects/1?reason=%00").await.is_problem(422, "invalid");
        let text = world.request(ADMIN, Method::POST, "/projects").body("{}");
        Answer::of(text).await.is_problem(415, "unsupported-media-type");
        let broken = world
            .request(ADMIN, Method::POST, "/projects")
            .header("content-type", "application/json")
            .body("{");
        Answer::of(broken).await.is_problem(400, "bad-request");
        let large = json!({ "name": "x".repeat(70_000) });
        world.post(ADMIN, "/projects", large.clone()).await.is_problem(413, "too-large");
        world.post(ADMIN, "/projects/1/restore", large).await.is_problem(413, "too-large");
        world.get(ADMIN, "/nothing").await.is_problem(404, "not-found");
        let put = Answer::of(world.request(ADMIN, Method::PUT, "/projects/1")).await;
        put.is_problem(405, "method-not-allowed");
        assert!(put.header("allow").contains("DELETE"));
    }

    async fn lists_are_paged_and_searched(world: &World) {
        let page = world.get(ADMIN, "/tasks?per_page=4&page=2").await;
        assert_eq!(page.is(200)["total"], 6);
        assert_eq!(page.body["items"].as_array().unwrap().len(), 2);
        assert_eq!(world.get(ADMIN, "/tasks?page=9").await.is(200)["items"], json!([]));
        assert_eq!(world.get(ADMIN, "/tasks?status=done").await.is(200)["total"], 2);
        assert_eq!(world.get(ADMIN, "/tasks?project_id=1&q=draft").await.is(200)["total"], 1);
        assert_eq!(world.get(ADMIN, "/projects?q=%25").await.is(200)["total"], 0);
        assert_eq!(world.get(SUPPORT, "/projects?workspace_id=2").await.is(200)["total"], 1);
    }

    async fn a_new_thing_says_where_it_is(world: &World) {
        let body = json!({ "workspace_id": 1, "slug": "n", "name": "Ñandú 🐦" });
        let answer = world.post(ADMIN, "/projects", body).await;
        let id = answer.is(201)["id"].as_i64().unwrap();
        assert_eq!(answer.header("location"), format!("/api/v1/projects/{id}"));
        let read = world.get(ADMIN, &format!("/projects/{id}")).await;
        assert_eq!(read.is(200), &answer.body);
        assert_eq!(read.header("etag"), answer.header("etag"));
        assert_eq!(read.header("etag"), read.body["etag"]);
        assert_eq!(read.body["name"], "Ñandú 🐦");
    }

    async fn the_schema_is_what_the_entities_say(world: &World) {
        let report = doctor::examine(Registry::global(), &world.db).await.unwrap();
        assert!(report.findings().is_empty(), "{report}");
        for meta in Registry::global().entities() {
            let name = &meta.table.name;
            assert!(axum_api::kind::Kind::of_table(name).is_some(), "{name} has no kind");
        }
    }

    async fn health_is_told(world: &World) {
        let live = Answer::of(reqwest::Client::new().get(format!("{}/health/live", world.base))).await;
        assert_eq!(live.is(200), &json!({ "status": "ok" }));
        assert!(!live.header("x-request-id").is_empty());
        let ready = format!("{}/health/ready", world.base);
        Answer::of(reqwest::Client::new().get(&ready)).await.is(200);
        world.db.clone().close().await.unwrap();
        Answer::of(reqwest::Client::new().get(&ready)).await.is(503);
        world.get(ADMIN, "/projects").await.is_problem(500, "internal");
    }
}

#[tokio::test]
async fn a_request_keeps_its_id() {
    let world = World::start(Backend::Sqlite).await.unwrap();
    let request = world
        .request(ADMIN, Method::GET, "/me")
        .header("x-request-id", "abc");
    assert_eq!(Answer::of(request).await.header("x-request-id"), "abc");
}

#[tokio::test]
async fn too_many_requests_are_refused_and_health_is_not() {
    let world = World::start_with(Backend::Sqlite, limited_to(2))
        .await
        .unwrap();
    let mut refused = 0;
    for _ in 0..12 {
        let answer = world.get(ADMIN, "/me").await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            answer.is_problem(429, "too-many-requests");
            assert_ne!(answer.header("retry-after"), "0");
            refused += 1;
        }
        Answer::of(reqwest::Client::new().get(format!("{}/health/live", world.base)))
            .await
            .is(200);
    }
    assert!(refused > 0);
}

#[tokio::test]
async fn what_takes_too_long_is_given_up() {
    let limits = axum_api::config::Limits {
        timeout: Duration::from_millis(1),
        ..unlimited()
    };
    let world = World::start_with(Backend::Sqlite, limits).await.unwrap();
    // Someone holds the write lock for longer than that, on a connection that the pool can't give to the request.
    let blocker = world.db.begin().await.unwrap();
    let touch = "UPDATE project SET name = name WHERE id = 1";
    blocker.execute_unprepared(touch).await.unwrap();
    let body = json!({ "workspace_id": 1, "slug": "slow", "name": "slow" });
    world
        .post(ADMIN, "/projects", body)
        .await
        .is_problem(408, "timeout");
}

/// Every operation is secured, has a name of its own, and tells all the problems that any can give.
#[test]
fn the_document_is_complete() {
    let (_, document) = axum_api::app::api();
    let document = serde_json::to_value(&document).unwrap();
    let mut names = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(name) = operation["operationId"].as_str() else {
                continue;
            };
            names.push(name.to_owned());
            assert_eq!(
                operation["security"],
                json!([{ "bearer": [] }]),
                "{method} {path}"
            );
            for status in ["401", "408", "429", "500", "503"] {
                let content = &operation["responses"][status]["content"];
                assert!(
                    content["application/problem+json"].is_object(),
                    "{method} {path}: {status}"
                );
            }
            let success = operation["responses"]
                .as_object()
                .unwrap()
                .keys()
                .any(|s| s.starts_with('2'));
            assert!(success, "{method} {path}");
        }
    }
    assert_eq!(names.len(), 5 * 8 + 2 + 4);
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}

#[tokio::test]
async fn the_document_and_its_page_are_served() {
    let world = World::start(Backend::Sqlite).await.unwrap();
    let document =
        Answer::of(reqwest::Client::new().get(format!("{}/openapi.json", world.base))).await;
    assert!(
        document.is(200)["openapi"]
            .as_str()
            .unwrap()
            .starts_with("3.1")
    );
    let page = reqwest::get(format!("{}/docs", world.base)).await.unwrap();
    assert!(page.text().await.unwrap().contains("/openapi.json"));
}

/// Several that start at once don't get in each other's way.
#[test]
fn migrations_run_once() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if let Some(url) = runtime.block_on(database(Backend::Postgres)) {
        let start = || {
            program()
                .arg("migrate")
                .env("DATABASE_URL", &url)
                .spawn()
                .unwrap()
        };
        for mut started in [start(), start(), start(), start()] {
            assert!(started.wait().unwrap().success());
        }
    }
}

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_axum-api"));
    command.env_remove("DATABASE_URL").stderr(Stdio::null());
    command
}

/// Two workers share what is expired, and each ends in good order when it is told to.
#[tokio::test(flavor = "multi_thread")]
async fn workers_purge_what_is_expired() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let Some(url) = database(backend).await else {
            continue;
        };
        let migrate = program()
            .arg("migrate")
            .env("DATABASE_URL", &url)
            .status()
            .unwrap();
        assert!(migrate.success());
        let db = Database::connect(&url).await.unwrap();
        let old = chrono::Utc::now() - chrono::TimeDelta::days(31);
        let rows: Vec<_> = (0..50)
            .map(|number| {
                let deleted_at = if number % 2 == 0 {
                    old
                } else {
                    chrono::Utc::now()
                };
                format!(
                    "('w{number}', 'W', '{t}', '{t}', '{d}')",
                    t = old.to_rfc3339(),
                    d = deleted_at.to_rfc3339()
                )
            })
            .collect();
        let insert = format!(
            "INSERT INTO workspace (slug, name, created_at, updated_at, deleted_at) VALUES {}",
            rows.join(", ")
        );
        db.execute_unprepared(&insert).await.unwrap();
        let mut workers: Vec<_> = (0..2)
            .map(|_| {
                let worker = program()
                    .arg("worker")
                    .env("DATABASE_URL", &url)
                    .env("PURGE_EVERY", "1")
                    .stdout(Stdio::piped())
                    .spawn();
                let mut worker = worker.unwrap();
                let mut line = String::new();
                let out = worker.stdout.as_mut().unwrap();
                BufReader::new(out).read_line(&mut line).unwrap();
                assert_eq!(line, "purging every 1s\n");
                worker
            })
            .collect();
        let begun = Instant::now();
        loop {
            let left = db.query_one_raw(sea_orm::Statement::from_string(
                db.get_database_backend(),
                "SELECT COUNT(*) AS left_over FROM workspace",
            ));
            let left: i64 = left
                .await
                .unwrap()
                .unwrap()
                .try_get("", "left_over")
                .unwrap();
            if left == 25 {
                break;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "{left} rows are left"
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        for worker in &mut workers {
            let told = Command::new("kill")
                .arg(worker.id().to_string())
                .status()
                .unwrap();
            assert!(told.success());
            assert!(worker.wait().unwrap().success());
        }
    }
}

/// What a fresh checkout does: no settings, a database that is not there yet.
#[tokio::test(flavor = "multi_thread")]
async fn the_program_starts_alone() {
    let folder = format!(
        "{}/alone_{}",
        env!("CARGO_TARGET_TMPDIR"),
        std::process::id()
    );
    std::fs::create_dir_all(&folder).unwrap();
    let mut server = program()
        .env("PORT", "0")
        .current_dir(&folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let mut line = || lines.next().unwrap().unwrap();
    assert_eq!(line(), "admin demo-admin-token");
    assert_eq!(line(), "member demo-member-token");
    assert_eq!(line(), "support demo-support-token");
    let base = line().strip_prefix("listening on ").unwrap().to_owned();
    let request = reqwest::Client::new()
        .get(format!("{base}/api/v1/projects"))
        .bearer_auth(ADMIN);
    assert_eq!(Answer::of(request).await.is(200)["total"], 2);
    Command::new("kill")
        .arg(server.id().to_string())
        .status()
        .unwrap();
    assert!(server.wait().unwrap().success());
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Production has no demo data and no demo tokens.
#[tokio::test(flavor = "multi_thread")]
async fn production_starts_empty() {
    let url = database(Backend::Sqlite).await.unwrap();
    let start = |token: &str| {
        let mut command = program();
        command
            .env("APP_ENV", "production")
            .env("DATABASE_URL", &url)
            .env("PORT", "0")
            .env("BOOTSTRAP_SUPPORT_TOKEN", token)
            .stdout(Stdio::piped());
        command.spawn().unwrap()
    };
    assert!(!start("short").wait().unwrap().success());
    let token = "0123456789abcdef0123456789abcdef";
    let mut server = start(token);
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let base = lines.next().unwrap().unwrap();
    let base = base.strip_prefix("listening on ").unwrap();
    let get = |token: &str, path: &str| {
        Answer::of(
            reqwest::Client::new()
                .get(format!("{base}/api/v1{path}"))
                .bearer_auth(token),
        )
    };
    get(ADMIN, "/me").await.is_problem(401, "unauthorized");
    assert_eq!(get(token, "/me").await.is(200)["role"], "support");
    assert_eq!(
        get(token, "/workspaces").await.is(200)["items"],
        Value::Array(Vec::new())
    );
    Command::new("kill")
        .arg(server.id().to_string())
        .status()
        .unwrap();
    assert!(server.wait().unwrap().success());
}
