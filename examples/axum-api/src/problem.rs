//! Errors as RFC 9457 problem documents: every one the API gives, and how the library's errors become them.

use aide::{OperationOutput, generate::GenContext, openapi};
use axum::{
    extract::rejection::{JsonRejection, PathRejection, QueryRejection},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use sea_orm::DbErr;
use serde::Serialize;
use soft_delete::{Blocker, ConflictingRow, DeletedParent, Error};

use crate::{
    kind::Kind,
    view::{self, BlockerView, ConflictView, ParentView, StampView},
};

/// An error as the caller is told of it.
#[derive(Clone, Debug)]
pub struct Problem(Box<Document>);

/// A problem document (RFC 9457), `application/problem+json`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub struct Document {
    /// Which problem it is: a path of this API's documentation.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same in words.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What is the matter here, and what to do.
    pub detail: String,
    /// `invalid`: what is wrong with which part of the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub errors: Vec<Invalid>,
    /// `restore-conflict`, `parent-deleted`: unique values that other rows have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub conflicts: Vec<ConflictView>,
    /// `parent-deleted`, `restore-conflict`: rows whose parent is deleted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub parents: Vec<ParentView>,
    /// `delete-restricted`: active rows that refer to those to be deleted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub blockers: Vec<BlockerView>,
    /// `gone`: the deletion that took it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(default)]
    pub deletion: Option<StampView>,
}

/// A part of the request that is not as it must be.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Invalid {
    /// A JSON pointer into the body, or the parameter's name.
    pub pointer: String,
    /// What is wrong with it.
    pub detail: String,
}

impl Problem {
    fn new(status: StatusCode, kind: &str, title: &'static str, detail: impl Into<String>) -> Self {
        Self(Box::new(Document {
            kind: format!("/problems/{kind}"),
            title,
            status: status.as_u16(),
            detail: detail.into(),
            errors: Vec::new(),
            conflicts: Vec::new(),
            parents: Vec::new(),
            blockers: Vec::new(),
            deletion: None,
        }))
    }

    pub fn document(&self) -> &Document {
        &self.0
    }

    pub fn conflicts_mut(&mut self) -> &mut [ConflictView] {
        &mut self.0.conflicts
    }

    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// 401: who asks is not known.
    pub fn unauthorized() -> Self {
        let detail = "Send a token that is known: `Authorization: Bearer …`.";
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "Not signed in",
            detail,
        )
    }

    /// 403: who asks may see it, and may not do this.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "Not allowed", detail)
    }

    /// 404: it is not there, or not for who asks.
    pub fn not_found() -> Self {
        let detail = "There is nothing of this address.";
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found", detail)
    }

    /// 410: it is in the trash, and who asks may see that.
    pub fn gone(deletion: StampView) -> Self {
        let detail = format!("Deleted at {}.", view::time(&deletion.deleted_at));
        let mut problem = Self::new(StatusCode::GONE, "gone", "Deleted", detail);
        problem.0.deletion = Some(deletion);
        problem
    }

    /// 412: it is not any more what the caller has seen.
    pub fn precondition_failed() -> Self {
        let detail = "It has changed since you read it: read it again, and decide again.";
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            "precondition-failed",
            "Changed meanwhile",
            detail,
        )
    }

    /// 422: the request is understood, and a value in it is not allowed.
    pub fn invalid(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        let error = Invalid {
            pointer: pointer.into(),
            detail: detail.into(),
        };
        Self::invalids(vec![error])
    }

    /// The same for many values.
    pub fn invalids(errors: Vec<Invalid>) -> Self {
        let details: Vec<_> = errors
            .iter()
            .map(|error| format!("{}: {}", error.pointer, error.detail))
            .collect();
        let mut problem = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid",
            "Not valid",
            details.join("; "),
        );
        problem.0.errors = errors;
        problem
    }

    /// 409: another active row has the value.
    pub fn unique_taken(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "unique-taken",
            "Value is taken",
            detail,
        )
    }

    /// 405, with the header `Allow` from axum.
    pub fn method_not_allowed() -> Self {
        let detail = "This address knows other methods: see the header `Allow`.";
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method-not-allowed",
            "Method not allowed",
            detail,
        )
    }

    /// 408: the request took too long.
    pub fn timeout() -> Self {
        let detail = "The request took too long and was given up.";
        Self::new(
            StatusCode::REQUEST_TIMEOUT,
            "timeout",
            "Took too long",
            detail,
        )
    }

    /// 429: too many requests.
    pub fn too_many_requests() -> Self {
        let detail = "Wait as long as `Retry-After` says.";
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many-requests",
            "Too many requests",
            detail,
        )
    }

    /// 413: the body is too large.
    pub fn too_large() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            "Too large",
            "The body is larger than this API takes.",
        )
    }

    /// 400: the request can't be read.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "bad-request",
            "Can't be read",
            detail,
        )
    }

    /// 500. What happened is in the log and not in the answer.
    pub fn internal(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "a request failed");
        let detail = "It is in the log, under the request's id.";
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Internal error",
            detail,
        )
    }

    fn contention() -> Self {
        let detail = "Someone else is changing the same rows. Nothing was changed; try again.";
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "contention",
            "Try again",
            detail,
        )
    }

    fn conflict<'c>(
        conflicts: impl IntoIterator<Item = &'c ConflictingRow>,
        parents: &[DeletedParent],
    ) -> Self {
        let (kind, title, detail) = if parents.is_empty() {
            (
                "restore-conflict",
                "Values are taken",
                "Active rows have unique values of what is to come back. Choose `on_conflict`, or change those rows.",
            )
        } else {
            (
                "parent-deleted",
                "Parent is deleted",
                "What is to come back belongs to something deleted. Restore that first, or say `with_parents`.",
            )
        };
        let mut problem = Self::new(StatusCode::CONFLICT, kind, title, detail);
        problem.0.conflicts = conflicts.into_iter().map(ConflictView::from).collect();
        problem.0.parents = parents.iter().map(ParentView::from).collect();
        problem
    }

    fn restricted(kind: &str, blockers: &[Blocker]) -> Self {
        let detail = format!("Active rows refer to this {kind}. Delete or change them first.");
        let mut problem = Self::new(
            StatusCode::CONFLICT,
            "delete-restricted",
            "Still referred to",
            detail,
        );
        problem.0.blockers = blockers.iter().map(BlockerView::from).collect();
        problem
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound { .. } | Error::DeletionNotFound { .. } => Self::not_found(),
            Error::Conflict(conflict) => Self::conflict(&conflict, &[]),
            Error::ParentDeleted {
                parents, conflict, ..
            } => Self::conflict(&conflict, &parents),
            Error::Restricted {
                table, blockers, ..
            }
            | Error::Referenced {
                table, blockers, ..
            } => {
                let kind = Kind::of_table(&table.name).map_or("row", Kind::name);
                Self::restricted(kind, &blockers)
            }
            Error::Contention(_) => Self::contention(),
            error => Self::internal(&error),
        }
    }
}

impl From<DbErr> for Problem {
    fn from(error: DbErr) -> Self {
        match error {
            // An edit of a row that was deleted meanwhile.
            DbErr::RecordNotUpdated => Self::precondition_failed(),
            error => Self::from(Error::from(error)),
        }
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        match rejection.status() {
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported-media-type",
                "Not JSON",
                "Send `Content-Type: application/json`.",
            ),
            StatusCode::PAYLOAD_TOO_LARGE => Self::too_large(),
            StatusCode::UNPROCESSABLE_ENTITY => Self::invalid("", rejection.body_text()),
            _ => Self::bad_request(rejection.body_text()),
        }
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::bad_request(rejection.body_text())
    }
}

/// What is no key can't be the key of anything.
impl From<PathRejection> for Problem {
    fn from(_: PathRejection) -> Self {
        Self::not_found()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status();
        let body = serde_json::to_vec(self.document()).unwrap_or_default();
        let mut response = (
            status,
            [(header::CONTENT_TYPE, "application/problem+json")],
            body,
        )
            .into_response();
        let mut set = |name: HeaderName, value: &'static str| {
            let value = HeaderValue::from_static(value);
            response.headers_mut().insert(name, value);
        };
        match status {
            StatusCode::UNAUTHORIZED => set(header::WWW_AUTHENTICATE, "Bearer"),
            StatusCode::SERVICE_UNAVAILABLE => set(header::RETRY_AFTER, "1"),
            _ => {}
        }
        // For whoever looks at it in a browser, `page` makes a page of it.
        response.extensions_mut().insert(self);
        response
    }
}

impl OperationOutput for Problem {
    type Inner = Document;

    fn operation_response(
        ctx: &mut GenContext,
        _: &mut openapi::Operation,
    ) -> Option<openapi::Response> {
        let schema = openapi::SchemaObject {
            json_schema: ctx.schema.subschema_for::<Document>(),
            example: None,
            external_docs: None,
        };
        let media = openapi::MediaType {
            schema: Some(schema),
            ..Default::default()
        };
        Some(openapi::Response {
            description: "A problem document (RFC 9457)".to_owned(),
            content: [("application/problem+json".to_owned(), media)].into(),
            ..Default::default()
        })
    }
}
