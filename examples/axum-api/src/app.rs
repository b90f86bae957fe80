//! The application: its state, its routes, and what happens around every request.

pub mod document;

use std::{sync::Arc, time::Duration};

use aide::{axum::ApiRouter, openapi::OpenApi, scalar::Scalar};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use sea_orm::DatabaseConnection;
use soft_delete::ScopedConnection;
use tower::util::option_layer;
use tower_governor::{
    GovernorError, GovernorLayer, governor::GovernorConfigBuilder,
    key_extractor::SmartIpKeyExtractor,
};
use tower_http::{
    catch_panic::CatchPanicLayer,
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, RequestId, SetRequestIdLayer},
    trace::TraceLayer,
};

use crate::{
    config::Limits,
    db::Db,
    entity::{comment, member, project, task, workspace},
    page::{self, session::Sessions},
    problem::Problem,
    resource, resources, trash,
};

/// What all requests share.
#[derive(Clone, Debug)]
pub struct App {
    pool: DatabaseConnection,
    pub sessions: Sessions,
}

impl App {
    pub fn new(pool: DatabaseConnection) -> Self {
        Self {
            pool,
            sessions: Sessions::default(),
        }
    }

    /// With sessions of browsers that outlive this process, say.
    pub fn with_sessions(self, sessions: Sessions) -> Self {
        Self { sessions, ..self }
    }

    /// The database, for one request.
    pub fn db(&self) -> Db {
        ScopedConnection::new(self.pool.clone())
    }
}

/// All routes.
pub fn router(app: App, limits: &Limits) -> Router {
    let (api, document) = api();
    let document: Arc<str> = serde_json::to_string(&document).unwrap_or_default().into();
    let mut router = api
        .merge(page::routes())
        .route(
            "/docs",
            get(Scalar::new("/openapi.json")
                .with_title("Project tracker")
                .axum_handler()),
        )
        .route(
            "/openapi.json",
            get(move || async move {
                (
                    [(header::CONTENT_TYPE, "application/json")],
                    document.to_string(),
                )
            }),
        )
        .fallback(|| async { Problem::not_found() })
        .method_not_allowed_fallback(|| async { Problem::method_not_allowed() });
    router = limited(router, limits);
    router
        // Whoever watches whether the service is up is not limited.
        .route(
            "/health/live",
            get(|| async { axum::Json(serde_json::json!({ "status": "ok" })) }),
        )
        .route("/health/ready", get(ready))
        .with_state(app.clone())
        .layer(middleware::from_fn_with_state(app, page::problems_as_pages))
        .layer(middleware::map_response(security_headers))
        .layer(CatchPanicLayer::custom(|_| {
            Problem::internal(&"a handler panicked").into_response()
        }))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
}

/// The routes that are documented, and their document.
pub fn api() -> (Router<App>, OpenApi) {
    let mut document = OpenApi::default();
    let routes = ApiRouter::new()
        .merge(resource::routes::<workspace::Entity>())
        .merge(resource::routes::<project::Entity>())
        .merge(resource::routes::<task::Entity>())
        .merge(resource::routes::<comment::Entity>())
        .merge(resource::routes::<member::Entity>())
        .merge(resources::member::routes())
        .merge(trash::routes())
        .finish_api_with(&mut document, document::describe);
    (routes, document)
}

/// Bounds on what a client can ask for.
fn limited(router: Router<App>, limits: &Limits) -> Router<App> {
    let timeout = limits.timeout;
    let router = router
        .layer(DefaultBodyLimit::max(limits.body_bytes))
        .layer(middleware::from_fn(move |request, next| {
            within(timeout, request, next)
        }));
    let Some(per_second) = limits.requests_per_second else {
        return router;
    };
    let mut config = GovernorConfigBuilder::default();
    config
        .period(Duration::from_secs(1) / per_second.get())
        .burst_size(per_second.get().saturating_mul(2));
    if limits.trust_forwarded_for {
        let config = config.key_extractor(SmartIpKeyExtractor).finish();
        router.layer(option_layer(
            config.map(|config| GovernorLayer::new(config).error_handler(too_many)),
        ))
    } else {
        router.layer(option_layer(
            config
                .finish()
                .map(|config| GovernorLayer::new(config).error_handler(too_many)),
        ))
    }
}

fn too_many(error: GovernorError) -> Response {
    match error {
        GovernorError::TooManyRequests { wait_time, .. } => {
            let mut response = Problem::too_many_requests().into_response();
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(wait_time.max(1)));
            response
        }
        error => Problem::internal(&error).into_response(),
    }
}

/// A request that is given up is rolled back: its transaction goes with it.
async fn within(timeout: Duration, request: Request, next: Next) -> Response {
    match tokio::time::timeout(timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::timeout().into_response(),
    }
}

async fn ready(State(app): State<App>) -> Response {
    match app.pool.ping().await {
        Ok(()) => axum::Json(serde_json::json!({ "status": "ok" })).into_response(),
        Err(error) => {
            tracing::warn!(%error, "the database can't be reached");
            let body = axum::Json(serde_json::json!({ "status": "no database" }));
            (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
        }
    }
}

async fn security_headers(mut response: Response) -> Response {
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        let headers = response.headers_mut();
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

fn span(request: &Request) -> tracing::Span {
    let id = request
        .extensions()
        .get::<RequestId>()
        .and_then(|id| id.header_value().to_str().ok());
    tracing::info_span!("request", method = %request.method(), path = request.uri().path(), id)
}
