//! Deleting: what would go to the trash, then the delete, then a way back.

use axum::{extract::State, response::Response};
use maud::{Markup, html};
use sea_orm::{ModelTrait as _, Value};
use serde::Deserialize;

use super::{
    Form,
    names::Names,
    session::local,
    visit::{Toast, Visit},
    words::{number, quoted, rows},
};
use crate::{
    app::App,
    extract::{IfMatch, Key, Path, Query},
    problem::Problem,
    resource::{self, Resource, plan_delete},
    view::{DeletePlanView, OutcomeView},
};

/// Where to go afterwards.
#[derive(Debug, Default, Deserialize)]
pub struct Back {
    #[serde(default)]
    back: String,
}

#[derive(Debug, Deserialize)]
pub struct Confirmed {
    /// What was seen of the row.
    etag: Option<String>,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    back: String,
}

pub async fn ask<R: Resource>(
    State(app): State<App>,
    visit: Visit,
    Path(Key { id }): Path<Key>,
    Query(Back { back }): Query<Back>,
) -> Result<Response, Problem> {
    let (row, plan) = plan_delete::<R>(&app.db(), &visit.caller, id).await?;
    let heading = format!("Delete {}?", quoted(&title::<R>(&row)));
    let main = html! {
        section.panel.ask data-dialog {
            h1 { (heading) }
            @if plan.allowed {
                (what_happens(&plan))
                form.stack method="post" action=(address::<R>(id)) {
                    input type="hidden" name="etag" value=(R::state(&row).etag());
                    input type="hidden" name="back" value=(local(&back));
                    label for="reason" { "Reason " span.quiet { "(optional)" } }
                    input id="reason" name="reason" maxlength="500" autocomplete="off";
                    div.row {
                        button.danger type="submit" { "Delete" }
                        a.button href=(local(&back)) data-close { "Cancel" }
                    }
                }
            } @else {
                p.notice.bad { "Active rows still refer to it. Delete or change them first:" }
                ul {
                    @for blocker in &plan.blockers {
                        li { (number(blocker.rows, blocker.kind.name())) }
                    }
                }
                a.button href=(local(&back)) data-close { "Back" }
            }
        }
    };
    Ok(visit.page(&heading, main))
}

fn what_happens(plan: &DeletePlanView) -> Markup {
    html! {
        p { "This goes to the trash: " strong { (rows(&plan.rows)) } "." }
        @for set_null in &plan.set_null {
            p { (number(set_null.rows, set_null.kind.name())) " will have no " (set_null.relation) " any more." }
        }
        p.quiet { "It can be brought back from there." }
    }
}

pub async fn delete<R: Resource>(
    State(app): State<App>,
    visit: Visit,
    Path(Key { id }): Path<Key>,
    Form(form): Form<Confirmed>,
) -> Result<Response, Problem> {
    let db = app.db();
    let reason = form.reason.trim();
    let reason = (!reason.is_empty()).then(|| reason.to_owned());
    let seen = IfMatch::seen(form.etag);
    let deletion = resource::delete_one::<R>(&db, &visit.caller, id, reason, &seen).await?;
    let names = Names::of([(R::KIND, id)], &visit.caller, &db).await?;
    let title = quoted(names.title(R::KIND, id).unwrap_or(R::KIND.name()));
    let text = match deletion.outcome {
        OutcomeView::Deleted => format!("{title} is in the trash: {}.", rows(&deletion.rows)),
        OutcomeView::AlreadyDeleted => format!("{title} was in the trash already."),
    };
    let toast = Toast {
        text,
        undo: deletion.id,
    };
    Ok(visit.go(local(&form.back), &toast))
}

fn title<R: Resource>(row: &R::Model) -> String {
    match row.get(R::columns().title) {
        Value::String(Some(title)) => title.to_string(),
        _ => R::KIND.name().to_owned(),
    }
}

fn address<R: Resource>(id: i64) -> String {
    format!("/{}s/{id}/delete", R::KIND.name())
}
