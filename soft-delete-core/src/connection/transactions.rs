//! The transactions of a scoped connection, which are scoped as it is.

use std::pin::Pin;

use sea_orm::{
    AccessMode, ConnectionTrait, DbErr, IsolationLevel, TransactionError, TransactionOptions,
    TransactionSession, TransactionTrait, prelude::async_trait::async_trait,
};

use super::ScopedConnection;

impl<C> ScopedConnection<C> {
    fn same_for<T>(&self, inner: T) -> ScopedConnection<T> {
        ScopedConnection {
            inner,
            scope: self.scope,
            guard: self.guard.clone(),
        }
    }
}

/// As SeaORM's transactions have them, without the trait in scope.
impl<C: TransactionSession> ScopedConnection<C> {
    /// Commits a transaction.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn commit(self) -> Result<(), DbErr> {
        self.inner.commit().await
    }

    /// Rolls a transaction back.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn rollback(self) -> Result<(), DbErr> {
        self.inner.rollback().await
    }
}

#[async_trait]
impl<C: ConnectionTrait + TransactionTrait> TransactionTrait for ScopedConnection<C> {
    type Transaction = ScopedConnection<C::Transaction>;

    async fn begin(&self) -> Result<Self::Transaction, DbErr> {
        Ok(self.same_for(self.inner.begin().await?))
    }

    async fn begin_with_config(
        &self,
        isolation_level: Option<IsolationLevel>,
        access_mode: Option<AccessMode>,
    ) -> Result<Self::Transaction, DbErr> {
        let begin = self.inner.begin_with_config(isolation_level, access_mode);
        Ok(self.same_for(begin.await?))
    }

    async fn begin_with_options(
        &self,
        options: TransactionOptions,
    ) -> Result<Self::Transaction, DbErr> {
        Ok(self.same_for(self.inner.begin_with_options(options).await?))
    }

    async fn transaction<F, T, E>(&self, callback: F) -> Result<T, TransactionError<E>>
    where
        F: for<'t> FnOnce(
                &'t Self::Transaction,
            ) -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 't>>
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
        F: for<'t> FnOnce(
                &'t Self::Transaction,
            ) -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 't>>
            + Send,
        T: Send,
        E: std::fmt::Display + std::fmt::Debug + Send,
    {
        let begin = self.begin_with_config(isolation_level, access_mode);
        let transaction = begin.await.map_err(TransactionError::Connection)?;
        let result = callback(&transaction).await;
        let end = match &result {
            Ok(_) => transaction.commit().await,
            Err(_) => transaction.rollback().await,
        };
        end.map_err(TransactionError::Connection)?;
        result.map_err(TransactionError::Transaction)
    }
}

#[async_trait]
impl<C: TransactionSession + Send> TransactionSession for ScopedConnection<C> {
    async fn commit(self) -> Result<(), DbErr> {
        self.inner.commit().await
    }

    async fn rollback(self) -> Result<(), DbErr> {
        self.inner.rollback().await
    }
}
