//! The binary, and what it says.

use std::process::{Command, Output};

use boon::{Compiler, Schemas};
use serde_json::Value;

use support::TestDb;

const SCHEMA: &str = include_str!("../../../../docs/guide/src/command-line.schema.json");

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

/// Runs it with `--json`, reads what it printed, and compares it with the published schema.
pub fn json(db: &TestDb, arguments: &[&str]) -> Value {
    read_json(&run(db, &[arguments, &["--json"]].concat()))
}

/// Reads what a run with `--json` printed, and compares it with the published schema.
pub fn read_json(ran: &Ran) -> Value {
    let document =
        serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
    let mut schemas = Schemas::new();
    let mut compiler = Compiler::new();
    compiler.enable_format_assertions();
    let schema = serde_json::from_str(SCHEMA).expect("the schema is JSON");
    compiler
        .add_resource("schema.json", schema)
        .expect("the schema");
    let schema = compiler
        .compile("schema.json", &mut schemas)
        .expect("the schema");
    if let Err(error) = schemas.validate(&document, schema) {
        panic!("it is not as the schema says: {error:#}\n{}", ran.out);
    }
    document
}

/// What a document says beside its version and command.
pub fn contents(mut document: Value) -> Value {
    let fields = document.as_object_mut().expect("an object");
    assert_eq!(fields.remove("version"), Some(1.into()));
    fields.remove("command");
    document
}

/// The binary, with nothing in its environment that it looks for.
pub fn command(arguments: &[&str]) -> Command {
    command_of(env!("CARGO_BIN_EXE_soft-delete-cli-app"), arguments)
}

/// Runs the binary that has no entities and reads the database's catalog.
pub fn run_on_catalog(db: &TestDb, arguments: &[&str]) -> Ran {
    let binary = env!("CARGO_BIN_EXE_soft-delete-cli-catalog");
    ran(command_of(binary, arguments).env("DATABASE_URL", db.url()))
}

fn command_of(binary: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary);
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
