//! Rewriting with a memory.

use std::{borrow::Cow, fmt, hash::Hash, sync::Arc};

use quick_cache::{Equivalent, Weighter, sync::Cache};

use super::{
    Dialect, Refused, Rows, Tables,
    edits::Edits,
    rewrite_scanned,
    scan::scan,
    shape::{Replay, shape},
};

/// Rewrites statements as [`rewrite`](crate::rewrite) does, and keeps what it has found out.
///
/// A statement that was rewritten before is found by its text. One that differs from it in its values alone is found by its shape:
/// in the numbers and strings behind comparisons, LIMIT and OFFSET, in the literals of an IN or of rows in VALUES and how many
/// there are, in comments before and behind it. The same edits are made to it, without reading it once more. What is refused is not
/// kept.
///
/// It can be shared by threads, and takes a bounded number of bytes: the least used go first.
///
/// ```
/// use soft_delete_rewrite::{Dialect, Rewriter, Rows, Tables};
///
/// # fn main() -> Result<(), soft_delete_rewrite::Refused> {
/// let rewriter = Rewriter::new(Tables::new().with(None, "post", "deleted_at"));
/// for ids in ["7", "7, 8, 9"] {
///     let sql = format!("SELECT title FROM post WHERE id IN ({ids})");
///     assert_eq!(
///         rewriter.rewrite(Dialect::Sqlite, &sql, Rows::Active)?,
///         format!(r#"SELECT title FROM post WHERE (id IN ({ids})) AND post."deleted_at" IS NULL"#),
///     );
/// }
/// # Ok(()) }
/// ```
pub struct Rewriter {
    tables: Tables,
    /// What is sent instead of a text, if it is another.
    texts: Cache<Key, Option<Arc<str>>, Bytes>,
    /// The edits of a shape.
    shapes: Cache<Key, Arc<Replay>, Bytes>,
}

impl Rewriter {
    /// How many bytes are kept, of texts and of shapes, if nothing else is said.
    const CAPACITY: u64 = 8 * 1024 * 1024;
    /// How many bytes a statement takes, about.
    const STATEMENT: u64 = 1024;

    /// Keeps up to 8 MiB of texts, and as much of shapes.
    pub fn new(tables: Tables) -> Self {
        Self::with_capacities(tables, Self::CAPACITY, Self::CAPACITY)
    }

    /// Keeps up to so many bytes of texts, and of shapes. What is longer than an eighth of that is not kept.
    pub fn with_capacities(tables: Tables, texts: u64, shapes: u64) -> Self {
        let statements = |bytes| usize::try_from(bytes / Self::STATEMENT).unwrap_or(usize::MAX);
        Self {
            tables,
            texts: Cache::with_weighter(statements(texts), texts, Bytes),
            shapes: Cache::with_weighter(statements(shapes), shapes, Bytes),
        }
    }

    /// The tables.
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// As [`rewrite`](crate::rewrite) does.
    ///
    /// # Errors
    ///
    /// Its own.
    pub fn rewrite<'s>(
        &self,
        dialect: Dialect,
        sql: &'s str,
        rows: Rows,
    ) -> Result<Cow<'s, str>, Refused> {
        let text = Wanted { dialect, rows, sql };
        if let Some(known) = self.texts.get(&text) {
            return Ok(match known {
                Some(rewritten) => Cow::Owned(String::from(&*rewritten)),
                None => Cow::Borrowed(sql),
            });
        }
        let Some(table) = self.tables.spelled_in(dialect, sql) else {
            return Ok(Cow::Borrowed(sql));
        };
        let rewritten = self
            .by_shape(&text)
            .map_err(|reason| Refused::new(reason, table))?;
        if (sql.len() as u64) < self.texts.capacity() / 8 {
            let kept = match &rewritten {
                Cow::Borrowed(_) => None,
                Cow::Owned(rewritten) => Some(rewritten.as_str().into()),
            };
            self.texts.insert(text.to_key(), kept);
        }
        Ok(rewritten)
    }

    fn by_shape<'s>(&self, text: &Wanted<'s>) -> Result<Cow<'s, str>, super::Reason> {
        let Wanted { dialect, rows, sql } = *text;
        let pieces = scan(dialect, sql);
        let shape = pieces
            .as_deref()
            .and_then(|pieces| Some((pieces, shape(sql, pieces, &self.tables)?)));
        let shape = shape.as_ref().map(|(pieces, sql)| {
            let shape = Wanted { dialect, rows, sql };
            (*pieces, shape)
        });
        if let Some((pieces, shape)) = &shape
            && let Some(replay) = self.shapes.get(shape)
            && let Some(edits) = replay.edits(pieces)
        {
            return Ok(edits.apply_to(sql));
        }
        let mut found = None;
        let rewritten = rewrite_scanned(
            dialect,
            sql,
            pieces.clone(),
            &self.tables,
            rows,
            |edits: &Edits| {
                found = shape
                    .as_ref()
                    .and_then(|(pieces, _)| Replay::of(edits, pieces));
            },
        )?;
        if let (Some((_, shape)), Some(replay)) = (shape, found)
            && (shape.sql.len() as u64) < self.shapes.capacity() / 8
        {
            self.shapes.insert(shape.to_key(), Arc::new(replay));
        }
        tracing::debug!(target: "soft_delete", sql, scoped = &*rewritten, "read a statement");
        Ok(rewritten)
    }
}

impl fmt::Debug for Rewriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rewriter")
            .field("tables", &self.tables)
            .field("texts", &self.texts.len())
            .field("shapes", &self.shapes.len())
            .finish()
    }
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    dialect: Dialect,
    rows: Rows,
    sql: Box<str>,
}

/// A [`Key`] that borrows its text.
#[derive(Hash)]
struct Wanted<'s> {
    dialect: Dialect,
    rows: Rows,
    sql: &'s str,
}

impl Wanted<'_> {
    fn to_key(&self) -> Key {
        Key {
            dialect: self.dialect,
            rows: self.rows,
            sql: self.sql.into(),
        }
    }
}

impl Equivalent<Key> for Wanted<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.dialect == key.dialect && self.rows == key.rows && *self.sql == *key.sql
    }
}

/// The bytes that a statement takes.
#[derive(Clone)]
struct Bytes;

impl Bytes {
    /// Of an entry of a cache beside its texts, about.
    const ENTRY: usize = 64;
}

impl Weighter<Key, Option<Arc<str>>> for Bytes {
    fn weight(&self, key: &Key, rewritten: &Option<Arc<str>>) -> u64 {
        let text = rewritten.as_ref().map_or(0, |sql| sql.len());
        (key.sql.len() + text + Self::ENTRY) as u64
    }
}

impl Weighter<Key, Arc<Replay>> for Bytes {
    fn weight(&self, key: &Key, replay: &Arc<Replay>) -> u64 {
        (key.sql.len() + replay.weight() + Self::ENTRY) as u64
    }
}
