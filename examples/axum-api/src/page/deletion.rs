//! One deletion: what it took, its restore, and its end.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Form,
    names::Names,
    obstacles::Obstacles,
    session::local,
    visit::{Toast, Visit},
    words::{ago, capital, number, quoted, restored, rows, until},
};
use crate::{
    app::App,
    auth::Caller,
    db::{Db, now},
    entity::{comment, member, project, task, workspace},
    extract::{IfMatch, Path},
    kind::Kind,
    policy::Action,
    problem::Problem,
    resource::{Choice, RestoreOptions, plan_restore, restore_one},
    trash::{self, DeletionKey, TrashItem, TrashedDeletion},
    view::{RestorationView, RestorePlanView, RowCount},
};

/// How the restore of a deletion is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RestoreForm {
    /// A part of the deletion, such as `project-3`; else all of it.
    item: String,
    /// What was seen of it.
    etag: Option<String>,
    on_conflict: Choice,
    with_parents: bool,
    back: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RemoveForm {
    etag: Option<String>,
    /// The box that says that it is meant.
    confirm: String,
}

pub async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(DeletionKey { deletion }): Path<DeletionKey>,
) -> Result<Response, Problem> {
    let (db, caller) = (app.db(), &visit.caller);
    let found = trash::find(&db, caller, deletion).await?;
    let plan = plan(&found.items, caller, &db).await?;
    let names = Names::of(actor(&found.items), caller, &db).await?;
    let obstacles = Obstacles::new(plan.conflicts, plan.parents, caller, &db).await?;
    let title = title(&found.items);
    let base = format!("/trash/{deletion}");
    let main = html! {
        @if sees_trash(caller) {
            p.crumbs { a href="/trash" { "Trash" } }
        }
        h1 { (title) }
        @for item in found.items.iter().take(1) {
            (facts(item, &names, now()))
        }
        div.columns {
            section.panel aria-labelledby="took" {
                h2 id="took" { "What it took" }
                (counts(&found.rows))
            }
            section.panel aria-labelledby="brings" {
                h2 id="brings" { "What a restore brings back" }
                (counts(&plan.rows))
                @if !plan.kept.is_empty() {
                    p.quiet { "Stays in the trash with something else that it belongs to: " (rows(&plan.kept)) "." }
                }
            }
        }
        @if !obstacles.are_none() {
            section.notice.warn aria-labelledby="way" {
                h2 id="way" { "In the way of a restore" }
                (obstacles.list())
            }
        }
        div.row.ends {
            @if obstacles.are_none() {
                form method="post" action=(format!("{base}/restore")) {
                    input type="hidden" name="etag" value=(found.etag());
                    button.primary type="submit" { "Restore" }
                }
            } @else {
                a.button.primary href=(format!("{base}/restore")) data-opens-dialog { "Restore…" }
            }
            @if may_remove(caller, &found.items) {
                a.button.danger href=(format!("{base}/remove")) data-opens-dialog { "Remove for good…" }
            }
        }
    };
    Ok(visit.page(&title, main))
}

pub async fn ask_restore(
    State(app): State<App>,
    visit: Visit,
    Path(DeletionKey { deletion }): Path<DeletionKey>,
) -> Result<Response, Problem> {
    let (db, caller) = (app.db(), &visit.caller);
    let found = trash::find(&db, caller, deletion).await?;
    let plan = plan(&found.items, caller, &db).await?;
    let obstacles = Obstacles::new(plan.conflicts, plan.parents, caller, &db).await?;
    let form = RestoreForm {
        etag: Some(found.etag()),
        ..RestoreForm::default()
    };
    Ok(ask(
        visit,
        StatusCode::OK,
        deletion,
        &title(&found.items),
        &form,
        &obstacles,
    ))
}

/// Restores, or asks what to do about what is in the way.
pub async fn restore(
    State(app): State<App>,
    visit: Visit,
    Path(DeletionKey { deletion }): Path<DeletionKey>,
    Form(form): Form<RestoreForm>,
) -> Result<Response, Problem> {
    let (db, caller) = (app.db(), &visit.caller);
    match try_restore(deletion, &form, caller, &db).await {
        Ok(restoration) => {
            let back = match form.back.as_str() {
                "" if sees_trash(caller) => "/trash",
                back => local(back),
            };
            let toast = Toast {
                text: restored(&restoration),
                undo: None,
            };
            let back = back.to_owned();
            Ok(visit.go(&back, &toast))
        }
        Err(problem) if problem.status() == StatusCode::CONFLICT => {
            let document = problem.document();
            let (conflicts, parents) = (document.conflicts.clone(), document.parents.clone());
            let obstacles = Obstacles::new(conflicts, parents, caller, &db).await?;
            if obstacles.are_none() {
                return Err(problem);
            }
            let found = trash::find(&db, caller, deletion).await?;
            Ok(ask(
                visit,
                problem.status(),
                deletion,
                &title(&found.items),
                &form,
                &obstacles,
            ))
        }
        // The page that the form was on has shown it, so that it was there.
        Err(problem) if problem.status() == StatusCode::NOT_FOUND => {
            Err(Problem::precondition_failed())
        }
        Err(problem) => Err(problem),
    }
}

async fn try_restore(
    deletion: Uuid,
    form: &RestoreForm,
    caller: &Caller,
    db: &Db,
) -> Result<RestorationView, Problem> {
    let options = RestoreOptions {
        on_conflict: form.on_conflict,
        with_parents: form.with_parents,
    };
    let seen = &IfMatch::seen(form.etag.clone());
    let Some((kind, id)) = form.item.split_once('-') else {
        return trash::undo_deletion(db, caller, deletion, options, seen).await;
    };
    let kind = Kind::of_table(kind).ok_or_else(Problem::not_found)?;
    let id = id.parse().map_err(|_| Problem::not_found())?;
    let restoration = match kind {
        Kind::Workspace => restore_one::<workspace::Entity>(db, caller, id, options, seen).await,
        Kind::Project => restore_one::<project::Entity>(db, caller, id, options, seen).await,
        Kind::Task => restore_one::<task::Entity>(db, caller, id, options, seen).await,
        Kind::Comment => restore_one::<comment::Entity>(db, caller, id, options, seen).await,
        Kind::Member => restore_one::<member::Entity>(db, caller, id, options, seen).await,
    };
    // Someone else restored it already.
    restoration?.ok_or_else(Problem::precondition_failed)
}

/// What is in the way, and what can be done about it.
fn ask(
    visit: Visit,
    status: StatusCode,
    deletion: Uuid,
    title: &str,
    form: &RestoreForm,
    obstacles: &Obstacles,
) -> Response {
    let heading = format!("Restore {title}");
    let back = match form.back.as_str() {
        "" => format!("/trash/{deletion}"),
        back => local(back).to_owned(),
    };
    let main = html! {
        section.panel.ask data-dialog {
            h1 { (heading) }
            @if !obstacles.are_none() {
                p { "Something is in the way:" }
                (obstacles.list())
            }
            form.stack method="post" action=(format!("/trash/{deletion}/restore")) {
                input type="hidden" name="item" value=(form.item);
                input type="hidden" name="back" value=(form.back);
                @if let Some(etag) = &form.etag {
                    input type="hidden" name="etag" value=(etag);
                }
                @if form.with_parents {
                    input type="hidden" name="with_parents" value="true";
                }
                (obstacles.choices())
                div.row {
                    button.primary type="submit" { (obstacles.submit()) }
                    a.button href=(back) data-close { "Cancel" }
                }
            }
        }
    };
    let mut response = visit.page(&heading, main);
    *response.status_mut() = status;
    response
}

pub async fn ask_remove(
    State(app): State<App>,
    visit: Visit,
    Path(DeletionKey { deletion }): Path<DeletionKey>,
) -> Result<Response, Problem> {
    let found = trash::find(&app.db(), &visit.caller, deletion).await?;
    if !may_remove(&visit.caller, &found.items) {
        return Err(Problem::forbidden("Only admins remove things for good."));
    }
    Ok(confirm_removal(visit, deletion, &found, StatusCode::OK))
}

pub async fn remove(
    State(app): State<App>,
    visit: Visit,
    Path(DeletionKey { deletion }): Path<DeletionKey>,
    Form(form): Form<RemoveForm>,
) -> Result<Response, Problem> {
    let (db, caller) = (app.db(), &visit.caller);
    let found = match trash::find(&db, caller, deletion).await {
        Err(problem) if problem.status() == StatusCode::NOT_FOUND => {
            return Err(Problem::precondition_failed());
        }
        found => found?,
    };
    if may_remove(caller, &found.items) && form.confirm != "yes" {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(confirm_removal(visit, deletion, &found, status));
    }
    trash::remove_deletion(&db, caller, deletion, &IfMatch::seen(form.etag)).await?;
    let toast = Toast {
        text: format!("Removed {} for good.", title(&found.items)),
        undo: None,
    };
    Ok(visit.go("/trash", &toast))
}

fn confirm_removal(
    visit: Visit,
    deletion: Uuid,
    found: &TrashedDeletion,
    status: StatusCode,
) -> Response {
    let heading = format!("Remove {} for good?", title(&found.items));
    let main = html! {
        section.panel.ask data-dialog {
            h1 { (heading) }
            p { "This is removed from the database: " strong { (rows(&found.rows)) } ", and all that is below it." }
            form.stack method="post" action=(format!("/trash/{deletion}/remove")) {
                input type="hidden" name="etag" value=(found.etag());
                div.choice {
                    input id="confirm" type="checkbox" name="confirm" value="yes" required;
                    label for="confirm" { "I know that no one can bring it back." }
                }
                div.row {
                    button.danger type="submit" { "Remove for good" }
                    a.button href=(format!("/trash/{deletion}")) data-close { "Cancel" }
                }
            }
        }
    };
    let mut response = visit.page(&heading, main).into_response();
    *response.status_mut() = status;
    response
}

/// What a restore of all these would do.
async fn plan(items: &[TrashItem], caller: &Caller, db: &Db) -> Result<RestorePlanView, Problem> {
    let mut all = RestorePlanView::default();
    for item in items {
        let id = item.id;
        let plan = match item.kind {
            Kind::Workspace => plan_restore::<workspace::Entity>(db, caller, id).await,
            Kind::Project => plan_restore::<project::Entity>(db, caller, id).await,
            Kind::Task => plan_restore::<task::Entity>(db, caller, id).await,
            Kind::Comment => plan_restore::<comment::Entity>(db, caller, id).await,
            Kind::Member => plan_restore::<member::Entity>(db, caller, id).await,
        };
        all.add(plan?);
    }
    Ok(all)
}

fn facts(item: &TrashItem, names: &Names, now: DateTime<Utc>) -> Markup {
    let stamp = &item.deletion;
    html! {
        dl.facts {
            div { dt { "Type" } dd { (capital(item.kind)) } }
            div { dt { "Deleted" } dd { (ago(stamp.deleted_at, now)) (names.by(stamp.deleted_by)) } }
            @if let Some(reason) = &stamp.reason {
                div { dt { "Reason" } dd.text { (reason) } }
            }
            @if let Some(time) = item.purge_at {
                div { dt { "Removed for good" } dd { (until(time, now)) } }
            }
        }
    }
}

fn counts(counts: &[RowCount]) -> Markup {
    html! {
        @if counts.is_empty() {
            p.quiet { "Nothing." }
        } @else {
            ul.counts {
                @for count in counts {
                    li { (number(count.rows, count.kind.name())) }
                }
            }
        }
    }
}

fn title(items: &[TrashItem]) -> String {
    match items {
        [item] => quoted(&item.title),
        [item, others @ ..] => {
            format!("{} and {} more", quoted(&item.title), others.len())
        }
        [] => String::new(),
    }
}

fn actor(items: &[TrashItem]) -> impl Iterator<Item = (Kind, i64)> {
    let actor = items.first().and_then(|item| item.deletion.deleted_by);
    actor.map(|id| (Kind::Member, id)).into_iter()
}

fn sees_trash(caller: &Caller) -> bool {
    caller.may(Action::SeeTrash, Kind::Workspace, false)
}

fn may_remove(caller: &Caller, items: &[TrashItem]) -> bool {
    items
        .iter()
        .all(|item| caller.may(Action::ForceDelete, item.kind, false))
}
