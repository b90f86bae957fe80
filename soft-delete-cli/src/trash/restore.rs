//! `trash restore`: brings a row back.

use soft_delete_core::ConflictPolicy;

use crate::{
    args::{OnConflict, RestoreArgs},
    failure::{Failure, Status},
    key::Key,
    session::Session,
    view::Restored,
};

pub(crate) async fn run(session: &Session, args: RestoreArgs) -> Result<Status, Failure> {
    let (table, options) = (&args.row.table, args.options);
    let key = Key::parse(session.entity(table)?, &args.row.key)?;
    let restore = session.trash.restore(table, key.values())?;
    let restore = restore.on_conflict(options.on_conflict.into());
    let restore = match options.with_parents {
        true => restore.with_parents(),
        false => restore,
    };
    let db = session.connect().await?;
    let restored: Restored = if options.dry_run {
        restore.plan(&db).await?.into()
    } else {
        restore.exec(&db).await?.into()
    };
    session.output.show(&restored)?;
    Ok(restored.is_allowed().into())
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
