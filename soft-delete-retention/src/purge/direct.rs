//! Batches of rows whose keys need not be known: the database finds and removes them in one statement.

use std::time::{Duration, Instant};

use sea_orm::{
    ConnectionTrait, Order, TransactionTrait,
    sea_query::{
        Alias, CommonTableExpression, DeleteStatement, Expr, ExprTrait as _, LockBehavior,
        LockType, Query, SelectStatement, WithClause,
    },
};

use super::{
    order::Cursor,
    passed::Refusal,
    run::{Run, Scan},
    statements::{TIME, is_untrue, skip_locked},
    tables::PurgeTable,
    throttle::pause,
};
use crate::{dialect::DirectRemoval, removal::AFFECTED};
use soft_delete_core::{
    Error, Scope,
    engine_api::{
        dialect::locks_rows,
        rows::{all, column, columns, iden, in_scope, in_select},
    },
};

impl<C> Run<'_, C>
where
    C: ConnectionTrait + TransactionTrait,
{
    /// Goes through a table as far as it can, and returns what is left to batches that know their keys.
    pub(super) async fn scan_directly(&mut self, mut scan: Scan) -> Result<Option<Scan>, Error> {
        let purge_table = &self.tables.all[scan.place];
        if !self.goes_directly(purge_table) {
            return Ok(Some(scan));
        }
        let mut is_cleared = purge_table.is_free().is_none() && purge_table.has_unique_key;
        while !self.throttle.is_over() {
            let size = self.throttle.size(1);
            let begun = Instant::now();
            let after = scan.after.as_ref();
            let removed = match self.remove_next(purge_table, after, size).await {
                Ok(removed) => removed,
                // Some rows may go, and others stay: that takes their keys.
                Err(error) if is_for_batches(&error) => {
                    self.wait_for_next(&scan).await;
                    return Ok(Some(scan));
                }
                Err(error) => return Err(error),
            };
            let rows = self.account(vec![(scan.place, removed.removed)]);
            self.throttle.after_batch(size, rows, begun.elapsed()).await;
            if removed.last.is_none() {
                break;
            }
            is_cleared &= removed.is_all;
            if is_cleared {
                self.cleared[scan.place].clone_from(&removed.last);
            }
            scan.after = removed.last;
        }
        Ok(None)
    }

    /// Removes the next rows.
    async fn remove_next(
        &self,
        purge_table: &PurgeTable<'_>,
        after: Option<&Cursor>,
        size: u64,
    ) -> Result<Removed, Error> {
        if self.dialect.direct_removal() == Some(DirectRemoval::ByPlace) {
            let remove = purge_table.select_removing_next(after, size);
            let Some(row) = self.db.query_one(&remove).await? else {
                return Ok(Removed::default());
            };
            let count = |name| row.try_get::<i64>("", name).map(i64::unsigned_abs);
            let (found, removed) = (count(FOUND)?, count(REMOVED)?);
            let last = (found >= size).then(|| purge_table.read_cursor(&row));
            return Ok(Removed {
                removed,
                last: last.transpose()?,
                is_all: removed == found,
            });
        }
        let last = purge_table.select_last(after, size);
        let last = self.db.query_one(&last).await?;
        let last = last.map(|row| purge_table.read_cursor(&row));
        let last = last.transpose()?;
        let delete = purge_table.delete_next(after, last.as_ref(), size);
        let removed = self.db.execute(&delete).await?.rows_affected();
        Ok(Removed {
            removed,
            last,
            is_all: removed >= size,
        })
    }

    /// Waits until a statement that failed has let go of its rows, but no longer than that can take: they may be another's.
    ///
    /// The driver returns an error as soon as the server tells it, which is before the server undoes the statement. A look from
    /// another connection would take the rows for another worker's and pass them over.
    pub(super) async fn wait_for_next(&self, scan: &Scan) {
        if !locks_rows(self.dialect.backend()) {
            return;
        }
        let purge_table = &self.tables.all[scan.place];
        let (after, filter) = (scan.after.as_ref(), scan.filter.as_ref());
        let mut next = purge_table.select_batch(after, filter, 1);
        next.lock_with_behavior(LockType::Update, LockBehavior::Nowait);
        for attempt in 0..5 {
            // Whatever else is wrong, the next batch tells.
            if self.db.query_one(&next).await.is_ok() {
                return;
            }
            pause(Duration::from_millis(10 << attempt)).await;
        }
    }

    /// Whether that is all there is to do for a row. Where a row's parent may be free then, its key is needed.
    fn goes_directly(&self, purge_table: &PurgeTable<'_>) -> bool {
        let is_enough = match self.dialect.direct_removal() {
            Some(DirectRemoval::ByPlace) => {
                purge_table.references.is_empty() && !purge_table.table.is_view
            }
            Some(DirectRemoval::UpToLast) => purge_table.has_unique_key,
            None => false,
        };
        is_enough && self.archive.is_none() && purge_table.parent_keys.is_empty()
    }
}

/// What one statement, or two, have removed.
#[derive(Default)]
struct Removed {
    removed: u64,
    /// The last of the rows, if there may be more.
    last: Option<Cursor>,
    /// Whether nothing before the last was left.
    is_all: bool,
}

/// Names in the statement that takes rows and tells the last.
const NEXT: &str = "soft_delete_next";
const GONE: &str = "soft_delete_gone";
const REMOVED: &str = "soft_delete_removed";
const FOUND: &str = "soft_delete_found";

/// Whether a batch that knows its keys may succeed where one statement has failed.
fn is_for_batches(error: &Error) -> bool {
    match error {
        Error::Contention(_) => true,
        Error::Db(error) => Refusal::of(error).is_some(),
        _ => false,
    }
}

impl PurgeTable<'_> {
    /// Finds the last of the next rows, if there are as many.
    fn select_last(&self, after: Option<&Cursor>, size: u64) -> SelectStatement {
        let mut select = self.select_keys();
        self.select_cursor(&mut select);
        self.narrow_to_next(&mut select, after, 1);
        select.offset(size - 1);
        select
    }

    /// Removes the next rows up to the last.
    ///
    /// ```sql
    /// WITH taken AS MATERIALIZED (
    ///     SELECT id FROM post WHERE deleted_at IS NOT NULL AND deleted_at <= ?
    ///     AND (deleted_at, id) > (?, ?) AND (deleted_at, id) <= (?, ?) ORDER BY deleted_at, id LIMIT 1000
    /// )
    /// DELETE FROM post WHERE id IN (SELECT id FROM taken) AND (deleted_at IS NULL OR TRUE)
    /// ```
    fn delete_next(
        &self,
        after: Option<&Cursor>,
        last: Option<&Cursor>,
        size: u64,
    ) -> DeleteStatement {
        let key = &self.meta.primary_key;
        let mut next = Query::select();
        next.exprs(columns(self.meta, key))
            .from(self.meta.table.to_ref());
        self.narrow_to_next(&mut next, after, size);
        next.and_where_option(last.map(|last| self.is_up_to(last)));
        let affected = Query::select()
            .columns(key.iter().map(|name| iden(name)))
            .from(AFFECTED)
            .to_owned();
        Query::delete()
            .from_table(self.meta.table.to_ref())
            .and_where(in_select(columns(self.meta, key), affected))
            .and_where(in_scope(self.meta, Scope::WithDeleted))
            .with_cte(
                WithClause::new()
                    .cte(materialized(AFFECTED, next))
                    .to_owned(),
            )
            .to_owned()
    }

    /// Finds the next rows, locks those that no other has locked, removes them, and tells how many it found and removed, and the last
    /// that it found.
    ///
    /// ```sql
    /// WITH next AS MATERIALIZED (SELECT deleted_at, id, ctid FROM post WHERE … ORDER BY deleted_at, id LIMIT 1000),
    /// taken AS MATERIALIZED (
    ///     SELECT ctid FROM post WHERE ctid = ANY (ARRAY(SELECT ctid FROM next)) AND CASE … END FOR UPDATE SKIP LOCKED
    /// ),
    /// gone AS (DELETE FROM post WHERE ctid = ANY (ARRAY(SELECT ctid FROM taken)) AND (deleted_at IS NULL OR TRUE) RETURNING 1)
    /// SELECT deleted_at, id, (SELECT COUNT(*) FROM next), (SELECT COUNT(*) FROM gone) FROM next
    /// ORDER BY deleted_at DESC, id DESC LIMIT 1
    /// ```
    ///
    /// What is not materialized may run again, and take other rows. PostgreSQL has a row fastest by its place in the file. A row is
    /// not to be looked for by its time then: where the statistics don't know yet that rows are deleted, all of them would be read by
    /// the purge index. Once it is locked, nothing more need be said of it.
    fn select_removing_next(&self, after: Option<&Cursor>, size: u64) -> SelectStatement {
        let ordered = |place: usize| Alias::new(format!("{NEXT}_{place}"));
        let mut next = self.select_keys();
        self.select_cursor(&mut next);
        next.exprs(self.places());
        // Keys may be selected as text, whose order is another one.
        for (place, name) in self.order.iter().enumerate() {
            next.expr_as(column(self.meta, name), ordered(place));
        }
        self.narrow_to_next(&mut next, after, size);
        let may_go = [self.is_expired()].into_iter().chain(self.is_free());
        let mut affected = Query::select();
        affected
            .exprs(self.places())
            .from(self.meta.table.to_ref())
            .and_where(self.is_at(NEXT))
            .and_where(is_untrue(all(may_go)).not());
        skip_locked(&mut affected, self.dialect);
        let mut gone = Query::delete();
        gone.from_table(self.meta.table.to_ref())
            .and_where(self.is_at(AFFECTED))
            .and_where(in_scope(self.meta, Scope::WithDeleted))
            .returning(Query::returning().expr(Expr::cust("1")));
        let mut removed = CommonTableExpression::new();
        removed.table_name(GONE).query(gone);
        let with = WithClause::new()
            .cte(materialized(NEXT, next))
            .cte(materialized(AFFECTED, affected))
            .cte(removed)
            .to_owned();
        let count = |table: &'static str| {
            let count = Query::select()
                .expr(Expr::cust("COUNT(*)"))
                .from(table)
                .to_owned();
            Expr::SubQuery(None, Box::new(count.into()))
        };
        let mut select = Query::select();
        select
            .columns(self.meta.primary_key.iter().map(|name| iden(name)))
            .expr_as(count(NEXT), FOUND)
            .expr_as(count(GONE), REMOVED)
            .from(NEXT)
            .limit(1)
            .with_cte(with);
        if self.is_by_time() {
            select.column(TIME);
        }
        for place in 0..self.order.len() {
            select.order_by(ordered(place), Order::Desc);
        }
        select
    }

    /// Where PostgreSQL has a row. Each partition of a table is a file, with the same places.
    fn places(&self) -> Vec<Expr> {
        let names: &[&str] = match self.table.has_parts {
            true => &["tableoid", "ctid"],
            false => &["ctid"],
        };
        names.iter().map(|name| column(self.meta, name)).collect()
    }

    /// Whether a row's place is one of those that a query has.
    ///
    /// By an array, PostgreSQL reads each page once. It would look for each place in each partition.
    fn is_at(&self, places: &'static str) -> Expr {
        let mut select = Query::select();
        select.from(places);
        if self.table.has_parts {
            let select = select.columns(["tableoid", "ctid"]).to_owned();
            return in_select(self.places(), select);
        }
        let select = select.column("ctid").to_owned();
        let select = Expr::SubQuery(None, Box::new(select.into()));
        Expr::cust_with_exprs("$1 = ANY (ARRAY $2)", [column(self.meta, "ctid"), select])
    }
}

fn materialized(name: &'static str, query: SelectStatement) -> CommonTableExpression {
    let mut table = CommonTableExpression::new();
    table.table_name(name).query(query).materialized(true);
    table
}
