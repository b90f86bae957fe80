//! Looks after the deleted rows of any database: the tables that have a column `deleted_at` are those of its catalog.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    soft_delete_cli::run_on_catalog().await
}
