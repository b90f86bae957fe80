//! What a DELETE, a restore and a conflict answer over HTTP.

use crate::support;

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, State},
    http::{Method, Request, StatusCode},
    routing,
};
use recipes::{Comment, Post, User};
use sea_orm::{DatabaseConnection, entity::prelude::*};
use serde_json::{Value, json};
use soft_delete::{Error, Outcome};
use tower::ServiceExt as _;

// ANCHOR: recipe
type Answer = (StatusCode, Json<Value>);

async fn delete(State(db): State<DatabaseConnection>, Path(id): Path<i64>) -> Answer {
    match Post::delete_by_id(id).exec(&db).await.map_err(Error::from) {
        Ok(deletion) if deletion.outcome() == Outcome::NotFound => not_found(),
        // Deleting twice is fine. The id is what an "Undo" button sends back.
        Ok(deletion) => (StatusCode::OK, Json(json!({ "undo": deletion.id() }))),
        Err(error) => problem(&error),
    }
}

async fn restore(State(db): State<DatabaseConnection>, Path(id): Path<i64>) -> Answer {
    match Post::restore_by_id(id).exec(&db).await {
        Ok(restored) => (
            StatusCode::OK,
            Json(json!({ "rows": restored.rows_affected })),
        ),
        Err(error) => problem(&error),
    }
}

fn not_found() -> Answer {
    (StatusCode::NOT_FOUND, Json(json!({})))
}

fn problem(error: &Error) -> Answer {
    match error {
        Error::NotFound { .. } | Error::DeletionNotFound { .. } => not_found(),
        Error::Conflict(conflict) => {
            let taken: Vec<_> = conflict.iter().map(|row| &row.columns).collect();
            (StatusCode::CONFLICT, Json(json!({ "taken": taken })))
        }
        Error::ParentDeleted { parents, .. } => {
            let parents: Vec<_> = parents
                .iter()
                .map(|row| row.parent_table.to_string())
                .collect();
            (
                StatusCode::CONFLICT,
                Json(json!({ "restore_first": parents })),
            )
        }
        Error::Restricted { .. } => (StatusCode::CONFLICT, Json(json!({ "in_use": true }))),
        error if error.is_retryable() => (StatusCode::SERVICE_UNAVAILABLE, Json(json!({}))),
        // The message names keys and values: log it, and don't send it.
        _ => (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({}))),
    }
}
// ANCHOR_END: recipe

// ANCHOR: gone
/// 200 for an active post, 410 for a deleted one, 404 for one that never was.
async fn show(State(db): State<DatabaseConnection>, Path(id): Path<i64>) -> Answer {
    let post = Post::with_deleted().filter(recipes::post::Column::Id.eq(id));
    match post.one(&db).await {
        Ok(Some(post)) if post.is_deleted() => (StatusCode::GONE, Json(json!({}))),
        Ok(Some(post)) => (StatusCode::OK, Json(json!({ "title": post.title }))),
        Ok(None) => not_found(),
        Err(error) => problem(&error.into()),
    }
}
// ANCHOR_END: gone

fn routes(db: DatabaseConnection) -> Router {
    Router::new()
        .route("/posts/{id}", routing::get(show).delete(delete))
        .route("/posts/{id}/restore", routing::post(restore))
        .with_state(db)
}

async fn status(app: &Router, method: Method, path: &str) -> StatusCode {
    let request = Request::builder().method(method).uri(path);
    let request = request.body(Body::empty()).unwrap();
    app.clone().oneshot(request).await.unwrap().status()
}

#[tokio::test]
async fn statuses() {
    let db = support::blog().await;
    let app = routes(db.clone());
    assert_eq!(
        status(&app, Method::DELETE, "/posts/1").await,
        StatusCode::OK
    );
    assert_eq!(
        status(&app, Method::DELETE, "/posts/1").await,
        StatusCode::OK
    );
    assert_eq!(
        status(&app, Method::DELETE, "/posts/99").await,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        status(&app, Method::GET, "/posts/1").await,
        StatusCode::GONE
    );
    assert_eq!(status(&app, Method::GET, "/posts/2").await, StatusCode::OK);
    assert_eq!(
        status(&app, Method::GET, "/posts/99").await,
        StatusCode::NOT_FOUND
    );

    let looms = support::add_post(1, "looms", &db).await;
    assert_eq!(
        status(&app, Method::POST, "/posts/1/restore").await,
        StatusCode::CONFLICT
    );
    Post::delete_by_id(looms.id).exec(&db).await.unwrap();
    assert_eq!(
        status(&app, Method::POST, "/posts/1/restore").await,
        StatusCode::OK
    );
    assert_eq!(
        status(&app, Method::POST, "/posts/99/restore").await,
        StatusCode::NOT_FOUND
    );
    assert_eq!(Comment::find().all(&db).await.unwrap().len(), 1);

    User::delete_by_id(2).exec(&db).await.unwrap();
    assert_eq!(
        status(&app, Method::POST, "/posts/2/restore").await,
        StatusCode::CONFLICT
    );
}
