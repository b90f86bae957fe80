//! `trash restore`: brings a row back.

use soft_delete_core::OnConflict;

use crate::{
    args::{RestoreArgs, WhenTaken},
    document::Restored,
    failure::{Failure, Status},
    key::Key,
    session::Session,
};

pub(crate) async fn run(session: &Session, args: RestoreArgs) -> Result<Status, Failure> {
    let table = &args.row.table;
    let key = Key::parse(session.entity(table)?, &args.row.key)?;
    let restore = session.trash.restore(table, key.values())?;
    let restore = restore.on_conflict(match args.on_conflict {
        WhenTaken::Fail => OnConflict::Fail,
        WhenTaken::Skip => OnConflict::Skip,
        WhenTaken::Replace => OnConflict::Replace,
    });
    let restore = match args.with_parents {
        true => restore.with_parents(),
        false => restore,
    };
    let db = session.connect().await?;
    let restored: Restored = if args.dry_run {
        restore.plan(&db).await?.into()
    } else {
        restore.exec(&db).await?.into()
    };
    session.output.show(&restored)?;
    Ok(restored.is_allowed().into())
}
