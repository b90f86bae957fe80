//! Who deletes is said once, where a request begins, and not at each delete.

use crate::support;

use axum::{
    extract::FromRequestParts,
    http::{Request, StatusCode, request::Parts},
};
use recipes::{Comment, Post};
use sea_orm::{DatabaseConnection, DbErr, EntityTrait, PrimaryKeyTrait};
use soft_delete::{ActorFrom, Deletion, SoftDelete};

// ANCHOR: recipe
/// What a handler takes in place of the database.
struct Session {
    db: DatabaseConnection,
    user: i64,
}

type Key<E> = <<E as EntityTrait>::PrimaryKey as PrimaryKeyTrait>::ValueType;

impl Session {
    /// Any entity whose `deleted_by` is a number.
    async fn delete<E>(&self, id: impl Into<Key<E>>) -> Result<Deletion, DbErr>
    where
        E: SoftDelete<Actor: ActorFrom<i64>>,
    {
        let delete = <E as SoftDelete>::delete_by_id(id).by(self.user);
        delete.exec(&self.db).await
    }
}

/// With axum, an extractor: `async fn remove(session: Session, Path(id): Path<i64>)`.
impl FromRequestParts<DatabaseConnection> for Session {
    type Rejection = StatusCode;

    async fn from_request_parts(
        parts: &mut Parts,
        db: &DatabaseConnection,
    ) -> Result<Self, StatusCode> {
        // Set by the middleware that authenticates.
        let user = parts.extensions.get::<UserId>();
        let UserId(user) = *user.ok_or(StatusCode::UNAUTHORIZED)?;
        Ok(Self {
            db: db.clone(),
            user,
        })
    }
}

#[derive(Clone, Copy)]
struct UserId(i64);
// ANCHOR_END: recipe

#[tokio::test]
async fn the_user_of_the_request_is_in_every_row() {
    let db = support::blog().await;
    let (mut parts, _) = Request::new(()).into_parts();
    parts.extensions.insert(UserId(42));
    let session = Session::from_request_parts(&mut parts, &db).await;
    let session = session.unwrap();

    session.delete::<Post>(1).await.unwrap();
    let post = Post::only_deleted().one(&db).await.unwrap().unwrap();
    assert_eq!(post.deleted_by, Some(42));
    let comment = Comment::only_deleted().one(&db).await.unwrap().unwrap();
    assert_eq!(comment.deleted_by, Some(42));
}

#[tokio::test]
async fn a_request_without_a_user_is_refused() {
    let db = support::blog().await;
    let (mut parts, _) = Request::new(()).into_parts();
    let refused = Session::from_request_parts(&mut parts, &db).await;
    assert_eq!(refused.err(), Some(StatusCode::UNAUTHORIZED));
}
