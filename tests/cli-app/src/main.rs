//! A user's program: its entities, and one call.

use std::process::ExitCode;

use soft_delete::Registry;

#[allow(dead_code, missing_docs)]
#[path = "../../support/domain.rs"]
mod domain;
#[allow(dead_code)]
#[path = "../../support/table.rs"]
mod table;

use table::create_table;

#[tokio::main]
async fn main() -> ExitCode {
    soft_delete::cli::run(Registry::global()).await
}
