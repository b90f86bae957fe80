//! A user's program: its entities, and one call.

use std::process::ExitCode;

use soft_delete::Registry;

// Those of another crate are linked because they are named.
use soft_delete_other_crate as _;

#[allow(dead_code)]
#[path = "../../support/domain.rs"]
mod domain;
#[allow(dead_code)]
#[path = "../../support/shelf.rs"]
mod shelf;
mod shop;
#[allow(dead_code)]
#[path = "../../support/table.rs"]
mod table;

use table::create_table;

#[tokio::main]
async fn main() -> ExitCode {
    soft_delete::cli::run(Registry::global()).await
}
