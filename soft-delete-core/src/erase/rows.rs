//! The rows to erase, known by their primary keys, and conditions on them.

use std::collections::HashSet;

use sea_orm::{
    DbBackend, QueryResult, Value,
    sea_query::{Alias, Expr, ExprTrait as _, Query, SelectStatement, ValueTuple},
};

use crate::{
    EntityMeta, Error, Scope,
    archive::padded,
    backend,
    cascade::rows::{all, column, columns, iden, in_scope, in_select, row_value},
    schema::catalog::Table,
    value::{is_known, read_all},
};

/// How many keys one statement takes.
pub(super) const BATCH: usize = 1_000;

/// The values of a primary key.
pub(super) type Key = Vec<Value>;

/// Rows of one table.
#[derive(Debug)]
pub(super) struct Rows<'r> {
    pub(super) backend: DbBackend,
    pub(super) meta: &'r EntityMeta,
    /// As the database has it, unless it lacks it.
    pub(super) table: Option<&'r Table>,
    /// Level by level, as they were found.
    pub(super) levels: Vec<Vec<Key>>,
    seen: HashSet<String>,
}

impl<'r> Rows<'r> {
    pub(super) fn new(backend: DbBackend, meta: &'r EntityMeta, table: Option<&'r Table>) -> Self {
        Self {
            backend,
            meta,
            table,
            levels: Vec::new(),
            seen: HashSet::new(),
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

    /// Selects the primary key of the rows that meet a condition, and locks them.
    pub(super) fn select(&self, condition: Expr) -> SelectStatement {
        let mut select = Query::select();
        for name in &self.meta.primary_key {
            let key = column(self.meta, name);
            match self.cast_of(name) {
                Some(_) => select.expr_as(key.cast_as("text"), iden(name)),
                None => select.expr(key),
            };
        }
        select
            .from(self.meta.table.to_ref())
            .and_where(condition)
            .and_where(self.any_state());
        if backend::locks_rows(self.backend) {
            select.lock_exclusive();
        }
        select
    }

    pub(super) fn read(&self, rows: &[QueryResult]) -> Result<Vec<Key>, Error> {
        rows.iter()
            .map(|row| read_all(row, self.meta, &self.meta.primary_key, ""))
            .collect()
    }

    /// Active rows and deleted ones.
    pub(super) fn any_state(&self) -> Expr {
        in_scope(self.meta, Scope::WithDeleted)
    }

    /// Whether these columns of another table refer to one of these rows.
    pub(super) fn referred_by(
        &self,
        child: &EntityMeta,
        names: &[String],
        parent_columns: &[String],
        keys: &[Key],
    ) -> Expr {
        let parents = Query::select()
            .exprs(columns(self.meta, parent_columns))
            .from(self.meta.table.to_ref())
            .and_where(self.are(keys))
            .and_where(self.any_state())
            .to_owned();
        in_select(columns(child, names), parents)
    }

    /// Whether a row is one of these, a thousand at most.
    pub(super) fn are(&self, keys: &[Key]) -> Expr {
        let keys = padded(keys);
        let names = &self.meta.primary_key;
        let casts: Vec<_> = names.iter().map(|name| self.cast_of(name)).collect();
        let left = row_value(columns(self.meta, names));
        if casts.iter().any(Option::is_some) {
            let value = |(value, cast): (&Value, &Option<&str>)| match cast {
                Some(cast) => Expr::val(value.clone()).cast_as(Alias::new(*cast)),
                None => Expr::val(value.clone()),
            };
            let rows = keys
                .iter()
                .map(|key| row_value(key.iter().zip(&casts).map(value).collect()));
            return left.is_in(rows);
        }
        match names.len() {
            1 => left.is_in(keys.into_iter().flatten()),
            _ => left.in_tuples(keys.into_iter().map(ValueTuple::Many)),
        }
    }

    /// Whether a row has this key.
    pub(super) fn is(&self, key: &Key) -> Expr {
        let names = self.meta.primary_key.iter().zip(key);
        all(names.map(|(name, value)| column(self.meta, name).eq(value.clone())))
    }

    /// The type of a column whose values are read as text, where that has to be said.
    fn cast_of(&self, name: &str) -> Option<&str> {
        let column = self.meta.column(name)?;
        if self.backend != DbBackend::Postgres || is_known(&column.value_type) {
            return None;
        }
        let column = self.table?.column(name)?;
        Some(&column.type_name)
    }
}
