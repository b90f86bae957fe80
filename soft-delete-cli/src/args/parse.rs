//! Reading the arguments, and what is written of them: help and completions.

use std::{env, path::Path, time::Duration};

use clap::{
    Args, CommandFactory as _, FromArgMatches as _, builder::PossibleValuesParser, error::ErrorKind,
};

use super::{Arguments, PROGRAM};
use crate::{
    failure::{Failure, Status},
    output::Output,
    time::duration,
};

/// Where the entities are from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Program,
    Catalog,
}

/// What a program needs to be told that has no entities.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Tables")]
pub(crate) struct CatalogArgs {
    /// The column that makes a table soft-deletable: NULL in active rows, else the time
    #[arg(
        long = "deleted-at",
        global = true,
        value_name = "COLUMN",
        default_value = "deleted_at"
    )]
    pub(crate) marker: String,
    /// The tables' schema; on MySQL and MariaDB, the database
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) schema: Option<String>,
    /// How long deleted rows are kept, such as `30d`: what is older is expired
    #[arg(long, global = true, value_name = "DURATION", value_parser = duration)]
    pub(crate) retention: Option<Duration>,
}

/// Reads the process's arguments. Help ends the process.
///
/// # Errors
///
/// The exit code, after it was told what could not be understood.
pub(crate) fn parse(source: Source) -> Result<(Arguments, Option<CatalogArgs>), Status> {
    let mut command = command(source);
    let parsed = command
        .try_get_matches_from_mut(env::args_os())
        .and_then(|matches| {
            let catalog = match source {
                Source::Program => None,
                Source::Catalog => Some(CatalogArgs::from_arg_matches(&matches)?),
            };
            Ok((Arguments::from_arg_matches(&matches)?, catalog))
        });
    parsed.map_err(|error| not_understood(&error.format(&mut command)))
}

/// Tells in clap's words, and to programs as every other failure.
fn not_understood(error: &clap::Error) -> Status {
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    ) {
        error.exit();
    }
    let output = Output {
        json: asks_for_json(),
        command: None,
    };
    let failure = match error.kind() {
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Failure::usage_error("no command was given").tip("`--help` lists the commands")
        }
        _ => {
            let said = error.to_string();
            let said = said.strip_prefix("error: ").unwrap_or(&said);
            let mut parts = said.split("\n\n").map(str::trim);
            let failure = Failure::usage_error(parts.next().unwrap_or_default());
            let tip = parts.find_map(|part| part.strip_prefix("tip: "));
            failure.tip(tip.unwrap_or("`--help` lists the options"))
        }
    };
    failure.write_document(output);
    // There is nobody left to tell that this failed.
    let _ = error.print();
    Status::NotUnderstood
}

/// Whether `--json` is among arguments that were not understood.
fn asks_for_json() -> bool {
    let mut options = env::args_os()
        .skip(1)
        .take_while(|argument| argument != "--");
    options.any(|argument| argument == "--json")
}

/// The script for a shell. It completes the names of these tables, too.
pub(crate) fn completions(
    shell: clap_complete::Shell,
    source: Source,
    tables: &[String],
) -> Vec<u8> {
    let mut script = Vec::new();
    let mut command = command(source);
    if !tables.is_empty() {
        command = with_tables(command, tables);
    }
    let program = program();
    clap_complete::generate(shell, &mut command, &program, &mut script);
    match (shell, String::from_utf8(script)) {
        (clap_complete::Shell::Bash, Ok(script)) => {
            // Of a program with a dash in its name the script for bash has two names (clap_complete 4.6).
            let (wrong, right) = (
                program.replace('-', "__subcmd__"),
                program.replace('-', "__"),
            );
            script.replace(&wrong, &right).into_bytes()
        }
        (_, Ok(script)) => script.into_bytes(),
        (_, Err(script)) => script.into_bytes(),
    }
}

fn with_tables(command: clap::Command, tables: &[String]) -> clap::Command {
    let command = command.mut_args(|argument| match argument.get_id().as_str() {
        "table" | "only" => argument.value_parser(PossibleValuesParser::new(tables)),
        _ => argument,
    });
    command.mut_subcommands(|command| with_tables(command, tables))
}

fn command(source: Source) -> clap::Command {
    let program = program();
    let command = match source {
        Source::Program => Arguments::command(),
        Source::Catalog => CatalogArgs::augment_args(Arguments::command())
            .mut_arg("group", |group| group.hide(true)),
    };
    with_examples(command, &program)
        .name(program.clone())
        .bin_name(program)
}

/// The name by which the binary was called.
fn program() -> String {
    let path = env::args_os().next();
    let name = path.as_deref().and_then(|path| Path::new(path).file_name());
    name.map_or_else(
        || PROGRAM.to_lowercase(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// Puts the binary's name into the examples.
fn with_examples(command: clap::Command, program: &str) -> clap::Command {
    let command = match command.get_after_help() {
        Some(help) => {
            let help = help.to_string().replace(PROGRAM, program);
            command.after_help(help)
        }
        None => command,
    };
    let names: Vec<_> = command
        .get_subcommands()
        .map(|of| of.get_name().to_owned())
        .collect();
    names.into_iter().fold(command, |command, name| {
        command.mut_subcommand(name, |command| with_examples(command, program))
    })
}
