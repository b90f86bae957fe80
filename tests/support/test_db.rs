//! The database of one test.

use std::{ops::Deref, pin::Pin};

use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction,
    DbBackend, DbErr, EntityTrait, ExecResult, IsolationLevel, QueryResult, Statement, StreamTrait,
    TransactionError, TransactionOptions, TransactionTrait, prelude::async_trait::async_trait,
};

use soft_delete::{Registry, ScopedConnection};

use super::{Kind, Recorder, Through, create_table, place::Place};

/// A transaction of it.
pub type Transaction = ScopedConnection<DatabaseTransaction>;

/// The connection that tests have: their pool, behind one that scopes all statements or none.
pub type Connection = ScopedConnection<DatabaseConnection>;

/// An empty database that belongs to one test. It is the connection, too: `find().all(db)`, `db.begin()`.
pub struct TestDb {
    connection: Connection,
    kind: Kind,
    through: Through,
    url: String,
}

impl TestDb {
    pub(super) async fn connect(place: &Place, through: Through) -> Result<Self, DbErr> {
        let pool = Database::connect(place.connect_options()).await?;
        let connection = match through {
            Through::Pool => {
                // No table is soft-deletable to it, so that it lets everything pass.
                let no_tables = Registry::builder().build();
                ScopedConnection::with_registry(pool, &no_tables)
            }
            Through::Scoped => ScopedConnection::new(pool),
        };
        Ok(Self {
            connection,
            kind: place.kind,
            through,
            url: place.url.clone(),
        })
    }

    /// The same kind of database at another URL, which nothing removes at the end.
    pub async fn elsewhere(&self, url: impl Into<String>) -> Result<Self, DbErr> {
        let mut options = ConnectOptions::new(url);
        options.sqlx_logging(false).max_connections(5);
        let url = options.get_url().to_owned();
        let no_tables = Registry::builder().build();
        let pool = Database::connect(options).await?;
        Ok(Self {
            connection: ScopedConnection::with_registry(pool, &no_tables),
            kind: self.kind,
            through: Through::Pool,
            url,
        })
    }

    /// The kind of database, and through it what it can do: `db.kind().supports_returning()`.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether it is a `ScopedConnection`, and not a plain pool.
    pub fn is_scoped(&self) -> bool {
        self.through == Through::Scoped
    }

    pub fn backend(&self) -> DbBackend {
        self.kind.backend()
    }

    /// For connections with options of the test's own; pointless where [`Kind::is_shared`] is false.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The pool itself, for what is not generic over connections.
    pub fn connection(&self) -> DatabaseConnection {
        self.connection.unscoped().clone()
    }

    /// A scoped connection over the pool.
    pub fn scoped(&self) -> ScopedConnection<DatabaseConnection> {
        ScopedConnection::new(self.connection())
    }

    /// The same connection, writing down each statement.
    pub fn recorder(&self) -> Recorder<Connection> {
        Recorder::new(self.connection.clone())
    }

    /// What SQLite would do for a statement, a step a line.
    pub async fn sqlite_plan(&self, sql: &str) -> Result<String, DbErr> {
        let of = |sql: String| Statement::from_string(DbBackend::Sqlite, sql);
        let session = self.connection().begin().await?;
        // It is explained by the schema that this connection read last, and only a statement that runs notices a change.
        let schema = "SELECT COUNT(*) FROM sqlite_master".to_owned();
        session.query_one_raw(of(schema)).await?;
        let explain = of(format!("EXPLAIN QUERY PLAN {sql}"));
        let steps = session.query_all_raw(explain).await?;
        let steps = steps.iter().map(|step| step.try_get("", "detail"));
        Ok(steps.collect::<Result<Vec<String>, _>>()?.join("\n"))
    }

    /// Creates the table of an entity; the tables it refers to must exist.
    pub async fn create_table<E: EntityTrait>(&self, entity: E) -> Result<(), DbErr> {
        create_table(self, entity).await
    }
}

impl Deref for TestDb {
    type Target = DatabaseConnection;

    fn deref(&self) -> &DatabaseConnection {
        self.connection.unscoped()
    }
}

#[async_trait]
impl ConnectionTrait for TestDb {
    fn get_database_backend(&self) -> DbBackend {
        self.backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.connection.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        // What a test sets up by hand.
        self.connection.unscoped().execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.connection.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.connection.query_all_raw(statement).await
    }
}

impl StreamTrait for TestDb {
    type Stream<'a> = <Connection as StreamTrait>::Stream<'a>;

    fn get_database_backend(&self) -> DbBackend {
        self.backend()
    }

    fn stream_raw<'a>(
        &'a self,
        statement: Statement,
    ) -> Pin<Box<dyn Future<Output = Result<Self::Stream<'a>, DbErr>> + Send + 'a>> {
        self.connection.stream_raw(statement)
    }
}

#[async_trait]
impl TransactionTrait for TestDb {
    type Transaction = Transaction;

    async fn begin(&self) -> Result<Transaction, DbErr> {
        self.connection.begin().await
    }

    async fn begin_with_config(
        &self,
        isolation: Option<IsolationLevel>,
        access: Option<AccessMode>,
    ) -> Result<Transaction, DbErr> {
        self.connection.begin_with_config(isolation, access).await
    }

    async fn begin_with_options(&self, options: TransactionOptions) -> Result<Transaction, DbErr> {
        self.connection.begin_with_options(options).await
    }

    async fn transaction<F, T, E>(&self, callback: F) -> Result<T, TransactionError<E>>
    where
        F: for<'c> FnOnce(
                &'c Transaction,
            ) -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>
            + Send,
        T: Send,
        E: std::fmt::Display + std::fmt::Debug + Send,
    {
        self.connection.transaction(callback).await
    }

    async fn transaction_with_config<F, T, E>(
        &self,
        callback: F,
        isolation: Option<IsolationLevel>,
        access: Option<AccessMode>,
    ) -> Result<T, TransactionError<E>>
    where
        F: for<'c> FnOnce(
                &'c Transaction,
            ) -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>
            + Send,
        T: Send,
        E: std::fmt::Display + std::fmt::Debug + Send,
    {
        self.connection
            .transaction_with_config(callback, isolation, access)
            .await
    }
}
