//! What `archive` may be given.

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use uuid::Uuid;

use super::RemovalArgs;
use crate::time::point_in_time;

#[derive(Debug, Args)]
pub(crate) struct ArchiveTableArgs {
    /// The archive's table, if it is not called `soft_delete_archive`
    #[arg(long, value_name = "TABLE")]
    pub(crate) archive_table: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ArchiveCommand {
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
pub(crate) struct ArchiveExpireArgs {
    /// Archived before then: a time, or how long ago
    #[arg(long, value_name = "TIME", value_parser = point_in_time)]
    pub(crate) older_than: DateTime<Utc>,
    #[command(flatten)]
    pub(crate) removal: RemovalArgs,
    #[command(flatten)]
    pub(crate) archive: ArchiveTableArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ArchiveListArgs {
    /// Of this table alone
    pub(crate) table: Option<String>,
    /// Of this deletion alone
    #[arg(long, value_name = "ID")]
    pub(crate) deletion: Option<Uuid>,
    /// How many entries at most
    #[arg(long, value_name = "N", default_value_t = 50, allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) archive: ArchiveTableArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ArchiveRestoreArgs {
    /// The row's table
    #[arg(required_unless_present_any = ["entry", "deletion"], requires = "key")]
    pub(crate) table: Option<String>,
    /// Its primary key
    #[arg(allow_negative_numbers = true)]
    pub(crate) key: Vec<String>,
    /// The row of one entry, as `archive list` tells it
    #[arg(long, value_name = "N", conflicts_with_all = ["table", "deletion"])]
    pub(crate) entry: Option<i64>,
    /// All rows of a deletion
    #[arg(long, value_name = "ID", conflicts_with = "table")]
    pub(crate) deletion: Option<Uuid>,
    #[command(flatten)]
    pub(crate) archive: ArchiveTableArgs,
}
