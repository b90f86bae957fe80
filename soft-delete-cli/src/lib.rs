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
//! # Without a program of one's own
//!
//! The binary `soft-delete` of this crate (feature `standalone`) has all these commands for any database: see [`run_on_catalog`].
//!
//! ```text
//! cargo install soft-delete-cli --features standalone
//! soft-delete doctor --database-url postgres://…
//! soft-delete purge --retention 30d --dry-run
//! ```
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
mod dialect;
mod doctor;
mod erase;
mod failure;
mod from_catalog;
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
    args::{
        ArchiveCommand, Arguments, CatalogArgs, Command, DeletionCommand, Source, TrashCommand,
    },
    failure::{Failure, Status},
    output::{Output, YELLOW, clean_line, say},
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

/// The command line of a program without entities: each table that has a column `deleted_at` is soft-deletable, with the rules of its
/// foreign keys and the indexes that keep columns unique among active rows, as the database's catalog tells. The binary `soft-delete`
/// is this.
///
/// What a catalog doesn't tell it can't know, and says so: hooks, unique keys and rules that only entities declare, and retentions,
/// which the option `--retention` gives.
pub async fn run_on_catalog() -> ExitCode {
    let (args, catalog) = match args::parse(Source::Catalog) {
        Ok((args, Some(catalog))) => (args, catalog),
        Ok((_, None)) => return ExitCode::from(Status::NotUnderstood as u8),
        Err(status) => return ExitCode::from(status as u8),
    };
    let output = start(&args);
    if let Command::Completions(args) = &args.command {
        let script = args::completions(args.shell, Source::Catalog, &[]);
        return end(output::script(&script), output);
    }
    end(on_catalog(args, &catalog, output).await, output)
}

async fn on_catalog(
    args: Arguments,
    catalog: &CatalogArgs,
    output: Output,
) -> Result<Status, Failure> {
    if matches!(args.command, Command::Purge(_)) {
        from_catalog::require_retention(catalog.retention)?;
    }
    let url = connect::database_url(args.global.database_url.as_deref())?;
    let url = url.ok_or_else(connect::no_database)?;
    let db = connect::connect(&url, args.global.connect_timeout).await?;
    let found = from_catalog::read(&db, catalog).await?;
    for note in &found.left_out {
        note_that(note);
    }
    if found.registry.entities().next().is_none() {
        return Err(Failure::usage_error(format!(
            "no table of the database has a column `{}` that holds a time",
            catalog.marker
        ))
        .tip("`--deleted-at` names the column if it is called otherwise, and `--schema` another schema"));
    }
    if args.command.removes() {
        for note in &found.removed_along {
            note_that(note);
        }
    }
    if args.command.goes_by_declarations() {
        note_that(
            "tables and rules are those of the database's catalog; the hooks of programs don't run, and what only their entities declare \
             unique, or otherwise than the foreign keys, is not known",
        );
    }
    let session = Session::new(&found.registry, args.global, None, output)?.connected(db);
    dispatch(&session, args.command).await
}

fn note_that(note: &str) {
    say(&format!("{YELLOW}note:{YELLOW:#} {}", clean_line(note)));
}

async fn run_with(registry: &Registry, default_url: Option<&str>) -> ExitCode {
    let args = match args::parse(Source::Program) {
        Ok((args, _)) => args,
        Err(status) => return ExitCode::from(status as u8),
    };
    let output = start(&args);
    if let Command::Completions(args) = &args.command {
        let tables = registry.entities().map(|meta| meta.table.to_string());
        let tables: Vec<_> = tables.collect();
        let script = args::completions(args.shell, Source::Program, &tables);
        return end(output::script(&script), output);
    }
    let done = match Session::new(registry, args.global, default_url, output) {
        Ok(session) => dispatch(&session, args.command).await,
        Err(failure) => Err(failure),
    };
    end(done, output)
}

fn start(args: &Arguments) -> Output {
    args.global.color.write_global();
    Output {
        json: args.global.json,
        command: Some(args.command.name()),
    }
}

fn end(done: Result<Status, Failure>, output: Output) -> ExitCode {
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
