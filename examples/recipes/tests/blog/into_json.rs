//! APIs that send rows as JSON, without models.

use crate::support;

use recipes::Post;
use sea_orm::{DatabaseConnection, Iterable, QuerySelect, entity::prelude::*};
use serde_json::{Value, json};
use soft_delete::SoftDelete;

// ANCHOR: recipe
/// Active rows as they are: `find()` is scoped whatever becomes of its rows.
async fn posts(db: &DatabaseConnection) -> Result<Vec<Value>, DbErr> {
    Post::find().into_json().all(db).await
}

/// Rows of any entity, without the columns of the stamp.
async fn public<E: SoftDelete>(db: &DatabaseConnection) -> Result<Vec<Value>, DbErr> {
    let stamp: Vec<_> = E::meta().stamp.names().collect();
    let columns = E::Column::iter().filter(|column| !stamp.contains(&column.as_str()));
    E::active()
        .select_only()
        .columns(columns)
        .into_json()
        .all(db)
        .await
}

/// The trash, for an administrator: with the stamp.
async fn trash(db: &DatabaseConnection) -> Result<Vec<Value>, DbErr> {
    Post::deletion_roots().into_json().all(db).await
}
// ANCHOR_END: recipe

#[tokio::test]
async fn deleted_rows_are_in_the_trash_alone() {
    let db = support::blog().await;
    Post::delete_by_id(1).by(42).exec(&db).await.unwrap();
    let active = posts(&db).await.unwrap();
    assert_eq!(active.len(), 1);
    assert_eq!(active[0]["deleted_at"], Value::Null);

    let public = public::<Post>(&db).await.unwrap();
    let knots = json!({ "id": 2, "author_id": 2, "slug": "knots", "title": "knots" });
    assert_eq!(public, [knots]);

    let trash = trash(&db).await.unwrap();
    assert_eq!(
        (&trash[0]["slug"], &trash[0]["deleted_by"]),
        (&json!("looms"), &json!(42))
    );
}
