//! Tables as they are before soft deletion comes, in SQL that all backends read.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use soft_delete::schema::Change;

use support::TestDb;

/// Runs statements; `TIME` stands for the backend's type of `deleted_at`, `NOW` for a time of it.
pub async fn run(db: &TestDb, statements: &[&str]) -> Result<(), DbErr> {
    for statement in statements {
        let sql = match db.backend() {
            DbBackend::Postgres => statement.replace(" TIME", " timestamp with time zone"),
            DbBackend::MySql => statement.replace(" TIME", " datetime(6) NULL"),
            _ => statement.replace(" TIME", " timestamp_with_timezone_text"),
        };
        let uuid = match db.backend() {
            DbBackend::MySql => "binary(16)",
            _ => "uuid",
        };
        let sql = sql.replace("UUID", uuid);
        let sql = sql.replace("NOW", "'2026-01-02 03:04:05'");
        db.execute_unprepared(&sql).await?;
    }
    Ok(())
}

/// The number that a query gives, past any scope.
pub async fn number(db: &TestDb, sql: &str) -> Result<i64, DbErr> {
    let statement = Statement::from_string(db.backend(), sql);
    let row = db.connection().query_one_raw(statement).await?;
    row.expect("a row").try_get_by_index(0)
}

pub fn descriptions(changes: &[Change]) -> Vec<&str> {
    changes.iter().map(Change::description).collect()
}
