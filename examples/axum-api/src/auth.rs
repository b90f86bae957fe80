//! Who calls: a bearer token, of which the database has the hash.

use aide::{OperationInput, generate::GenContext, openapi::Operation};
use axum::{
    extract::{FromRef, FromRequestParts},
    http::{header, request::Parts},
};
use sea_orm::{ColumnTrait as _, QueryFilter as _};
use sha2::{Digest as _, Sha256};

use crate::{
    app::App,
    db::Db,
    entity::member::{self, Role},
    problem::Problem,
};

/// The member who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub id: i64,
    pub name: String,
    pub role: Role,
    /// None for the support.
    pub workspace: Option<i64>,
}

impl Caller {
    /// The member of this token. One who was deleted is not found, and so are the members of a deleted workspace, which go with
    /// it.
    pub async fn of_token(token: &str, db: &Db) -> Result<Option<Self>, Problem> {
        Self::of_hash(&hash(token), db).await
    }

    /// The member of the token that has this hash.
    pub async fn of_hash(hash: &str, db: &Db) -> Result<Option<Self>, Problem> {
        let found = member::Entity::find()
            .filter(member::Column::TokenHash.eq(hash))
            .one(db)
            .await?;
        Ok(found.map(|member| Self {
            id: member.id,
            name: member.name,
            role: member.role,
            workspace: member.workspace_id,
        }))
    }
}

/// What the database has of a token. Tokens are random and long, so that one round of a fast hash does.
pub fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}

/// A new token of 256 random bits.
pub fn new_token() -> String {
    format!(
        "{}{}",
        uuid::Uuid::new_v4().simple(),
        uuid::Uuid::new_v4().simple()
    )
}

impl<S: Send + Sync> FromRequestParts<S> for Caller
where
    App: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let token = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or_else(Problem::unauthorized)?;
        Self::of_token(token, &App::from_ref(state).db())
            .await?
            .ok_or_else(Problem::unauthorized)
    }
}

impl OperationInput for Caller {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        operation.security = vec![[("bearer".to_owned(), Vec::new())].into()];
    }
}
