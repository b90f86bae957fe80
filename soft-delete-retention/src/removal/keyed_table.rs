//! The rows of a table by their primary key: conditions on them, and what is done to them.

use sea_orm::{
    QueryResult, Statement,
    sea_query::{DeleteStatement, Expr, Query, SelectStatement, UpdateStatement},
};

use super::Key;
use crate::dialect::Dialect;
use soft_delete_core::{
    EntityMeta, Error, Scope,
    engine_api::{
        only_taken,
        rows::{columns, iden, in_scope},
        value::{is_one_of, read_all, select_values},
    },
};
use soft_delete_schema::schema_api::catalog::Table;

/// The keys of rows to be removed, in statements.
pub(crate) const AFFECTED: &str = "soft_delete_taken";

/// A table whose rows are removed by their keys.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyedTable<'t> {
    pub(crate) dialect: &'static dyn Dialect,
    pub(crate) meta: &'t EntityMeta,
    /// As the database has it, unless it lacks it.
    pub(crate) table: Option<&'t Table>,
    /// Whether no two rows have the entity's primary key. A partitioned table's may have more columns.
    pub(crate) has_unique_key: bool,
}

impl KeyedTable<'_> {
    /// Selects the primary key, in types that can be read.
    pub(crate) fn select_keys(&self) -> SelectStatement {
        let mut select = Query::select();
        select.from(self.meta.table.to_ref());
        let backend = self.dialect.backend();
        select_values(&mut select, self.meta, &self.meta.primary_key, backend);
        select
    }

    pub(crate) fn read_key(&self, row: &QueryResult) -> Result<Key, Error> {
        read_all(row, self.meta, &self.meta.primary_key, "")
    }

    /// Whether a row has one of these keys.
    pub(crate) fn has_one_of<'k>(&self, keys: impl IntoIterator<Item = &'k Key>) -> Expr {
        let names = &self.meta.primary_key;
        let own = columns(self.meta, names);
        is_one_of(own, self.meta, names, keys, self.dialect.backend())
    }

    /// Whether a row is in the scope. Connections that guard the table let pass what says so.
    pub(crate) fn is_in(&self, scope: Scope) -> Expr {
        in_scope(self.meta, scope)
    }

    /// Removes the rows that meet a condition, which are locked.
    pub(crate) fn delete(&self, condition: Expr) -> DeleteStatement {
        Query::delete()
            .from_table(self.meta.table.to_ref())
            .and_where(condition)
            .to_owned()
    }

    /// The same by a join that begins with the keys, where the database would look at all rows of a small table instead, and lock
    /// them. SeaORM has no such statement, so that connections that see to privileges refuse it.
    ///
    /// ```sql
    /// DELETE post FROM (SELECT DISTINCT id FROM post WHERE id IN (?, …)) AS taken STRAIGHT_JOIN post ON post.id = taken.id
    /// ```
    pub(crate) fn delete_by_join(&self, condition: Expr) -> Option<Statement> {
        let (dialect, meta) = (self.dialect, self.meta);
        let key = match self.has_unique_key {
            true => meta.primary_key.clone(),
            false => self.table.map(Table::primary_key).unwrap_or_default(),
        };
        if !dialect.joins_deletes() || key.is_empty() {
            return None;
        }
        let affected = Query::select()
            .distinct()
            .exprs(columns(meta, &key))
            .from(meta.table.to_ref())
            .and_where(condition)
            .to_owned();
        let affected = dialect.backend().build(&affected);
        let name = dialect.quote_table(&meta.table);
        let own = |column: &str| format!("{name}.{}", dialect.quote(column));
        let pairs = key.iter().map(|key| {
            let of_affected = format!("{AFFECTED}.{}", dialect.quote(key));
            format!("{} = {of_affected}", own(key))
        });
        let sql = format!(
            "DELETE {name} FROM ({}) AS {AFFECTED} STRAIGHT_JOIN {name} ON {} WHERE ({} IS NULL OR TRUE)",
            affected.sql,
            pairs.collect::<Vec<_>>().join(" AND "),
            own(meta.stamp.marker_column()),
        );
        Some(Statement {
            sql,
            values: affected.values,
            db_backend: dialect.backend(),
        })
    }

    /// Sets columns to NULL in the rows of a scope that have one of these keys.
    pub(crate) fn set_null<'k>(
        &self,
        names: impl IntoIterator<Item = &'k String>,
        has_key: Expr,
        scope: Scope,
    ) -> UpdateStatement {
        let meta = self.meta;
        let mut update = Query::update();
        update.table(meta.table.to_ref());
        for name in names {
            update.value(iden(name), Expr::cust("NULL"));
        }
        let key = &meta.primary_key;
        let affected = Query::select()
            .distinct()
            .exprs(columns(meta, key))
            .from(meta.table.to_ref())
            .and_where(has_key)
            .and_where(self.is_in(scope))
            .to_owned();
        only_taken(
            &mut update,
            meta,
            key,
            affected,
            key,
            self.dialect.backend(),
        );
        update.and_where(self.is_in(scope)).to_owned()
    }
}
