//! The rules of DESIGN.md 4.3 and 4.4, row by row; those of a restore are in `restoring`.

use std::collections::{BTreeMap, BTreeSet};

use soft_delete::OnDelete;

use super::{
    answer::{
        Answer, Blocker, Counts, DeletePlan, Deleted, DeletionNumber, Outcome, Place, Row, Rows,
        Stamp, count,
    },
    layout::Clock,
    operation::{OnConflict, Operation, Target, bit},
    restoring::Restore,
    schema::{Rules, Table, meta},
};

pub type Places = BTreeSet<Place>;

/// How many ids a blocker tells.
const IDS_TOLD: usize = 5;

/// The rows as the rules have them.
#[derive(Clone, Debug)]
pub struct Oracle {
    pub rules: Rules,
    pub clock: Clock,
    pub rows: Rows,
    pub deletions: usize,
    /// The rows that each deletion started from.
    pub roots: Vec<Places>,
    /// How many rows each deletion took.
    pub took: Vec<Counts>,
    /// Rows that the last restore gave the stamp of a parent. Where several parents are deleted, any one's will do.
    pub kept: Places,
}

/// What an operation answers, and what its plan answers before.
pub struct Answers {
    pub plan: Option<Answer>,
    pub answer: Answer,
}

impl From<Answer> for Answers {
    fn from(answer: Answer) -> Self {
        Self { plan: None, answer }
    }
}

impl Oracle {
    pub fn new(rules: &Rules, clock: &Clock) -> Self {
        Self {
            rules: rules.clone(),
            clock: clock.clone(),
            rows: Rows::new(),
            deletions: 0,
            roots: Vec::new(),
            took: Vec::new(),
            kept: Places::new(),
        }
    }

    pub fn apply(&mut self, operation: &Operation) -> Answers {
        self.kept.clear();
        match operation {
            Operation::Insert {
                table,
                id,
                below,
                kind,
                code,
            } => {
                let row = Row {
                    parents: below.iter().copied().collect(),
                    kind: *kind,
                    code: *code,
                    stamp: None,
                };
                self.rows.insert((*table, *id), row);
                Answer::Done.into()
            }
            Operation::SetCode { table, id, code } => {
                if let Some(row) = self.rows.get_mut(&(*table, *id)) {
                    row.code = *code;
                }
                Answer::Done.into()
            }
            Operation::SetKind { table, id, kind } => {
                if let Some(row) = self.rows.get_mut(&(*table, *id)) {
                    row.kind = *kind;
                }
                Answer::Done.into()
            }
            Operation::Purge(bits) => {
                self.rows
                    .retain(|place, row| row.stamp.is_none() || bits & bit(*place) == 0);
                Answer::Done.into()
            }
            Operation::Rewrite { .. } => Answer::Done.into(),
            Operation::ForceDelete { table, id } => {
                self.rows.remove(&(*table, *id));
                Answer::Done.into()
            }
            Operation::Move {
                table,
                id,
                parent,
                to,
            } => {
                if let Some(row) = self.rows.get_mut(&(*table, *id)) {
                    match to {
                        Some(to) => row.parents.insert(*parent, *to),
                        None => row.parents.remove(parent),
                    };
                }
                Answer::Done.into()
            }
            Operation::Delete { table, target, by } => {
                let named = self.named(*table, target);
                let plan = self.delete_plan(*table, &named);
                Answers {
                    answer: self.delete(*table, &named, *by),
                    plan: Some(Answer::DeletePlan(plan)),
                }
            }
            Operation::Restore {
                table,
                target,
                with_parents,
                on_conflict,
            } => {
                let named = self.named(*table, target);
                if matches!(target, Target::Id(_)) && named.is_empty() {
                    return Answers {
                        plan: Some(Answer::NotFound),
                        answer: Answer::NotFound,
                    };
                }
                let restore = Restore::of_rows(self, *table, &named, *with_parents);
                self.run(restore, *on_conflict)
            }
            Operation::Undo { deletion, .. } if *deletion >= self.deletions => Answer::Done.into(),
            Operation::Undo {
                deletion,
                with_parents,
                on_conflict,
            } => {
                let restore = Restore::of_deletion(self, *deletion, *with_parents);
                self.run(restore, *on_conflict)
            }
        }
    }

    /// The operation, without what a database would refuse. `None` if nothing is left of it.
    pub fn possible(&self, mut operation: Operation) -> Option<Operation> {
        let is_free = |table, code: Option<i32>| {
            code.is_none_or(|code| self.active_with_code(table, code).is_none())
        };
        match &mut operation {
            Operation::Insert {
                table, id, code, ..
            } => {
                *code = code.filter(|code| is_free(*table, Some(*code)));
                (!self.rows.contains_key(&(*table, *id))).then_some(operation)
            }
            Operation::SetCode { table, id, code } => {
                let is_possible = !self.is_active((*table, *id)) || is_free(*table, *code);
                is_possible.then_some(operation)
            }
            _ => Some(operation),
        }
    }

    /// The kept rows may have the stamp of any deleted parent: takes over which one they have.
    pub fn settle(&mut self, actual: &Rows) {
        let mut unsettled = std::mem::take(&mut self.kept);
        loop {
            let settles = |place: &Place| {
                let stamps = self
                    .cascade_parents(*place)
                    .filter(|parent| !unsettled.contains(parent));
                let mut stamps = stamps.filter_map(|parent| self.stamp_below(parent, place.0));
                let stamp = actual.get(place)?.stamp?;
                let found = stamps.find(|of_parent| self.told(place.0, *of_parent) == stamp);
                found.map(|of_parent| (*place, of_parent))
            };
            let Some((place, stamp)) = unsettled.iter().find_map(settles) else {
                return;
            };
            unsettled.remove(&place);
            self.row_mut(place).stamp = Some(stamp);
        }
    }

    /// The rows as a database tells them.
    pub fn told_rows(&self) -> Rows {
        let told = self.rows.iter().map(|(place, row)| {
            let stamp = row.stamp.map(|stamp| self.told(place.0, stamp));
            (
                *place,
                Row {
                    stamp,
                    ..row.clone()
                },
            )
        });
        told.collect()
    }

    /// Without an id nothing tells a deletion from others of the same time.
    fn told(&self, table: Table, stamp: Stamp) -> Stamp {
        let deletion = match stamp.id {
            Some(id) => id,
            None => self.clock.first_like(table, stamp.deletion),
        };
        Stamp { deletion, ..stamp }
    }

    fn named(&self, table: Table, target: &Target) -> Places {
        let of_table = self.rows.iter().filter(|((of, _), _)| *of == table);
        let named = of_table.filter(|((_, id), row)| match target {
            Target::Id(named) => id == named,
            Target::Ids(named) => named.contains(id),
            Target::Code(code) => row.code == Some(*code),
            Target::All => true,
        });
        named.map(|(place, _)| *place).collect()
    }

    pub fn row(&self, place: Place) -> &Row {
        &self.rows[&place]
    }

    pub fn row_mut(&mut self, place: Place) -> &mut Row {
        self.rows
            .get_mut(&place)
            .unwrap_or_else(|| panic!("there is no row {place:?}"))
    }

    pub fn is_active(&self, place: Place) -> bool {
        self.rows.get(&place).is_some_and(|row| row.stamp.is_none())
    }

    pub fn is_deleted(&self, place: Place) -> bool {
        self.rows.get(&place).is_some_and(|row| row.stamp.is_some())
    }

    /// Whether one deletion took two deleted rows, for all that their columns say.
    pub fn are_of_one_deletion(&self, one: Place, other: Place) -> bool {
        let (Some(of_one), Some(of_other)) = (self.row(one).stamp, self.row(other).stamp) else {
            return false;
        };
        if let (Some(id), Some(other)) = (of_one.id, of_other.id) {
            return id == other;
        }
        of_one.deletion == of_other.deletion || {
            let at = self.clock.stored(one.0, of_one.deletion);
            at.is_some() && at == self.clock.stored(other.0, of_other.deletion)
        }
    }

    /// Whether an undo of a deletion starts from this row.
    pub fn is_start_of(&self, deletion: DeletionNumber, place: Place) -> bool {
        let Some(stamp) = self.row(place).stamp else {
            return false;
        };
        match self.rules.has_id[place.0] {
            true => stamp.id == Some(deletion),
            false => {
                self.roots[deletion].contains(&place)
                    && self.clock.first_like(place.0, stamp.deletion)
                        == self.clock.first_like(place.0, deletion)
            }
        }
    }

    /// A row below one that the last deletion took, and of another deletion that can't be told from it.
    pub fn taken_for_last(&self) -> Option<Place> {
        let last = self.deletions.checked_sub(1)?;
        let is_of_last = |place: &Place| {
            let stamp = self.row(*place).stamp;
            stamp.is_some_and(|stamp| stamp.deletion == last)
        };
        let mut others = self.rows.keys().copied();
        others.find(|place| {
            let is_other = self.is_deleted(*place) && !is_of_last(place);
            let mut parents = self.cascade_parents(*place);
            is_other
                && parents
                    .any(|parent| is_of_last(&parent) && self.are_of_one_deletion(*place, parent))
        })
    }

    pub fn active_with_code(&self, table: Table, code: i32) -> Option<Place> {
        let mut rows = self.rows.iter();
        let found = rows
            .find(|((of, _), row)| *of == table && row.code == Some(code) && row.stamp.is_none());
        found.map(|(place, _)| *place)
    }

    /// The rows that refer to one through a key with this rule.
    pub fn children(&self, parent: Place, with: OnDelete) -> impl Iterator<Item = Place> {
        let children = self.rows.keys().copied();
        children.filter(move |child| {
            let mut parents = parents(&self.rows, &self.rules, *child);
            parents.any(|(of_child, rule)| of_child == parent && rule == with)
        })
    }

    /// The rows that one is below of through cascading keys.
    pub fn cascade_parents(&self, child: Place) -> impl Iterator<Item = Place> {
        self.parents_by(child, &[OnDelete::Cascade])
    }

    /// The rows that one refers to through keys of these rules.
    pub fn parents_by(&self, child: Place, rules: &[OnDelete]) -> impl Iterator<Item = Place> {
        let parents = parents(&self.rows, &self.rules, child);
        let parents = parents.filter(move |(_, rule)| rules.contains(rule));
        parents.map(|(parent, _)| parent)
    }

    /// Delete: the active rows named, and active rows below them.
    fn reached(&self, roots: Places) -> Places {
        let mut reached = Places::new();
        let mut next: Vec<_> = roots.into_iter().collect();
        while let Some(place) = next.pop() {
            if reached.insert(place) {
                let children = self.children(place, OnDelete::Cascade);
                next.extend(children.filter(|child| self.is_active(*child)));
            }
        }
        reached
    }

    pub fn active_of(&self, places: &Places) -> Places {
        places
            .iter()
            .copied()
            .filter(|place| self.is_active(*place))
            .collect()
    }

    /// Active rows outside of a deletion that refer to its rows through keys with this rule, by child and parent table.
    fn referring(
        &self,
        reached: &Places,
        with: OnDelete,
    ) -> BTreeMap<(Table, Table), BTreeSet<i64>> {
        let mut found = BTreeMap::<_, BTreeSet<_>>::new();
        for parent in reached {
            let children = self.children(*parent, with);
            for child in children.filter(|child| self.is_active(*child) && !reached.contains(child))
            {
                found
                    .entry((child.0, parent.0))
                    .or_default()
                    .insert(child.1);
            }
        }
        found
    }

    fn delete_plan(&self, table: Table, named: &Places) -> DeletePlan {
        let roots = self.active_of(named);
        let reached = self.reached(roots.clone());
        let blockers = self.referring(&reached, OnDelete::Restrict).into_iter();
        let set_null = self.referring(&reached, OnDelete::SetNull).into_iter();
        debug_assert!(roots.iter().all(|(of, _)| *of == table));
        DeletePlan {
            roots: roots.len() as u64,
            rows: count(&reached),
            blockers: blockers
                .map(|((child, parent), ids)| Blocker {
                    child,
                    parent,
                    rows: ids.len() as u64,
                    first_ids: ids.into_iter().take(IDS_TOLD).collect(),
                })
                .collect(),
            set_null: set_null
                .map(|(tables, ids)| (tables, ids.len() as u64))
                .collect(),
        }
    }

    pub fn delete(&mut self, table: Table, named: &Places, by: Option<i64>) -> Answer {
        let plan = self.delete_plan(table, named);
        if !plan.blockers.is_empty() {
            return Answer::Restricted(plan.blockers);
        }
        let roots = self.active_of(named);
        let outcome = match roots.is_empty() {
            false => Outcome::Deleted,
            true => named
                .iter()
                .filter_map(|place| self.row(*place).stamp)
                .map(|stamp| stamp.deletion)
                .max_by_key(|deletion| self.clock.stored(table, *deletion))
                .map(|deletion| self.clock.first_like(table, deletion))
                .map_or(Outcome::NotFound, Outcome::AlreadyDeleted),
        };
        let by = by.filter(|_| meta(table).stamp.deleted_by.is_some());
        self.roots.push(roots.clone());
        let reached = self.reached(roots);
        for ((child, parent), ids) in self.referring(&reached, OnDelete::SetNull) {
            for id in ids {
                self.row_mut((child, id)).parents.remove(&parent);
            }
        }
        let deletion = self.deletions;
        for place in &reached {
            let stamp = Stamp {
                deletion,
                id: Some(deletion),
                by,
            };
            self.row_mut(*place).stamp = Some(self.as_stored(stamp, place.0));
        }
        self.deletions += 1;
        self.took.push(plan.rows.clone());
        Answer::Deleted(Deleted {
            outcome,
            roots: plan.roots,
            rows: plan.rows,
        })
    }

    /// A deleted row's stamp, as a row of another table gets it.
    fn stamp_below(&self, parent: Place, table: Table) -> Option<Stamp> {
        let stamp = self.row(parent).stamp?;
        Some(self.as_stored(stamp, table))
    }

    /// A stamp as a table has columns for it.
    fn as_stored(&self, stamp: Stamp, table: Table) -> Stamp {
        Stamp {
            id: stamp.id.filter(|_| self.rules.has_id[table]),
            by: stamp.by.filter(|_| meta(table).stamp.deleted_by.is_some()),
            ..stamp
        }
    }

    fn run(&mut self, mut restore: Restore, on_conflict: OnConflict) -> Answers {
        if let Err(restricted) = restore.resolve(on_conflict) {
            return Answers {
                plan: Some(restricted.clone()),
                answer: restricted,
            };
        }
        let (restored, parents, conflict) = restore.answer();
        let answer = if !parents.is_empty() {
            Answer::ParentDeleted {
                parents: parents.clone(),
                conflict: conflict.clone(),
            }
        } else if !conflict.is_empty() {
            Answer::Conflict(conflict.clone())
        } else {
            *self = restore.done();
            Answer::Restored(restored.clone())
        };
        Answers {
            plan: Some(Answer::RestorePlan {
                restored,
                parents,
                conflict,
            }),
            answer,
        }
    }
}

/// The rows that one refers to by its keys, where their conditions hold, with the keys' rules.
pub fn parents<'r>(
    rows: &'r Rows,
    rules: &'r Rules,
    child: Place,
) -> impl Iterator<Item = (Place, OnDelete)> + 'r {
    let row = &rows[&child];
    row.parents.iter().filter_map(move |(table, id)| {
        let parent = (*table, *id);
        let key = rules.key(child.0, parent.0)?;
        let holds = key.when.holds(row.kind, rows.get(&parent)?.kind);
        holds.then_some((parent, key.rule))
    })
}
