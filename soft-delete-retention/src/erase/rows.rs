//! The rows to erase, known by their primary keys, and conditions on them.

use std::collections::HashSet;

use sea_orm::{
    QueryResult,
    sea_query::{Expr, ExprTrait as _, Query, SelectStatement},
};

use crate::{
    dialect::Dialect,
    removal::{Key, KeyedTable, padded},
};
use soft_delete_core::{
    EntityMeta, Error, ForeignKeyMeta, Scope,
    engine_api::{
        dialect::{locks_rows, sees_latest_by_locking},
        rows::{columns, in_scope, in_select},
        value::equals,
    },
};
use soft_delete_schema::schema_api::catalog::Table;

/// Rows of one table.
#[derive(Debug)]
pub(super) struct Rows<'r> {
    pub(super) dialect: &'static dyn Dialect,
    pub(super) meta: &'r EntityMeta,
    /// As the database has it, unless it lacks it.
    pub(super) table: Option<&'r Table>,
    /// Level by level, as they were found.
    pub(super) levels: Vec<Vec<Key>>,
    seen: HashSet<String>,
    /// Whether rows that are read are locked: a plan locks nothing.
    pub(super) locks: bool,
}

impl<'r> Rows<'r> {
    pub(super) fn new(
        dialect: &'static dyn Dialect,
        meta: &'r EntityMeta,
        table: Option<&'r Table>,
        locks: bool,
    ) -> Self {
        Self {
            dialect,
            meta,
            table,
            levels: Vec::new(),
            seen: HashSet::new(),
            locks,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    pub(super) fn has(&self, key: &Key) -> bool {
        self.seen.contains(&format!("{key:?}"))
    }

    /// Takes the rows in that are new, and gives them back.
    pub(super) fn add(&mut self, level: usize, keys: Vec<Key>) -> Vec<Key> {
        let new: Vec<_> = keys
            .into_iter()
            .filter(|key| self.seen.insert(format!("{key:?}")))
            .collect();
        if !new.is_empty() {
            self.levels
                .resize(self.levels.len().max(level + 1), Vec::new());
            self.levels[level].extend(new.iter().cloned());
        }
        new
    }

    pub(super) fn keys(&self) -> Vec<Key> {
        self.levels.iter().flatten().cloned().collect()
    }

    /// Selects the primary key of the rows that meet a condition, and locks them unless it is for a plan.
    pub(super) fn select(&self, condition: Expr) -> SelectStatement {
        let mut select = self.keyed().select_keys();
        select.and_where(condition).and_where(self.any_state());
        if self.locks && locks_rows(self.dialect.backend()) {
            select.lock_exclusive();
        }
        select
    }

    /// Whether each query has to lock to see what others have committed.
    pub(super) fn sees_latest_by_locking(&self) -> bool {
        self.locks && sees_latest_by_locking(self.dialect.backend())
    }

    pub(super) fn read(&self, rows: &[QueryResult]) -> Result<Vec<Key>, Error> {
        rows.iter().map(|row| self.keyed().read_key(row)).collect()
    }

    /// Active rows and deleted ones.
    pub(super) fn any_state(&self) -> Expr {
        in_scope(self.meta, Scope::WithDeleted)
    }

    /// Whether a row of another table refers to one of these rows by a key.
    pub(super) fn referred_by(
        &self,
        child: &EntityMeta,
        key: &ForeignKeyMeta,
        keys: &[Key],
    ) -> Expr {
        let mut parents = Query::select();
        parents
            .exprs(columns(self.meta, &key.matching_parent()))
            .from(self.meta.table.to_ref())
            .and_where(self.are(keys))
            .and_where(self.any_state())
            .and_where_option(key.condition_on_parent(self.meta.table.to_iden()));
        if self.sees_latest_by_locking() {
            // The lock of a statement is not that of a query in it.
            parents.lock_exclusive();
        }
        let refers = in_select(columns(child, &key.matching()), parents);
        match key.condition_on_child(child.table.to_iden()) {
            Some(condition) => refers.and(condition),
            None => refers,
        }
    }

    /// Whether a row is one of these, a thousand at most.
    pub(super) fn are(&self, keys: &[Key]) -> Expr {
        self.keyed().has_one_of(&padded(keys))
    }

    pub(super) fn keyed(&self) -> KeyedTable<'r> {
        let is_unique = |table: &Table| table.keeps_unique(&self.meta.primary_key);
        KeyedTable {
            dialect: self.dialect,
            meta: self.meta,
            table: self.table,
            has_unique_key: self.table.is_some_and(is_unique),
        }
    }

    /// Whether a row has this key.
    pub(super) fn is(&self, key: &Key) -> Expr {
        equals(
            self.meta,
            &self.meta.primary_key,
            key,
            self.dialect.backend(),
        )
    }
}
