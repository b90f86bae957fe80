//! The binary, and what it says.

use std::process::{Command, Output};

use serde_json::Value;

use support::TestDb;

/// What a run came to.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Runs it in pipes, on the test's database.
pub fn run(db: &TestDb, arguments: &[&str]) -> Ran {
    ran(command(arguments).env("DATABASE_URL", db.url()))
}

/// Runs it with `--json`, and reads what it printed.
pub fn json(db: &TestDb, arguments: &[&str]) -> Value {
    let ran = run(db, &[arguments, &["--json"]].concat());
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

/// The binary, with nothing in its environment that it looks for.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_soft-delete-cli-app"));
    command
        .args(arguments)
        .env_remove("DATABASE_URL")
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR")
        .env_remove("CLICOLOR_FORCE")
        .env_remove("CI");
    command
}

pub fn ran(command: &mut Command) -> Ran {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("the binary runs");
    Ran {
        code: status.code().expect("no signal ended it"),
        out: String::from_utf8(stdout).expect("text"),
        err: String::from_utf8(stderr).expect("text"),
    }
}
