//! What can be done with a whole deletion, if the caller may: for the API's routes and the page's alike.

use sea_orm::{ColumnTrait as _, ConnectionTrait, QueryFilter as _, QuerySelect as _};
use soft_delete::{Erase, SoftDelete, Undo};
use uuid::Uuid;

use super::{
    TrashFilter, TrashItem, TrashedDeletion, etag_of,
    search::{Search, rows_of},
};
use crate::{
    auth::Caller,
    db::{Db, Tx, begin},
    entity::{comment, member, project, task, workspace},
    extract::IfMatch,
    kind::Kind,
    policy::Action,
    problem::Problem,
    resource::{Choice, Resource, RestoreOptions, may_choose, may_restore, without_strangers},
    view::RestorationView,
};

/// A deletion, for those who may take it back.
pub async fn find(db: &Db, caller: &Caller, deletion: Uuid) -> Result<TrashedDeletion, Problem> {
    let items = items_of(db, caller, deletion).await?;
    for item in &items {
        may_restore(caller, item.kind, &item.deletion)?;
    }
    Ok(TrashedDeletion {
        items,
        rows: rows_of(db, deletion).await?,
    })
}

/// Takes a deletion back, if the caller may and it is what they have seen: see [`TrashedDeletion::etag`].
pub async fn undo_deletion(
    db: &Db,
    caller: &Caller,
    deletion: Uuid,
    options: RestoreOptions,
    if_match: &IfMatch,
) -> Result<RestorationView, Problem> {
    let tx = begin(db).await?;
    let items = items_of(&tx, caller, deletion).await?;
    for item in &items {
        may_restore(caller, item.kind, &item.deletion)?;
        may_choose(caller, item.kind, options)?;
    }
    if_match.require(&etag_of(&items))?;
    let restored = if options.on_conflict == Choice::Fail && !options.with_parents {
        let restored = Undo::deletion(deletion).exec(&tx).await;
        restored
            .map(|restored| RestorationView::from(&restored))
            .map_err(Problem::from)
    } else {
        restore_items(&items, options, caller, &tx).await
    };
    match restored {
        Ok(restored) => {
            tx.commit().await?;
            Ok(restored)
        }
        Err(problem) => {
            tx.rollback().await?;
            Err(without_strangers(problem, caller, db).await)
        }
    }
}

async fn restore_items(
    items: &[TrashItem],
    options: RestoreOptions,
    caller: &Caller,
    tx: &Tx,
) -> Result<RestorationView, Problem> {
    let mut all = RestorationView::default();
    for item in items {
        let restored = match item.kind {
            Kind::Workspace => restore::<workspace::Entity>(item.id, options, caller, tx).await,
            Kind::Project => restore::<project::Entity>(item.id, options, caller, tx).await,
            Kind::Task => restore::<task::Entity>(item.id, options, caller, tx).await,
            Kind::Comment => restore::<comment::Entity>(item.id, options, caller, tx).await,
            Kind::Member => restore::<member::Entity>(item.id, options, caller, tx).await,
        };
        all.add(restored?);
    }
    Ok(all)
}

async fn restore<R: Resource>(
    id: i64,
    options: RestoreOptions,
    caller: &Caller,
    tx: &Tx,
) -> Result<RestorationView, Problem> {
    let restore = options.apply(<R as SoftDelete>::restore_by_id(id), caller);
    Ok(RestorationView::from(&restore.exec(tx).await?))
}

/// Removes for good what a deletion took, if the caller may and it is what they have seen.
pub async fn remove_deletion(
    db: &Db,
    caller: &Caller,
    deletion: Uuid,
    if_match: &IfMatch,
) -> Result<(), Problem> {
    let tx = begin(db).await?;
    let items = items_of(&tx, caller, deletion).await?;
    for item in &items {
        if !caller.may(Action::ForceDelete, item.kind, false) {
            may_restore(caller, item.kind, &item.deletion)?;
            return Err(Problem::forbidden("Only admins remove things for good."));
        }
    }
    if_match.require(&etag_of(&items))?;
    for item in &items {
        match item.kind {
            Kind::Workspace => erase::<workspace::Entity>(item.id, deletion, &tx).await,
            Kind::Project => erase::<project::Entity>(item.id, deletion, &tx).await,
            Kind::Task => erase::<task::Entity>(item.id, deletion, &tx).await,
            Kind::Comment => erase::<comment::Entity>(item.id, deletion, &tx).await,
            Kind::Member => erase::<member::Entity>(item.id, deletion, &tx).await,
        }?;
    }
    tx.commit().await?;
    Ok(())
}

/// The row is looked at again under a lock: someone may have restored it meanwhile.
async fn erase<R: Resource>(id: i64, deletion: Uuid, tx: &Tx) -> Result<(), Problem> {
    let select = <R as SoftDelete>::only_deleted().filter(R::columns().id.eq(id));
    let row = select.lock_exclusive().one(tx).await?;
    let stamp = row.and_then(|row| R::state(&row).stamp);
    if stamp.is_none_or(|stamp| stamp.id != Some(deletion)) {
        return Err(Problem::not_found());
    }
    Erase::<R>::by_id(id).exec(tx).await?;
    Ok(())
}

/// What was deleted itself by this deletion, as far as it exists for the caller.
async fn items_of<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    deletion: Uuid,
) -> Result<Vec<TrashItem>, Problem> {
    let items = Search {
        caller,
        filter: &TrashFilter::default(),
        deletion: Some(deletion),
    }
    .all(db)
    .await?;
    if items.is_empty() {
        return Err(Problem::not_found());
    }
    Ok(items)
}
