//! The tables that have a `deleted_at`, and how they are found by name.

use std::collections::{BTreeMap, HashSet};

use sqlparser::ast::Ident;

use super::{Active, Dialect, names::Name, refused::Reason};

/// The tables to be scoped, built once.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// By name in lower case.
    by_name: BTreeMap<String, Vec<Table>>,
    /// Names that are no single run of word characters, in lower case: searched for instead of looked up.
    unusual: Vec<String>,
    /// The names of their columns, in lower case.
    columns: HashSet<String>,
    /// Whether a table has another value than NULL in active rows.
    has_values: bool,
    /// A cheap first look at whether a word may be a name.
    look: FirstLook,
}

/// The lengths of the names, and what they begin with.
#[derive(Clone, Copy, Debug, Default)]
struct FirstLook {
    /// A bit for each length, and the last for all that are longer.
    lengths: u64,
    /// A bit for each letter, and one for all other characters.
    letters: u32,
}

impl FirstLook {
    fn add(&mut self, name: &str) {
        self.lengths |= Self::length(name.len());
        self.letters |= Self::letter(name.as_bytes());
    }

    fn may_be(self, word: &[u8]) -> bool {
        self.lengths & Self::length(word.len()) != 0 && self.letters & Self::letter(word) != 0
    }

    fn length(length: usize) -> u64 {
        1 << length.min(63)
    }

    fn letter(name: &[u8]) -> u32 {
        match name.first() {
            Some(first) if first.is_ascii_alphabetic() => 1 << (first.to_ascii_lowercase() - b'a'),
            _ => 1 << 26,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) schema: Option<String>,
    pub(crate) name: String,
    pub(crate) deleted_at: String,
    pub(crate) active: Active,
}

impl Tables {
    /// No table.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a table: its schema if the registration has one, its name, and the name of its `deleted_at` column.
    #[must_use]
    pub fn with(self, schema: Option<&str>, name: &str, deleted_at: &str) -> Self {
        self.with_marker(schema, name, deleted_at, Active::null())
    }

    /// Adds a table whose deleted rows are told by another value of a column than active rows have there.
    ///
    /// ```
    /// use soft_delete_rewrite::{Active, Dialect, Rows, Tables, rewrite};
    ///
    /// # fn main() -> Result<(), soft_delete_rewrite::Refused> {
    /// let tables = Tables::new().with_marker(None, "post", "is_deleted", Active::false_());
    /// assert_eq!(
    ///     rewrite(Dialect::Postgres, "SELECT title FROM post", &tables, Rows::Active)?,
    ///     r#"SELECT title FROM post WHERE post."is_deleted" = FALSE"#,
    /// );
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn with_marker(
        mut self,
        schema: Option<&str>,
        name: &str,
        deleted_at: &str,
        active: Active,
    ) -> Self {
        let lower = name.to_lowercase();
        if !name.bytes().all(|byte| byte.is_ascii() && is_word(byte)) {
            self.unusual.push(lower.clone());
        }
        self.look.add(&lower);
        self.has_values |= !active.is_null();
        self.columns.insert(deleted_at.to_lowercase());
        self.by_name.entry(lower).or_default().push(Table {
            schema: schema.map(str::to_owned),
            name: name.to_owned(),
            deleted_at: deleted_at.to_owned(),
            active,
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
            if !self.look.may_be(word) {
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

    /// Whether a value that a marker is compared with may tell active rows from deleted ones.
    pub(crate) fn has_values(&self) -> bool {
        self.has_values
    }

    /// Whether a table has this name, whatever its case and schema.
    pub(crate) fn is_name(&self, name: &str) -> bool {
        let may_be = !name.is_ascii() || self.look.may_be(name.as_bytes());
        may_be && self.by_name.contains_key(&name.to_lowercase())
            || (name.len() > Name::POSTGRES_LENGTH && self.has_cut_names())
    }

    /// Whether a name is so long that a longer one may mean it.
    fn has_cut_names(&self) -> bool {
        // The last bit.
        self.look.lengths >> Name::POSTGRES_LENGTH != 0
    }

    /// Whether the text is the name of a table or of a column of theirs, whatever its case.
    pub(crate) fn has_word(&self, text: &str) -> bool {
        self.is_name(text) || self.columns.contains(&text.to_lowercase())
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
            (Some(first), Some(other))
                if other.deleted_at != first.deleted_at || other.active != first.active =>
            {
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
