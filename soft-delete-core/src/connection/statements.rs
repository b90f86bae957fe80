//! The statements of a scoped connection: each is rewritten, and goes on to the connection inside.

use std::borrow::Cow;

#[cfg(feature = "rbac")]
use sea_orm::StatementBuilder;
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement,
    prelude::async_trait::async_trait,
};

use super::ScopedConnection;

impl<C> ScopedConnection<C> {
    fn changed<'s>(&self, backend: DbBackend, sql: &'s str) -> Result<Cow<'s, str>, DbErr> {
        self.guard.check()?;
        let rewritten = self.guard.rewrite(backend, sql, self.scope);
        rewritten.map_err(|refused| DbErr::Custom(refused.to_string()))
    }

    fn scoped(&self, mut statement: Statement) -> Result<Statement, DbErr> {
        if let Cow::Owned(sql) = self.changed(statement.db_backend, &statement.sql)? {
            statement.sql = sql;
        }
        Ok(statement)
    }
}

#[async_trait]
impl<C: ConnectionTrait> ConnectionTrait for ScopedConnection<C> {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.inner.execute_raw(self.scoped(statement)?).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let rewritten = self.changed(self.inner.get_database_backend(), sql)?;
        self.inner.execute_unprepared(&rewritten).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.inner.query_one_raw(self.scoped(statement)?).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.inner.query_all_raw(self.scoped(statement)?).await
    }

    #[cfg(feature = "rbac")]
    async fn execute<S: StatementBuilder>(&self, statement: &S) -> Result<ExecResult, DbErr> {
        self.inner.execute(&self.audited(statement)?).await
    }

    #[cfg(feature = "rbac")]
    async fn query_one<S: StatementBuilder>(
        &self,
        statement: &S,
    ) -> Result<Option<QueryResult>, DbErr> {
        self.inner.query_one(&self.audited(statement)?).await
    }

    #[cfg(feature = "rbac")]
    async fn query_all<S: StatementBuilder>(
        &self,
        statement: &S,
    ) -> Result<Vec<QueryResult>, DbErr> {
        self.inner.query_all(&self.audited(statement)?).await
    }

    fn support_returning(&self) -> bool {
        self.inner.support_returning()
    }

    fn is_mock_connection(&self) -> bool {
        self.inner.is_mock_connection()
    }
}

#[cfg(feature = "stream")]
impl<C: sea_orm::StreamTrait> sea_orm::StreamTrait for ScopedConnection<C> {
    type Stream<'a>
        = C::Stream<'a>
    where
        Self: 'a;

    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    fn stream_raw<'a>(
        &'a self,
        statement: Statement,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Self::Stream<'a>, DbErr>> + Send + 'a>> {
        match self.scoped(statement) {
            Ok(statement) => self.inner.stream_raw(statement),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }
}

/// A statement as it was built, for SeaORM to check the user's permissions on, and the text that is sent instead.
#[cfg(feature = "rbac")]
struct Audited<'s, S> {
    original: &'s S,
    scoped: Statement,
}

#[cfg(feature = "rbac")]
impl<C: ConnectionTrait> ScopedConnection<C> {
    fn audited<'s, S: StatementBuilder>(&self, original: &'s S) -> Result<Audited<'s, S>, DbErr> {
        let statement = original.build(&self.inner.get_database_backend());
        let scoped = self.scoped(statement)?;
        Ok(Audited { original, scoped })
    }
}

#[cfg(feature = "rbac")]
impl<S: StatementBuilder> StatementBuilder for Audited<'_, S> {
    fn build(&self, _: &DbBackend) -> Statement {
        self.scoped.clone()
    }

    fn audit(&self) -> Result<sea_orm::QueryAccessAudit, sea_orm::AuditError> {
        self.original.audit()
    }
}
