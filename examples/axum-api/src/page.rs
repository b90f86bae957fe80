//! The trash in a browser: pages that the server renders, that need no JavaScript and are nicer with a little.
//!
//! They do what the API does by the same functions, so that the same policy holds. Every change is a POST of a form, which leads
//! to a page that says what was done (`visit::Toast`).

pub mod session;

mod assets;
mod deletion;
mod guard;
mod layout;
mod list;
mod names;
mod obstacles;
mod projects;
mod removal;
mod visit;
mod words;

use axum::{
    Router,
    extract::{FromRequest, Request, State, rejection::FormRejection},
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};

use crate::{
    app::App,
    entity::{project, task},
    page::visit::Visit,
    problem::Problem,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/", get(|| async { Redirect::to("/projects") }))
        .route("/login", get(session::form).post(session::login))
        .route("/logout", axum::routing::post(session::logout))
        .route("/projects", get(projects::list))
        .route("/projects/{id}", get(projects::one))
        .route(
            "/projects/{id}/delete",
            get(removal::ask::<project::Entity>).post(removal::delete::<project::Entity>),
        )
        .route(
            "/tasks/{id}/delete",
            get(removal::ask::<task::Entity>).post(removal::delete::<task::Entity>),
        )
        .route("/trash", get(list::list))
        .route("/trash/{deletion}", get(deletion::show))
        .route(
            "/trash/{deletion}/restore",
            get(deletion::ask_restore).post(deletion::restore),
        )
        .route(
            "/trash/{deletion}/remove",
            get(deletion::ask_remove).post(deletion::remove),
        )
        .route("/assets/{name}", get(assets::serve))
        .layer(middleware::from_fn(guard::refuse_other_sites))
        .layer(middleware::map_response(guard::content_policy))
}

/// Outside of the API, a browser gets a problem as a page of the same status.
pub async fn problems_as_pages(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Response {
    let accept = request.headers().get(header::ACCEPT);
    let accepts_html = accept
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    if !accepts_html || request.uri().path().starts_with("/api/") {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    request = Request::from_parts(parts.clone(), body);
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>() else {
        return response;
    };
    let visit = match problem.status() {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => None,
        _ => Visit::of(&parts, &app).await.ok().flatten(),
    };
    let (mut parts, _) = response.into_parts();
    for name in [
        header::CONTENT_LENGTH,
        header::CONTENT_TYPE,
        header::WWW_AUTHENTICATE,
    ] {
        parts.headers.remove(name);
    }
    let page = layout::problem(&problem, visit.as_ref().map(|visit| &visit.caller));
    guard::content_policy((parts, page).into_response()).await
}

/// What a form sends.
#[derive(Debug, FromRequest)]
#[from_request(via(axum::Form), rejection(Problem))]
pub struct Form<T>(pub T);

impl From<FormRejection> for Problem {
    fn from(rejection: FormRejection) -> Self {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Self::too_large(),
            _ => Self::bad_request(rejection.body_text()),
        }
    }
}
