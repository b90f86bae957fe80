//! Transactions of calls that write.

use sea_orm::{
    ConnectionTrait, DbErr, TransactionSession as _, TransactionTrait,
    sea_query::{Expr, Query},
};

use crate::{dialect, model::Error};

/// Begins a transaction that will write.
pub async fn begin<C>(db: &C) -> Result<C::Transaction, DbErr>
where
    C: ConnectionTrait + TransactionTrait,
{
    let options = dialect::write_transaction(db.get_database_backend());
    db.begin_with_options(options).await
}

/// Commits if it was done, and else rolls back.
pub async fn end<C, T>(
    db: &C,
    transaction: C::Transaction,
    done: Result<T, Error>,
) -> Result<T, Error>
where
    C: ConnectionTrait + TransactionTrait,
{
    match done {
        Ok(done) => {
            transaction.commit().await?;
            Ok(done)
        }
        Err(error) => Err(abort(db, transaction, error).await),
    }
}

/// Rolls back what was tried out.
pub(crate) async fn revert<C, T>(
    db: &C,
    transaction: C::Transaction,
    tried: Result<T, Error>,
) -> Result<T, Error>
where
    C: ConnectionTrait + TransactionTrait,
{
    match tried {
        Ok(tried) => {
            transaction.rollback().await?;
            Ok(tried)
        }
        Err(error) => Err(abort(db, transaction, error).await),
    }
}

/// Ends a transaction that has failed, and gives its error back.
///
/// After a deadlock MySQL has ended the whole transaction and not only the savepoint in it. SeaORM's `ROLLBACK TO` it then
/// fails, at the caller's next statement: unless another one comes before.
pub async fn abort<C>(db: &C, transaction: C::Transaction, error: Error) -> Error
where
    C: ConnectionTrait + TransactionTrait,
{
    if has_ended(&error) {
        drop(transaction);
        let next = Query::select().expr(Expr::cust("1")).to_owned();
        let _ = db.query_one(&next).await;
    } else {
        let _ = transaction.rollback().await;
    }
    error
}

fn has_ended(error: &Error) -> bool {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = source {
        let reported = match error.downcast_ref() {
            // It passes on its own source.
            Some(Error::Db(reported)) => Some(reported),
            _ => error.downcast_ref(),
        };
        if reported.is_some_and(dialect::has_ended_transaction) {
            return true;
        }
        source = error.source();
    }
    false
}
