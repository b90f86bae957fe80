//! A connection that writes down what it is asked to do.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use sea_orm::{
    AccessMode, ConnectionTrait, DbBackend, DbErr, ExecResult, IsolationLevel, QueryResult,
    Statement, StatementBuilder, StreamTrait, TransactionError, TransactionOptions,
    TransactionSession, TransactionTrait, prelude::async_trait::async_trait,
};

/// Any connection, with a list of the statements that went through it and through its transactions.
///
/// The limits of a transaction are in the list too: `BEGIN`, `COMMIT` and `ROLLBACK`, or `SAVEPOINT`,
/// `RELEASE SAVEPOINT` and `ROLLBACK TO SAVEPOINT` for one in another. A dropped transaction is a rollback.
pub struct Recorder<C> {
    inner: C,
    log: Log,
    /// Set on transactions.
    end: Option<End>,
}

impl<C> Recorder<C> {
    pub fn new(inner: C) -> Self {
        Self {
            inner,
            log: Log::default(),
            end: None,
        }
    }

    /// The SQL of all statements so far, placeholders and all.
    pub fn statements(&self) -> Vec<String> {
        self.log.with(|statements| statements.clone())
    }

    /// Number of statements so far, the limits of transactions among them: round trips to the server.
    pub fn count(&self) -> usize {
        self.log.with(|statements| statements.len())
    }

    pub fn clear(&self) {
        self.log.with(Vec::clear);
    }

    /// Lets so many statements that change rows through, and fails all after them, as a connection that is lost.
    pub fn fail_after(&self, changes: usize) {
        self.log.changes_left.store(changes, Ordering::SeqCst);
    }

    fn transaction_of<T>(&self, inner: T) -> Recorder<T> {
        let nested = self.end.is_some();
        self.log.add(if nested { "SAVEPOINT" } else { "BEGIN" });
        let end = End {
            log: self.log.clone(),
            nested,
            committed: false,
        };
        Recorder {
            inner,
            log: self.log.clone(),
            end: Some(end),
        }
    }
}

#[derive(Clone)]
struct Log {
    statements: Arc<Mutex<Vec<String>>>,
    changes_left: Arc<AtomicUsize>,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            statements: Arc::default(),
            changes_left: Arc::new(AtomicUsize::new(usize::MAX)),
        }
    }
}

impl Log {
    /// Whether one statement more may change rows.
    fn change(&self) -> Result<(), DbErr> {
        let one_less = |left: usize| left.checked_sub(1);
        match self
            .changes_left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less)
        {
            Ok(_) => Ok(()),
            Err(_) => Err(DbErr::Custom("the connection is lost".to_owned())),
        }
    }

    fn add(&self, statement: impl Into<String>) {
        self.with(|statements| statements.push(statement.into()));
    }

    fn with<T>(&self, action: impl FnOnce(&mut Vec<String>) -> T) -> T {
        action(
            &mut self
                .statements
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}

/// Writes down the end of a transaction when it goes out of scope.
struct End {
    log: Log,
    nested: bool,
    committed: bool,
}

impl Drop for End {
    fn drop(&mut self) {
        self.log.add(match (self.committed, self.nested) {
            (true, false) => "COMMIT",
            (true, true) => "RELEASE SAVEPOINT",
            (false, false) => "ROLLBACK",
            (false, true) => "ROLLBACK TO SAVEPOINT",
        });
    }
}

// `execute` and its like are passed on as they are: a `RestrictedConnection` takes only those.
#[async_trait]
impl<C: ConnectionTrait> ConnectionTrait for Recorder<C> {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.log.add(&statement.sql);
        self.inner.execute_raw(statement).await
    }

    async fn execute<S: StatementBuilder>(&self, statement: &S) -> Result<ExecResult, DbErr> {
        self.log.change()?;
        self.log
            .add(self.inner.get_database_backend().build(statement).sql);
        self.inner.execute(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.log.add(sql);
        self.inner.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.log.add(&statement.sql);
        self.inner.query_one_raw(statement).await
    }

    async fn query_one<S: StatementBuilder>(
        &self,
        statement: &S,
    ) -> Result<Option<QueryResult>, DbErr> {
        self.log
            .add(self.inner.get_database_backend().build(statement).sql);
        self.inner.query_one(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.log.add(&statement.sql);
        self.inner.query_all_raw(statement).await
    }

    async fn query_all<S: StatementBuilder>(
        &self,
        statement: &S,
    ) -> Result<Vec<QueryResult>, DbErr> {
        self.log
            .add(self.inner.get_database_backend().build(statement).sql);
        self.inner.query_all(statement).await
    }

    fn support_returning(&self) -> bool {
        self.inner.support_returning()
    }

    fn is_mock_connection(&self) -> bool {
        self.inner.is_mock_connection()
    }
}

impl<C: StreamTrait> StreamTrait for Recorder<C> {
    type Stream<'a>
        = C::Stream<'a>
    where
        C: 'a;

    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    fn stream_raw<'a>(
        &'a self,
        statement: Statement,
    ) -> Pin<Box<dyn Future<Output = Result<Self::Stream<'a>, DbErr>> + Send + 'a>> {
        self.log.add(&statement.sql);
        self.inner.stream_raw(statement)
    }
}

#[async_trait]
impl<C: TransactionTrait> TransactionTrait for Recorder<C> {
    type Transaction = Recorder<C::Transaction>;

    async fn begin(&self) -> Result<Self::Transaction, DbErr> {
        Ok(self.transaction_of(self.inner.begin().await?))
    }

    async fn begin_with_config(
        &self,
        isolation: Option<IsolationLevel>,
        access: Option<AccessMode>,
    ) -> Result<Self::Transaction, DbErr> {
        Ok(self.transaction_of(self.inner.begin_with_config(isolation, access).await?))
    }

    async fn begin_with_options(
        &self,
        options: TransactionOptions,
    ) -> Result<Self::Transaction, DbErr> {
        Ok(self.transaction_of(self.inner.begin_with_options(options).await?))
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
        isolation: Option<IsolationLevel>,
        access: Option<AccessMode>,
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
            .begin_with_config(isolation, access)
            .await
            .map_err(TransactionError::Connection)?;
        let outcome = callback(&transaction).await;
        let ended = match outcome {
            Ok(_) => transaction.commit().await,
            Err(_) => transaction.rollback().await,
        };
        ended.map_err(TransactionError::Connection)?;
        outcome.map_err(TransactionError::Transaction)
    }
}

#[async_trait]
impl<C: TransactionSession + Send> TransactionSession for Recorder<C> {
    async fn commit(mut self) -> Result<(), DbErr> {
        self.inner.commit().await?;
        if let Some(end) = &mut self.end {
            end.committed = true;
        }
        Ok(())
    }

    async fn rollback(self) -> Result<(), DbErr> {
        self.inner.rollback().await
    }
}
