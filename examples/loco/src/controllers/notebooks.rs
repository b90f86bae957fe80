use loco_rs::prelude::*;
use serde::Deserialize;
use soft_delete::{Outcome, SelectActive as _};

use super::problem::problem;
use crate::models::{
    notebooks::{ActiveModel, Column, Notebooks},
    notes,
};

#[derive(Debug, Deserialize)]
struct Params {
    name: String,
}

async fn list(
    State(ctx): State<AppContext>,
    Query(pagination): Query<query::PaginationQuery>,
) -> Result<Response> {
    let page = query::paginate(&ctx.db, Notebooks::find(), None, &pagination).await?;
    format::json(data!({ "results": page.page, "total_items": page.meta.total_items }))
}

async fn create(
    State(ctx): State<AppContext>,
    axum::Json(params): axum::Json<Params>,
) -> Result<Response> {
    let notebook = ActiveModel {
        name: Set(params.name),
        ..Default::default()
    };
    format::json(notebook.insert(&ctx.db).await?)
}

/// With its notes. `find_with_related` would list deleted ones too, but for a connection to the views.
async fn get_one(State(ctx): State<AppContext>, Path(id): Path<i64>) -> Result<Response> {
    let found = Notebooks::find_by_id(id)
        .find_with_active(notes::Entity)
        .all(&ctx.db)
        .await?;
    match found.into_iter().next() {
        Some((notebook, notes)) => format::json(data!({ "notebook": notebook, "notes": notes })),
        None => not_found(),
    }
}

/// Marks the notebook, and its notes with it: so says the foreign key.
async fn remove(State(ctx): State<AppContext>, Path(id): Path<i64>) -> Result<Response> {
    let deletion = Notebooks::delete_by_id(id).exec(&ctx.db).await?;
    if deletion.outcome() == Outcome::NotFound {
        return not_found();
    }
    format::json(data!({ "undo": deletion.id(), "rows": deletion.rows_by_table().total() }))
}

async fn trash(State(ctx): State<AppContext>) -> Result<Response> {
    let deleted = Notebooks::deletion_roots().order_by_desc(Column::DeletedAt);
    format::json(deleted.all(&ctx.db).await?)
}

async fn restore(State(ctx): State<AppContext>, Path(id): Path<i64>) -> Result<Response> {
    let restored = Notebooks::restore_by_id(id)
        .exec(&ctx.db)
        .await
        .map_err(problem)?;
    format::json(data!({ "rows": restored.rows_by_table().total() }))
}

pub fn routes() -> Routes {
    Routes::new()
        .prefix("/api/notebooks")
        .add("/", get(list))
        .add("/", post(create))
        .add("/trash", get(trash))
        .add("/{id}", get(get_one))
        .add("/{id}", delete(remove))
        .add("/{id}/restore", post(restore))
}
