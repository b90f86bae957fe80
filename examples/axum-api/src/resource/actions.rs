//! What can be done with a row, if the caller may: for the API's routes and the page's alike.

use sea_orm::{PaginatorTrait as _, QuerySelect as _};
use soft_delete::{Outcome, SoftDelete};

use super::{
    Resource, active, known,
    request::{Choice, RestoreOptions, check_text},
};
use crate::{
    auth::Caller,
    db::{Db, begin},
    entity::{member, workspace},
    extract::IfMatch,
    kind::Kind,
    policy::Action,
    problem::Problem,
    view::{
        ConflictView, DeletePlanView, DeletionView, HolderView, RestorationView, RestorePlanView,
        StampView,
    },
};

/// Deletes it, if the caller may and it is what they have seen.
pub async fn delete_one<R: Resource>(
    db: &Db,
    caller: &Caller,
    id: i64,
    reason: Option<String>,
    if_match: &IfMatch,
) -> Result<DeletionView, Problem> {
    if let Some(reason) = &reason {
        check_text("reason", reason, 500)?;
    }
    let tx = begin(db).await?;
    let row = known::<R>(caller, id).lock_exclusive().one(&tx).await?;
    let state = R::state(&row.ok_or_else(Problem::not_found)?);
    let own = state.owner == Some(caller.id);
    let may =
        caller.may(Action::Delete, R::KIND, own) && (R::KIND, id) != (Kind::Member, caller.id);
    if let Some(stamp) = &state.stamp {
        // The same request again, whatever it has seen before: RFC 9110 lets it succeed, since what it asks for is so.
        return match may || caller.may(Action::SeeTrash, R::KIND, own) {
            true => Ok(DeletionView::earlier(stamp)),
            false => Err(Problem::not_found()),
        };
    }
    if !may {
        return Err(forbidden(caller, "delete", R::KIND));
    }
    if_match.require(&state.etag())?;
    let mut delete = <R as SoftDelete>::delete_by_id(id).by(caller.id);
    if let Some(reason) = reason {
        delete = delete.reason(reason);
    }
    let deletion = delete.exec(&tx).await?;
    tx.commit().await?;
    match deletion.outcome() {
        Outcome::NotFound => Err(Problem::not_found()),
        _ => Ok(DeletionView::from(&deletion)),
    }
}

/// Restores it, if the caller may and it is what they have seen. None if it is active.
pub async fn restore_one<R: Resource>(
    db: &Db,
    caller: &Caller,
    id: i64,
    options: RestoreOptions,
    if_match: &IfMatch,
) -> Result<Option<RestorationView>, Problem> {
    let tx = begin(db).await?;
    let row = known::<R>(caller, id).lock_exclusive().one(&tx).await?;
    let state = R::state(&row.ok_or_else(Problem::not_found)?);
    let Some(stamp) = &state.stamp else {
        return Ok(None);
    };
    may_restore(caller, R::KIND, stamp)?;
    may_choose(caller, R::KIND, options)?;
    if_match.require(&state.etag())?;
    let restore = options.apply(<R as SoftDelete>::restore_by_id(id), caller);
    match restore.exec(&tx).await {
        Ok(restored) => {
            tx.commit().await?;
            Ok(Some(RestorationView::from(&restored)))
        }
        Err(error) => {
            tx.rollback().await?;
            Err(without_strangers(error.into(), caller, db).await)
        }
    }
}

/// The row, and what a delete of it would do, if the caller may do it.
pub async fn plan_delete<R: Resource>(
    db: &Db,
    caller: &Caller,
    id: i64,
) -> Result<(R::Model, DeletePlanView), Problem> {
    let row = known::<R>(caller, id).one(db).await?;
    let row = active::<R>(row, caller)?;
    if !caller.may(
        Action::Delete,
        R::KIND,
        R::state(&row).owner == Some(caller.id),
    ) {
        return Err(forbidden(caller, "delete", R::KIND));
    }
    let plan = <R as SoftDelete>::delete_by_id(id).plan(db).await?;
    Ok((row, DeletePlanView::from(&plan)))
}

/// What a restore would do, if the caller may do it.
pub async fn plan_restore<R: Resource>(
    db: &Db,
    caller: &Caller,
    id: i64,
) -> Result<RestorePlanView, Problem> {
    let row = known::<R>(caller, id).one(db).await?;
    let state = R::state(&row.ok_or_else(Problem::not_found)?);
    if let Some(stamp) = &state.stamp {
        may_restore(caller, R::KIND, stamp)?;
    }
    let plan = <R as SoftDelete>::restore_by_id(id).plan(db).await?;
    let mut plan = RestorePlanView::from(&plan);
    hide_strangers(&mut plan.conflicts, caller, db).await?;
    Ok(plan)
}

/// Leaves out of a problem who has a value, where that is a row that doesn't exist for the caller.
pub async fn without_strangers(mut problem: Problem, caller: &Caller, db: &Db) -> Problem {
    match hide_strangers(problem.conflicts_mut(), caller, db).await {
        Ok(()) => problem,
        Err(other) => other,
    }
}

async fn hide_strangers(
    conflicts: &mut [ConflictView],
    caller: &Caller,
    db: &Db,
) -> Result<(), Problem> {
    for row in conflicts {
        let Some(HolderView { id, .. }) = row.holder else {
            continue;
        };
        let exists = match row.kind {
            Kind::Workspace => known::<workspace::Entity>(caller, id).count(db).await?,
            Kind::Member => known::<member::Entity>(caller, id).count(db).await?,
            // Their values are unique within the workspace.
            Kind::Project | Kind::Task | Kind::Comment => continue,
        };
        if exists == 0 {
            row.holder = None;
        }
    }
    Ok(())
}

/// Members take back what they deleted, and of the rest of the trash they don't know.
pub fn may_restore(caller: &Caller, kind: Kind, stamp: &StampView) -> Result<(), Problem> {
    if caller.may(Action::Restore, kind, stamp.deleted_by == Some(caller.id)) {
        Ok(())
    } else {
        Err(Problem::not_found())
    }
}

/// What reaches beyond the row itself is for those who may do that to any: other people's parents come back, and what has the name is
/// deleted.
pub fn may_choose(caller: &Caller, kind: Kind, options: RestoreOptions) -> Result<(), Problem> {
    if options.with_parents && !caller.may(Action::Restore, kind, false) {
        return Err(forbidden(caller, "restore the parents of", kind));
    }
    if options.on_conflict == Choice::Replace && !caller.may(Action::Replace, kind, false) {
        return Err(forbidden(caller, "delete another one for", kind));
    }
    Ok(())
}

pub fn forbidden(caller: &Caller, verb: &str, kind: Kind) -> Problem {
    let role = caller.role.name();
    Problem::forbidden(format!(
        "As {role} you may not {verb} this {}.",
        kind.name()
    ))
}
