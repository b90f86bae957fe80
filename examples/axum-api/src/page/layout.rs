//! What is around every page.

use axum::http::StatusCode;
use maud::{DOCTYPE, Markup, html};

use super::{assets, visit::Toast};
use crate::{auth::Caller, kind::Kind, policy::Action, problem::Problem};

/// A whole page. `path` is where it is.
pub fn page(
    title: &str,
    caller: Option<&Caller>,
    path: &str,
    toast: Option<&Toast>,
    main: Markup,
) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Project tracker" }
                link rel="icon" type="image/svg+xml" href=(assets::ICON.path());
                link rel="stylesheet" href=(assets::STYLE.path());
                script src=(assets::SCRIPT.path()) defer {}
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                header.top {
                    a.brand href="/projects" { "Project tracker" }
                    @if let Some(caller) = caller {
                        (navigation(caller, path))
                    }
                }
                main id="main" tabindex="-1" {
                    (message(toast, path))
                    (main)
                }
            }
        }
    }
}

fn navigation(caller: &Caller, path: &str) -> Markup {
    let sees_trash = caller.may(Action::SeeTrash, Kind::Workspace, false);
    let here = |to: &str| {
        path.starts_with(to)
            .then_some(if path == to { "page" } else { "true" })
    };
    html! {
        nav aria-label="Main" {
            a href="/projects" aria-current=[here("/projects")] { "Projects" }
            @if sees_trash {
                a href="/trash" aria-current=[here("/trash")] { "Trash" }
            }
        }
        form.account method="post" action="/logout" {
            span { (caller.name) " " span.quiet { "(" (caller.role.name()) ")" } }
            button.link type="submit" { "Sign out" }
        }
    }
}

/// Readers of the screen are told what appears in here, so it is there when there is nothing in it too.
fn message(toast: Option<&Toast>, path: &str) -> Markup {
    html! {
        div id="toast" role="status" aria-live="polite" {
            @if let Some(toast) = toast {
                div.toast {
                    p { (toast.text) }
                    @if let Some(deletion) = toast.undo {
                        form method="post" action=(format!("/trash/{deletion}/restore")) {
                            input type="hidden" name="back" value=(path);
                            button type="submit" { "Undo" }
                        }
                    }
                }
            }
        }
    }
}

/// A page that leads to another one at once.
pub fn pass_on(address: &str) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="refresh" content=(format!("0; url={address}"));
                title { "One moment · Project tracker" }
            }
            body {
                p { a href=(address) { "Go on" } }
            }
        }
    }
}

/// A problem as a page.
pub fn problem(problem: &Problem, caller: Option<&Caller>) -> Markup {
    let document = problem.document();
    // What the API says to programs, said to people.
    let detail = match problem.status() {
        StatusCode::NOT_FOUND => "There is nothing at this address, or it is not for you.",
        StatusCode::PRECONDITION_FAILED => {
            "Someone changed it, restored it or removed it since this page was made. Nothing was done: look again, and decide again."
        }
        StatusCode::GONE => "It is in the trash.",
        _ => &document.detail,
    };
    let main = html! {
        div.narrow {
            p.status { (document.status) }
            h1 { (document.title) }
            p { (detail) }
            @if !document.blockers.is_empty() {
                ul {
                    @for blocker in &document.blockers {
                        li { (super::words::number(blocker.rows, blocker.kind.name())) }
                    }
                }
            }
            p.row {
                @match caller {
                    Some(caller) => {
                        a.button href="/projects" { "To the projects" }
                        @if caller.may(Action::SeeTrash, Kind::Workspace, false) {
                            a.button href="/trash" { "To the trash" }
                        }
                    }
                    None => a.button href="/login" { "Sign in" }
                }
            }
        }
    };
    page(document.title, caller, "", None, main)
}
