//! Active projects and their tasks: enough to have something to delete.

use std::collections::BTreeMap;

use axum::{extract::State, response::Response};
use maud::{Markup, html};
use sea_orm::{
    ColumnTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde::Deserialize;
use soft_delete::SoftDelete as _;

use super::{
    list::{page_number, pager},
    names::Names,
    visit::Visit,
    words::{ago, number},
};
use crate::{
    app::App,
    db::{Db, now},
    entity::{member::Role, project, task, task::Status},
    extract::{Key, Path, Query},
    kind::Kind,
    policy::Action,
    problem::Problem,
    resource::visible_to,
};

const PER_PAGE: u64 = 20;

#[derive(Debug, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    page: String,
}

pub async fn list(
    State(app): State<App>,
    visit: Visit,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let (db, caller) = (app.db(), &visit.caller);
    let page = page_number(&wanted.page)?;
    let select = visible_to(caller, project::Entity::active())
        .order_by_asc(project::Column::Name)
        .order_by_asc(project::Column::Id);
    let pages = select.paginate(&db, PER_PAGE);
    let total = pages.num_items().await?;
    let projects = pages.fetch_page(page - 1).await?;
    let tasks = count_tasks(&projects, &db).await?;
    let sees_all = caller.role == Role::Support;
    let workspaces = projects.iter().filter(|_| sees_all);
    let workspaces = workspaces.map(|project| (Kind::Workspace, project.workspace_id));
    let names = Names::of(workspaces, caller, &db).await?;
    let may_delete = caller.may(Action::Delete, Kind::Project, false);

    let main = html! {
        h1 { "Projects" }
        @if projects.is_empty() {
            div.empty { p { "There are no projects here." } }
        } @else {
            ul.cards {
                @for project in &projects {
                    li {
                        div {
                            h2 { a href=(address(project.id)) { (project.name) } }
                            p.quiet {
                                @if let Some(workspace) = names.title(Kind::Workspace, project.workspace_id) {
                                    (workspace) " · "
                                }
                                (number(tasks.get(&project.id).copied().unwrap_or_default(), "task"))
                                " · changed " (ago(project.updated_at, now()))
                            }
                        }
                        @if may_delete {
                            (delete_link(Kind::Project, project.id, &project.name, "/projects"))
                        }
                    }
                }
            }
        }
        (pager(page, PER_PAGE, total, |page| format!("/projects?page={page}")))
    };
    Ok(visit.page("Projects", main))
}

pub async fn one(
    State(app): State<App>,
    visit: Visit,
    Path(Key { id }): Path<Key>,
) -> Result<Response, Problem> {
    const MOST: u64 = 200;
    let (db, caller) = (app.db(), &visit.caller);
    let select = project::Entity::active().filter(project::Column::Id.eq(id));
    let project = visible_to(caller, select).one(&db).await?;
    let project = project.ok_or_else(Problem::not_found)?;
    let tasks = task::Entity::active()
        .filter(task::Column::ProjectId.eq(id))
        .order_by_asc(task::Column::Id)
        .limit(MOST)
        .all(&db)
        .await?;
    let back = address(id);
    let may_delete = caller.may(Action::Delete, Kind::Project, false);
    let main = html! {
        p.crumbs { a href="/projects" { "Projects" } }
        div.heading {
            h1 { (project.name) }
            @if may_delete {
                (delete_link(Kind::Project, id, &project.name, "/projects"))
            }
        }
        @if !project.description.is_empty() {
            p.text { (project.description) }
        }
        h2 { "Tasks" }
        @if tasks.is_empty() {
            div.empty { p { "This project has no tasks." } }
        } @else {
            ul.cards {
                @for task in &tasks {
                    li {
                        div {
                            p.title { (task.title) }
                            p.quiet { (status(task.status)) " · changed " (ago(task.updated_at, now())) }
                        }
                        @if caller.may(Action::Delete, Kind::Task, task.created_by == caller.id) {
                            (delete_link(Kind::Task, task.id, &task.title, &back))
                        }
                    }
                }
            }
        }
    };
    let title = project.name.clone();
    Ok(visit.page(&title, main))
}

/// Where a project is.
pub fn address(id: i64) -> String {
    format!("/projects/{id}")
}

fn delete_link(kind: Kind, id: i64, title: &str, back: &str) -> Markup {
    let kind = kind.name();
    html! {
        a.button.small href=(format!("/{kind}s/{id}/delete?back={back}")) data-opens-dialog
            aria-label=(format!("Delete {kind} {title}")) { "Delete…" }
    }
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Open => "Open",
        Status::Doing => "In progress",
        Status::Done => "Done",
    }
}

async fn count_tasks(projects: &[project::Model], db: &Db) -> Result<BTreeMap<i64, u64>, Problem> {
    let counts: Vec<(i64, i64)> = task::Entity::find()
        .select_only()
        .column(task::Column::ProjectId)
        .column_as(task::Column::Id.count(), "tasks")
        .filter(task::Column::ProjectId.is_in(projects.iter().map(|project| project.id)))
        .group_by(task::Column::ProjectId)
        .into_tuple()
        .all(db)
        .await?;
    let counts = counts.into_iter();
    Ok(counts
        .map(|(project, tasks)| (project, tasks.unsigned_abs()))
        .collect())
}
