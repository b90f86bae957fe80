//! The database, as requests use it: through scoped connections.

use chrono::{DateTime, SubsecRound as _, Utc};
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait as _,
};
use soft_delete::ScopedConnection;

/// A connection that sees active rows, whatever reads through it.
pub type Db = ScopedConnection<DatabaseConnection>;

/// A transaction of one.
pub type Tx = ScopedConnection<DatabaseTransaction>;

/// Begins a transaction that is going to write. SQLite takes its write lock at once, so that two of them wait for each other and
/// don't fail.
pub async fn begin(db: &Db) -> Result<Tx, DbErr> {
    db.begin_with_options(TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..Default::default()
    })
    .await
}

/// Now, as precise as the databases keep it.
pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}
