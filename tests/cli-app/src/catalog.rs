//! A program without entities, which reads the tables from the database's catalog. The binary `soft-delete` is the same.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    soft_delete::cli::run_on_catalog().await
}
