//! `trash restore`: brings a row back.

use crate::{
    args::{RestoreArgs, WhenTaken},
    document::Restored,
    failure::{Failure, Status},
    key::Key,
    session::Session,
};
use soft_delete_core::{
    OnConflict,
    engine_api::{Options, by_key},
};

pub(crate) async fn run(session: &Session, args: RestoreArgs) -> Result<Status, Failure> {
    let entity = session.entity(&args.row.table)?;
    let meta = session.meta(entity);
    let key = Key::parse(meta, &args.row.key)?;
    let options = Options {
        with_parents: args.with_parents,
        on_conflict: match args.on_conflict {
            WhenTaken::Fail => OnConflict::Fail,
            WhenTaken::Skip => OnConflict::Skip,
            WhenTaken::Replace => OnConflict::Replace,
        },
        ..Options::default()
    };
    let db = session.connect().await?;
    let key = key.of_row(meta, db.get_database_backend());
    let run = by_key(session.group.clone(), entity, key, options);
    let restored: Restored = if args.dry_run {
        run.plan(&db).await?.into()
    } else {
        run.exec(&db).await?.into()
    };
    session.output.show(&restored)?;
    Ok(restored.is_allowed().into())
}
