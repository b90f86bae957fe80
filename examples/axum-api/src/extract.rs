//! What handlers take out of a request. Whatever can't be taken is a [`Problem`].

use aide::{
    OperationInput, OperationIo,
    generate::GenContext,
    openapi::{self, Operation, ReferenceOr},
};
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, HeaderName, header, request::Parts},
};
use schemars::{JsonSchema, json_schema};
use serde::{Deserialize, de::DeserializeOwned};

use crate::problem::{Invalid, Problem};

/// The key in a path.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
pub struct Key {
    #[schemars(range(min = 1))]
    pub id: i64,
}

/// The parameters in a path.
#[derive(Debug, FromRequestParts, OperationIo)]
#[from_request(via(axum::extract::Path), rejection(Problem))]
#[aide(input_with = "axum::extract::Path<T>", json_schema)]
pub struct Path<T>(pub T);

/// The parameters behind the question mark.
#[derive(Debug, FromRequestParts, OperationIo)]
#[from_request(via(axum::extract::Query), rejection(Problem))]
#[aide(input_with = "axum::extract::Query<T>", json_schema)]
pub struct Query<T>(pub T);

/// A JSON body.
#[derive(Debug, OperationIo)]
#[aide(input_with = "axum::Json<T>", json_schema)]
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let axum::Json(value) =
            axum::Json::<serde_json::Value>::from_request(request, state).await?;
        if !value.is_object() {
            // Else a list would do as well, its items taken for the fields in order.
            return Err(Problem::invalid("", "must be an object"));
        }
        serde_path_to_error::deserialize(value)
            .map(Self)
            .map_err(|error| {
                let path = error.path().to_string();
                let pointer = if path == "." {
                    String::new()
                } else {
                    format!("/{}", path.replace('.', "/"))
                };
                Problem::invalids(vec![Invalid {
                    pointer,
                    detail: error.into_inner().to_string(),
                }])
            })
    }
}

/// A JSON body that may be left out.
#[derive(Debug)]
pub struct OptionalJson<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Default> FromRequest<S> for OptionalJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let body = Bytes::from_request(Request::from_parts(parts.clone(), body), state)
            .await
            .map_err(|rejection| match rejection.status() {
                axum::http::StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(),
                _ => Problem::bad_request(rejection.body_text()),
            })?;
        if body.is_empty() {
            return Ok(Self(T::default()));
        }
        let request = Request::from_parts(parts, body.into());
        let Json(value) = Json::from_request(request, state).await?;
        Ok(Self(value))
    }
}

impl<T: JsonSchema> OperationInput for OptionalJson<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        axum::Json::<T>::operation_input(ctx, operation);
        if let Some(ReferenceOr::Item(body)) = &mut operation.request_body {
            body.required = false;
        }
    }
}

/// The header `If-Match`: what the caller has seen.
#[derive(Clone, Debug)]
pub struct IfMatch(Option<String>);

impl IfMatch {
    /// What a form says the caller has seen, or the tag that a page has just read.
    pub fn seen(tag: Option<String>) -> Self {
        Self(tag)
    }

    /// Whether the resource is still what the caller has seen. True if they don't say.
    pub fn allows(&self, etag: &str) -> bool {
        match &self.0 {
            None => true,
            Some(tags) => tags
                .split(',')
                .map(str::trim)
                .any(|tag| tag == "*" || tag == etag),
        }
    }

    pub fn require(&self, etag: &str) -> Result<(), Problem> {
        if self.allows(etag) {
            Ok(())
        } else {
            Err(Problem::precondition_failed())
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self(header_of(&parts.headers, &header::IF_MATCH)))
    }
}

impl OperationInput for IfMatch {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        let about = "The `ETag` of what you have seen. If it has changed since, nothing is done and the answer is 412.";
        add_header(operation, "If-Match", about);
    }
}

/// The header `Prefer` (RFC 7240).
#[derive(Clone, Copy, Debug)]
pub struct Prefer {
    /// `return=representation`: the answer shall tell what was done.
    pub representation: bool,
}

impl<S: Send + Sync> FromRequestParts<S> for Prefer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let prefer = header_of(&parts.headers, &HeaderName::from_static("prefer"));
        let representation = prefer.is_some_and(|preferences| {
            let mut preferences = preferences.split([',', ';']);
            preferences.any(|one| one.trim().eq_ignore_ascii_case("return=representation"))
        });
        Ok(Self { representation })
    }
}

impl OperationInput for Prefer {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        let about = "`return=representation`: answer with what was done.";
        add_header(operation, "Prefer", about);
    }
}

/// All headers of that name, as one.
fn header_of(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let values: Vec<_> = headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    (!values.is_empty()).then(|| values.join(","))
}

fn add_header(operation: &mut Operation, name: &str, description: &str) {
    let schema = openapi::SchemaObject {
        json_schema: json_schema!({ "type": "string" }),
        example: None,
        external_docs: None,
    };
    let parameter_data = openapi::ParameterData {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        required: false,
        deprecated: None,
        format: openapi::ParameterSchemaOrContent::Schema(schema),
        example: None,
        examples: Default::default(),
        explode: None,
        extensions: Default::default(),
    };
    let parameter = openapi::Parameter::Header {
        parameter_data,
        style: openapi::HeaderStyle::Simple,
    };
    operation.parameters.push(ReferenceOr::Item(parameter));
}
