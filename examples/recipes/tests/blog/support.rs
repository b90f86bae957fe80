//! A blog with something in it.

use recipes::{comment, post, user};
use sea_orm::{ActiveModelTrait as _, DatabaseConnection, Set};

/// Ada (1) has post 1 "looms" with a comment; Bob (2) has post 2 "knots".
pub async fn blog() -> DatabaseConnection {
    let db = recipes::database().await.unwrap();
    for name in ["Ada", "Bob"] {
        add_user(name, &db).await;
    }
    add_post(1, "looms", &db).await;
    add_post(2, "knots", &db).await;
    let comment = comment::ActiveModel {
        post_id: Set(1),
        text: Set("First!".to_owned()),
        ..Default::default()
    };
    comment.insert(&db).await.unwrap();
    db
}

pub async fn add_user(name: &str, db: &DatabaseConnection) -> user::Model {
    let user = user::ActiveModel {
        email: Set(format!("{}@example.org", name.to_lowercase())),
        name: Set(name.to_owned()),
        ..Default::default()
    };
    user.insert(db).await.unwrap()
}

pub async fn add_post(author: i64, slug: &str, db: &DatabaseConnection) -> post::Model {
    let post = post::ActiveModel {
        author_id: Set(author),
        slug: Set(slug.to_owned()),
        title: Set(slug.to_owned()),
        ..Default::default()
    };
    post.insert(db).await.unwrap()
}
