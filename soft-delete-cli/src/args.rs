//! What the command line may say.

use std::{
    env,
    path::{Path, PathBuf},
    time::Duration,
};

use chrono::{DateTime, Utc};
use clap::{
    Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum,
    builder::PossibleValuesParser, error::ErrorKind,
};
use uuid::Uuid;

use super::{
    failure::{Failure, Status},
    output::Output,
    time::{duration, point_in_time},
};

/// Stands for the binary's name in the examples.
const PROGRAM: &str = "PROGRAM";

#[derive(Debug, Parser)]
#[command(
    about = "Looks after deleted rows: finds them, brings them back, removes them permanently.",
    after_help = "Examples:
  PROGRAM doctor                          what is wrong with the database?
  PROGRAM trash list --since 7d           what was deleted this week?
  PROGRAM trash restore post 7 --dry-run  what would come back?
  PROGRAM delete post 7 --plan            what would a delete take along?
  PROGRAM trash list --json | jq          all commands print JSON if asked

Exit codes:
  0  done, or nothing is wrong
  1  something was found, or it was refused: no such row, a conflict, a question answered with no
  2  not understood: unknown arguments, tables or groups, a malformed key, no database given
  3  the database failed
  10, 11, 12  doctor --check found advice, warnings, errors",
    disable_help_subcommand = true,
    version = concat!("(soft-delete ", env!("CARGO_PKG_VERSION"), ")")
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
    #[command(flatten)]
    pub(super) global: Global,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub(super) struct Global {
    /// The database's URL. It is visible in the list of processes: prefer DATABASE_URL, in the environment or in a file `.env`
    #[arg(long, global = true, value_name = "URL")]
    pub(super) database_url: Option<String>,
    /// How long the server may take to be reached, and a fifth of what it may take to answer
    #[arg(long, global = true, value_name = "DURATION", default_value = "2s", value_parser = duration)]
    pub(super) connect_timeout: Duration,
    /// The entities' group, in a program with several databases
    #[arg(long, global = true, value_name = "NAME")]
    pub(super) group: Option<String>,
    /// Print one JSON document
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// When to colour the text: `auto` does so on a terminal, unless NO_COLOR is set
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "auto",
        value_name = "WHEN"
    )]
    pub(super) color: Color,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    pub(super) fn write_global(self) {
        match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Compares the database with the entities
    #[command(
        after_help = "Exits with 1 if there are errors or warnings; with --check, by the worst severity.

Examples:
  PROGRAM doctor
  PROGRAM doctor --fix         asks before it changes anything
  PROGRAM doctor --fix --yes   in a script
  PROGRAM doctor --check --fail-on error --format junit > doctor.xml"
    )]
    Doctor(DoctorArgs),
    /// Counts rows that are active, deleted and expired, and tells sizes
    #[command(
        after_help = "Large tables are estimated where counting them would read them. An estimate is marked with ~.

Examples:
  PROGRAM stats
  PROGRAM stats --exact --json"
    )]
    Stats(StatsArgs),
    /// Rows that were deleted
    #[command(subcommand)]
    Trash(TrashCommand),
    /// Removes the rows that were deleted longer ago than their retention
    #[command(
        after_help = "It shows what it would remove and asks. Where nobody can answer, as in a scheduler's job, it needs --yes.
Rows that others still refer to stay, and are told. Stopping it loses nothing: the next run goes on.

Examples:
  PROGRAM purge --dry-run
  PROGRAM purge --only comment --only post
  PROGRAM purge --archive
  PROGRAM purge --yes --rows-per-second 2000 --deadline 10m --json   in a scheduler's job"
    )]
    Purge(PurgeArgs),
    /// Deletes rows as the application does, with what their foreign keys say: they go to the trash
    #[command(
        after_help = "All rows are deleted, or none if one of them can't be. The program's own hooks run.

Examples:
  PROGRAM delete post 7 --plan
  PROGRAM delete post 7 --by 42 --reason spam
  PROGRAM delete post --from-file keys.txt"
    )]
    Delete(DeleteArgs),
    /// Permanently removes rows, active or deleted, with all below them and all that the archive has of them
    #[command(
        after_help = "For the right to erasure. It shows what it would remove and asks. Where nobody can answer it needs --yes.
Hooks don't run. The report may be filed.

Examples:
  PROGRAM erase user 7 --dry-run
  PROGRAM erase user 7 --yes --json >> erasures.json"
    )]
    Erase(EraseArgs),
    /// What one delete took
    #[command(subcommand)]
    Deletion(DeletionCommand),
    /// Purged rows that were kept
    #[command(subcommand)]
    Archive(ArchiveCommand),
    /// Prints a script that lets a shell complete commands and options
    #[command(after_help = "Example:
  PROGRAM completions bash > /etc/bash_completion.d/PROGRAM")]
    Completions(CompletionsArgs),
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(super) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(super) struct StatsArgs {
    /// Count every row, however many there are
    #[arg(long)]
    pub(super) exact: bool,
}

#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    /// Make the changes that fix errors and warnings; advice is left to you
    #[arg(long)]
    pub(super) fix: bool,
    /// Don't ask
    #[arg(long, requires = "fix")]
    pub(super) yes: bool,
    /// Tell the worst severity by the exit code: 10 advice, 11 warnings, 12 errors
    #[arg(long, conflicts_with = "fix")]
    pub(super) check: bool,
    /// With --check: what is less severe exits with 0, and passes in JUnit's report [default: warning]
    #[arg(long, value_enum, value_name = "SEVERITY", conflicts_with = "fix")]
    pub(super) fail_on: Option<FailOn>,
    /// Print a report for other tools
    #[arg(long, value_enum, value_name = "FORMAT", conflicts_with_all = ["fix", "json"])]
    pub(super) format: Option<ReportFormat>,
}

/// The least severe finding that fails a check.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum FailOn {
    Advice,
    Warning,
    Error,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum ReportFormat {
    /// JUnit's XML: a test for each finding
    Junit,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

#[derive(Debug, Subcommand)]
pub(super) enum TrashCommand {
    /// Lists the rows that were deleted themselves and not along with a parent, the newest first
    #[command(
        after_help = "Times are UTC: `2026-01-31`, `2026-01-31 18:00`, RFC 3339, or how long ago: `90m`, `12h`, `7d`.

Examples:
  PROGRAM trash list
  PROGRAM trash list post --by 42 --since 7d
  PROGRAM trash list --since 2026-01-01 --until 2026-02-01 --limit 500 --json"
    )]
    List(ListArgs),
    /// Shows a row, its deletion, and what a restore would bring back
    #[command(
        after_help = "A key of several columns is `1,2` or `1 2`, in the order of the primary key.

Examples:
  PROGRAM trash show post 7
  PROGRAM trash show post_tag 7,3"
    )]
    Show(RowArgs),
    /// Brings rows back, with what their deletion took below them
    #[command(
        after_help = "All is checked before anything is changed. It is refused, and exits with 1, while a parent of the row is deleted
or an active row has one of its unique values.

Examples:
  PROGRAM trash restore post 7 --dry-run
  PROGRAM trash restore comment 12 --with-parents
  PROGRAM trash restore post 7 --on-conflict replace
  PROGRAM trash restore post 7 8 9                        all of them, or none
  PROGRAM trash list post --json | jq -c '.rows[].key' | PROGRAM trash restore post --from-file -"
    )]
    Restore(RestoreArgs),
    /// Permanently removes deleted rows. What the database's own foreign keys remove along with them is gone as well
    #[command(
        after_help = "It asks first. Where nobody can answer, as in a script, it needs --yes.

Examples:
  PROGRAM trash delete post 7
  PROGRAM trash delete post 7 8 9 --dry-run
  PROGRAM trash delete post 7 --yes"
    )]
    Delete(DeleteTrashedArgs),
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// Of this table alone
    pub(super) table: Option<String>,
    /// Of all tables, which is so if none is named
    #[arg(long, conflicts_with = "table")]
    pub(super) all_tables: bool,
    /// Deleted by them: a value of `deleted_by`
    #[arg(long, value_name = "ACTOR", allow_negative_numbers = true)]
    pub(super) by: Option<String>,
    /// Deleted then or later
    #[arg(long, value_name = "TIME", value_parser = point_in_time)]
    pub(super) since: Option<DateTime<Utc>>,
    /// Deleted before then
    #[arg(long, value_name = "TIME", value_parser = point_in_time)]
    pub(super) until: Option<DateTime<Utc>>,
    /// How many rows at most
    #[arg(long, value_name = "N", default_value_t = 50, allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) limit: u32,
}

#[derive(Debug, Args)]
pub(super) struct RowArgs {
    /// The row's table
    pub(super) table: String,
    /// Its primary key
    #[arg(required = true, allow_negative_numbers = true)]
    pub(super) key: Vec<String>,
}

/// One row or several.
#[derive(Debug, Args)]
pub(super) struct RowsArgs {
    /// The rows' table
    pub(super) table: String,
    /// Their primary keys; of several columns `1,2`, or as JSON `[1,2]`
    #[arg(
        required_unless_present = "from_file",
        conflicts_with = "from_file",
        allow_negative_numbers = true
    )]
    pub(super) key: Vec<String>,
    /// Read the keys from a file, one on each line; `-` is the input
    #[arg(long, value_name = "FILE")]
    pub(super) from_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct RestoreArgs {
    #[command(flatten)]
    pub(super) rows: RowsArgs,
    #[command(flatten)]
    pub(super) options: RestoreOptions,
}

/// How rows are restored.
#[derive(Debug, Args)]
pub(super) struct RestoreOptions {
    /// Restore deleted parents too, themselves only
    #[arg(long)]
    pub(super) with_parents: bool,
    /// What to do where an active row has a unique value of a restored one
    #[arg(long, value_enum, default_value = "fail", value_name = "WHAT")]
    pub(super) on_conflict: OnConflict,
    /// Only tell what would happen
    #[arg(long)]
    pub(super) dry_run: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum OnConflict {
    /// Restore nothing
    Fail,
    /// Leave the row deleted, and what is below it
    Skip,
    /// Delete the active row, as a deletion of its own
    Replace,
}

#[derive(Debug, Args)]
pub(super) struct DeleteTrashedArgs {
    #[command(flatten)]
    pub(super) rows: RowsArgs,
    /// Only tell what would be removed
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Don't ask
    #[arg(long)]
    pub(super) yes: bool,
}

#[derive(Debug, Args)]
pub(super) struct DeleteArgs {
    #[command(flatten)]
    pub(super) rows: RowsArgs,
    /// Only tell what would be deleted, and what forbids it
    #[arg(long, visible_alias = "dry-run")]
    pub(super) plan: bool,
    /// Who deletes: goes into `deleted_by`
    #[arg(long, value_name = "ACTOR", allow_negative_numbers = true)]
    pub(super) by: Option<String>,
    /// Why: goes into `delete_reason`
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct EraseArgs {
    #[command(flatten)]
    pub(super) rows: RowsArgs,
    /// Only tell what would be removed
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Don't ask
    #[arg(long)]
    pub(super) yes: bool,
    #[command(flatten)]
    pub(super) archive: ArchiveTableArgs,
}

#[derive(Debug, Args)]
pub(super) struct PurgeArgs {
    /// Only tell what would be removed
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Don't ask
    #[arg(long)]
    pub(super) yes: bool,
    /// Purge this table alone; may be given several times
    #[arg(long, value_name = "TABLE")]
    pub(super) only: Vec<String>,
    /// Remove that many rows in one transaction, at most
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub(super) batch: Option<u64>,
    /// Remove no more rows a second
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) rows_per_second: Option<u32>,
    /// Begin no batch after that time, such as `10m`
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(super) deadline: Option<Duration>,
    /// Keep the rows in the archive
    #[arg(long)]
    pub(super) archive: bool,
    #[command(flatten)]
    pub(super) table: ArchiveTableArgs,
}

#[derive(Debug, Args)]
pub(super) struct ArchiveTableArgs {
    /// The archive's table, if it is not called `soft_delete_archive`
    #[arg(long, value_name = "TABLE")]
    pub(super) archive_table: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum ArchiveCommand {
    /// Lists archived rows, the newest first
    #[command(after_help = "Examples:
  PROGRAM archive list
  PROGRAM archive list post --limit 500 --json
  PROGRAM archive list --deletion 0198c5a2-7a3e-7c31-9d0e-5b1f6f3f8a11")]
    List(ArchiveListArgs),
    /// Puts archived rows back into the trash, deleted as they were
    #[command(
        after_help = "`trash restore` or `deletion undo` makes them active then.

Examples:
  PROGRAM archive restore post 7
  PROGRAM archive restore --entry 1042
  PROGRAM archive restore --deletion 0198c5a2-7a3e-7c31-9d0e-5b1f6f3f8a11"
    )]
    Restore(ArchiveRestoreArgs),
    /// Permanently removes entries that were archived long ago
    #[command(
        after_help = "It counts them and asks. Where nobody can answer, as in a scheduler's job, it needs --yes.

Examples:
  PROGRAM archive expire --older-than 365d --dry-run
  PROGRAM archive expire --older-than 2026-01-01 --yes"
    )]
    Expire(ArchiveExpireArgs),
    /// Creates the archive's table, or what of it is missing
    #[command(after_help = "Example:
  PROGRAM archive create")]
    Create(ArchiveTableArgs),
}

#[derive(Debug, Args)]
pub(super) struct ArchiveExpireArgs {
    /// Archived before then: a time, or how long ago
    #[arg(long, value_name = "TIME", value_parser = point_in_time)]
    pub(super) older_than: DateTime<Utc>,
    /// Only tell how many would be removed
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Don't ask
    #[arg(long)]
    pub(super) yes: bool,
    #[command(flatten)]
    pub(super) archive: ArchiveTableArgs,
}

#[derive(Debug, Args)]
pub(super) struct ArchiveListArgs {
    /// Of this table alone
    pub(super) table: Option<String>,
    /// Of this deletion alone
    #[arg(long, value_name = "ID")]
    pub(super) deletion: Option<Uuid>,
    /// How many entries at most
    #[arg(long, value_name = "N", default_value_t = 50, allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) limit: u32,
    #[command(flatten)]
    pub(super) archive: ArchiveTableArgs,
}

#[derive(Debug, Args)]
pub(super) struct ArchiveRestoreArgs {
    /// The row's table
    #[arg(required_unless_present_any = ["entry", "deletion"], requires = "key")]
    pub(super) table: Option<String>,
    /// Its primary key
    #[arg(allow_negative_numbers = true)]
    pub(super) key: Vec<String>,
    /// The row of one entry, as `archive list` tells it
    #[arg(long, value_name = "N", conflicts_with_all = ["table", "deletion"])]
    pub(super) entry: Option<i64>,
    /// All rows of a deletion
    #[arg(long, value_name = "ID", conflicts_with = "table")]
    pub(super) deletion: Option<Uuid>,
    #[command(flatten)]
    pub(super) archive: ArchiveTableArgs,
}

#[derive(Debug, Subcommand)]
pub(super) enum DeletionCommand {
    /// Shows what a deletion took
    #[command(after_help = "Example:
  PROGRAM deletion show 0198c5a2-7a3e-7c31-9d0e-5b1f6f3f8a11")]
    Show(ShowDeletionArgs),
    /// Brings back all that a deletion took
    #[command(after_help = "Examples:
  PROGRAM deletion undo 0198c5a2-7a3e-7c31-9d0e-5b1f6f3f8a11 --dry-run
  PROGRAM deletion undo 0198c5a2-7a3e-7c31-9d0e-5b1f6f3f8a11")]
    Undo(UndoArgs),
}

#[derive(Debug, Args)]
pub(super) struct ShowDeletionArgs {
    /// The deletion's id, as `trash list` tells it
    pub(super) id: Uuid,
}

#[derive(Debug, Args)]
pub(super) struct UndoArgs {
    /// The deletion's id, as `trash list` tells it
    pub(super) id: Uuid,
    #[command(flatten)]
    pub(super) options: RestoreOptions,
}

/// Where the entities are from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Program,
    Catalog,
}

/// What a program needs to be told that has no entities.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Tables")]
pub(super) struct CatalogArgs {
    /// The column that makes a table soft-deletable: NULL in active rows, else the time
    #[arg(
        long = "deleted-at",
        global = true,
        value_name = "COLUMN",
        default_value = "deleted_at"
    )]
    pub(super) marker: String,
    /// The tables' schema; on MySQL and MariaDB, the database
    #[arg(long, global = true, value_name = "NAME")]
    pub(super) schema: Option<String>,
    /// How long deleted rows are kept, such as `30d`: what is older is expired
    #[arg(long, global = true, value_name = "DURATION", value_parser = duration)]
    pub(super) retention: Option<Duration>,
}

/// Reads the process's arguments. Help ends the process.
///
/// # Errors
///
/// The exit code, after it was told what could not be understood.
pub(super) fn parse(source: Source) -> Result<(Arguments, Option<CatalogArgs>), Status> {
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

impl Command {
    /// Whether it goes by what only the program's entities tell: hooks, and what they declare unique.
    pub(super) fn goes_by_declarations(&self) -> bool {
        !matches!(
            self,
            Self::Stats(_)
                | Self::Trash(TrashCommand::List(_) | TrashCommand::Show(_))
                | Self::Deletion(DeletionCommand::Show(_))
                | Self::Archive(ArchiveCommand::List(_) | ArchiveCommand::Create(_))
                | Self::Completions(_)
        )
    }

    /// Whether it removes rows physically.
    pub(super) fn removes(&self) -> bool {
        matches!(
            self,
            Self::Purge(_) | Self::Erase(_) | Self::Trash(TrashCommand::Delete(_))
        )
    }

    /// As it is given.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Doctor(_) => "doctor",
            Self::Stats(_) => "stats",
            Self::Trash(TrashCommand::List(_)) => "trash list",
            Self::Trash(TrashCommand::Show(_)) => "trash show",
            Self::Trash(TrashCommand::Restore(_)) => "trash restore",
            Self::Trash(TrashCommand::Delete(_)) => "trash delete",
            Self::Purge(_) => "purge",
            Self::Deletion(DeletionCommand::Show(_)) => "deletion show",
            Self::Deletion(DeletionCommand::Undo(_)) => "deletion undo",
            Self::Archive(ArchiveCommand::List(_)) => "archive list",
            Self::Archive(ArchiveCommand::Restore(_)) => "archive restore",
            Self::Archive(ArchiveCommand::Expire(_)) => "archive expire",
            Self::Archive(ArchiveCommand::Create(_)) => "archive create",
            Self::Delete(_) => "delete",
            Self::Erase(_) => "erase",
            Self::Completions(_) => "completions",
        }
    }
}

/// The script for a shell. It completes the names of these tables, too.
pub(super) fn completions(
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
