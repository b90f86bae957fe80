//! What the OpenAPI document says of all operations alike.

use aide::{
    OperationOutput as _,
    generate::in_context,
    openapi::{self, ReferenceOr, SecurityScheme, StatusCode},
    transform::{TransformOpenApi, TransformOperation, TransformResponse},
};
use schemars::json_schema;

use crate::problem::Problem;

/// About the whole.
pub fn describe(api: TransformOpenApi<'_>) -> TransformOpenApi<'_> {
    api.title("Project tracker")
        .version(env!("CARGO_PKG_VERSION"))
        .description(
            "Workspaces, projects, tasks, comments and members. What is deleted goes to a trash with all below it, and comes back \
             from there as it was. Errors are problem documents (RFC 9457).",
        )
        .security_scheme(
            "bearer",
            SecurityScheme::Http {
                scheme: "bearer".to_owned(),
                bearer_format: None,
                description: Some("A member's token".to_owned()),
                extensions: Default::default(),
            },
        )
}

/// An operation's name, its group, and the problems that it can give beside those that any can.
pub fn operation<'t>(
    op: TransformOperation<'t>,
    id: &str,
    tag: &str,
    statuses: &[u16],
) -> TransformOperation<'t> {
    let mut op = op.id(id).tag(tag);
    let always = [
        (401, "Not signed in"),
        (408, "Took too long"),
        (429, "Too many requests"),
        (500, "Internal error"),
        (503, "Another transaction was in the way, try again"),
    ];
    let own = statuses.iter().map(|status| (*status, meaning(*status)));
    in_context(|ctx| {
        let operation = op.inner_mut();
        for (status, description) in always.into_iter().chain(own) {
            if let Some(mut response) = Problem::operation_response(ctx, operation) {
                response.description = description.to_owned();
                for name in headers_of(status) {
                    response.headers.insert((*name).to_owned(), header(name));
                }
                let responses = operation.responses.get_or_insert_default();
                responses
                    .responses
                    .insert(StatusCode::Code(status), ReferenceOr::Item(response));
            }
        }
    });
    op
}

/// A response that has an `ETag`.
pub fn with_etag<T>(response: TransformResponse<'_, T>) -> TransformResponse<'_, T> {
    response.with(|mut response| {
        response
            .inner()
            .headers
            .insert("ETag".to_owned(), header("For `If-Match`"));
        response
    })
}

fn meaning(status: u16) -> &'static str {
    match status {
        400 => "The request can't be read",
        403 => "Not allowed",
        404 => "There is no such thing, or not for the caller",
        409 => "Rows are in the way; they are listed",
        410 => "It is in the trash",
        412 => "Changed since the caller has seen it",
        413 => "The body is too large",
        415 => "The body is not JSON",
        422 => "A value is not allowed",
        _ => "",
    }
}

fn headers_of(status: u16) -> &'static [&'static str] {
    match status {
        401 => &["WWW-Authenticate"],
        429 | 503 => &["Retry-After"],
        _ => &[],
    }
}

fn header(description: &str) -> ReferenceOr<openapi::Header> {
    let schema = openapi::SchemaObject {
        json_schema: json_schema!({ "type": "string" }),
        example: None,
        external_docs: None,
    };
    ReferenceOr::Item(openapi::Header {
        description: Some(description.to_owned()),
        style: openapi::HeaderStyle::Simple,
        required: false,
        deprecated: None,
        format: openapi::ParameterSchemaOrContent::Schema(schema),
        example: None,
        examples: Default::default(),
        extensions: Default::default(),
    })
}
