//! What SQLite has no statement for: changes of a table's constraints.

mod create_table;
mod in_place;

use std::fmt;

use sea_orm::{ConnectionTrait, DbErr};

/// An edit of a table's definition that leaves its rows alone.
#[derive(Clone, Debug)]
pub(crate) enum InPlace {
    DropUnique {
        table: String,
        columns: Vec<String>,
    },
    SetOnDelete {
        table: String,
        columns: Vec<String>,
        parent: String,
        action: &'static str,
    },
    DropNotNull {
        table: String,
        column: String,
    },
    DropDefault {
        table: String,
        column: String,
    },
}

impl InPlace {
    pub(crate) async fn run<C: ConnectionTrait>(&self, db: &C) -> Result<(), DbErr> {
        fn borrowed(columns: &[String]) -> Vec<&str> {
            columns.iter().map(String::as_str).collect()
        }
        match self {
            Self::DropUnique { table, columns } => {
                in_place::drop_unique(db, table, &borrowed(columns)).await?;
            }
            Self::SetOnDelete {
                table,
                columns,
                parent,
                action,
            } => in_place::set_on_delete(db, table, &borrowed(columns), parent, action).await?,
            Self::DropNotNull { table, column } => {
                in_place::drop_not_null(db, table, column).await?;
            }
            Self::DropDefault { table, column } => {
                in_place::drop_default(db, table, column).await?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for InPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DropUnique { table, columns } => {
                write!(
                    f,
                    "remove UNIQUE ({}) from the definition of {table}",
                    columns.join(", ")
                )
            }
            Self::SetOnDelete {
                table,
                columns,
                parent,
                action,
            } => write!(
                f,
                "make the foreign key ({}) of {table} to {parent} ON DELETE {action}",
                columns.join(", ")
            ),
            Self::DropNotNull { table, column } => {
                write!(
                    f,
                    "remove NOT NULL from {column} in the definition of {table}"
                )
            }
            Self::DropDefault { table, column } => write!(
                f,
                "remove DEFAULT from {column} in the definition of {table}"
            ),
        }
    }
}
