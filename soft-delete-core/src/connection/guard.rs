//! The tables that are scoped, and the statements that were read already.

use std::{fmt, sync::Arc};

use quick_cache::{Equivalent, Weighter, sync::Cache};
use sea_orm::DbBackend;

use super::rewrite::{Refused, Tables, rewrite};
use crate::model::{Error, Registry, Scope};

/// How many bytes of SQL are kept. A text longer than all of it is read each time.
const CAPACITY: u64 = 8 * 1024 * 1024;
/// How many statements that is, about.
const STATEMENTS: usize = 8 * 1024;

/// What all scoped connections of one registry share.
pub(crate) struct Guard {
    tables: Tables,
    /// Why no statement can be scoped.
    problem: Option<Error>,
    read: Cache<Key, Option<Arc<str>>, Bytes>,
}

impl Guard {
    pub(crate) fn of(registry: &Registry) -> Self {
        let tables = registry
            .markers()
            .fold(Tables::new(), |tables, (table, deleted_at)| {
                tables.with(table.schema.as_deref(), &table.name, deleted_at)
            });
        Self {
            tables,
            problem: registry.require_entities().err(),
            read: Cache::with_weighter(STATEMENTS, CAPACITY, Bytes),
        }
    }

    /// Whether it is known which tables are soft-deletable.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.problem.clone().map_or(Ok(()), Err)
    }

    /// The statement as it has to be sent, if that is not as it came.
    pub(crate) fn rewrite(
        &self,
        backend: DbBackend,
        sql: &str,
        scope: Scope,
    ) -> Result<Option<String>, Refused> {
        let wanted = Wanted {
            backend,
            scope,
            sql,
        };
        if let Some(known) = self.read.get(&wanted) {
            return Ok(known.as_deref().map(str::to_owned));
        }
        let rewritten: Option<Arc<str>> = match rewrite(backend, sql, &self.tables, scope)? {
            std::borrow::Cow::Borrowed(_) => None,
            std::borrow::Cow::Owned(sql) => Some(sql.into()),
        };
        tracing::debug!(
            target: "soft_delete",
            sql,
            scoped = rewritten.as_deref(),
            "read a statement"
        );
        let key = Key {
            backend,
            scope,
            sql: sql.into(),
        };
        self.read.insert(key, rewritten.clone());
        Ok(rewritten.as_deref().map(str::to_owned))
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard")
            .field("tables", &self.tables)
            .field("read", &self.read.len())
            .finish()
    }
}

#[derive(Clone, PartialEq, Eq)]
struct Key {
    backend: DbBackend,
    scope: Scope,
    sql: Box<str>,
}

/// A [`Key`] that borrows its text.
struct Wanted<'s> {
    backend: DbBackend,
    scope: Scope,
    sql: &'s str,
}

impl Equivalent<Key> for Wanted<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.backend == key.backend && self.scope == key.scope && *self.sql == *key.sql
    }
}

// The backend does not count: a program has many connections to one kind of database, not one to many kinds.
impl std::hash::Hash for Key {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (self.scope, &*self.sql).hash(state);
    }
}

impl std::hash::Hash for Wanted<'_> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (self.scope, self.sql).hash(state);
    }
}

/// The bytes that a statement takes.
#[derive(Clone)]
struct Bytes;

impl Weighter<Key, Option<Arc<str>>> for Bytes {
    fn weight(&self, key: &Key, rewritten: &Option<Arc<str>>) -> u64 {
        let text = key.sql.len() + rewritten.as_ref().map_or(0, |sql| sql.len());
        text as u64 + 64
    }
}
