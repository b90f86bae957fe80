//! What a request to a resource may say.

use schemars::JsonSchema;
use sea_orm::Value;
use serde::Deserialize;
use soft_delete::{ConflictPolicy, Restore};

use super::Resource;
use crate::{auth::Caller, problem::Problem, text::renamed};

/// Which page.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
pub struct Paging {
    /// Which page, from 1.
    #[serde(default = "first", deserialize_with = "page")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub page: u64,
    /// How many items a page has.
    #[serde(default = "twenty", deserialize_with = "per_page")]
    #[schemars(range(min = 1, max = 100))]
    pub per_page: u64,
}

/// What every list can be narrowed or widened by.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Listing {
    /// Deleted ones too. Only admins may.
    #[serde(default)]
    pub include_deleted: bool,
    /// A text in the title.
    #[schemars(length(max = 100), pattern(r"^[^\u0000]*$"))]
    pub q: Option<String>,
}

/// What to do where a restore meets a conflict.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RestoreOptions {
    pub on_conflict: Choice,
    /// Restores deleted parents too: themselves, not what else was deleted with them.
    pub with_parents: bool,
}

/// What to do about a unique value that another row has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Choice {
    /// Nothing is restored; the answer lists the conflicts.
    #[default]
    Fail,
    /// It stays deleted, and what is below it.
    Skip,
    /// The other one is deleted.
    Replace,
    /// It takes another name: `…-restored`.
    Rename,
}

impl RestoreOptions {
    pub fn apply<R: Resource>(self, restore: Restore<R>, caller: &Caller) -> Restore<R> {
        let restore = restore.by(caller.id).on_conflict(match self.on_conflict {
            Choice::Fail => ConflictPolicy::Fail,
            Choice::Skip => ConflictPolicy::Skip,
            Choice::Replace => ConflictPolicy::Replace,
            Choice::Rename => ConflictPolicy::rename(|row| {
                let values = row.values.iter().cloned();
                values
                    .map(|value| match value {
                        Value::String(Some(text)) => renamed(&text).into(),
                        other => other,
                    })
                    .collect()
            }),
        });
        if self.with_parents {
            restore.with_parents()
        } else {
            restore
        }
    }
}

/// Why something is deleted.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Reason {
    /// Why. It is shown in the trash.
    #[schemars(length(max = 500), pattern(r"^[^\u0000]*$"))]
    pub reason: Option<String>,
}

pub(super) fn check_text(name: &str, text: &str, max: usize) -> Result<(), Problem> {
    if text.chars().count() > max {
        return Err(Problem::invalid(
            name,
            format!("must have {max} characters at most"),
        ));
    }
    if text.contains('\0') {
        return Err(Problem::invalid(name, "must have no NUL character"));
    }
    Ok(())
}

fn first() -> u64 {
    1
}

fn twenty() -> u64 {
    20
}

fn page<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    within(deserializer, 1..=1_000_000)
}

fn per_page<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    within(deserializer, 1..=100)
}

fn within<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
    range: std::ops::RangeInclusive<u64>,
) -> Result<u64, D::Error> {
    let number = u64::deserialize(deserializer)?;
    if range.contains(&number) {
        return Ok(number);
    }
    let (min, max) = range.into_inner();
    Err(serde::de::Error::custom(format!(
        "must lie between {min} and {max}"
    )))
}
