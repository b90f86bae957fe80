//! The trash as a list.

use axum::{extract::State, response::Response};
use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    names::{self, Names},
    visit::Visit,
    words::{ago, capital, number, quoted, until},
};
use crate::{
    app::App,
    db::now,
    entity::member,
    extract::Query,
    kind::Kind,
    problem::Problem,
    resource::Paging,
    trash::{self, TrashFilter, TrashItem},
    view::Page,
};

const PER_PAGE: u64 = 20;

/// What is asked for. A field of a form that was left empty is an empty text.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    q: String,
    #[serde(rename = "type")]
    kind: String,
    by: String,
    within: String,
    page: String,
}

const SPANS: [(&str, &str, TimeDelta); 3] = [
    ("day", "Last 24 hours", TimeDelta::days(1)),
    ("week", "Last 7 days", TimeDelta::days(7)),
    ("month", "Last 30 days", TimeDelta::days(30)),
];

impl Wanted {
    fn filter(&self, now: DateTime<Utc>) -> Result<TrashFilter, Problem> {
        let kind = match self.kind.as_str() {
            "" => None,
            name => {
                Some(Kind::of_table(name).ok_or_else(|| Problem::invalid("type", "is no type"))?)
            }
        };
        let deleted_by = match self.by.as_str() {
            "" => None,
            id => Some(
                id.parse()
                    .map_err(|_| Problem::invalid("by", "is no member"))?,
            ),
        };
        let since = match self.within.as_str() {
            "" => None,
            name => {
                let span = SPANS.iter().find(|span| span.0 == name);
                let span = span.ok_or_else(|| Problem::invalid("within", "is no time"))?;
                Some(now - span.2)
            }
        };
        let q = self.q.trim();
        Ok(TrashFilter {
            kind,
            deleted_by,
            since,
            q: (!q.is_empty()).then(|| q.to_owned()),
            ..TrashFilter::default()
        })
    }

    fn is_narrowed(&self) -> bool {
        [&self.q, &self.kind, &self.by, &self.within]
            .into_iter()
            .any(|field| !field.is_empty())
    }

    fn address(&self, page: u64) -> String {
        let mut address = format!("/trash?page={page}");
        let fields = [
            ("q", &self.q),
            ("type", &self.kind),
            ("by", &self.by),
            ("within", &self.within),
        ];
        for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
            address += &format!("&{name}=");
            for byte in value.bytes() {
                match byte.is_ascii_alphanumeric() {
                    true => address.push(byte.into()),
                    false => address += &format!("%{byte:02X}"),
                }
            }
        }
        address
    }
}

pub async fn list(
    State(app): State<App>,
    visit: Visit,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let (db, caller, now) = (app.db(), &visit.caller, now());
    let paging = Paging {
        page: page_number(&wanted.page)?,
        per_page: PER_PAGE,
    };
    let found = trash::page(&db, caller, paging, &wanted.filter(now)?).await?;
    let actors = found
        .items
        .iter()
        .filter_map(|item| item.deletion.deleted_by);
    let names = Names::of(actors.map(|id| (Kind::Member, id)), caller, &db).await?;
    let members = names::members(caller, &db).await?;
    let main = html! {
        h1 { "Trash" }
        (search(&wanted, &members))
        @if found.items.is_empty() {
            (nothing(&wanted, found.total))
        } @else {
            (table(&found, &names, now))
        }
        (pager(found.page, PER_PAGE, found.total, |page| wanted.address(page)))
    };
    Ok(visit.page("Trash", main))
}

fn search(wanted: &Wanted, members: &[member::Model]) -> Markup {
    html! {
        form.filters role="search" method="get" action="/trash" aria-label="Trash" {
            div.wide {
                label for="q" { "Search" }
                input id="q" name="q" type="search" maxlength="100" value=(wanted.q);
            }
            div {
                label for="type" { "Type" }
                select id="type" name="type" {
                    option value="" { "All types" }
                    @for kind in Kind::ALL {
                        option value=(kind.name()) selected[kind.name() == wanted.kind] { (capital(kind)) }
                    }
                }
            }
            div {
                label for="by" { "Deleted by" }
                select id="by" name="by" {
                    option value="" { "Anyone" }
                    @for member in members {
                        option value=(member.id) selected[member.id.to_string() == wanted.by] {
                            (member.name) @if member.deleted_at.is_some() { " (deleted)" }
                        }
                    }
                }
            }
            div {
                label for="within" { "When" }
                select id="within" name="within" {
                    option value="" { "Any time" }
                    @for (name, text, _) in SPANS {
                        option value=(name) selected[name == wanted.within] { (text) }
                    }
                }
            }
            button type="submit" { "Search" }
            @if wanted.is_narrowed() {
                a.clear href="/trash" { "Clear" }
            }
        }
    }
}

fn nothing(wanted: &Wanted, total: u64) -> Markup {
    html! {
        div.empty {
            @if total > 0 {
                p { "This page is empty." }
                p { a href=(wanted.address(1)) { "To the first page" } }
            } @else if wanted.is_narrowed() {
                p { "Nothing in the trash is like that." }
                p { a href="/trash" { "Show all of it" } }
            } @else {
                p { "The trash is empty." }
                p.quiet { "What is deleted waits here until it is removed for good." }
            }
        }
    }
}

/// A table, which on phones looks like cards. The roles keep it a table there too.
fn table(found: &Page<TrashItem>, names: &Names, now: DateTime<Utc>) -> Markup {
    html! {
        table.trash role="table" {
            caption { (number(found.total, "thing")) " in the trash, newest first" }
            thead role="rowgroup" {
                tr role="row" {
                    @for heading in ["What", "Deleted", "Reason", "Removed for good", "Restore"] {
                        th scope="col" role="columnheader" {
                            @if heading == "Restore" { span.unseen { (heading) } } @else { (heading) }
                        }
                    }
                }
            }
            tbody role="rowgroup" {
                @for item in &found.items {
                    tr role="row" {
                        (row(item, names, now))
                    }
                }
            }
        }
    }
}

fn row(item: &TrashItem, names: &Names, now: DateTime<Utc>) -> Markup {
    let stamp = &item.deletion;
    let title = quoted(&item.title);
    html! {
        th scope="row" role="rowheader" {
            span.badge { (item.kind.name()) } " "
            @match stamp.id {
                Some(deletion) => a.cut href=(format!("/trash/{deletion}")) { (item.title) }
                None => (item.title)
            }
        }
        td role="cell" data-label="Deleted" {
            span { (ago(stamp.deleted_at, now)) (names.by(stamp.deleted_by)) }
        }
        td role="cell" data-label="Reason" {
            @match &stamp.reason {
                Some(reason) => span.text.cut { (reason) }
                None => span.quiet { "none given" }
            }
        }
        td role="cell" data-label="Removed for good" {
            @match item.purge_at {
                Some(time) => (until(time, now))
                None => span.quiet { "never" }
            }
        }
        td.actions role="cell" {
            @if let Some(deletion) = stamp.id {
                form method="post" action=(format!("/trash/{deletion}/restore")) data-opens-dialog {
                    input type="hidden" name="item" value=(format!("{}-{}", item.kind.name(), item.id));
                    input type="hidden" name="etag" value=(item.etag);
                    button.small type="submit" aria-label=(format!("Restore {} {title}", item.kind.name())) { "Restore" }
                }
            }
        }
    }
}

/// The number of a page; none is the first.
pub fn page_number(text: &str) -> Result<u64, Problem> {
    const MOST: u64 = 1_000_000;
    match text {
        "" => Ok(1),
        text => match text.parse() {
            Ok(page @ 1..=MOST) => Ok(page),
            _ => Err(Problem::invalid("page", "is no number of a page")),
        },
    }
}

/// Links to the pages around this one, if there is more than one.
pub fn pager(page: u64, per_page: u64, total: u64, address: impl Fn(u64) -> String) -> Markup {
    let last = total.div_ceil(per_page).max(1);
    html! {
        @if last > 1 {
            nav.pager aria-label="Pages" {
                @if page > 1 {
                    a.button rel="prev" href=(address(page.min(last + 1) - 1)) { "Previous" }
                }
                span { "Page " (page) " of " (last) }
                @if page < last {
                    a.button rel="next" href=(address(page + 1)) { "Next" }
                }
            }
        }
    }
}
