//! What the command line may say.

mod archive;
mod doctor;
mod parse;
mod trash;

use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use uuid::Uuid;

pub(crate) use self::{archive::*, doctor::*, parse::*, trash::*};
use crate::time::duration;

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
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) global: Global,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Global {
    /// The database's URL. It is visible in the list of processes: prefer DATABASE_URL, in the environment or in a file `.env`
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) database_url: Option<String>,
    /// How long the server may take to be reached, and a fifth of what it may take to answer
    #[arg(long, global = true, value_name = "DURATION", default_value = "2s", value_parser = duration)]
    pub(crate) connect_timeout: Duration,
    /// The entities' group, in a program with several databases
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) group: Option<String>,
    /// Print one JSON document
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// When to colour the text: `auto` does so on a terminal, unless NO_COLOR is set
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "auto",
        value_name = "WHEN"
    )]
    pub(crate) color: Color,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    pub(crate) fn write_global(self) {
        match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
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
Rows that others still refer to stay, and are reported. Stopping it loses nothing: the next run goes on.

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
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(crate) struct StatsArgs {
    /// Count every row, however many there are
    #[arg(long)]
    pub(crate) exact: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DeleteArgs {
    #[command(flatten)]
    pub(crate) rows: RowsArgs,
    /// Only tell what would be deleted, and what forbids it
    #[arg(long, visible_alias = "dry-run")]
    pub(crate) plan: bool,
    /// Who deletes: goes into `deleted_by`
    #[arg(long, value_name = "ACTOR", allow_negative_numbers = true)]
    pub(crate) by: Option<String>,
    /// Why: goes into `delete_reason`
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
}

/// Of what can't be taken back.
#[derive(Debug, Args)]
pub(crate) struct RemovalArgs {
    /// Only tell what would be removed
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Don't ask
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct EraseArgs {
    #[command(flatten)]
    pub(crate) rows: RowsArgs,
    #[command(flatten)]
    pub(crate) removal: RemovalArgs,
    #[command(flatten)]
    pub(crate) archive: ArchiveTableArgs,
}

#[derive(Debug, Args)]
pub(crate) struct PurgeArgs {
    #[command(flatten)]
    pub(crate) removal: RemovalArgs,
    /// Purge this table alone; may be given several times
    #[arg(long, value_name = "TABLE")]
    pub(crate) only: Vec<String>,
    /// Remove that many rows in one transaction, at most
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub(crate) batch: Option<u64>,
    /// Remove no more rows a second
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rows_per_second: Option<u32>,
    /// Begin no batch after that time, such as `10m`
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) deadline: Option<Duration>,
    /// Keep the rows in the archive
    #[arg(long)]
    pub(crate) archive: bool,
    #[command(flatten)]
    pub(crate) table: ArchiveTableArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DeletionCommand {
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
pub(crate) struct ShowDeletionArgs {
    /// The deletion's id, as `trash list` tells it
    pub(crate) id: Uuid,
}

#[derive(Debug, Args)]
pub(crate) struct UndoArgs {
    /// The deletion's id, as `trash list` tells it
    pub(crate) id: Uuid,
    #[command(flatten)]
    pub(crate) options: RestoreOptions,
}

impl Command {
    /// Whether it goes by what only the program's entities tell: hooks, and what they declare unique.
    pub(crate) fn goes_by_declarations(&self) -> bool {
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
    pub(crate) fn removes(&self) -> bool {
        matches!(
            self,
            Self::Purge(_) | Self::Erase(_) | Self::Trash(TrashCommand::Delete(_))
        )
    }

    /// As it is given.
    pub(crate) fn name(&self) -> &'static str {
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
