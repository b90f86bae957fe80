//! Batches that one statement finds and removes, of tables whose rows nothing refers to.

use sea_orm::{
    ConnectionTrait, DbBackend,
    sea_query::{
        CommonTableExpression, DeleteStatement, Expr, Order, Query, SelectStatement, WithClause,
        WithQuery,
    },
};

use super::{
    statements::{Cursor, TAKEN, TIME},
    subject::Subject,
};
use crate::{
    Error, Scope,
    cascade::rows::{columns, iden, in_scope, in_select},
};

const GONE: &str = "soft_delete_gone";
const FOUND: &str = "soft_delete_found";
const REMOVED: &str = "soft_delete_removed";

/// What one statement came to.
pub(super) struct AtOnce {
    pub(super) found: u64,
    pub(super) removed: u64,
    pub(super) last: Option<Cursor>,
}

impl Subject<'_> {
    /// Whether one statement is enough: it needs no other look at what refers to the rows, and nobody asks which they were.
    pub(super) fn goes_at_once(&self, backend: DbBackend, after: Option<&Cursor>) -> bool {
        self.references.is_empty()
            && self.upwards.is_empty()
            && match backend {
                // The keys come out of one part of the statement as they are, and go into another.
                DbBackend::Postgres => self.has_known_key(),
                // Nothing stays in the way of the next batch, which begins again from the oldest row.
                DbBackend::Sqlite => self.hold.is_none() && after.is_none(),
                _ => false,
            }
    }

    pub(super) async fn take<C: ConnectionTrait>(
        &self,
        db: &C,
        after: Option<&Cursor>,
        limit: u64,
    ) -> Result<AtOnce, Error> {
        let backend = db.get_database_backend();
        if backend == DbBackend::Sqlite {
            let removed = db
                .execute(&self.delete_oldest(limit))
                .await?
                .rows_affected();
            return Ok(AtOnce {
                found: removed,
                removed,
                last: None,
            });
        }
        // All, though it is one row: a foreign key's refusal comes after it.
        let rows = db
            .query_all(&self.take_batch(backend, after, limit))
            .await?;
        let Some(row) = rows.first() else {
            return Ok(AtOnce {
                found: 0,
                removed: 0,
                last: None,
            });
        };
        Ok(AtOnce {
            found: row.try_get::<i64>("", FOUND)?.unsigned_abs(),
            removed: row.try_get::<i64>("", REMOVED)?.unsigned_abs(),
            last: Some(self.read_cursor(backend, row)?),
        })
    }

    /// Finds the next rows, locks them, removes them, and tells which was the last.
    ///
    /// ```sql
    /// WITH taken AS (SELECT id, deleted_at FROM post WHERE … ORDER BY deleted_at, id LIMIT 1000 FOR UPDATE SKIP LOCKED),
    ///      gone AS (DELETE FROM post WHERE id IN (SELECT id FROM taken) AND … RETURNING 1)
    /// SELECT id, deleted_at, (SELECT COUNT(*) FROM taken), (SELECT COUNT(*) FROM gone)
    /// FROM taken ORDER BY deleted_at DESC, id DESC LIMIT 1
    /// ```
    fn take_batch(&self, backend: DbBackend, after: Option<&Cursor>, limit: u64) -> WithQuery {
        let meta = self.meta;
        let key = || meta.primary_key.iter().map(|name| iden(name));
        let mut delete = Query::delete();
        delete
            .from_table(meta.table.to_ref())
            .and_where(in_select(
                columns(meta, &meta.primary_key),
                Query::select().columns(key()).from(TAKEN).take(),
            ))
            .and_where(self.is_expired(backend))
            .returning(Query::returning().expr(Expr::cust("1")));
        let count = |of: &'static str| -> SelectStatement {
            Query::select().expr(Expr::cust("COUNT(*)")).from(of).take()
        };
        let mut last = Query::select();
        last.columns(key())
            .column(TIME)
            .expr_as(Expr::from(count(TAKEN)), FOUND)
            .expr_as(Expr::from(count(GONE)), REMOVED)
            .from(TAKEN)
            .order_by(TIME, Order::Desc)
            .limit(1);
        for name in key() {
            last.order_by(name, Order::Desc);
        }
        let cte = |name: &'static str| CommonTableExpression::new().table_name(name).to_owned();
        let mut taken = cte(TAKEN);
        taken.query(self.select_batch(backend, after, None, limit));
        let mut gone = cte(GONE);
        gone.query(delete);
        WithClause::new()
            .cte(taken)
            .cte(gone)
            .to_owned()
            .query(last)
    }

    /// ```sql
    /// DELETE FROM post WHERE id IN (SELECT id FROM post WHERE … ORDER BY deleted_at, id LIMIT 1000)
    /// ```
    fn delete_oldest(&self, limit: u64) -> DeleteStatement {
        let meta = self.meta;
        let mut oldest = Query::select();
        oldest
            .exprs(columns(meta, &meta.primary_key))
            .from(meta.table.to_ref())
            .and_where(self.is_expired(DbBackend::Sqlite))
            .limit(limit);
        for name in std::iter::once(&meta.stamp.deleted_at).chain(&meta.primary_key) {
            oldest.order_by((meta.table.to_iden(), iden(name)), Order::Asc);
        }
        Query::delete()
            .from_table(meta.table.to_ref())
            .and_where(in_select(columns(meta, &meta.primary_key), oldest))
            .and_where(in_scope(meta, Scope::WithDeleted))
            .to_owned()
    }
}
