//! Primary keys, shown and given.

use std::fmt;

use sea_orm::Value;
use serde::Serialize;

use super::{failure::Failure, value::parse};
use soft_delete_core::{EntityMeta, RowValue};

/// A primary key, shown as the command line takes it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub(super) struct Key(Vec<RowValue>);

impl Key {
    pub(super) fn new(values: Vec<Value>) -> Self {
        Self(values.into_iter().map(RowValue).collect())
    }

    /// Reads a key as the command line gives it: one value for each column, or one text with a comma between them.
    pub(super) fn parse(meta: &EntityMeta, given: &[String]) -> Result<Self, Failure> {
        let names = &meta.primary_key;
        let parts: Vec<&str> = match given {
            [one] if names.len() > 1 => one.split(',').collect(),
            given => given.iter().map(String::as_str).collect(),
        };
        Self::of_texts(meta, &parts)
    }

    /// Reads a key from its values, one for each column.
    pub(super) fn of_texts(meta: &EntityMeta, parts: &[impl AsRef<str>]) -> Result<Self, Failure> {
        let names = &meta.primary_key;
        let wanted = || {
            format!(
                "the primary key of `{}` is ({})",
                meta.table,
                names.join(", ")
            )
        };
        if parts.len() != names.len() {
            let message = format!("{}: {} given", wanted(), values(parts.len()));
            return Err(Failure::usage_error(message).tip(format!(
                "give {}, with a comma or a space between them",
                values(names.len())
            )));
        }
        let mut key = Vec::with_capacity(names.len());
        for (name, part) in names.iter().zip(parts) {
            let part = part.as_ref();
            let column = meta.column(name).ok_or_else(|| {
                Failure::usage_error(format!("{}, and the entity has no such column", wanted()))
            })?;
            let value = parse(column, part).map_err(|form| {
                Failure::usage_error(format!("`{part}` is not a key of `{}`", meta.table))
                    .tip(format!("`{name}` is {form}"))
            })?;
            key.push(value);
        }
        Ok(Self::new(key))
    }

    /// Its values, as the command line takes them.
    pub(super) fn texts(&self) -> Vec<String> {
        self.0.iter().map(RowValue::text).collect()
    }

    /// Its values, as the library takes them.
    pub(super) fn values(&self) -> Vec<Value> {
        self.0.iter().map(|value| value.0.clone()).collect()
    }
}

impl From<Vec<RowValue>> for Key {
    fn from(values: Vec<RowValue>) -> Self {
        Self(values)
    }
}

fn values(count: usize) -> String {
    match count {
        1 => "1 value".to_owned(),
        count => format!("{count} values"),
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = self.texts();
        let has_comma = values.iter().any(|value| value.contains(','));
        f.write_str(&values.join(if has_comma { " " } else { "," }))
    }
}
