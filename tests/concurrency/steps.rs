//! A connection that does something before each of its statements.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, IsolationLevel,
    QueryResult, Statement, TransactionError, TransactionOptions, TransactionSession,
    TransactionTrait, prelude::async_trait::async_trait,
};

/// What the tests' operations run on.
pub type Db = Steps<DatabaseConnection>;

/// Any connection, with something to do before the n-th statement that goes through it and through its transactions. A
/// commit is a statement too, `BEGIN` and `ROLLBACK` are not.
pub struct Steps<C> {
    inner: C,
    before: Arc<Before>,
}

struct Before {
    steps: AtomicUsize,
    action: Box<Action>,
}

type Action = dyn Fn(usize, &str) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync;

impl Db {
    /// With nothing to do before each statement.
    pub fn plain(db: &DatabaseConnection) -> Self {
        Self::new(db.clone(), |_, _| async {})
    }
}

impl<C> Steps<C> {
    /// `before` is given the statement's number, from 1 on, and its SQL.
    pub fn new<F>(inner: C, before: impl Fn(usize, &str) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self {
            inner,
            before: Arc::new(Before {
                steps: AtomicUsize::new(0),
                action: Box::new(move |step, sql| Box::pin(before(step, sql))),
            }),
        }
    }

    async fn step(&self, sql: &str) {
        let step = self.before.steps.fetch_add(1, Ordering::SeqCst) + 1;
        (self.before.action)(step, sql).await;
    }
}

#[async_trait]
impl<C: ConnectionTrait> ConnectionTrait for Steps<C> {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.step(&statement.sql).await;
        self.inner.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.step(sql).await;
        self.inner.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.step(&statement.sql).await;
        self.inner.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.step(&statement.sql).await;
        self.inner.query_all_raw(statement).await
    }
}

#[async_trait]
impl<C: TransactionTrait> TransactionTrait for Steps<C> {
    type Transaction = Steps<C::Transaction>;

    async fn begin(&self) -> Result<Self::Transaction, DbErr> {
        self.begin_with_options(TransactionOptions::default()).await
    }

    async fn begin_with_config(
        &self,
        isolation_level: Option<IsolationLevel>,
        access_mode: Option<AccessMode>,
    ) -> Result<Self::Transaction, DbErr> {
        self.begin_with_options(TransactionOptions {
            isolation_level,
            access_mode,
            ..TransactionOptions::default()
        })
        .await
    }

    async fn begin_with_options(
        &self,
        options: TransactionOptions,
    ) -> Result<Self::Transaction, DbErr> {
        Ok(Steps {
            inner: self.inner.begin_with_options(options).await?,
            before: self.before.clone(),
        })
    }

    async fn transaction<F, T, E>(&self, callback: F) -> Result<T, TransactionError<E>>
    where
        F: for<'c> FnOnce(
                &'c Self::Transaction,
            ) -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>
            + Send,
        T: Send,
        E: std::fmt::Display + std::fmt::Debug + Send,
    {
        self.transaction_with_config(callback, None, None).await
    }

    async fn transaction_with_config<F, T, E>(
        &self,
        callback: F,
        isolation_level: Option<IsolationLevel>,
        access_mode: Option<AccessMode>,
    ) -> Result<T, TransactionError<E>>
    where
        F: for<'c> FnOnce(
                &'c Self::Transaction,
            ) -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>
            + Send,
        T: Send,
        E: std::fmt::Display + std::fmt::Debug + Send,
    {
        let transaction = self
            .begin_with_config(isolation_level, access_mode)
            .await
            .map_err(TransactionError::Connection)?;
        match callback(&transaction).await {
            Ok(value) => {
                transaction
                    .commit()
                    .await
                    .map_err(TransactionError::Connection)?;
                Ok(value)
            }
            Err(error) => {
                transaction
                    .rollback()
                    .await
                    .map_err(TransactionError::Connection)?;
                Err(TransactionError::Transaction(error))
            }
        }
    }
}

#[async_trait]
impl<C: TransactionSession + Send + Sync> TransactionSession for Steps<C> {
    async fn commit(self) -> Result<(), DbErr> {
        self.step("COMMIT").await;
        self.inner.commit().await
    }

    async fn rollback(self) -> Result<(), DbErr> {
        self.inner.rollback().await
    }
}
