//! What a delete or restore that can't be answers.

use axum::http::StatusCode;
use loco_rs::{controller::ErrorDetail, prelude::*};

/// Loco's error for ours: `.map_err(problem)?`. A `From` can't be written, since both types are of other crates.
pub fn problem(error: soft_delete::Error) -> Error {
    use soft_delete::Error as Problem;

    match &error {
        Problem::NotFound { .. } | Problem::DeletionNotFound { .. } => Error::NotFound,
        Problem::Conflict(conflict) => {
            let columns: Vec<_> = conflict
                .iter()
                .flat_map(|row| row.columns.clone())
                .collect();
            refused(StatusCode::CONFLICT, "taken", columns)
        }
        Problem::ParentDeleted { parents, .. } => {
            let tables: Vec<_> = parents
                .iter()
                .map(|it| it.parent_table.to_string())
                .collect();
            refused(StatusCode::CONFLICT, "parent_deleted", tables)
        }
        Problem::Restricted { blockers, .. } => {
            let tables: Vec<_> = blockers.iter().map(|it| it.table.to_string()).collect();
            refused(StatusCode::CONFLICT, "in_use", tables)
        }
        problem if problem.is_retryable() => {
            refused(StatusCode::SERVICE_UNAVAILABLE, "try_again", vec![])
        }
        // 500, with the message in the log only.
        _ => Error::wrap(error),
    }
}

fn refused(status: StatusCode, error: &str, names: Vec<String>) -> Error {
    let mut detail = ErrorDetail::with_reason(error);
    detail.errors = Some(data!(names));
    Error::CustomError(status, detail)
}
