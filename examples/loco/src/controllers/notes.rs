use loco_rs::prelude::*;
use serde::Deserialize;
use soft_delete::Outcome;

use super::problem::problem;
use crate::models::notes::{ActiveModel, Column, Notes};

#[derive(Debug, Deserialize)]
struct Params {
    notebook_id: i64,
    title: String,
}

async fn create(
    State(ctx): State<AppContext>,
    axum::Json(params): axum::Json<Params>,
) -> Result<Response> {
    let note = ActiveModel {
        notebook_id: Set(params.notebook_id),
        title: Set(params.title),
        ..Default::default()
    };
    format::json(note.insert(&ctx.db).await?)
}

async fn get_one(State(ctx): State<AppContext>, Path(id): Path<i64>) -> Result<Response> {
    match Notes::find_by_id(id).one(&ctx.db).await? {
        Some(note) => format::json(note),
        None => not_found(),
    }
}

async fn remove(State(ctx): State<AppContext>, Path(id): Path<i64>) -> Result<Response> {
    let deletion = Notes::delete_by_id(id).exec(&ctx.db).await?;
    if deletion.outcome() == Outcome::NotFound {
        return not_found();
    }
    format::json(data!({ "undo": deletion.id(), "rows": deletion.rows_by_table().total() }))
}

/// Notes that were deleted themselves, and not along with their notebook.
async fn trash(State(ctx): State<AppContext>) -> Result<Response> {
    let deleted = Notes::deletion_roots().order_by_desc(Column::DeletedAt);
    format::json(deleted.all(&ctx.db).await?)
}

async fn restore(State(ctx): State<AppContext>, Path(id): Path<i64>) -> Result<Response> {
    let restored = Notes::restore_by_id(id)
        .exec(&ctx.db)
        .await
        .map_err(problem)?;
    format::json(data!({ "rows": restored.rows_by_table().total() }))
}

pub fn routes() -> Routes {
    Routes::new()
        .prefix("/api/notes")
        .add("/", post(create))
        .add("/trash", get(trash))
        .add("/{id}", get(get_one))
        .add("/{id}", delete(remove))
        .add("/{id}/restore", post(restore))
}
