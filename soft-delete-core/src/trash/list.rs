//! What is in the trash.

use std::{cmp::Reverse, sync::Arc};

use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, DbBackend, Order, Value,
    sea_query::{Expr, ExprTrait as _, Query, SelectStatement},
};

use super::{DeletionStamp, RowValue, Trash};
use crate::{
    engine::{
        active_view,
        cascade::{
            roots::taken_with_parent,
            rows::{column, in_scope_now},
            walk::count_rows,
        },
        value::{read_all, select_values},
    },
    model::{EntityMeta, Error, Scope, TableName, graph::Group},
};

/// How many items a page has if nothing is said.
const PAGE: u64 = 50;

impl Trash {
    /// Rows that were deleted themselves, and not along with a parent, of all tables, the newest first: see [`ListTrash`].
    pub fn list(&self) -> ListTrash {
        ListTrash {
            group: self.group.clone(),
            tables: (0..self.entities().len()).collect(),
            by: None,
            since: None,
            until: None,
            limit: PAGE,
            offset: 0,
        }
    }
}

/// A page of the trash: made by [`Trash::list`].
///
/// It is one statement for each table, which reads up to `offset + limit + 1` keys and stamps:
///
/// ```sql
/// SELECT id, deleted_at, … FROM comment
/// WHERE deleted_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM post WHERE … the same deletion …)
/// ORDER BY deleted_at DESC, id LIMIT 51
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is read until `exec(&db)` is awaited"]
pub struct ListTrash {
    group: Arc<Group>,
    /// The entities' places.
    tables: Vec<usize>,
    by: Option<Value>,
    since: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    limit: u64,
    offset: u64,
}

impl ListTrash {
    /// Only rows of this table.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownTable`].
    pub fn table(mut self, table: &str) -> Result<Self, Error> {
        let trash = Trash {
            group: self.group.clone(),
        };
        self.tables = vec![trash.place(table)?];
        Ok(self)
    }

    /// Only rows that this actor deleted. Tables without `deleted_by` have none.
    pub fn by(mut self, actor: impl Into<Value>) -> Self {
        self.by = Some(actor.into());
        self
    }

    /// Only rows deleted at that time or later.
    pub fn since(mut self, at: DateTime<Utc>) -> Self {
        self.since = Some(at);
        self
    }

    /// Only rows deleted before that time.
    pub fn until(mut self, at: DateTime<Utc>) -> Self {
        self.until = Some(at);
        self
    }

    /// How many items the page has at most: 50 if nothing is said.
    pub fn limit(mut self, items: u64) -> Self {
        self.limit = items;
        self
    }

    /// How many items come before the page.
    pub fn offset(mut self, items: u64) -> Self {
        self.offset = items;
        self
    }

    /// Reads the page. What was deleted at the same time is in the order of tables and keys, so that no page repeats an item of
    /// another.
    ///
    /// # Errors
    ///
    /// [`Error::Db`].
    pub async fn exec<C: ConnectionTrait>(&self, db: &C) -> Result<TrashPage, Error> {
        let backend = db.get_database_backend();
        let most = self.offset.saturating_add(self.limit).saturating_add(1);
        let mut items = Vec::new();
        for meta in self.searched() {
            let mut select = self.select(meta, backend);
            select_values(&mut select, meta, &meta.primary_key, backend);
            DeletionStamp::select(&mut select, meta, backend);
            select.order_by_expr(column(meta, &meta.stamp.deleted_at), Order::Desc);
            for name in &meta.primary_key {
                select.order_by_expr(column(meta, name), Order::Asc);
            }
            for row in db.query_all(select.limit(most)).await? {
                let key = read_all(&row, meta, &meta.primary_key, "")?;
                items.push(TrashItem {
                    table: meta.table.clone(),
                    key: key.into_iter().map(RowValue).collect(),
                    stamp: DeletionStamp::read(&row, meta)?,
                });
            }
        }
        if items.is_empty() {
            self.refuse_view(db).await?;
        }
        // Stable: each table's rows stay in their order. A time that can't be read comes first, as `infinity` does.
        items
            .sort_by_key(|item| Reverse(item.stamp.deleted_at.unwrap_or(DateTime::<Utc>::MAX_UTC)));
        let offset = usize::try_from(self.offset).unwrap_or(usize::MAX);
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let mut items = items.split_off(offset.min(items.len()));
        let more = items.len() > limit;
        items.truncate(limit);
        Ok(TrashPage { items, more })
    }

    /// How many items there are, on all pages.
    ///
    /// # Errors
    ///
    /// [`Error::Db`].
    pub async fn count<C: ConnectionTrait>(&self, db: &C) -> Result<u64, Error> {
        let mut items = 0;
        for meta in self.searched() {
            items += count_rows(db, self.select(meta, db.get_database_backend())).await?;
        }
        if items == 0 {
            self.refuse_view(db).await?;
        }
        Ok(items)
    }

    /// An empty trash is none where deleted rows can't be seen.
    async fn refuse_view<C: ConnectionTrait>(&self, db: &C) -> Result<(), Error> {
        match self.searched().next() {
            Some(meta) => active_view::refuse(db, meta).await,
            None => Ok(()),
        }
    }

    fn searched(&self) -> impl Iterator<Item = &EntityMeta> {
        let entities = self.tables.iter().map(|place| self.group.entity(*place));
        entities.filter(|meta| self.by.is_none() || meta.stamp.deleted_by.is_some())
    }

    /// Without columns.
    fn select(&self, meta: &EntityMeta, backend: DbBackend) -> SelectStatement {
        let stamp = &meta.stamp;
        let mut select = Query::select();
        select
            .from(meta.table.to_ref())
            .and_where(in_scope_now(meta, Scope::OnlyDeleted));
        for taken in taken_with_parent(meta, self.group.entities(), Some(backend)) {
            select.and_where(taken.not());
        }
        if let (Some(by), Some(name)) = (&self.by, &stamp.deleted_by) {
            select.and_where(column(meta, name).eq(by.clone()));
        }
        let time = |at| stamp.deleted_at_kind.value(at);
        let deleted_at = || column(meta, &stamp.deleted_at);
        if !stamp.has_time() && (self.since.is_some() || self.until.is_some()) {
            // It is not known when they were deleted.
            select.and_where(Expr::Constant(false.into()));
            return select;
        }
        if let Some(since) = self.since {
            select.and_where(deleted_at().gte(time(since)));
        }
        if let Some(until) = self.until {
            select.and_where(deleted_at().lt(time(until)));
        }
        select
    }
}

/// A page of the trash.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct TrashPage {
    /// The items, the newest first.
    pub items: Vec<TrashItem>,
    /// Whether more come after them.
    pub more: bool,
}

/// A row that was deleted itself.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct TrashItem {
    /// Its table.
    pub table: TableName,
    /// The values of its primary key.
    pub key: Vec<RowValue>,
    /// When it was deleted, by whom, and why.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub stamp: DeletionStamp,
}
