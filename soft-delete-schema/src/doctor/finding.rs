//! One thing that is wrong.

use std::fmt;

use sea_orm::{ConnectionTrait, TransactionTrait};

use crate::{Change, change::exec_all};
use soft_delete_core::{Error, TableName};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Severity {
    /// It works, and would be safer otherwise.
    Advice,
    /// It works slowly, or with a surprise.
    Warning,
    /// It does not work, or loses what a user would expect to keep.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Advice => "advice",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// What was looked at. The [module](super) has them in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Check {
    /// The entity's table is not there.
    MissingTable,
    /// A column of the entity is not there.
    MissingColumn,
    /// A column of the stamp is something else.
    WrongColumn,
    /// `deleted_at` gets a value that no deletion wrote.
    ColumnDefault,
    /// `deleted_at` keeps no microseconds.
    CoarseTime,
    /// `deleted_at` is a TIMESTAMP of MySQL or MariaDB.
    TimeEnds,
    /// Values of `deleted_at` that are no time.
    UnreadableTime,
    /// Texts of `deleted_at` in more than one form, on SQLite.
    MixedTimes,
    /// The table has no primary key.
    NoPrimaryKey,
    /// The entity's primary key is not unique in the table.
    OtherPrimaryKey,
    /// A plain unique constraint.
    UniqueOfAllRows,
    /// A unique index with a nullable `deleted_at` in its key.
    UniqueOfNothing,
    /// A unique index with a flag in its key.
    UniqueWithFlag,
    /// No index enforces `#[soft_delete(unique)]`.
    MissingUnique,
    /// A unique index over an expression or under a condition, or an exclusion constraint, that the entity does not declare.
    UndeclaredUnique,
    /// Active rows with equal values in columns of `#[soft_delete(unique)]`.
    Collisions,
    /// A foreign key to columns that are not unique among all rows.
    PartialTarget,
    /// No index behind a foreign key.
    MissingForeignKeyIndex,
    /// ON DELETE CASCADE in the database.
    PhysicalCascade,
    /// A rule that sets a NOT NULL column to NULL.
    SetNullOfRequired,
    /// No index over `deleted_at`.
    MissingPurgeIndex,
    /// Active rows under deleted parents.
    Orphans,
    /// A schema of active rows is not as the tables are.
    ActiveSchema,
    /// A policy of row-level security, a rule or a trigger may keep a row from being marked.
    KeepsRows,
}

/// One thing that is wrong with a table.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Finding {
    severity: Severity,
    check: Check,
    table: TableName,
    problem: String,
    consequence: String,
    fix: Fix,
}

/// The fix.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Fix {
    /// Changes of the schema, in their order.
    Changes(Vec<Change>),
    /// What only people can decide or do, as a sentence.
    Manual(String),
}

impl Finding {
    pub(super) fn new(
        severity: Severity,
        check: Check,
        table: &TableName,
        problem: impl Into<String>,
        consequence: impl Into<String>,
        fix: impl Into<Fix>,
    ) -> Self {
        Self {
            severity,
            check,
            table: table.clone(),
            problem: problem.into(),
            consequence: consequence.into(),
            fix: fix.into(),
        }
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// What was looked at.
    pub fn check(&self) -> Check {
        self.check
    }

    /// The table.
    pub fn table(&self) -> &TableName {
        &self.table
    }

    /// What is wrong.
    pub fn problem(&self) -> &str {
        &self.problem
    }

    /// Why it matters.
    pub fn consequence(&self) -> &str {
        &self.consequence
    }

    /// The fix.
    pub fn fix(&self) -> &Fix {
        &self.fix
    }

    /// Makes the [changes](Fix::Changes) that fix it, and returns whether there were any: a [manual](Fix::Manual) fix is left
    /// to people.
    ///
    /// # Errors
    ///
    /// [`SchemaError::Refused`](soft_delete_core::SchemaError::Refused), for instance for a unique index that rows forbid, and
    /// [`SchemaError::Privilege`](soft_delete_core::SchemaError::Privilege).
    pub async fn apply<C>(&self, db: &C) -> Result<bool, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        match &self.fix {
            Fix::Changes(changes) => {
                exec_all(db, changes).await?;
                Ok(true)
            }
            Fix::Manual(_) => Ok(false),
        }
    }
}

impl From<Change> for Fix {
    fn from(change: Change) -> Self {
        Self::Changes(vec![change])
    }
}

impl From<Vec<Change>> for Fix {
    fn from(changes: Vec<Change>) -> Self {
        Self::Changes(changes)
    }
}

impl From<&str> for Fix {
    fn from(advice: &str) -> Self {
        Self::Manual(advice.to_owned())
    }
}

impl From<String> for Fix {
    fn from(advice: String) -> Self {
        Self::Manual(advice)
    }
}

/// The statements, each with a semicolon, or the sentence.
impl fmt::Display for Fix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Manual(advice) => f.write_str(advice),
            Self::Changes(changes) => {
                let statements: Vec<_> = changes.iter().flat_map(Change::statements).collect();
                let ended = statements.iter().map(|sql| match sql.strip_prefix("-- ") {
                    Some(_) => sql.clone(),
                    None => format!("{sql};"),
                });
                f.write_str(&ended.collect::<Vec<_>>().join("\n"))
            }
        }
    }
}

#[cfg(feature = "serde")]
mod serialized {
    use serde::{Serialize, Serializer, ser::SerializeStruct as _};

    use super::{Finding, Fix};

    impl Serialize for Finding {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut finding = serializer.serialize_struct("Finding", 6)?;
            finding.serialize_field("severity", &self.severity)?;
            finding.serialize_field("check", &self.check)?;
            finding.serialize_field("table", &self.table.to_string())?;
            finding.serialize_field("problem", &self.problem)?;
            finding.serialize_field("consequence", &self.consequence)?;
            finding.serialize_field("fix", &self.fix)?;
            finding.end()
        }
    }

    impl Serialize for Fix {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            match self {
                Fix::Changes(changes) => {
                    serializer.serialize_newtype_variant("Fix", 0, "changes", changes)
                }
                Fix::Manual(advice) => {
                    serializer.serialize_newtype_variant("Fix", 1, "manual", advice)
                }
            }
        }
    }
}
