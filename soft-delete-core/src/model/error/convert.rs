//! Between SeaORM's error and ours.

use std::sync::Arc;

use sea_orm::DbErr;

use super::Error;
use crate::dialect;

impl From<DbErr> for Error {
    /// The error that became this one, or [`Contention`](Self::Contention) or [`Db`](Self::Db) around the database's.
    fn from(error: DbErr) -> Self {
        if let DbErr::TryIntoErr { source, .. } = &error
            && let Some(own) = source.downcast_ref::<Self>()
        {
            return own.clone();
        }
        if dialect::is_retryable(&error) {
            Self::Contention(error)
        } else if dialect::is_check_of_view(&error) {
            Self::ThroughActiveView(error)
        } else {
            Self::Db(error)
        }
    }
}

impl From<Error> for DbErr {
    /// The database's own error is what it was. A missing primary key and a missing row become SeaORM's errors of that name. All
    /// others are carried by a [`DbErr::TryIntoErr`], from which [`Error::from`] takes them again.
    fn from(error: Error) -> Self {
        match error {
            Error::Db(error) => error,
            Error::Contention(error) if dialect::is_retryable(&error) => error,
            Error::PrimaryKeyNotSet { .. } => Self::PrimaryKeyNotSet { ctx: "soft delete" },
            Error::NotFound { .. } => Self::RecordNotFound(error.to_string()),
            error => Self::TryIntoErr {
                from: "statement",
                into: "soft delete",
                source: Arc::new(error),
            },
        }
    }
}
