//! What stands in the way of a restore, and what can be chosen.

use maud::{Markup, html};

use super::{
    names::{Named, Names},
    projects,
    words::quoted,
};
use crate::{
    auth::Caller,
    db::Db,
    kind::Kind,
    policy::Action,
    problem::Problem,
    text::renamed,
    view::{ConflictView, ParentView},
};

#[derive(Debug)]
pub struct Obstacles {
    conflicts: Vec<ConflictView>,
    parents: Vec<ParentView>,
    names: Names,
    may_replace: bool,
}

impl Obstacles {
    pub async fn new(
        conflicts: Vec<ConflictView>,
        mut parents: Vec<ParentView>,
        caller: &Caller,
        db: &Db,
    ) -> Result<Self, Problem> {
        // Many rows may belong to the same parent: it is told once.
        parents.sort_by_key(|row| (row.parent.kind, row.parent.id, row.kind, row.id));
        parents.dedup_by_key(|row| (row.parent.kind, row.parent.id));
        let holders = conflicts.iter().flat_map(|row| {
            let holder = row.holder.as_ref().map(|holder| (row.kind, holder.id));
            [(row.kind, row.id)].into_iter().chain(holder)
        });
        let above = parents
            .iter()
            .flat_map(|row| [(row.kind, row.id), (row.parent.kind, row.parent.id)]);
        let names = Names::of(holders.chain(above), caller, db).await?;
        let mut taken = conflicts.iter();
        let may_replace = taken.all(|row| caller.may(Action::Replace, row.kind, false));
        Ok(Self {
            may_replace,
            conflicts,
            parents,
            names,
        })
    }

    pub fn are_none(&self) -> bool {
        self.conflicts.is_empty() && self.parents.is_empty()
    }

    /// What is in the way, a line each.
    pub fn list(&self) -> Markup {
        html! {
            ul.obstacles {
                @for row in &self.conflicts {
                    li { (self.conflict(row)) }
                }
                @for row in &self.parents {
                    li { (self.parent(row)) }
                }
            }
        }
    }

    fn conflict(&self, row: &ConflictView) -> Markup {
        let taken = taken(row);
        html! {
            (self.name(row.kind, row.id)) " had the " (taken.0) " " code { (taken.1) } ". "
            @match &row.holder {
                Some(holder) if holder.active => { (self.link(row.kind, holder.id)) " has it now." }
                Some(holder) => { (self.name(row.kind, holder.id)) " has it too, and would come back as well." }
                None => { "Another workspace has it now." }
            }
        }
    }

    fn parent(&self, row: &ParentView) -> Markup {
        html! {
            (self.name(row.kind, row.id)) " belongs to the " (row.parent.kind.name()) " "
            (self.link(row.parent.kind, row.parent.id)) ", which is in the trash."
        }
    }

    /// The parts of the form that say what to do.
    pub fn choices(&self) -> Markup {
        html! {
            @if !self.parents.is_empty() {
                input type="hidden" name="with_parents" value="true";
                p {
                    "It can come back together with what it belongs to: " (self.parent_names())
                    ". What else was deleted with that stays in the trash."
                }
            }
            @if !self.conflicts.is_empty() {
                fieldset {
                    legend { "What shall happen?" }
                    (choice("rename", "Rename", true, html! { "It comes back under another name, such as " (self.new_names()) "." }))
                    @if self.may_replace {
                        (choice("replace", "Replace", false, html! { (self.holders()) " goes to the trash, and this takes its place." }))
                    }
                    (choice("skip", "Skip", false, html! {
                        (self.losers()) " and what is below stays in the trash; the rest comes back."
                    }))
                }
            }
        }
    }

    pub fn submit(&self) -> &'static str {
        match (self.parents.is_empty(), self.conflicts.is_empty()) {
            (false, true) => "Restore the parents too",
            _ => "Restore",
        }
    }

    fn new_names(&self) -> Markup {
        let names: Vec<_> = self
            .conflicts
            .iter()
            .map(|row| renamed(&taken(row).1))
            .collect();
        html! {
            @for (n, name) in names.iter().enumerate() {
                @if n > 0 { ", " }
                code { (name) }
            }
        }
    }

    fn holders(&self) -> String {
        let holders = self
            .conflicts
            .iter()
            .filter_map(|row| Some(self.name(row.kind, row.holder.as_ref()?.id)));
        holders.collect::<Vec<_>>().join(", ")
    }

    fn losers(&self) -> String {
        let losers = self.conflicts.iter().map(|row| self.name(row.kind, row.id));
        losers.collect::<Vec<_>>().join(", ")
    }

    fn parent_names(&self) -> String {
        let parents = self
            .parents
            .iter()
            .map(|row| self.name(row.parent.kind, row.parent.id));
        parents.collect::<Vec<_>>().join(", ")
    }

    fn name(&self, kind: Kind, id: i64) -> String {
        match self.names.title(kind, id) {
            Some(title) => quoted(title),
            None => format!("{} {id}", kind.name()),
        }
    }

    /// The name, and the page of it if there is one.
    fn link(&self, kind: Kind, id: i64) -> Markup {
        let address = match (self.names.get(kind, id), kind) {
            (
                Some(Named {
                    stamp: Some(stamp), ..
                }),
                _,
            ) => stamp.id.map(|id| format!("/trash/{id}")),
            (Some(_), Kind::Project) => Some(projects::address(id)),
            _ => None,
        };
        html! {
            @match address {
                Some(address) => a href=(address) { (self.name(kind, id)) }
                None => (self.name(kind, id))
            }
        }
    }
}

/// The column and the value that people know: the slug, and not whose it is.
fn taken(row: &ConflictView) -> (String, String) {
    let mut values = row
        .values
        .iter()
        .filter(|(column, _)| !column.ends_with("_id"));
    values
        .next()
        .map(|(column, value)| (column.clone(), value.clone()))
        .unwrap_or_default()
}

fn choice(value: &str, name: &str, is_first: bool, about: Markup) -> Markup {
    let id = format!("choice-{value}");
    html! {
        div.choice {
            input id=(id) type="radio" name="on_conflict" value=(value) required checked[is_first]
                aria-describedby=(format!("{id}-about"));
            div {
                label for=(id) { (name) }
                p.quiet id=(format!("{id}-about")) { (about) }
            }
        }
    }
}
