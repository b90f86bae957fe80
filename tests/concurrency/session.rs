//! One session on a server: seen, and ended, from outside.

use std::time::Duration;

use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement,
    TryGetable,
};

use support::{Kind, TestDb, TestResult};

/// A pool of one connection, and the number that the server has given to it.
pub struct Session {
    pub connection: DatabaseConnection,
    id: i64,
}

impl Session {
    /// Opens a session and runs the statement in it, if there is one.
    pub async fn open(db: &TestDb, setting: Option<&str>) -> TestResult<Self> {
        let mut options = ConnectOptions::new(db.url());
        options
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(Duration::from_secs(20))
            .sqlx_logging(false);
        let connection = Database::connect(options).await?;
        if let Some(setting) = setting {
            connection.execute_unprepared(setting).await?;
        }
        let id = match db.kind() {
            Kind::Postgres => "SELECT CAST(pg_backend_pid() AS BIGINT)",
            _ => "SELECT CAST(CONNECTION_ID() AS SIGNED)",
        };
        let id = scalar(&connection, id).await?;
        Ok(Self { connection, id })
    }

    /// Whether it waits for a lock that another session has.
    pub async fn is_waiting(&self, db: &DatabaseConnection) -> TestResult<bool> {
        if db.get_database_backend() == DbBackend::Postgres {
            let blockers = format!("SELECT cardinality(pg_blocking_pids({}))", self.id);
            return Ok(scalar::<i32>(db, &blockers).await? > 0);
        }
        // `information_schema.innodb_trx` is a tenth of a second old, and older the more often one asks.
        let status = "SHOW ENGINE INNODB STATUS";
        let status = Statement::from_string(db.get_database_backend(), status);
        let status = db.query_one_raw(status).await?.expect("a status");
        let status: String = status.try_get("", "Status")?;
        let thread = format!("thread id {},", self.id);
        Ok(status
            .split("---TRANSACTION")
            .skip(1)
            .any(|transaction| transaction.contains(&thread) && transaction.contains("LOCK WAIT")))
    }

    pub async fn until_waiting(&self, db: &DatabaseConnection) -> TestResult {
        while !self.is_waiting(db).await? {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }

    /// Ends it, and waits until it has ended.
    pub async fn kill(&self, db: &DatabaseConnection) -> TestResult {
        let id = self.id;
        let (kill, count) = match db.get_database_backend() {
            DbBackend::Postgres => (
                format!("SELECT pg_terminate_backend({id})"),
                format!("SELECT COUNT(*) FROM pg_stat_activity WHERE pid = {id}"),
            ),
            _ => (
                format!("KILL {id}"),
                format!("SELECT COUNT(*) FROM information_schema.processlist WHERE id = {id}"),
            ),
        };
        db.execute_unprepared(&kill).await?;
        while scalar::<i64>(db, &count).await? > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }
}

/// The one value that a query gives.
async fn scalar<T: TryGetable>(db: &DatabaseConnection, sql: &str) -> TestResult<T> {
    let query = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(query).await?.expect("a row");
    Ok(row.try_get_by_index(0)?)
}
