use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode, header::CONTENT_TYPE},
};
use sea_orm::{ConnectOptions, Database};
use serde_json::{Value, json};
use tower::ServiceExt as _;

async fn app() -> Router {
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1);
    let db = Database::connect(options).await.unwrap();
    starter::create_tables(&db).await.unwrap();
    starter::routes(db)
}

async fn send(app: &Router, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .unwrap();
    let response = app.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap())
}

async fn get(app: &Router, path: &str) -> (StatusCode, Value) {
    send(app, Method::GET, path, Value::Null).await
}

async fn post(app: &Router, path: &str, body: Value) -> (StatusCode, Value) {
    send(app, Method::POST, path, body).await
}

async fn delete(app: &Router, path: &str) -> (StatusCode, Value) {
    send(app, Method::DELETE, path, Value::Null).await
}

#[tokio::test]
async fn a_project_is_deleted_with_its_tasks_and_restored() {
    let app = app().await;
    post(&app, "/projects", json!({ "name": "house" })).await;
    post(&app, "/projects/1/tasks", json!({ "title": "roof" })).await;
    post(&app, "/projects/1/tasks", json!({ "title": "door" })).await;
    delete(&app, "/tasks/2").await;

    let (_, deleted) = delete(&app, "/projects/1").await;
    assert_eq!(get(&app, "/projects").await.1, json!([]));
    assert_eq!(get(&app, "/projects/1").await.0, StatusCode::NOT_FOUND);
    let (_, trash) = get(&app, "/trash").await;
    assert_eq!(trash["projects"][0]["name"], "house");
    assert_eq!(trash["tasks"][0]["title"], "door");

    let undo = format!("/undo/{}", deleted["undo"].as_str().unwrap());
    assert_eq!(post(&app, &undo, Value::Null).await.1, json!({ "rows": 2 }));
    let (_, shown) = get(&app, "/projects/1").await;
    assert_eq!(shown["tasks"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_restore_says_what_stands_in_its_way() {
    let app = app().await;
    post(&app, "/projects", json!({ "name": "house" })).await;
    post(&app, "/projects/1/tasks", json!({ "title": "roof" })).await;
    delete(&app, "/projects/1").await;
    let (status, _) = post(&app, "/tasks/1/restore", Value::Null).await;
    assert_eq!(status, StatusCode::CONFLICT);

    post(&app, "/projects", json!({ "name": "house" })).await;
    let (status, _) = post(&app, "/projects/1/restore", Value::Null).await;
    assert_eq!(status, StatusCode::CONFLICT);
    let (status, _) = post(&app, "/projects/99/restore", Value::Null).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}
