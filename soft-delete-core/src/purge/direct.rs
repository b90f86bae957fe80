//! Batches of rows whose keys need not be known: the database finds and removes them in one statement.

use std::time::{Duration, Instant};

use sea_orm::{
    ConnectionTrait, DbBackend, TransactionTrait,
    sea_query::{
        CommonTableExpression, DeleteStatement, LockBehavior, LockType, Query, SelectStatement,
        WithClause,
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
use crate::{
    Error, Scope, backend,
    cascade::rows::{column, iden, in_scope, in_select},
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
            let last = subject.select_last(self.backend, after, size);
            let last = match self.db.query_one(&last).await? {
                Some(row) => Some(subject.read_cursor(self.backend, &row)?),
                None => None,
            };
            let delete = subject.delete_next(self.backend, after, last.as_ref(), size);
            let removed = match self.db.execute(&delete).await.map_err(Error::from) {
                Ok(done) => done.rows_affected(),
                // Some rows may go, and others stay: that takes their keys.
                Err(error) if is_for_batches(&error) => {
                    self.wait_for_next(subject, after).await;
                    return Ok(Some(sweep));
                }
                Err(error) => return Err(error),
            };
            let rows = self.account(vec![(sweep.place, removed)]);
            self.pace.after_batch(size, rows, begun.elapsed()).await;
            if last.is_none() {
                break;
            }
            // Else some were locked.
            is_cleared &= removed >= size;
            if is_cleared {
                self.cleared[sweep.place].clone_from(&last);
            }
            sweep.after = last;
        }
        Ok(None)
    }

    /// Waits until a statement that failed has let go of its rows, but no longer than that can take: they may be another's.
    ///
    /// The driver returns an error as soon as the server tells it, which is before the server undoes the statement. A look from
    /// another connection would take the rows for another worker's and pass them over.
    async fn wait_for_next(&self, subject: &Subject<'_>, after: Option<&Cursor>) {
        if !backend::locks_rows(self.backend) {
            return;
        }
        let mut next = subject.select_keys(self.backend);
        subject.narrow_to_next(&mut next, self.backend, after, 1);
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
        let meta = self.meta;
        let names: Vec<_> = match backend {
            DbBackend::Postgres => vec!["tableoid", "ctid"],
            _ => meta.primary_key.iter().map(String::as_str).collect(),
        };
        let own = || names.iter().map(|name| column(meta, name));
        let mut next = Query::select();
        next.exprs(own()).from(meta.table.to_ref());
        self.narrow_to_next(&mut next, backend, after, size);
        next.and_where_option(last.map(|last| self.is_up_to(backend, last)));
        skip_locked(&mut next, backend);
        let mut taken = CommonTableExpression::new();
        taken.table_name(TAKEN).query(next).materialized(true);
        let keys = Query::select()
            .columns(names.iter().map(|name| iden(name)))
            .from(TAKEN)
            .to_owned();
        Query::delete()
            .with_cte(WithClause::new().cte(taken).to_owned())
            .from_table(meta.table.to_ref())
            .and_where(in_select(own().collect(), keys))
            .and_where(in_scope(meta, Scope::WithDeleted))
            .to_owned()
    }
}
