//! Projects and tasks over HTTP: delete, undo, trash and restore.

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use sea_orm::{DatabaseConnection, DbErr, Set, entity::prelude::*};
use serde::Deserialize;
use serde_json::{Value, json};
use soft_delete::{
    Error, Outcome, Registry, Restoration, SelectActive as _, Undo,
    schema::{KeepIndexes, SchemaSync},
};

pub mod entity;

use entity::{project, task};

type Db = State<DatabaseConnection>;
type Answer = Result<Json<Value>, Problem>;

pub fn routes(db: DatabaseConnection) -> Router {
    Router::new()
        .route("/projects", get(projects).post(create_project))
        .route("/projects/{id}", get(show_project).delete(delete_project))
        .route("/projects/{id}/tasks", post(create_task))
        .route("/projects/{id}/restore", post(restore_project))
        .route("/tasks/{id}", axum::routing::delete(delete_task))
        .route("/tasks/{id}/restore", post(restore_task))
        .route("/trash", get(trash))
        .route("/undo/{deletion}", post(undo))
        .with_state(db)
}

/// Creates what the database lacks of the entities' tables, columns and indexes.
pub async fn create_tables(db: &DatabaseConnection) -> Result<(), Error> {
    let tables = db
        .get_schema_builder()
        .register(project::Entity)
        .register(task::Entity);
    let keeping = KeepIndexes::of(Registry::global(), db).await?;
    tables.sync(&keeping).await?;
    SchemaSync::new().active_parent_triggers().exec(db).await?;
    Ok(())
}

#[derive(Deserialize)]
struct NewProject {
    name: String,
}

#[derive(Deserialize)]
struct NewTask {
    title: String,
}

/// Active projects: nothing to write for that.
async fn projects(State(db): Db) -> Answer {
    Ok(Json(json!(project::Entity::find().all(&db).await?)))
}

async fn create_project(State(db): Db, Json(new): Json<NewProject>) -> Answer {
    let project = project::ActiveModel {
        name: Set(new.name),
        ..Default::default()
    };
    Ok(Json(json!(project.insert(&db).await?)))
}

async fn show_project(State(db): Db, Path(id): Path<i64>) -> Answer {
    let project = project::Entity::find_by_id(id).find_with_active(task::Entity);
    let found = project.all(&db).await?.pop();
    let (project, tasks) = found.ok_or(Problem::NotFound)?;
    Ok(Json(json!({ "project": project, "tasks": tasks })))
}

async fn create_task(State(db): Db, Path(id): Path<i64>, Json(new): Json<NewTask>) -> Answer {
    let project = project::Entity::find_by_id(id).one(&db).await?;
    let task = task::ActiveModel {
        project_id: Set(project.ok_or(Problem::NotFound)?.id),
        title: Set(new.title),
        ..Default::default()
    };
    Ok(Json(json!(task.insert(&db).await?)))
}

/// Marks the project and its tasks. The answer's id is for `POST /undo/{id}`.
async fn delete_project(State(db): Db, Path(id): Path<i64>) -> Answer {
    let deletion = project::Entity::delete_by_id(id).exec(&db).await?;
    match deletion.outcome() {
        Outcome::NotFound => Err(Problem::NotFound),
        _ => Ok(Json(json!({ "undo": deletion.id() }))),
    }
}

async fn delete_task(State(db): Db, Path(id): Path<i64>) -> Answer {
    let deletion = task::Entity::delete_by_id(id).exec(&db).await?;
    match deletion.outcome() {
        Outcome::NotFound => Err(Problem::NotFound),
        _ => Ok(Json(json!({ "undo": deletion.id() }))),
    }
}

/// What was deleted itself, and not along with a project.
async fn trash(State(db): Db) -> Answer {
    let projects = project::Entity::deletion_roots().all(&db).await?;
    let tasks = task::Entity::deletion_roots().all(&db).await?;
    Ok(Json(json!({ "projects": projects, "tasks": tasks })))
}

async fn restore_project(State(db): Db, Path(id): Path<i64>) -> Answer {
    Ok(restored(
        &project::Entity::restore_by_id(id).exec(&db).await?,
    ))
}

async fn restore_task(State(db): Db, Path(id): Path<i64>) -> Answer {
    Ok(restored(&task::Entity::restore_by_id(id).exec(&db).await?))
}

async fn undo(State(db): Db, Path(deletion): Path<Uuid>) -> Answer {
    Ok(restored(&Undo::deletion(deletion).exec(&db).await?))
}

fn restored(restoration: &Restoration) -> Json<Value> {
    Json(json!({ "rows": restoration.rows_by_table().total() }))
}

/// What a client is told when something can't be done.
enum Problem {
    NotFound,
    Other(Error),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl From<DbErr> for Problem {
    fn from(error: DbErr) -> Self {
        Self::Other(error.into())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, problem) = match self {
            Self::NotFound
            | Self::Other(Error::NotFound { .. } | Error::DeletionNotFound { .. }) => {
                (StatusCode::NOT_FOUND, "there is none")
            }
            Self::Other(Error::Conflict(_)) => {
                (StatusCode::CONFLICT, "another one has its name now")
            }
            Self::Other(Error::ParentDeleted { .. }) => {
                (StatusCode::CONFLICT, "restore its project first")
            }
            Self::Other(error) => {
                eprintln!("{error}");
                (StatusCode::INTERNAL_SERVER_ERROR, "something went wrong")
            }
        };
        (status, Json(json!({ "problem": problem }))).into_response()
    }
}
