//! `trash restore`: brings rows back.

use sea_orm::{ConnectionTrait, TransactionTrait};
use soft_delete_core::{ConflictPolicy, TableName};

use crate::{
    args::{OnConflict, RestoreArgs, RestoreOptions},
    failure::{Failure, Status},
    key::Key,
    rows,
    session::Session,
    view::Restored,
};

pub(crate) async fn run(session: &Session, args: RestoreArgs) -> Result<Status, Failure> {
    let meta = session.entity(&args.rows.table)?;
    let table = &meta.table;
    let keys = rows::keys(meta, &args.rows)?;
    let db = session.connect().await?;
    let mut each = Vec::with_capacity(keys.len());
    let restored = if args.options.dry_run || keys.len() == 1 {
        for key in &keys {
            each.push((
                format!("{table} {key}"),
                restore(session, table, key, &args.options, &db).await,
            ));
        }
        rows::all(each)?
    } else {
        let transaction = rows::begin(&db).await?;
        for key in &keys {
            each.push((
                format!("{table} {key}"),
                restore(session, table, key, &args.options, &transaction).await,
            ));
        }
        rows::end(transaction, each).await?
    };
    let mut restored = restored.into_iter();
    let Some(mut together) = restored.next() else {
        return Ok(Status::Success);
    };
    restored.for_each(|more| together.extend(more));
    session.output.show(&together)?;
    Ok(together.is_allowed().into())
}

async fn restore<C>(
    session: &Session,
    table: &TableName,
    key: &Key,
    options: &RestoreOptions,
    db: &C,
) -> Result<Restored, Failure>
where
    C: ConnectionTrait + TransactionTrait,
{
    let restore = session.trash.restore(&table.to_string(), key.values())?;
    let restore = restore.on_conflict(options.on_conflict.into());
    let restore = match options.with_parents {
        true => restore.with_parents(),
        false => restore,
    };
    let restored: Restored = if options.dry_run {
        restore.plan(db).await?.into()
    } else {
        restore.exec(db).await?.into()
    };
    Ok(restored.of_row(table, key))
}

impl From<OnConflict> for ConflictPolicy {
    fn from(what: OnConflict) -> Self {
        match what {
            OnConflict::Fail => Self::Fail,
            OnConflict::Skip => Self::Skip,
            OnConflict::Replace => Self::Replace,
        }
    }
}
