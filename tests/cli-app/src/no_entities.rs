//! A program that links no entity: nothing in it names the crates that have them.

use std::process::ExitCode;

use soft_delete::Registry;

#[tokio::main]
async fn main() -> ExitCode {
    soft_delete::cli::run(Registry::global()).await
}
