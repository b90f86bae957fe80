//! Tests with deleted rows: factories, rows that expired, and SeaORM's mock.

use chrono::{TimeDelta, Utc};
use recipes::{Comment, Post, User, post, user};
use sea_orm::{
    DatabaseBackend, DatabaseConnection, MockDatabase, MockExecResult, Set, entity::prelude::*,
};

// ANCHOR: factory
/// Makes a user with posts, and deletes it if asked: by a real delete, so that the stamp and the children are as in production.
#[derive(Default)]
struct UserFactory {
    posts: u32,
    deleted_days_ago: Option<i64>,
}

impl UserFactory {
    async fn create(self, db: &DatabaseConnection) -> Result<user::Model, DbErr> {
        let number = User::with_deleted().count(db).await?;
        let user = user::ActiveModel {
            email: Set(format!("user-{number}@example.org")),
            name: Set(format!("User {number}")),
            ..Default::default()
        };
        let user = user.insert(db).await?;
        for post in 0..self.posts {
            let post = post::ActiveModel {
                author_id: Set(user.id),
                slug: Set(format!("{}-{post}", user.id)),
                title: Set(format!("Post {post}")),
                ..Default::default()
            };
            post.insert(db).await?;
        }
        if let Some(days) = self.deleted_days_ago {
            let then = Utc::now() - TimeDelta::days(days);
            User::delete_by_id(user.id).at(then).exec(db).await?;
        }
        // As it is now: a model that was loaded before the delete is out of date.
        let user = User::with_deleted().filter(user::Column::Id.eq(user.id));
        let found = user.one(db).await?;
        found.ok_or_else(|| DbErr::RecordNotFound("the user just made".to_owned()))
    }
}
// ANCHOR_END: factory

#[tokio::test]
async fn a_factory_makes_deleted_rows() {
    let db = recipes::database().await.unwrap();
    let active = UserFactory::default().create(&db).await.unwrap();
    assert!(!active.is_deleted());
    let gone = UserFactory {
        posts: 2,
        deleted_days_ago: Some(60),
    };
    let gone = gone.create(&db).await.unwrap();
    assert!(gone.is_deleted());
    let posts = Post::only_deleted().all(&db).await.unwrap();
    let stamps: Vec<_> = posts.iter().map(|post| post.deletion_id).collect();
    assert_eq!(stamps, [gone.deletion_id, gone.deletion_id]);
}

// ANCHOR: mock_read
/// A read is one statement, so that the mock answers it as before.
#[tokio::test]
async fn a_mock_answers_a_read() {
    let db = MockDatabase::new(DatabaseBackend::Postgres)
        .append_query_results([Vec::<post::Model>::new()])
        .into_connection();
    assert_eq!(Post::find().all(&db).await, Ok(vec![]));

    let log = db.into_transaction_log();
    let sql = &log[0].statements()[0].sql;
    assert!(
        sql.ends_with(r#"WHERE "post"."deleted_at" IS NULL"#),
        "{sql}"
    );
}
// ANCHOR_END: mock_read

// ANCHOR: mock_delete
/// A delete of a row that has no children takes one exec result, as before.
#[tokio::test]
async fn a_mock_answers_the_delete_of_a_leaf() {
    let db = MockDatabase::new(DatabaseBackend::Postgres)
        .append_exec_results([MockExecResult {
            last_insert_id: 0,
            rows_affected: 1,
        }])
        .into_connection();
    let deletion = Comment::delete_by_id(7).exec(&db).await.unwrap();
    assert_eq!(deletion.rows_affected, 1);
}

/// That of a parent also reads and locks; a test of it says so in an error. Run it on SQLite in memory.
#[tokio::test]
async fn a_mock_does_not_answer_the_delete_of_a_parent() {
    let db = MockDatabase::new(DatabaseBackend::Postgres)
        .append_exec_results([MockExecResult {
            last_insert_id: 0,
            rows_affected: 1,
        }])
        .into_connection();
    let refused = Post::delete_by_id(7).exec(&db).await.unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("`query_results` buffer is empty"),
        "{refused}"
    );
}
// ANCHOR_END: mock_delete
