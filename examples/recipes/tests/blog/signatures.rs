//! Functions that take any connection: a pool, a transaction, a scoped connection.

use crate::support;

use recipes::{Post, post};
use sea_orm::{ConnectionTrait, DatabaseConnection, TransactionTrait, entity::prelude::*};
use soft_delete::ScopedConnection;

mod before {
    use super::*;

    // ANCHOR: before
    pub async fn titles(db: &DatabaseConnection) -> Result<Vec<post::Model>, DbErr> {
        Post::find().all(db).await
    }

    pub async fn clear(author: i64, db: &DatabaseConnection) -> Result<u64, DbErr> {
        let posts = Post::delete_many().filter(post::Column::AuthorId.eq(author));
        Ok(posts.exec(db).await?.rows_affected)
    }
    // ANCHOR_END: before
}

mod after {
    use super::*;

    // ANCHOR: after
    pub async fn titles(db: &impl ConnectionTrait) -> Result<Vec<post::Model>, DbErr> {
        Post::find().all(db).await
    }

    // What deletes or restores needs transactions as well.
    pub async fn clear(
        author: i64,
        db: &(impl ConnectionTrait + TransactionTrait),
    ) -> Result<u64, DbErr> {
        let posts = Post::delete_many().filter(post::Column::AuthorId.eq(author));
        Ok(posts.exec(db).await?.rows_affected)
    }
    // ANCHOR_END: after
}

#[tokio::test]
async fn callers_with_a_pool_stay_as_they_are() {
    let db = support::blog().await;
    assert_eq!(before::titles(&db).await.unwrap().len(), 2);
    assert_eq!(after::titles(&db).await.unwrap().len(), 2);
    assert_eq!(before::clear(1, &db).await.unwrap(), 1);
    assert_eq!(after::clear(2, &db).await.unwrap(), 1);
}

#[tokio::test]
async fn transactions_and_scoped_connections_are_taken_too() {
    let db = support::blog().await;
    let transaction = db.begin().await.unwrap();
    assert_eq!(after::clear(1, &transaction).await.unwrap(), 1);
    assert_eq!(after::titles(&transaction).await.unwrap().len(), 1);
    transaction.rollback().await.unwrap();

    let scoped = ScopedConnection::new(db);
    assert_eq!(after::clear(1, &scoped).await.unwrap(), 1);
    assert_eq!(after::titles(&scoped).await.unwrap().len(), 1);
}
