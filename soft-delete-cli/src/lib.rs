//! A command line over the program's soft-deletable entities, for those who look after its database.
//!
//! Feature `cli`. A binary of yours needs the entities, SeaORM's driver for the database, and this:
//!
//! ```no_run
//! use soft_delete::Registry;
//! use std::process::ExitCode;
//!
//! #[tokio::main]
//! async fn main() -> ExitCode {
//!     soft_delete::cli::run(Registry::global()).await
//! }
//! ```
//!
//! The linker leaves out a crate that nothing refers to, and with it the entities in it: where they live in a library, say
//! `use my_library as _;` in the binary.
//!
//! # Commands
//!
//! | | |
//! |---|---|
//! | `doctor [--fix]` | what is wrong with the database, why it matters, and the fix |
//! | `doctor --check` | the same for continuous integration, with JUnit's or SARIF's report |
//! | `stats [--exact]` | rows active, deleted and expired, and sizes |
//! | `trash list [TABLE]` | rows that were deleted themselves, the newest first |
//! | `trash show TABLE KEY` | a row, its deletion, and what a restore would bring back |
//! | `trash restore TABLE KEY…` | brings rows back, with what their deletion took below them |
//! | `trash delete TABLE KEY…` | permanently removes deleted rows |
//! | `delete TABLE KEY… [--plan]` | deletes rows as the program does |
//! | `erase TABLE KEY…` | permanently removes rows with all below them, and from the archive |
//! | `purge [--dry-run]` | removes the rows that were deleted longer ago than their retention |
//! | `deletion show ID` | what a deletion took |
//! | `deletion undo ID` | brings all of it back |
//! | `archive list [TABLE]` | rows that `purge --archive` kept |
//! | `archive restore TABLE KEY` | puts them back into the trash |
//! | `archive expire --older-than TIME` | permanently removes old entries |
//! | `archive create` | creates the archive's table |
//! | `completions SHELL` | a script that lets a shell complete all this |
//!
//! `--help` tells the options of each, with examples.
//!
//! What can't be taken back asks first: `purge`, `trash delete`, `erase`, `archive expire` and `doctor --fix`. Where nobody can answer,
//! because stdin or stderr is no terminal, they are refused unless `--yes` was passed.
//!
//! # Which database
//!
//! `--database-url`, or else `DATABASE_URL` from the environment, or else from a file `.env` in the working directory or above
//! it, or else what [`run_on`] was given. The first is seen by everyone who may list the machine's processes.
//!
//! A program with several databases gives the entities of the others a [group](soft_delete_core::EntityMeta::group). One run is about one
//! group: the one that `--group` names, or else `default`, or else the only one there is.
//!
//! # Output
//!
//! What a command found goes to stdout, as text or with `--json` as one JSON document. Errors and questions go to stderr. Text is
//! coloured on a terminal only, and never where `NO_COLOR` is set. Control characters in what comes from the database are shown
//! escaped.
//!
//! # Exit code
//!
//! | code | |
//! |---|---|
//! | 0 | It was done, or nothing is wrong. |
//! | 1 | Something was found, or it was refused: the doctor's findings, no such row, conflicts, a question answered with no. |
//! | 2 | It was not understood: unknown arguments, tables or groups, a malformed key, no database given. |
//! | 3 | The database failed: it can't be reached, it lacks a table, the user lacks a privilege, another transaction was in the way. |
//! | 10, 11, 12 | `doctor --check` found advice, warnings, errors. |

mod archive;
mod args;
mod connect;
mod delete;
mod deletion;
mod deletion_info;
mod doctor;
mod erase;
mod failure;
mod key;
mod output;
mod progress;
mod prompt;
mod purge;
mod rows;
mod session;
mod stats;
mod time;
mod trash;
mod value;
mod view;

use std::process::ExitCode;

use self::{
    args::{ArchiveCommand, Command, DeletionCommand, TrashCommand},
    failure::{Failure, Status},
    output::Output,
    session::Session,
};
use soft_delete_core::Registry;

/// Runs the command that the process was started with, and gives its [exit code](self#exit-code).
///
/// `registry` is [`Registry::global`] for all entities of the program. It needs a runtime that SeaORM's driver works on.
pub async fn run(registry: &Registry) -> ExitCode {
    run_with(registry, None).await
}

/// [`run`] for a program that knows its database: `url` is used where neither the option nor `DATABASE_URL` names one.
pub async fn run_on(registry: &Registry, url: &str) -> ExitCode {
    run_with(registry, Some(url)).await
}

async fn run_with(registry: &Registry, default_url: Option<&str>) -> ExitCode {
    let args = match args::parse() {
        Ok(args) => args,
        Err(status) => return ExitCode::from(status as u8),
    };
    args.global.color.write_global();
    let output = Output {
        json: args.global.json,
        command: Some(args.command.name()),
    };
    if let Command::Completions(args) = &args.command {
        let tables = registry.entities().map(|meta| meta.table.to_string());
        let script = args::completions(args.shell, &tables.collect::<Vec<_>>());
        let done = output::script(&script);
        let status = done.unwrap_or_else(|failure| failure.report(output));
        return ExitCode::from(status as u8);
    }
    let done = match Session::new(registry, args.global, default_url, output) {
        Ok(session) => dispatch(&session, args.command).await,
        Err(failure) => Err(failure),
    };
    let status = done.unwrap_or_else(|failure| failure.report(output));
    ExitCode::from(status as u8)
}

async fn dispatch(session: &Session, command: Command) -> Result<Status, Failure> {
    match command {
        Command::Doctor(args) => doctor::run(session, args).await,
        Command::Stats(args) => stats::run(session, args).await,
        Command::Trash(TrashCommand::List(args)) => trash::list::run(session, args).await,
        Command::Trash(TrashCommand::Show(args)) => trash::show::run(session, args).await,
        Command::Trash(TrashCommand::Restore(args)) => trash::restore::run(session, args).await,
        Command::Trash(TrashCommand::Delete(args)) => trash::delete::run(session, args).await,
        Command::Purge(args) => purge::run(session, args).await,
        Command::Deletion(DeletionCommand::Show(args)) => deletion::show(session, args).await,
        Command::Deletion(DeletionCommand::Undo(args)) => deletion::undo(session, args).await,
        Command::Archive(ArchiveCommand::List(args)) => archive::show(session, args).await,
        Command::Archive(ArchiveCommand::Restore(args)) => archive::restore(session, args).await,
        Command::Archive(ArchiveCommand::Expire(args)) => archive::expire(session, args).await,
        Command::Archive(ArchiveCommand::Create(args)) => archive::create(session, &args).await,
        Command::Delete(args) => delete::run(session, args).await,
        Command::Erase(args) => erase::run(session, args).await,
        // It needs no session.
        Command::Completions(_) => Ok(Status::Success),
    }
}
