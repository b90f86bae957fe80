//! One step of a change.

use std::fmt;

use sea_orm::{ConnectionTrait, DbErr, Statement};

use crate::sqlite::InPlace;
use soft_delete_core::TableName;

/// A statement, or an edit that SQLite has no statement for.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Sql(String),
    /// Adds a column that another change may have added by now.
    AddColumn {
        table: TableName,
        column: String,
        sql: String,
    },
    /// With bound values.
    Write(Statement),
    InPlace(InPlace),
}

impl Step {
    pub(crate) async fn run<C: ConnectionTrait>(&self, db: &C) -> Result<(), DbErr> {
        match self {
            Self::Sql(sql) => {
                db.execute_unprepared(sql).await?;
            }
            Self::AddColumn { table, column, sql } => {
                if !has_column(db, table, column).await? {
                    db.execute_unprepared(sql).await?;
                }
            }
            Self::Write(statement) => {
                db.execute_raw(statement.clone()).await?;
            }
            Self::InPlace(edit) => edit.run(db).await?,
        }
        Ok(())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sql(sql) | Self::AddColumn { sql, .. } => f.write_str(sql),
            Self::Write(statement) => write!(f, "{statement}"),
            Self::InPlace(edit) => write!(f, "-- {edit}"),
        }
    }
}

/// Of MySQL and MariaDB, the only ones to need it.
async fn has_column<C: ConnectionTrait>(
    db: &C,
    table: &TableName,
    column: &str,
) -> Result<bool, DbErr> {
    let sql = "SELECT 1 FROM information_schema.COLUMNS c \
               WHERE c.TABLE_SCHEMA = COALESCE(?, DATABASE()) AND c.TABLE_NAME = ? AND c.COLUMN_NAME = ?";
    let values = [
        table.in_schema().map(ToOwned::to_owned).into(),
        table.name.clone().into(),
        column.into(),
    ];
    let found = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(db.query_one_raw(found).await?.is_some())
}
