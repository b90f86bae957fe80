//! What `trash` may be given, and how rows are named and restored.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand, ValueEnum};

use super::RemovalArgs;
use crate::time::point_in_time;

#[derive(Debug, Subcommand)]
pub(crate) enum TrashCommand {
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
pub(crate) struct ListArgs {
    /// Of this table alone
    pub(crate) table: Option<String>,
    /// Of all tables, which is so if none is named
    #[arg(long, conflicts_with = "table")]
    pub(crate) all_tables: bool,
    /// Deleted by them: a value of `deleted_by`
    #[arg(long, value_name = "ACTOR", allow_negative_numbers = true)]
    pub(crate) by: Option<String>,
    /// Deleted then or later
    #[arg(long, value_name = "TIME", value_parser = point_in_time)]
    pub(crate) since: Option<DateTime<Utc>>,
    /// Deleted before then
    #[arg(long, value_name = "TIME", value_parser = point_in_time)]
    pub(crate) until: Option<DateTime<Utc>>,
    /// How many rows at most
    #[arg(long, value_name = "N", default_value_t = 50, allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
}

#[derive(Debug, Args)]
pub(crate) struct RowArgs {
    /// The row's table
    pub(crate) table: String,
    /// Its primary key
    #[arg(required = true, allow_negative_numbers = true)]
    pub(crate) key: Vec<String>,
}

/// One row or several.
#[derive(Debug, Args)]
pub(crate) struct RowsArgs {
    /// The rows' table
    pub(crate) table: String,
    /// Their primary keys; of several columns `1,2`, or as JSON `[1,2]`
    #[arg(
        required_unless_present = "from_file",
        conflicts_with = "from_file",
        allow_negative_numbers = true
    )]
    pub(crate) key: Vec<String>,
    /// Read the keys from a file, one on each line; `-` is the input
    #[arg(long, value_name = "FILE")]
    pub(crate) from_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    #[command(flatten)]
    pub(crate) rows: RowsArgs,
    #[command(flatten)]
    pub(crate) options: RestoreOptions,
}

/// How rows are restored.
#[derive(Debug, Args)]
pub(crate) struct RestoreOptions {
    /// Restore deleted parents too, themselves only
    #[arg(long)]
    pub(crate) with_parents: bool,
    /// What to do where an active row has a unique value of a restored one
    #[arg(long, value_enum, default_value = "fail", value_name = "WHAT")]
    pub(crate) on_conflict: OnConflict,
    /// Only tell what would happen
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum OnConflict {
    /// Restore nothing
    Fail,
    /// Leave the row deleted, and what is below it
    Skip,
    /// Delete the active row, as a deletion of its own
    Replace,
}

#[derive(Debug, Args)]
pub(crate) struct DeleteTrashedArgs {
    #[command(flatten)]
    pub(crate) rows: RowsArgs,
    #[command(flatten)]
    pub(crate) removal: RemovalArgs,
}
