//! What a restore brings back by the rules of DESIGN.md 4.4, row by row.

use soft_delete::OnDelete;

use super::{
    answer::{
        Answer, Counts, Deleted, DeletedParent, DeletionNumber, Held, Place, Restored, count,
    },
    operation::OnConflict,
    oracle::{Oracle, Places},
    schema::{TABLES, Table},
};

/// Keys whose parent must be active if the row is.
const ALL: [OnDelete; 3] = [OnDelete::Cascade, OnDelete::Restrict, OnDelete::SetNull];

/// Those of them for which a row below does not just stay deleted with its parent.
const NOT_CASCADING: [OnDelete; 2] = [OnDelete::Restrict, OnDelete::SetNull];

/// How often `Rename` is asked for a value that is free.
const RENAMES: usize = 8;

/// A restore under way.
pub struct Restore {
    oracle: Oracle,
    /// The table of the rows named, if it is not a whole deletion.
    table: Option<Table>,
    /// The deletion, if it is a whole one.
    deletion: Option<DeletionNumber>,
    /// Rows named: they come back, are skipped, or nothing does.
    named: Places,
    /// Their deleted parents, up to the top. They come back, or nothing does.
    parents: Places,
    /// Rows below those named.
    below: Places,
    kept: Places,
    skipped: Places,
    replaced: Vec<Deleted>,
    forbidden: Vec<DeletedParent>,
}

impl Restore {
    fn new(oracle: &Oracle, table: Option<Table>) -> Self {
        Self {
            oracle: oracle.clone(),
            table,
            deletion: None,
            named: Places::new(),
            parents: Places::new(),
            below: Places::new(),
            kept: Places::new(),
            skipped: Places::new(),
            replaced: Vec::new(),
            forbidden: Vec::new(),
        }
    }

    /// The rows named, and below each those that the same deletion took.
    pub fn of_rows(oracle: &Oracle, table: Table, named: &Places, with_parents: bool) -> Self {
        let mut restore = Self::new(oracle, Some(table));
        let deleted = named
            .iter()
            .copied()
            .filter(|place| oracle.is_deleted(*place));
        restore.named = deleted.collect();
        for named in restore.named.clone() {
            restore.take_below(named);
        }
        restore.keep();
        restore.add_parents(with_parents);
        restore
    }

    fn add_parents(&mut self, with_parents: bool) {
        while with_parents && self.take_parents() {
            let kept = std::mem::take(&mut self.kept);
            self.below.extend(kept.difference(&self.parents));
            self.keep();
        }
    }

    /// The rows that have a deletion's id and those that it started from, and below each of them those that it took. Those below
    /// others count as below, the others as named.
    pub fn of_deletion(oracle: &Oracle, deletion: DeletionNumber, with_parents: bool) -> Self {
        let mut restore = Self::new(oracle, None);
        restore.deletion = Some(deletion);
        let rows = oracle.rows.keys().copied();
        let rows = rows.filter(|place| oracle.is_start_of(deletion, *place));
        restore.named = rows.collect();
        for named in restore.named.clone() {
            restore.take_below(named);
        }
        let rows = restore.members();
        let is_below = |place: &Place| {
            let mut parents = oracle.cascade_parents(*place);
            parents.any(|parent| parent != *place && rows.contains(&parent))
        };
        (restore.below, restore.named) = rows.iter().copied().partition(is_below);
        restore.keep();
        restore.add_parents(with_parents);
        restore
    }

    fn take_below(&mut self, root: Place) {
        let mut seen = Places::from([root]);
        let mut next = vec![root];
        while let Some(place) = next.pop() {
            for child in self.oracle.children(place, OnDelete::Cascade) {
                if self.oracle.are_of_one_deletion(child, place) && seen.insert(child) {
                    next.push(child);
                }
            }
        }
        self.below.extend(seen.difference(&self.named));
    }

    /// Tells whether there were any.
    fn take_parents(&mut self) -> bool {
        let missing: Places = self.missing_parents().map(|(_, parent)| parent).collect();
        self.parents.extend(&missing);
        !missing.is_empty()
    }

    /// Rows that come back, each with a parent that it must have and that does not. A row below stays deleted with a cascading parent.
    fn missing_parents(&self) -> impl Iterator<Item = (Place, Place)> {
        let must = self.named.union(&self.parents).map(|row| (*row, &ALL[..]));
        let below = self.below.iter().map(|row| (*row, &NOT_CASCADING[..]));
        must.chain(below).flat_map(|(row, rules)| {
            let parents = self.oracle.parents_by(row, rules);
            let missing = parents
                .filter(|parent| self.oracle.is_deleted(*parent) && !self.comes_back(*parent));
            missing.map(move |parent| (row, parent))
        })
    }

    fn comes_back(&self, place: Place) -> bool {
        [&self.named, &self.parents, &self.below]
            .iter()
            .any(|places| places.contains(&place))
    }

    fn members(&self) -> Places {
        [&self.named, &self.parents, &self.below]
            .into_iter()
            .flatten()
            .copied()
            .collect()
    }

    fn parents_that_stay_deleted(&self, place: Place) -> impl Iterator<Item = Place> {
        let parents = self.oracle.cascade_parents(place);
        parents.filter(|parent| self.oracle.is_deleted(*parent) && !self.comes_back(*parent))
    }

    fn is_below_deleted(&self, place: Place) -> bool {
        self.parents_that_stay_deleted(place).next().is_some()
    }

    /// Keeps rows below a parent that stays deleted, and then what is below those.
    fn keep(&mut self) {
        while let Some(place) = self
            .below
            .iter()
            .copied()
            .find(|place| self.is_below_deleted(*place))
        {
            self.below.remove(&place);
            self.kept.insert(place);
        }
    }

    /// Rows that must come back, and can't for a parent that does not.
    fn forbid(&mut self) {
        if self.forbidden.is_empty() {
            let missing = self.missing_parents();
            let forbidden = missing.map(|(row, parent)| DeletedParent { row, parent });
            self.forbidden = forbidden.collect();
            self.forbidden.sort();
        }
    }

    /// The rows whose code is taken: by an active row, else by the first row that comes back with the same.
    fn conflict(&self) -> Vec<Held> {
        let members = self.members();
        let code = |place: &Place| self.oracle.row(*place).code;
        let conflicts = members.iter().filter_map(|place| {
            let code = code(place)?;
            let active = self.oracle.active_with_code(place.0, code);
            let same =
                |other: &&Place| other.0 == place.0 && self.oracle.row(**other).code == Some(code);
            let first = members
                .iter()
                .find(same)
                .copied()
                .filter(|first| first != place);
            Some(Held {
                row: *place,
                code,
                holder: active.or(first)?,
                holder_is_active: active.is_some(),
            })
        });
        conflicts.collect()
    }

    /// Does what can be done about conflicts. `Replace` may be forbidden to.
    pub fn resolve(&mut self, on_conflict: OnConflict) -> Result<(), Answer> {
        self.keep();
        self.forbid();
        if self.table.is_none() && !self.forbidden.is_empty() {
            // Nothing was named: what can't come back for its parent is in no conflict, and nothing is done about other ones.
            self.below.append(&mut self.named);
            self.keep();
            return Ok(());
        }
        match on_conflict {
            OnConflict::Fail => {}
            OnConflict::Skip => self.skip(),
            OnConflict::Replace => self.replace()?,
            OnConflict::RenameBy(_) | OnConflict::RenameToNull => self.rename(on_conflict),
        }
        self.forbid();
        Ok(())
    }

    /// Leaves out the rows in conflict, and then what is below those.
    fn skip(&mut self) {
        let conflict = self.conflict();
        if conflict.is_empty() {
            return;
        }
        // A row that is left out needs no parent.
        self.forbidden.clear();
        for held in conflict {
            self.leave_out(held.row);
        }
        loop {
            let left = self.named.iter().chain(&self.below).copied();
            let below = |place: &Place| {
                let mut parents = self.oracle.parents_by(*place, &ALL);
                parents.any(|parent| self.skipped.contains(&parent))
            };
            let Some(place) = left.into_iter().find(below) else {
                return;
            };
            self.leave_out(place);
        }
    }

    fn leave_out(&mut self, place: Place) {
        if self.named.remove(&place) || self.below.remove(&place) {
            self.skipped.insert(place);
        }
    }

    /// Deletes the active rows that have the codes: one deletion for each table.
    fn replace(&mut self) -> Result<(), Answer> {
        let conflict = self.conflict();
        if conflict.is_empty() {
            return Ok(());
        }
        self.forbidden.clear();
        for table in 0..TABLES {
            let active = conflict
                .iter()
                .filter(|held| held.holder_is_active && held.row.0 == table);
            let holders: Places = active.map(|held| held.holder).collect();
            if self.oracle.active_of(&holders).is_empty() {
                continue;
            }
            match self.oracle.delete(table, &holders, None) {
                Answer::Deleted(deleted) => self.replaced.push(deleted),
                restricted => return Err(restricted),
            }
        }
        self.keep();
        Ok(())
    }

    fn rename(&mut self, on_conflict: OnConflict) {
        for _ in 0..RENAMES {
            for held in self.conflict() {
                self.oracle.row_mut(held.row).code = on_conflict.renamed(held.code);
            }
        }
    }

    pub fn answer(&self) -> (Restored, Vec<DeletedParent>, Vec<Held>) {
        let rows = count(&self.members());
        let restored = Restored {
            in_own_table: self
                .table
                .map(|table| rows.get(&table).copied().unwrap_or_default()),
            rows,
            kept: count(&self.kept),
            skipped: count(&self.skipped),
            not_found: self.not_found(),
            replaced: self.replaced.clone(),
        };
        (restored, self.forbidden.clone(), self.conflict())
    }

    /// What the deletion took and is not of it any more.
    fn not_found(&self) -> Counts {
        let Some(deletion) = self.deletion else {
            return Counts::new();
        };
        let found: Places = self.members();
        let found = count(found.union(&self.kept).chain(&self.skipped));
        let took = self.oracle.took[deletion].iter();
        took.map(|(table, rows)| {
            let found = found.get(table).copied().unwrap_or_default();
            (*table, rows.saturating_sub(found))
        })
        .filter(|(_, rows)| *rows > 0)
        .collect()
    }

    pub fn done(self) -> Oracle {
        let members = self.members();
        let mut oracle = self.oracle;
        for place in members {
            oracle.row_mut(place).stamp = None;
        }
        oracle.kept = self.kept;
        oracle
    }
}
