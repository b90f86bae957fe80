//! The routes of the trash, and what answers there.

use aide::axum::{
    ApiRouter,
    routing::{delete_with, get_with, post_with},
};
use axum::{extract::State, http::StatusCode};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::{TrashFilter, TrashItem, TrashedDeletion, find, page, remove_deletion, undo_deletion};
use crate::{
    app::{App, document},
    auth::Caller,
    extract::{IfMatch, OptionalJson, Path, Query},
    problem::Problem,
    resource::{Paging, RestoreOptions},
    view::{Page, RestorationView},
};

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
pub struct DeletionKey {
    /// The deletion's id.
    pub deletion: Uuid,
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/api/v1/trash",
            get_with(list, |o| {
                document::operation(o, "list_trash", "trash", &[400, 403, 422])
                    .summary("A page of the trash, what was deleted last first")
                    .response::<200, axum::Json<Page<TrashItem>>>()
            }),
        )
        .api_route(
            "/api/v1/trash/{deletion}",
            get_with(read, |o| {
                document::operation(o, "read_deletion", "trash", &[404])
                    .summary("A deletion")
                    .response::<200, axum::Json<TrashedDeletion>>()
            })
            .merge(delete_with(remove, |o| {
                document::operation(o, "remove_deletion", "trash", &[403, 404, 409])
                    .summary("Removes for good what a deletion took, and all below it")
                    .response::<204, ()>()
            })),
        )
        .api_route(
            "/api/v1/trash/{deletion}/undo",
            post_with(undo, |o| {
                document::operation(
                    o,
                    "undo_deletion",
                    "trash",
                    &[400, 403, 404, 409, 413, 415, 422],
                )
                .summary("Takes a deletion back")
                .response::<200, axum::Json<RestorationView>>()
            }),
        )
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(paging): Query<Paging>,
    Query(filter): Query<TrashFilter>,
) -> Result<axum::Json<Page<TrashItem>>, Problem> {
    page(&app.db(), &caller, paging, &filter)
        .await
        .map(axum::Json)
}

async fn read(
    State(app): State<App>,
    caller: Caller,
    Path(DeletionKey { deletion }): Path<DeletionKey>,
) -> Result<axum::Json<TrashedDeletion>, Problem> {
    find(&app.db(), &caller, deletion).await.map(axum::Json)
}

async fn undo(
    State(app): State<App>,
    caller: Caller,
    Path(DeletionKey { deletion }): Path<DeletionKey>,
    OptionalJson(options): OptionalJson<RestoreOptions>,
) -> Result<axum::Json<RestorationView>, Problem> {
    let any = IfMatch::seen(None);
    undo_deletion(&app.db(), &caller, deletion, options, &any)
        .await
        .map(axum::Json)
}

async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path(DeletionKey { deletion }): Path<DeletionKey>,
) -> Result<StatusCode, Problem> {
    remove_deletion(&app.db(), &caller, deletion, &IfMatch::seen(None)).await?;
    Ok(StatusCode::NO_CONTENT)
}
