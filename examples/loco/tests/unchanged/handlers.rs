//! Handlers as `cargo loco generate scaffold` writes them, and some more.

use axum::http::StatusCode;
use loco_rs::prelude::*;

use super::entity::{ActiveModel, Column, Entity, Model};

#[debug_handler]
async fn list(
    State(ctx): State<AppContext>,
    Query(pagination): Query<query::PaginationQuery>,
) -> Result<Response> {
    let page = query::paginate(
        &ctx.db,
        Entity::find().order_by_asc(Column::Id),
        None,
        &pagination,
    )
    .await?;
    format::json(page.page)
}

#[debug_handler]
async fn get_one(State(ctx): State<AppContext>, Path(id): Path<i64>) -> Result<Response> {
    let Some(model) = Entity::find_by_id(id).one(&ctx.db).await? else {
        return not_found();
    };
    format::json(model)
}

#[debug_handler]
async fn update(State(ctx): State<AppContext>, Path(id): Path<i64>) -> Result<Response> {
    let Some(model) = Entity::find_by_id(id).one(&ctx.db).await? else {
        return not_found();
    };
    let mut item = model.into_active_model();
    item.title = Set("changed".to_owned());
    let item = item.update(&ctx.db).await?;
    format::json(item)
}

#[debug_handler]
async fn remove(State(ctx): State<AppContext>, Path(id): Path<i64>) -> Result<Response> {
    let Some(model) = Entity::find_by_id(id).one(&ctx.db).await? else {
        return not_found();
    };
    model.into_active_model().delete(&ctx.db).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Each of the five movies in another way.
pub async fn delete_all_ways(State(ctx): State<AppContext>) -> Result<Response> {
    remove(State(ctx.clone()), Path(1)).await?;
    let movie: Model = load(&ctx.db, 2).await?;
    let result = movie.delete(&ctx.db).await?;
    let mut rows = result.rows_affected;
    rows += Entity::delete_by_id(3).exec(&ctx.db).await?.rows_affected;
    let by_title = Entity::delete_many().filter(Column::Title.eq("Dune"));
    rows += by_title.exec(&ctx.db).await?.rows_affected;
    let transaction = ctx.db.begin().await?;
    let movie = load(&transaction, 5).await?;
    rows += Entity::delete(movie.into_active_model())
        .exec(&transaction)
        .await?
        .rows_affected;
    transaction.commit().await?;
    format::json(rows)
}

/// A model's function with `ModelResult`, as Loco has them.
async fn load<C: ConnectionTrait>(db: &C, id: i64) -> ModelResult<Model> {
    let movie = Entity::find_by_id(id).one(db).await?;
    movie.ok_or_else(|| ModelError::EntityNotFound)
}

pub async fn upsert(State(ctx): State<AppContext>, Path(id): Path<i64>) -> Result<Response> {
    let movie = ActiveModel {
        id: Set(id),
        ..Default::default()
    };
    format::json(movie.save(&ctx.db).await?.title.is_set())
}

pub fn routes() -> Routes {
    Routes::new()
        .prefix("/api/movies")
        .add("/", get(list))
        .add("/{id}", get(get_one))
        .add("/{id}", put(update))
        .add("/{id}", post(upsert))
        .add("/{id}", delete(remove))
}
