//! The tables that have a `deleted_at`, and how they are found by name.

use std::collections::{HashMap, HashSet};

use sqlparser::ast::Ident;

use super::{Dialect, names::Name, refused::Reason};

/// The tables to be scoped, built once.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// By name in lower case.
    by_name: HashMap<String, Vec<Table>>,
    /// Names that are no single run of word characters, in lower case: searched for instead of looked up.
    unusual: Vec<String>,
    /// The lengths of the names, a cheap first look.
    lengths: HashSet<usize>,
}

#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) schema: Option<String>,
    pub(crate) name: String,
    pub(crate) deleted_at: String,
}

impl Tables {
    /// No table.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a table: its schema if the registration has one, its name, and the name of its `deleted_at` column.
    #[must_use]
    pub fn with(mut self, schema: Option<&str>, name: &str, deleted_at: &str) -> Self {
        let lower = name.to_lowercase();
        if !name.bytes().all(|byte| byte.is_ascii() && is_word(byte)) {
            self.unusual.push(lower.clone());
        }
        self.lengths.insert(lower.len());
        self.by_name.entry(lower).or_default().push(Table {
            schema: schema.map(str::to_owned),
            name: name.to_owned(),
            deleted_at: deleted_at.to_owned(),
        });
        self
    }

    /// The first table whose name the text has anywhere, be it in a string or a comment.
    ///
    /// Where a name could hide (in an escape, or cut off by the database), some table is given without a look.
    pub(crate) fn spelled_in(&self, dialect: Dialect, sql: &str) -> Option<&str> {
        let any = self.by_name.keys().next()?;
        if !self.unusual.is_empty() {
            let lower = sql.to_lowercase();
            // A name with a quote or a backslash in it may be written in more than one way.
            let found = |name: &&String| {
                lower.contains(*name) || name.contains(['"', '`', '\'', '\\', '[', ']'])
            };
            if let Some(name) = self.unusual.iter().find(found) {
                return Some(name);
            }
        }
        let mut lower = String::new();
        for word in sql.as_bytes().split(|byte| !is_word(*byte)) {
            if dialect == Dialect::Postgres
                && word.len() > Name::POSTGRES_LENGTH
                && self.has_cut_names()
            {
                return Some(any);
            }
            if !self.lengths.contains(&word.len()) {
                continue;
            }
            lower.clear();
            lower.extend(word.iter().map(|byte| byte.to_ascii_lowercase() as char));
            if let Some((name, _)) = self.by_name.get_key_value(&lower) {
                return Some(name);
            }
        }
        let escapes =
            dialect == Dialect::Postgres && (sql.contains("U&\"") || sql.contains("u&\""));
        escapes.then_some(any)
    }

    /// Whether a table has this name, whatever its case and schema.
    pub(crate) fn is_name(&self, name: &str) -> bool {
        let may_be = !name.is_ascii() || self.lengths.contains(&name.len());
        may_be && self.by_name.contains_key(&name.to_lowercase())
            || (name.len() > Name::POSTGRES_LENGTH && self.has_cut_names())
    }

    /// Whether a name is so long that a longer one may mean it.
    fn has_cut_names(&self) -> bool {
        self.lengths
            .iter()
            .any(|length| *length >= Name::POSTGRES_LENGTH)
    }

    /// The table that the statement means.
    pub(crate) fn find(&self, dialect: Dialect, path: &[&Ident]) -> Result<Option<&Table>, Reason> {
        let Some((name, qualifiers)) = path.split_last() else {
            return Ok(None);
        };
        let wanted = Name::of(dialect, name);
        let schema = qualifiers.last().map(|schema| Name::of(dialect, schema));
        let candidates: Box<dyn Iterator<Item = &Table>> =
            if name.value.len() > Name::POSTGRES_LENGTH {
                Box::new(self.by_name.values().flatten())
            } else {
                Box::new(
                    self.by_name
                        .get(&name.value.to_lowercase())
                        .into_iter()
                        .flatten(),
                )
            };
        let mut matching = candidates.filter(|table| {
            wanted == Name::exact(dialect, &table.name)
                && match (&schema, &table.schema) {
                    (Some(schema), Some(own)) => *schema == Name::exact(dialect, own),
                    _ => true,
                }
        });
        let first = matching.next();
        match (first, matching.next()) {
            (Some(first), Some(other)) if other.deleted_at != first.deleted_at => {
                Err(Reason::Ambiguous(first.name.clone()))
            }
            _ => Ok(first),
        }
    }
}

/// Whether the byte may be part of an unquoted identifier, in any of the databases.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || !byte.is_ascii()
}
