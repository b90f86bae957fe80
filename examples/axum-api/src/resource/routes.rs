//! The routes of a resource, and what answers there.

use aide::axum::{
    ApiRouter,
    routing::{delete_with, get_with, patch_with, post_with},
};
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use sea_orm::{
    ConnectionTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::{
    Resource, active, delete_one, forbidden, known, plan_delete, plan_restore,
    request::{Listing, Paging, Reason, RestoreOptions},
    restore_one, titled, visible_to,
};
use crate::{
    app::{App, document},
    auth::Caller,
    db::begin,
    extract::{IfMatch, Json, Key, OptionalJson, Path, Prefer, Query},
    policy::Action,
    problem::Problem,
    view::{self, DeletePlanView, DeletionView, Page, RestorationView, RestorePlanView},
};

/// All routes of a resource.
pub fn routes<R: Resource>() -> ApiRouter<App> {
    let name = R::KIND.name();
    ApiRouter::new()
        .api_route(
            &R::KIND.path(),
            get_with(list::<R>, move |o| {
                document::operation(o, &format!("list_{name}"), name, &[400, 403, 422])
                    .summary(&format!("A page of {name}s, by key"))
                    .response::<200, axum::Json<Page<R::View>>>()
            })
            .post_with(create::<R>, move |o| {
                document::operation(o, &format!("create_{name}"), name, &[400, 403, 409, 413, 415, 422])
                    .summary(&format!("Creates a {name}"))
                    .response_with::<201, axum::Json<R::View>, _>(document::with_etag)
            }),
        )
        .api_route(
            &format!("{}/{{id}}", R::KIND.path()),
            get_with(read::<R>, move |o| {
                document::operation(o, &format!("read_{name}"), name, &[404, 410])
                    .summary(&format!("One {name}"))
                    .description("Of a deleted one, 410 tells those who may see the trash when; for others it is not there.")
                    .response_with::<200, axum::Json<R::View>, _>(document::with_etag)
            })
            .merge(patch_with(edit::<R>, move |o| {
                document::operation(o, &format!("edit_{name}"), name, &[400, 403, 404, 409, 410, 412, 413, 415, 422])
                    .summary(&format!("Changes a {name}"))
                    .response_with::<200, axum::Json<R::View>, _>(document::with_etag)
            }))
            .merge(delete_with(delete::<R>, move |o| {
                document::operation(o, &format!("delete_{name}"), name, &[400, 403, 404, 409, 412, 422])
                    .summary(&format!("Deletes a {name} and all below it"))
                    .description("It goes to the trash. Deleting what is deleted is no error and changes nothing, so that a request can be sent again.")
                    .response::<204, ()>()
                    .response::<200, axum::Json<DeletionView>>()
            })),
        )
        .api_route(
            &format!("{}/{{id}}/restore", R::KIND.path()),
            post_with(restore::<R>, move |o| {
                document::operation(o, &format!("restore_{name}"), name, &[400, 403, 404, 409, 412, 413, 415, 422])
                    .summary(&format!("Restores a {name} with what was deleted along with it"))
                    .description("204 if it is active already.")
                    .response::<200, axum::Json<RestorationView>>()
                    .response::<204, ()>()
            }),
        )
        .api_route(
            &format!("{}/{{id}}/delete-plan", R::KIND.path()),
            get_with(delete_plan::<R>, move |o| {
                document::operation(o, &format!("plan_delete_{name}"), name, &[403, 404, 410])
                    .summary(&format!("What deleting this {name} would do"))
                    .response::<200, axum::Json<DeletePlanView>>()
            }),
        )
        .api_route(
            &format!("{}/{{id}}/restore-plan", R::KIND.path()),
            get_with(restore_plan::<R>, move |o| {
                document::operation(o, &format!("plan_restore_{name}"), name, &[403, 404])
                    .summary(&format!("What restoring this {name} would do"))
                    .response::<200, axum::Json<RestorePlanView>>()
            }),
        )
}

async fn list<R: Resource>(
    State(app): State<App>,
    caller: Caller,
    Query(paging): Query<Paging>,
    Query(listing): Query<Listing>,
    Query(filter): Query<R::Filter>,
) -> Result<axum::Json<Page<R::View>>, Problem> {
    let rows = if listing.include_deleted {
        if !caller.may(Action::IncludeDeleted, R::KIND, false) {
            return Err(Problem::forbidden("Only admins may list deleted ones."));
        }
        R::with_deleted()
    } else {
        R::active()
    };
    let mut select = visible_to(&caller, R::filter(rows, filter)).order_by_asc(R::columns().id);
    let db = app.db();
    if let Some(text) = &listing.q {
        select = select.filter(titled::<R>(text, db.get_database_backend())?);
    }
    let pages = select.paginate(&db, paging.per_page);
    Ok(axum::Json(Page {
        total: pages.num_items().await?,
        items: pages
            .fetch_page(paging.page - 1)
            .await?
            .into_iter()
            .map(R::view)
            .collect(),
        page: paging.page,
        per_page: paging.per_page,
    }))
}

async fn create<R: Resource>(
    State(app): State<App>,
    caller: Caller,
    Json(input): Json<R::Create>,
) -> Result<Response, Problem> {
    if !caller.may(Action::Create, R::KIND, true) {
        return Err(forbidden(&caller, "create", R::KIND));
    }
    let tx = begin(&app.db()).await?;
    let row = R::create(input, &caller, &tx).await?;
    tx.commit().await?;
    let location = view::link(R::KIND, R::state(&row).id);
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        with_etag::<R>(row),
    )
        .into_response())
}

async fn read<R: Resource>(
    State(app): State<App>,
    caller: Caller,
    Path(Key { id }): Path<Key>,
) -> Result<Response, Problem> {
    let row = known::<R>(&caller, id).one(&app.db()).await?;
    Ok(with_etag::<R>(active::<R>(row, &caller)?))
}

async fn edit<R: Resource>(
    State(app): State<App>,
    caller: Caller,
    Path(Key { id }): Path<Key>,
    if_match: IfMatch,
    Json(input): Json<R::Edit>,
) -> Result<Response, Problem> {
    let tx = begin(&app.db()).await?;
    let row = known::<R>(&caller, id).lock_exclusive().one(&tx).await?;
    let row = active::<R>(row, &caller)?;
    let state = R::state(&row);
    if !caller.may(Action::Edit, R::KIND, state.owner == Some(caller.id)) {
        return Err(forbidden(&caller, "change", R::KIND));
    }
    if_match.require(&state.etag())?;
    let row = R::edit(row, input, &caller, &tx).await?;
    tx.commit().await?;
    Ok(with_etag::<R>(row))
}

async fn delete<R: Resource>(
    State(app): State<App>,
    caller: Caller,
    Path(Key { id }): Path<Key>,
    Query(Reason { reason }): Query<Reason>,
    if_match: IfMatch,
    prefer: Prefer,
) -> Result<Response, Problem> {
    let deletion = delete_one::<R>(&app.db(), &caller, id, reason, &if_match).await?;
    if prefer.representation {
        let applied = [("preference-applied", "return=representation")];
        return Ok((applied, axum::Json(deletion)).into_response());
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn restore<R: Resource>(
    State(app): State<App>,
    caller: Caller,
    Path(Key { id }): Path<Key>,
    if_match: IfMatch,
    OptionalJson(options): OptionalJson<RestoreOptions>,
) -> Result<Response, Problem> {
    let restored = restore_one::<R>(&app.db(), &caller, id, options, &if_match).await?;
    Ok(match restored {
        Some(restoration) => axum::Json(restoration).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

async fn delete_plan<R: Resource>(
    State(app): State<App>,
    caller: Caller,
    Path(Key { id }): Path<Key>,
) -> Result<axum::Json<DeletePlanView>, Problem> {
    let (_, plan) = plan_delete::<R>(&app.db(), &caller, id).await?;
    Ok(axum::Json(plan))
}

async fn restore_plan<R: Resource>(
    State(app): State<App>,
    caller: Caller,
    Path(Key { id }): Path<Key>,
) -> Result<axum::Json<RestorePlanView>, Problem> {
    plan_restore::<R>(&app.db(), &caller, id)
        .await
        .map(axum::Json)
}

fn with_etag<R: Resource>(row: R::Model) -> Response {
    let etag = [(header::ETAG, R::state(&row).etag())];
    (etag, axum::Json(R::view(row))).into_response()
}
