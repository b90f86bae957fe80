//! How a command fails: what to say, what to do next, and the exit code.

use std::fmt;

use anstyle::{AnsiColor, Style};
use sea_orm::{DbErr, SqlErr};
use serde::Serialize;

use super::{
    output::{Output, clean, say},
    view::{Conflicts, Parents},
};
use soft_delete_core::{ArchiveError, Error, engine_api::dialect::is_missing_privilege};
use soft_delete_schema::schema_api::similar::most_similar;

/// The exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Success = 0,
    /// Something was found, or it was refused.
    Refused = 1,
    NotUnderstood = 2,
    DatabaseFailed = 3,
    /// `doctor --check` found nothing worse.
    FoundAdvice = 10,
    FoundWarnings = 11,
    FoundErrors = 12,
}

impl Status {
    /// What JSON calls the failure.
    fn kind(self) -> &'static str {
        match self {
            Self::NotUnderstood => "not_understood",
            Self::DatabaseFailed => "database_failed",
            _ => "refused",
        }
    }
}

/// Why a command was not done.
#[derive(Debug)]
pub(super) struct Failure {
    status: Status,
    message: String,
    tip: Option<String>,
    /// What forbids a restore.
    parents: Parents,
    conflicts: Conflicts,
}

impl Failure {
    fn new(status: Status, message: impl fmt::Display) -> Self {
        Self {
            status,
            message: message.to_string(),
            tip: None,
            parents: Parents::default(),
            conflicts: Conflicts::default(),
        }
    }

    pub fn refused(message: impl fmt::Display) -> Self {
        Self::new(Status::Refused, message)
    }

    pub(super) fn usage_error(message: impl fmt::Display) -> Self {
        Self::new(Status::NotUnderstood, message)
    }

    pub(super) fn database(message: impl fmt::Display) -> Self {
        Self::new(Status::DatabaseFailed, message)
    }

    /// What to do next.
    pub(super) fn tip(mut self, tip: impl Into<String>) -> Self {
        self.tip = Some(tip.into());
        self
    }

    /// What forbids a restore.
    pub(super) fn forbidden(parents: Parents, conflicts: Conflicts) -> Self {
        let (message, tip) = if parents.is_empty() {
            (
                format!("unique values are taken:{conflicts}"),
                "change or delete the rows that have them, or pass `--on-conflict skip` or `--on-conflict replace`",
            )
        } else {
            let mut message = format!("a restored row can't be below a deleted one:{parents}");
            if !conflicts.is_empty() {
                message += &format!("\nand unique values are taken:{conflicts}");
            }
            (
                message,
                "restore the parent first, or pass `--with-parents`",
            )
        };
        Self {
            parents,
            conflicts,
            ..Self::refused(message).tip(tip)
        }
    }

    /// The same, with the row or line that it is about.
    pub(super) fn at(mut self, place: &str) -> Self {
        self.message = format!("{place}: {}", self.message);
        self
    }

    /// All that was refused, of so many rows.
    pub(super) fn of_several(refused: Vec<Self>, total: usize) -> Self {
        let mut message = format!(
            "nothing was changed, because {} of {total} rows failed:",
            refused.len()
        );
        let status = refused.iter().map(|failure| failure.status);
        let status = status.max_by_key(|status| *status as u8);
        let mut tips: Vec<String> = Vec::new();
        let (mut parents, mut conflicts) = (Parents::default(), Conflicts::default());
        for failure in refused {
            message += &format!("\n  {}", failure.message.replace('\n', "\n  "));
            tips.extend(failure.tip.filter(|tip| !tips.contains(tip)));
            parents.extend(failure.parents);
            conflicts.extend(failure.conflicts);
        }
        Self {
            status: status.unwrap_or(Status::Refused),
            message,
            tip: (!tips.is_empty()).then(|| tips.join("; ")),
            parents,
            conflicts,
        }
    }

    /// Writes the JSON document, if one is wanted.
    pub(super) fn write_document(&self, output: Output) {
        if output.json {
            // Whether anybody reads it no longer matters.
            let _ = output.json(&self.document());
        }
    }

    /// Tells the user, and gives the exit code.
    pub(super) fn report(&self, output: Output) -> Status {
        self.write_document(output);
        let red = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
        let green = Style::new().fg_color(Some(AnsiColor::Green.into()));
        say(&format!("{red}error:{red:#} {}", clean(&self.message)));
        if let Some(tip) = &self.tip {
            say(&format!("{green}  tip:{green:#} {tip}"));
        }
        self.status
    }

    fn document(&self) -> impl Serialize + '_ {
        #[derive(Serialize)]
        struct Document<'f> {
            error: Said<'f>,
        }
        #[derive(Serialize)]
        struct Said<'f> {
            kind: &'static str,
            exit_code: u8,
            message: &'f str,
            tip: Option<&'f str>,
            parents: &'f Parents,
            conflicts: &'f Conflicts,
        }
        Document {
            error: Said {
                kind: self.status.kind(),
                exit_code: self.status as u8,
                message: &self.message,
                tip: self.tip.as_deref(),
                parents: &self.parents,
                conflicts: &self.conflicts,
            },
        }
    }
}

/// The library's errors speak to programmers where they tell what to do next; these speak of options.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Conflict(conflict) => Self::forbidden(Parents::default(), (&conflict).into()),
            Error::ParentDeleted {
                parents, conflict, ..
            } => {
                Self::forbidden(parents.as_slice().into(), (&conflict).into())
            }
            Error::DeletionNotFound { id, .. } => {
                Self::refused(format!("no row carries the deletion id {id}"))
                    .tip("it was restored or purged since, or its entities have no `deletion_id`")
            }
            Error::NoEntities { .. } => {
                Self::usage_error("this program has no soft-deletable entities").tip(
                    "derive `SoftDelete`; a library that nothing refers to is not linked: say `use my_library as _;`",
                )
            }
            Error::UnknownTable {
                table,
                is_ambiguous: true,
                ..
            } => Self::usage_error(format!("there are several tables `{table}`"))
                .tip("name the schema too: `schema.table`"),
            Error::UnknownTable { table, tables, .. } => {
                unknown("table", &table, tables.iter().map(ToString::to_string))
            }
            Error::NotFound { .. }
            | Error::NotUpdated { .. }
            | Error::Restricted { .. }
            | Error::Referenced { .. }
            | Error::UndeclaredUnique { .. }
            | Error::Hook { .. } => Self::refused(error),
            Error::Contention(error) => {
                Self::database(format!("another transaction was in the way: {error}"))
                    .tip("try again")
            }
            Error::Db(error) => error.into(),
            Error::Schema(error) => Self::database(error),
            Error::Archive(error) => archive(&error),
            error => Self::usage_error(error),
        }
    }
}

impl From<DbErr> for Failure {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::ForeignKeyConstraintViolation(message)) => Self::refused(format!(
                "rows of another table still refer to it: {message}"
            ))
            .tip("remove those first"),
            _ if is_missing_privilege(&error) => {
                Self::database(error).tip("grant the user what it lacks, or connect as another one")
            }
            _ if lacks_something(&error) => Self::database(error)
                .tip("does the database have the entities' tables? `doctor` tells"),
            _ => Self::database(error),
        }
    }
}

/// Whether the database has no such table or column.
fn lacks_something(error: &DbErr) -> bool {
    let said = error.to_string();
    // PostgreSQL; MySQL and MariaDB; SQLite.
    let said = said.to_lowercase();
    [
        "does not exist",
        "doesn't exist",
        "unknown column",
        "no such table",
        "no such column",
    ]
    .iter()
    .any(|sign| said.contains(sign))
}

/// Whether it is that table that the database does not have.
pub(super) fn is_missing_table(error: &DbErr, table: &str) -> bool {
    lacks_something(error) && error.to_string().contains(table)
}

fn archive(error: &ArchiveError) -> Failure {
    match error {
        ArchiveError::Missing { table, .. } => {
            Failure::database(format!("the database has no archive table `{table}`"))
                .tip("`archive create` creates it; pass `--archive-table` if it has another name")
        }
        ArchiveError::ParentMissing { .. } => Failure::refused(error)
            .tip("`archive restore --deletion ID` puts back all that was deleted together"),
        error => Failure::refused(error),
    }
}

/// What is not there, and what may have been meant.
pub(super) fn unknown(what: &str, name: &str, names: impl Iterator<Item = String>) -> Failure {
    let names: Vec<_> = names.collect();
    let similar = most_similar(name, names.iter().map(String::as_str));
    Failure::usage_error(format!("there is no {what} `{name}` among the entities")).tip(
        match similar {
            Some(similar) => format!("did you mean `{similar}`?"),
            None => match names.as_slice() {
                [only] => format!("the only {what} is `{only}`"),
                names => format!("the {what}s are {}", names.join(", ")),
            },
        },
    )
}
