//! The order in which the rows of a table are gone through, and how far a purge has come in it.

use sea_orm::{
    DbErr, Order, QueryResult, Value,
    sea_query::{Expr, ExprTrait as _, SelectStatement},
};

use super::{statements::TIME, tables::PurgeTable};
use crate::removal::Key;
use soft_delete_core::{
    EntityMeta, Error,
    engine_api::{
        rows::{all, any, column, row_value},
        value::{bind, read_all},
    },
};
use soft_delete_schema::schema_api::{catalog::Table, index};

/// The place that a purge has come to: the values of the columns that the rows are ordered by.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cursor(Vec<Value>);

/// The columns that the rows are ordered by: the time of deletion and the primary key, the oldest first.
///
/// Without an index that has the deleted rows in that order, each batch would read and sort the whole table. By an index over
/// the primary key, all batches together read it once.
pub(super) fn order_of(meta: &EntityMeta, table: &Table) -> Vec<String> {
    let deleted_at = &meta.stamp.deleted_at;
    let key = &meta.primary_key;
    let by_time = || std::iter::once(deleted_at).chain(key).cloned().collect();
    let mut indexes = table.indexes.iter();
    if indexes
        .clone()
        .any(|found| index::leads_to_deleted(table, found, deleted_at))
    {
        return by_time();
    }
    let by_key = indexes.find_map(|found| {
        let covers_all = found.valid && found.predicate.is_none() && !found.has_expressions();
        let first: Vec<_> = found.columns().take(key.len()).collect();
        (covers_all && table.same_columns(first.iter().copied(), key)).then_some(first)
    });
    match by_key {
        // As the entity spells them.
        Some(first) => {
            let names = first.iter().filter_map(|name| {
                let mut own = key.iter();
                own.find(|own| table.same_column(own, name)).cloned()
            });
            names.collect()
        }
        None => by_time(),
    }
}

impl PurgeTable<'_> {
    pub(super) fn is_by_time(&self) -> bool {
        self.order.first() == Some(&self.meta.stamp.deleted_at)
    }

    fn keeps_time_as_text(&self) -> bool {
        self.dialect.stores_times_as_text() && !self.meta.stamp.deleted_at_kind.is_integer()
    }

    /// Selects beside the key what [`read_cursor`](Self::read_cursor) reads.
    pub(super) fn select_cursor(&self, select: &mut SelectStatement) {
        if !self.is_by_time() {
            return;
        }
        let time = column(self.meta, &self.meta.stamp.deleted_at);
        let time = match self.keeps_time_as_text() {
            true => time.cast_as("text"),
            false => time,
        };
        select.expr_as(time, TIME);
    }

    /// Leaves a SELECT the next rows, in their order.
    pub(super) fn order_after(
        &self,
        select: &mut SelectStatement,
        after: Option<&Cursor>,
        limit: u64,
    ) {
        select
            .and_where_option(after.map(|after| self.is_after(after)))
            .limit(limit);
        for name in &self.order {
            select.order_by_expr(column(self.meta, name), Order::Asc);
        }
    }

    pub(super) fn read_cursor(&self, row: &QueryResult) -> Result<Cursor, Error> {
        let key = match self.is_by_time() {
            true => &self.order[1..],
            false => &self.order,
        };
        let mut values: Key = read_all(row, self.meta, key, "")?;
        if self.is_by_time() {
            values.insert(0, self.read_time(row)?);
        }
        Ok(Cursor(values))
    }

    fn read_time(&self, row: &QueryResult) -> Result<Value, Error> {
        if self.keeps_time_as_text() {
            return Ok(row.try_get::<String>("", TIME)?.into());
        }
        let kind = self.meta.stamp.deleted_at_kind;
        let time = kind.read(row, TIME)?;
        let time = time.ok_or_else(|| {
            DbErr::Type(format!(
                "the `{}` of a deleted row of `{}` can't be read as a time",
                self.meta.stamp.deleted_at, self.meta.table
            ))
        })?;
        Ok(kind.value(time))
    }

    /// Whether a row comes after that place: `(deleted_at, id) > ($1, $2)`. It is
    /// spelled out where only that goes by an index.
    pub(super) fn is_after(&self, cursor: &Cursor) -> Expr {
        let pairs = self.pairs(cursor);
        if let [(column, value)] = pairs.as_slice() {
            return column.clone().gt(value.clone());
        }
        if !self.dialect.compares_rows_by_index() {
            return any((0..pairs.len()).map(|last| {
                let (column, value) = &pairs[last];
                let before = pairs[..last].iter();
                let before = before.map(|(column, value)| column.clone().eq(value.clone()));
                all(before.chain([column.clone().gt(value.clone())]))
            }));
        }
        let (columns, values): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        Expr::tuple(columns).gt(Expr::tuple(values))
    }

    /// Whether a row comes no later than that place. Where it is a comparison of rows, an index ends the search.
    pub(super) fn is_up_to(&self, cursor: &Cursor) -> Expr {
        if !self.dialect.compares_rows_by_index() {
            return self.is_after(cursor).not();
        }
        let (columns, values) = self.pairs(cursor).into_iter().unzip();
        row_value(columns).lte(row_value(values))
    }

    fn pairs(&self, cursor: &Cursor) -> Vec<(Expr, Expr)> {
        let pairs = self.order.iter().zip(&cursor.0);
        let pair = |(name, value): (&String, &Value)| {
            let value = bind(self.meta, name, value, self.dialect.backend());
            (column(self.meta, name), value)
        };
        pairs.map(pair).collect()
    }
}
