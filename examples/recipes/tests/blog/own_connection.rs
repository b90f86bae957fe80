//! An application's own connection: the pool, or the transaction of a request that all of its services share.

use crate::support;

use std::{fmt::Debug, fmt::Display, pin::Pin, sync::Arc};

use recipes::{Comment, Post};
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, ExecResult,
    IsolationLevel, QueryResult, Statement, TransactionError, TransactionOptions, TransactionTrait,
    entity::prelude::*,
};

// ANCHOR: connection
#[derive(Clone)]
enum Db {
    Pool(DatabaseConnection),
    Transaction(Arc<DatabaseTransaction>),
}

/// Calls the same method of whichever it is.
macro_rules! on_either {
    ($self:ident.$method:ident($($argument:expr),*)) => {
        match $self {
            Db::Pool(db) => db.$method($($argument),*).await,
            Db::Transaction(db) => db.$method($($argument),*).await,
        }
    };
}

#[async_trait::async_trait]
impl ConnectionTrait for Db {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::Pool(db) => db.get_database_backend(),
            Self::Transaction(db) => db.get_database_backend(),
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        on_either!(self.execute_raw(statement))
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        on_either!(self.execute_unprepared(sql))
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        on_either!(self.query_one_raw(statement))
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        on_either!(self.query_all_raw(statement))
    }
}
// ANCHOR_END: connection

// ANCHOR: transactions
type Boxed<'c, T> = Pin<Box<dyn Future<Output = T> + Send + 'c>>;

/// What deletes and restores want beside it: in a transaction they make a savepoint.
#[async_trait::async_trait]
impl TransactionTrait for Db {
    type Transaction = DatabaseTransaction;

    async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        on_either!(self.begin())
    }

    async fn begin_with_config(
        &self,
        isolation: Option<IsolationLevel>,
        access: Option<AccessMode>,
    ) -> Result<DatabaseTransaction, DbErr> {
        on_either!(self.begin_with_config(isolation, access))
    }

    async fn begin_with_options(
        &self,
        options: TransactionOptions,
    ) -> Result<DatabaseTransaction, DbErr> {
        on_either!(self.begin_with_options(options))
    }

    async fn transaction<F, T, E>(&self, callback: F) -> Result<T, TransactionError<E>>
    where
        F: for<'c> FnOnce(&'c DatabaseTransaction) -> Boxed<'c, Result<T, E>> + Send,
        T: Send,
        E: Display + Debug + Send,
    {
        on_either!(self.transaction(callback))
    }

    async fn transaction_with_config<F, T, E>(
        &self,
        callback: F,
        isolation: Option<IsolationLevel>,
        access: Option<AccessMode>,
    ) -> Result<T, TransactionError<E>>
    where
        F: for<'c> FnOnce(&'c DatabaseTransaction) -> Boxed<'c, Result<T, E>> + Send,
        T: Send,
        E: Display + Debug + Send,
    {
        on_either!(self.transaction_with_config(callback, isolation, access))
    }
}
// ANCHOR_END: transactions

#[tokio::test]
async fn deletes_and_restores_run_on_the_pool() {
    let db = Db::Pool(support::blog().await);
    let deletion = Post::delete_by_id(1).exec(&db).await.unwrap();
    assert_eq!(*deletion.rows_by_table(), [("post", 1), ("comment", 1)]);
    let restored = deletion.undo().exec(&db).await.unwrap();
    assert_eq!(restored.rows_affected, 1);
}

#[tokio::test]
async fn and_in_the_transaction_of_a_request() {
    let pool = support::blog().await;
    let transaction = Arc::new(pool.begin().await.unwrap());
    let db = Db::Transaction(Arc::clone(&transaction));
    Post::delete_by_id(1).exec(&db).await.unwrap();
    assert_eq!(Comment::find().count(&db).await.unwrap(), 0);
    drop(db);
    let transaction = Arc::into_inner(transaction).unwrap();
    transaction.rollback().await.unwrap();
    assert_eq!(Comment::find().count(&pool).await.unwrap(), 1);
}
