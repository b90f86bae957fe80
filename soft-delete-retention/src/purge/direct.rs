//! Batches of rows whose keys need not be known: the database finds and removes them in one statement.

use std::time::{Duration, Instant};

use sea_orm::{
    ConnectionTrait, DbBackend, Order, TransactionTrait,
    sea_query::{
        Alias, CommonTableExpression, DeleteStatement, Expr, LockBehavior, LockType, Query,
        SelectStatement, WithClause,
    },
};

use super::{
    order::Cursor,
    pace::pause,
    passed::Refusal,
    run::{Run, Sweep},
    statements::{TAKEN, skip_locked},
    subject::Subject,
};
use soft_delete_core::{
    Error, Scope,
    engine_api::{
        dialect,
        rows::{column, iden, in_scope, in_select},
    },
};

impl<C> Run<'_, C>
where
    C: ConnectionTrait + TransactionTrait,
{
    /// Goes through a table as far as it can, and returns what is left to batches that know their keys.
    pub(super) async fn sweep_directly(
        &mut self,
        mut sweep: Sweep,
    ) -> Result<Option<Sweep>, Error> {
        let subject = &self.subjects.all[sweep.place];
        if !self.goes_directly(subject) {
            return Ok(Some(sweep));
        }
        let mut is_cleared = subject.is_free().is_none() && subject.has_unique_key;
        while !self.pace.is_over() {
            let size = self.pace.size(1);
            let begun = Instant::now();
            let after = sweep.after.as_ref();
            let taken = match self.take(subject, after, size).await {
                Ok(taken) => taken,
                // Some rows may go, and others stay: that takes their keys.
                Err(error) if is_for_batches(&error) => {
                    self.wait_for_next(&sweep).await;
                    return Ok(Some(sweep));
                }
                Err(error) => return Err(error),
            };
            let rows = self.account(vec![(sweep.place, taken.removed)]);
            self.pace.after_batch(size, rows, begun.elapsed()).await;
            if taken.last.is_none() {
                break;
            }
            is_cleared &= taken.is_all;
            if is_cleared {
                self.cleared[sweep.place].clone_from(&taken.last);
            }
            sweep.after = taken.last;
        }
        Ok(None)
    }

    /// Removes the next rows.
    async fn take(
        &self,
        subject: &Subject<'_>,
        after: Option<&Cursor>,
        size: u64,
    ) -> Result<Taken, Error> {
        if self.backend == DbBackend::Postgres && !subject.is_by_time() {
            let take = subject.take_next(self.backend, after, size);
            let Some(row) = self.db.query_one(&take).await? else {
                return Ok(Taken::default());
            };
            let count = |name| row.try_get::<i64>("", name).map(i64::unsigned_abs);
            let last = (count(FOUND)? >= size).then(|| subject.read_cursor(self.backend, &row));
            return Ok(Taken {
                removed: count(REMOVED)?,
                last: last.transpose()?,
                // Rows that others have locked are passed over unseen.
                is_all: false,
            });
        }
        let last = subject.select_last(self.backend, after, size);
        let last = self.db.query_one(&last).await?;
        let last = last.map(|row| subject.read_cursor(self.backend, &row));
        let last = last.transpose()?;
        let delete = subject.delete_next(self.backend, after, last.as_ref(), size);
        let removed = self.db.execute(&delete).await?.rows_affected();
        Ok(Taken {
            removed,
            last,
            // Else some were locked.
            is_all: removed >= size,
        })
    }

    /// Waits until a statement that failed has let go of its rows, but no longer than that can take: they may be another's.
    ///
    /// The driver returns an error as soon as the server tells it, which is before the server undoes the statement. A look from
    /// another connection would take the rows for another worker's and pass them over.
    pub(super) async fn wait_for_next(&self, sweep: &Sweep) {
        if !dialect::locks_rows(self.backend) {
            return;
        }
        let subject = &self.subjects.all[sweep.place];
        let (after, among) = (sweep.after.as_ref(), sweep.among.as_ref());
        let mut next = subject.select_batch(self.backend, after, among, 1);
        next.lock_with_behavior(LockType::Update, LockBehavior::Nowait);
        for attempt in 0..5 {
            // Whatever else is wrong, the next batch tells.
            if self.db.query_one(&next).await.is_ok() {
                return;
            }
            pause(Duration::from_millis(10 << attempt)).await;
        }
    }

    /// Whether that is all there is to do for a row.
    ///
    /// PostgreSQL would have to look for references again once a row is locked, in another statement. MySQL and MariaDB wait for
    /// locked rows in a DELETE. Where a row's parent may be free then, its key is needed.
    fn goes_directly(&self, subject: &Subject<'_>) -> bool {
        let is_enough = match self.backend {
            DbBackend::Sqlite => true,
            DbBackend::Postgres => subject.references.is_empty() && !subject.table.is_view,
            _ => false,
        };
        let is_known = subject.has_unique_key || self.backend == DbBackend::Postgres;
        is_enough && is_known && self.archive.is_none() && subject.upwards.is_empty()
    }
}

/// What one statement, or two, have removed.
#[derive(Default)]
struct Taken {
    removed: u64,
    /// The last of the rows, if there may be more.
    last: Option<Cursor>,
    /// Whether nothing before the last was left.
    is_all: bool,
}

/// Names in the statement that takes rows and tells the last.
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

impl Subject<'_> {
    /// Finds the last of the next rows, if there are as many.
    fn select_last(
        &self,
        backend: DbBackend,
        after: Option<&Cursor>,
        size: u64,
    ) -> SelectStatement {
        let mut select = self.select_keys(backend);
        self.select_cursor(&mut select, backend);
        self.narrow_to_next(&mut select, backend, after, 1);
        select.offset(size - 1);
        select
    }

    /// Finds the next rows up to the last, locks them and removes them.
    ///
    /// ```sql
    /// WITH taken AS MATERIALIZED (
    ///     SELECT tableoid, ctid FROM post WHERE deleted_at IS NOT NULL AND deleted_at <= $1
    ///     AND (deleted_at, id) > ($2, $3) AND (deleted_at, id) <= ($4, $5)
    ///     ORDER BY deleted_at, id LIMIT 1000 FOR UPDATE SKIP LOCKED
    /// )
    /// DELETE FROM post WHERE (tableoid, ctid) IN (SELECT tableoid, ctid FROM taken) AND (deleted_at IS NULL OR TRUE)
    /// ```
    ///
    /// A sub-select that is not materialized may run again, and take other rows. PostgreSQL has a row fastest by its place in
    /// the file; each partition of a table is a file, with the same places. That the rows are deleted needs not be said again: they
    /// are locked, and by the purge index all deleted rows would be read, where the statistics don't know yet that there are any.
    fn delete_next(
        &self,
        backend: DbBackend,
        after: Option<&Cursor>,
        last: Option<&Cursor>,
        size: u64,
    ) -> DeleteStatement {
        let names = self.place_names(backend);
        let own = || names.iter().map(|name| column(self.meta, name));
        let mut next = Query::select();
        next.exprs(own()).from(self.meta.table.to_ref());
        self.narrow_to_next(&mut next, backend, after, size);
        next.and_where_option(last.map(|last| self.is_up_to(backend, last)));
        skip_locked(&mut next, backend);
        self.delete_taken(backend)
            .with_cte(WithClause::new().cte(materialized(next)).to_owned())
            .to_owned()
    }

    /// What tells the rows of a table apart.
    fn place_names(&self, backend: DbBackend) -> Vec<&str> {
        match backend {
            DbBackend::Postgres => vec!["tableoid", "ctid"],
            _ => self.meta.primary_key.iter().map(String::as_str).collect(),
        }
    }

    fn delete_taken(&self, backend: DbBackend) -> DeleteStatement {
        let names = self.place_names(backend);
        let own = names.iter().map(|name| column(self.meta, name)).collect();
        let taken = Query::select()
            .columns(names.iter().map(|name| iden(name)))
            .from(TAKEN)
            .to_owned();
        Query::delete()
            .from_table(self.meta.table.to_ref())
            .and_where(in_select(own, taken))
            .and_where(in_scope(self.meta, Scope::WithDeleted))
            .to_owned()
    }

    /// The same in one statement, which tells how many rows it found and removed, and the last: to look for that first would mean
    /// to read the rows twice, where no index has all that is asked for.
    ///
    /// ```sql
    /// WITH taken AS MATERIALIZED (…), gone AS (DELETE FROM post … RETURNING 1)
    /// SELECT id, (SELECT COUNT(*) FROM taken), (SELECT COUNT(*) FROM gone) FROM taken ORDER BY id DESC LIMIT 1
    /// ```
    fn take_next(&self, backend: DbBackend, after: Option<&Cursor>, size: u64) -> SelectStatement {
        let ordered = |place: usize| Alias::new(format!("{TAKEN}_{place}"));
        let mut next = self.select_keys(backend);
        let names = self.place_names(backend);
        next.exprs(names.iter().map(|name| column(self.meta, name)));
        // Keys may be selected as text, whose order is another one.
        for (place, name) in self.order.iter().enumerate() {
            next.expr_as(column(self.meta, name), ordered(place));
        }
        self.narrow_to_next(&mut next, backend, after, size);
        skip_locked(&mut next, backend);
        let mut gone = CommonTableExpression::new();
        let mut delete = self.delete_taken(backend);
        delete.returning(Query::returning().expr(Expr::cust("1")));
        gone.table_name(GONE).query(delete);
        let count = |table: &'static str| {
            let count = Query::select()
                .expr(Expr::cust("COUNT(*)"))
                .from(table)
                .to_owned();
            Expr::SubQuery(None, Box::new(count.into()))
        };
        let with = WithClause::new()
            .cte(materialized(next))
            .cte(gone)
            .to_owned();
        let mut select = Query::select();
        select
            .columns(self.meta.primary_key.iter().map(|name| iden(name)))
            .expr_as(count(TAKEN), FOUND)
            .expr_as(count(GONE), REMOVED)
            .from(TAKEN)
            .limit(1)
            .with_cte(with);
        for place in 0..self.order.len() {
            select.order_by(ordered(place), Order::Desc);
        }
        select
    }
}

fn materialized(query: SelectStatement) -> CommonTableExpression {
    let mut taken = CommonTableExpression::new();
    taken.table_name(TAKEN).query(query).materialized(true);
    taken
}
