//! What several commands print.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::{
    key::Key,
    output::{DIM, GREEN, YELLOW, clean_line, rows},
};
use soft_delete_core::{
    Conflict, ConflictingRow, DeletedParent, Deletion, Restoration, RestorePlan, RowValue,
    TableCounts, TableName,
};

/// Rows of one table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct TableRows {
    pub(super) table: String,
    pub(super) rows: u64,
}

pub(super) fn by_table(tables: &TableCounts) -> Vec<TableRows> {
    let tables = tables.iter().map(|(table, rows)| TableRows {
        table: table.to_string(),
        rows,
    });
    tables.collect()
}

/// Adds up rows of the same tables.
pub(super) fn add(tables: &mut Vec<TableRows>, more: Vec<TableRows>) {
    for of in more {
        match tables.iter_mut().find(|known| known.table == of.table) {
            Some(known) => known.rows += of.rows,
            None => tables.push(of),
        }
    }
}

/// A row by its table and key.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct RowName {
    table: String,
    key: Key,
}

impl fmt::Display for RowName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.table, clean_line(&self.key.to_string()))
    }
}

/// `1 post, 12 comment`
pub(super) fn list(tables: &[TableRows]) -> String {
    let tables: Vec<_> = tables
        .iter()
        .map(|of| format!("{} {}", of.rows, of.table))
        .collect();
    match tables.as_slice() {
        [] => "nothing".to_owned(),
        tables => tables.join(", "),
    }
}

/// Deleted parents that forbid a restore.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub(super) struct Parents(Vec<Parent>);

#[derive(Clone, Debug, Serialize)]
struct Parent {
    table: String,
    key: Key,
    relation: String,
    parent_table: String,
    parent_key: Key,
}

impl Parents {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Parents {
    pub(super) fn extend(&mut self, more: Self) {
        self.0.extend(more.0);
    }
}

impl Conflicts {
    pub(super) fn extend(&mut self, more: Self) {
        self.0.extend(more.0);
    }
}

impl From<&[DeletedParent]> for Parents {
    fn from(parents: &[DeletedParent]) -> Self {
        let parents = parents.iter().cloned().map(|of| Parent {
            table: of.table.to_string(),
            key: Key::new(of.key),
            relation: of.relation,
            parent_table: of.parent_table.to_string(),
            parent_key: Key::new(of.parent_key),
        });
        Self(parents.collect())
    }
}

/// A line for each, after a line's end.
impl fmt::Display for Parents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for of in &self.0 {
            let line = format!(
                "{} {} is below {} {}",
                of.table, of.key, of.parent_table, of.parent_key
            );
            write!(f, "\n  {}", clean_line(&line))?;
        }
        Ok(())
    }
}

/// Unique values that are taken.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub(super) struct Conflicts(Vec<Taken>);

#[derive(Clone, Debug, Serialize)]
struct Taken {
    table: String,
    key: Key,
    unique: String,
    columns: Vec<String>,
    values: Vec<RowValue>,
    holder: Key,
    holder_is_active: bool,
}

impl Conflicts {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&Conflict> for Conflicts {
    fn from(conflict: &Conflict) -> Self {
        let taken = |row: &ConflictingRow| Taken {
            table: row.table.to_string(),
            key: Key::new(row.key.clone()),
            unique: row.unique.clone(),
            columns: row.columns.clone(),
            values: row.values.iter().cloned().map(RowValue).collect(),
            holder: Key::new(row.holder.clone()),
            holder_is_active: row.holder_is_active,
        };
        Self(conflict.iter().map(taken).collect())
    }
}

/// A line for each, after a line's end.
impl fmt::Display for Conflicts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for of in &self.0 {
            let values = of.columns.iter().zip(&of.values);
            let values: Vec<_> = values
                .map(|(column, value)| format!("{column} = {}", value.text()))
                .collect();
            let holder = if of.holder_is_active {
                "active row"
            } else {
                "restored row"
            };
            let line = format!(
                "{} {}: {holder} {} has {}",
                of.table,
                of.key,
                of.holder,
                values.join(" and ")
            );
            write!(f, "\n  {}", clean_line(&line))?;
        }
        Ok(())
    }
}

/// The deletion of an active row that was in the way of a restore.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Replaced {
    deletion_id: Uuid,
    deleted_at: DateTime<Utc>,
    tables: Vec<TableRows>,
}

impl From<&Deletion> for Replaced {
    fn from(deletion: &Deletion) -> Self {
        Self {
            deletion_id: deletion.id(),
            deleted_at: deletion.deleted_at(),
            tables: by_table(deletion.rows_by_table()),
        }
    }
}

/// What a restore did, or would do.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Restored {
    pub(super) dry_run: bool,
    pub(super) restored: Vec<TableRows>,
    /// Rows that were named and are active already.
    pub(super) not_deleted: Vec<RowName>,
    /// Rows that stay deleted because another parent of theirs is.
    kept: Vec<TableRows>,
    /// Rows that were left out for a conflict.
    skipped: Vec<TableRows>,
    /// Deletions of active rows that were in the way.
    replaced: Vec<Replaced>,
    pub(super) parents: Parents,
    pub(super) conflicts: Conflicts,
}

impl Restored {
    pub(super) fn is_allowed(&self) -> bool {
        self.parents.is_empty() && self.conflicts.is_empty()
    }

    /// Whether there was nothing to restore.
    fn is_nothing(&self) -> bool {
        let tables = [&self.restored, &self.kept, &self.skipped];
        self.is_allowed() && tables.iter().all(|tables| tables.is_empty())
    }

    /// Of the row of that name. Where it was not deleted, that is told.
    pub(super) fn of_row(mut self, table: &TableName, key: &Key) -> Self {
        if self.is_nothing() {
            self.not_deleted.push(RowName {
                table: table.to_string(),
                key: key.clone(),
            });
        }
        self
    }

    /// Of several rows together.
    pub(super) fn extend(&mut self, more: Self) {
        add(&mut self.restored, more.restored);
        add(&mut self.kept, more.kept);
        add(&mut self.skipped, more.skipped);
        self.not_deleted.extend(more.not_deleted);
        self.replaced.extend(more.replaced);
        self.parents.extend(more.parents);
        self.conflicts.extend(more.conflicts);
    }
}

impl From<Restoration> for Restored {
    fn from(restoration: Restoration) -> Self {
        Self {
            dry_run: false,
            not_deleted: Vec::new(),
            restored: by_table(restoration.rows_by_table()),
            kept: by_table(restoration.kept()),
            skipped: by_table(restoration.skipped()),
            replaced: restoration.replaced.iter().map(Replaced::from).collect(),
            parents: Parents::default(),
            conflicts: Conflicts::default(),
        }
    }
}

impl From<RestorePlan> for Restored {
    fn from(plan: RestorePlan) -> Self {
        Self {
            dry_run: true,
            parents: plan.parents.as_slice().into(),
            conflicts: (&plan.conflict).into(),
            ..plan.restoration.into()
        }
    }
}

impl fmt::Display for Restored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [restored, kept, skipped, replaced] = if self.dry_run {
            [
                "would restore",
                "would stay deleted",
                "would be left out",
                "would be deleted",
            ]
        } else {
            ["restored", "still deleted", "left out", "deleted"]
        };
        for (place, row) in self.not_deleted.iter().enumerate() {
            let end = if place + 1 < self.not_deleted.len() {
                "\n"
            } else {
                ""
            };
            write!(f, "{row} is not deleted, there is nothing to restore{end}")?;
        }
        if self.is_nothing() && !self.not_deleted.is_empty() {
            return Ok(());
        }
        if !self.not_deleted.is_empty() {
            f.write_str("\n")?;
        }
        let total: u64 = self.restored.iter().map(|of| of.rows).sum();
        let style = if self.is_allowed() { GREEN } else { DIM };
        write!(f, "{style}{restored}{style:#}: {}", list(&self.restored))?;
        if self.restored.len() > 1 {
            write!(f, " ({})", rows(total))?;
        }
        if !self.kept.is_empty() {
            write!(
                f,
                "\n{kept}, because another parent is: {}",
                list(&self.kept)
            )?;
        }
        if !self.skipped.is_empty() {
            write!(
                f,
                "\n{skipped}, because unique values are taken: {}",
                list(&self.skipped)
            )?;
        }
        for deletion in &self.replaced {
            write!(
                f,
                "\n{replaced}, because it was in the way: {}",
                list(&deletion.tables)
            )?;
        }
        if !self.parents.is_empty() {
            write!(
                f,
                "\n{YELLOW}refused{YELLOW:#}, a parent is deleted:{}",
                self.parents
            )?;
        }
        if !self.conflicts.is_empty() {
            write!(
                f,
                "\n{YELLOW}refused{YELLOW:#}, unique values are taken:{}",
                self.conflicts
            )?;
        }
        Ok(())
    }
}
