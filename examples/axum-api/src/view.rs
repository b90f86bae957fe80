//! What the API shows of deletions, restores and what stands in their way.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use schemars::{JsonSchema, Schema};
use sea_orm::Value;
use serde::Serialize;
use soft_delete::{
    Blocker, ConflictingRow, DeletePlan, DeletedParent, Deletion, Outcome, Registry, Restoration,
    RestorePlan, TableCounts, TableName,
};
use uuid::Uuid;

use crate::kind::Kind;

/// A page of items.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(transform = always)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Which page this is. The first is 1.
    pub page: u64,
    /// How many items a page has.
    pub per_page: u64,
    /// How many items there are on all pages.
    pub total: u64,
}

/// What a deleted row knows of its deletion.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(transform = always)]
pub struct StampView {
    /// The deletion's id. What was deleted along with it has the same.
    pub id: Option<Uuid>,
    pub deleted_at: DateTime<Utc>,
    /// The member who deleted it.
    pub deleted_by: Option<i64>,
    pub reason: Option<String>,
}

/// Rows of one kind.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(transform = always)]
pub struct RowCount {
    #[serde(rename = "type")]
    pub kind: Kind,
    pub rows: u64,
}

/// Where something is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(transform = always)]
pub struct SelfLink {
    #[serde(rename = "self")]
    pub itself: String,
}

/// One delete and what it took.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(transform = always)]
pub struct DeletionView {
    /// The deletion's id; null if there was nothing to delete.
    pub id: Option<Uuid>,
    pub deleted_at: DateTime<Utc>,
    pub outcome: OutcomeView,
    /// What it took, by kind.
    pub rows: Vec<RowCount>,
    pub links: DeletionLinks,
}

/// Whether this call deleted it.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeView {
    Deleted,
    AlreadyDeleted,
}

/// What can be done with a deletion.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(transform = always)]
pub struct DeletionLinks {
    /// POST there takes it back.
    pub undo: Option<String>,
}

/// What a restore brought back.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[schemars(transform = always)]
pub struct RestorationView {
    pub rows: Vec<RowCount>,
    /// What stays deleted because something else that it belongs to is.
    pub kept: Vec<RowCount>,
    /// What `on_conflict: skip` left deleted.
    pub skipped: Vec<RowCount>,
    /// The deletions that `on_conflict: replace` made.
    pub replaced: Vec<DeletionView>,
}

/// What a delete would do.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(transform = always)]
pub struct DeletePlanView {
    pub allowed: bool,
    pub rows: Vec<RowCount>,
    /// What would lose a reference.
    pub set_null: Vec<SetNullView>,
    /// What forbids it.
    pub blockers: Vec<BlockerView>,
}

/// Rows that would lose a reference.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(transform = always)]
pub struct SetNullView {
    #[serde(rename = "type")]
    pub kind: Kind,
    pub relation: String,
    pub rows: u64,
}

/// Active rows that refer to those to be deleted.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(transform = always)]
pub struct BlockerView {
    #[serde(rename = "type")]
    pub kind: Kind,
    pub relation: String,
    /// How many there are.
    pub rows: u64,
    /// The first of them.
    pub ids: Vec<i64>,
    /// The same, as addresses.
    pub links: Vec<String>,
}

/// What a restore would do.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[schemars(transform = always)]
pub struct RestorePlanView {
    pub allowed: bool,
    pub rows: Vec<RowCount>,
    pub kept: Vec<RowCount>,
    pub conflicts: Vec<ConflictView>,
    pub parents: Vec<ParentView>,
}

/// A row to be restored whose unique values another one has.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(transform = always)]
pub struct ConflictView {
    #[serde(rename = "type")]
    pub kind: Kind,
    pub id: i64,
    /// The values that are taken, by column.
    pub values: BTreeMap<String, String>,
    /// Null if it is of another workspace: a member's address and a workspace's slug are unique among all.
    pub holder: Option<HolderView>,
    pub links: SelfLink,
}

/// The row that has the values.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(transform = always)]
pub struct HolderView {
    pub id: i64,
    /// Whether it is active. If not, it is another one that the same restore would bring back.
    pub active: bool,
    pub links: SelfLink,
}

/// A row to be restored that belongs to a deleted one.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(transform = always)]
pub struct ParentView {
    #[serde(rename = "type")]
    pub kind: Kind,
    pub id: i64,
    pub relation: String,
    pub parent: DeletedParentView,
}

/// The deleted one.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(transform = always)]
pub struct DeletedParentView {
    #[serde(rename = "type")]
    pub kind: Kind,
    pub id: i64,
    pub links: ParentLinks,
}

/// Where it is, and where it is restored.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(transform = always)]
pub struct ParentLinks {
    #[serde(rename = "self")]
    pub itself: String,
    pub restore: String,
}

impl From<&Deletion> for DeletionView {
    fn from(deletion: &Deletion) -> Self {
        let (outcome, id) = match deletion.outcome() {
            Outcome::Deleted => (OutcomeView::Deleted, Some(deletion.id())),
            _ => (OutcomeView::AlreadyDeleted, None),
        };
        Self {
            id,
            deleted_at: deletion.deleted_at(),
            outcome,
            rows: counts(deletion.rows_by_table()),
            links: DeletionLinks {
                undo: id.map(undo_link),
            },
        }
    }
}

impl DeletionView {
    /// A deletion that was there before.
    pub fn earlier(stamp: &StampView) -> Self {
        Self {
            id: stamp.id,
            deleted_at: stamp.deleted_at,
            outcome: OutcomeView::AlreadyDeleted,
            rows: Vec::new(),
            links: DeletionLinks {
                undo: stamp.id.map(undo_link),
            },
        }
    }
}

impl From<&Restoration> for RestorationView {
    fn from(restoration: &Restoration) -> Self {
        Self {
            rows: counts(restoration.rows_by_table()),
            kept: counts(restoration.kept()),
            skipped: counts(restoration.skipped()),
            replaced: restoration.replaced.iter().map(Into::into).collect(),
        }
    }
}

impl RestorationView {
    /// Counts another restore in.
    pub fn add(&mut self, other: Self) {
        add_counts(&mut self.rows, other.rows);
        add_counts(&mut self.kept, other.kept);
        add_counts(&mut self.skipped, other.skipped);
        self.replaced.extend(other.replaced);
    }
}

impl RestorePlanView {
    /// Counts the plan of another restore in.
    pub fn add(&mut self, other: Self) {
        add_counts(&mut self.rows, other.rows);
        add_counts(&mut self.kept, other.kept);
        self.conflicts.extend(other.conflicts);
        self.parents.extend(other.parents);
        self.allowed = self.conflicts.is_empty() && self.parents.is_empty();
    }
}

fn add_counts(all: &mut Vec<RowCount>, more: Vec<RowCount>) {
    for count in more {
        match all.iter_mut().find(|known| known.kind == count.kind) {
            Some(known) => known.rows += count.rows,
            None => all.push(count),
        }
    }
}

impl From<&DeletePlan> for DeletePlanView {
    fn from(plan: &DeletePlan) -> Self {
        let set_null = plan.set_null().iter().filter_map(|of| {
            Some(SetNullView {
                kind: Kind::of_table(&of.table.name)?,
                relation: of.relation.clone(),
                rows: of.rows,
            })
        });
        Self {
            allowed: plan.is_allowed(),
            rows: counts(plan.rows_by_table()),
            set_null: set_null.collect(),
            blockers: plan.blockers.iter().map(Into::into).collect(),
        }
    }
}

impl From<&RestorePlan> for RestorePlanView {
    fn from(plan: &RestorePlan) -> Self {
        Self {
            allowed: plan.is_allowed(),
            rows: counts(plan.restoration.rows_by_table()),
            kept: counts(plan.restoration.kept()),
            conflicts: plan.conflict.iter().map(Into::into).collect(),
            parents: plan.parents.iter().map(Into::into).collect(),
        }
    }
}

impl From<&Blocker> for BlockerView {
    fn from(blocker: &Blocker) -> Self {
        let kind = kind(&blocker.table.name);
        let ids: Vec<_> = blocker.keys.iter().map(|key| id(key)).collect();
        Self {
            kind,
            relation: blocker.relation.clone(),
            rows: blocker.rows,
            links: ids.iter().map(|id| link(kind, *id)).collect(),
            ids,
        }
    }
}

impl From<&ConflictingRow> for ConflictView {
    fn from(row: &ConflictingRow) -> Self {
        let kind = kind(&row.table.name);
        let values = row.columns.iter().cloned().zip(row.values.iter().map(text));
        Self {
            kind,
            id: id(&row.key),
            values: values.collect(),
            holder: Some(HolderView {
                id: id(&row.holder),
                active: row.holder_is_active,
                links: self_link(kind, id(&row.holder)),
            }),
            links: self_link(kind, id(&row.key)),
        }
    }
}

impl From<&DeletedParent> for ParentView {
    fn from(parent: &DeletedParent) -> Self {
        let of_parent = kind(&parent.parent_table.name);
        let itself = link(of_parent, id(&parent.parent_key));
        Self {
            kind: kind(&parent.table.name),
            id: id(&parent.key),
            relation: parent.relation.clone(),
            parent: DeletedParentView {
                kind: of_parent,
                id: id(&parent.parent_key),
                links: ParentLinks {
                    restore: format!("{itself}/restore"),
                    itself,
                },
            },
        }
    }
}

/// In answers every field is there, null or not.
pub fn always(schema: &mut Schema) {
    let Some(properties) = schema.get("properties").and_then(|value| value.as_object()) else {
        return;
    };
    let names: Vec<_> = properties.keys().cloned().collect();
    schema.insert("required".to_owned(), names.into());
}

/// Counts by table as counts by kind.
pub fn counts(tables: &TableCounts) -> Vec<RowCount> {
    let count = |(table, rows): (&TableName, u64)| RowCount {
        kind: kind(&table.name),
        rows,
    };
    tables.iter().map(count).collect()
}

/// The time from which a purge may remove what was deleted then.
pub fn purge_at(kind: Kind, deleted_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let table = TableName::new(kind.name());
    let meta = Registry::global().entity(soft_delete::DEFAULT_GROUP, &table);
    let retention: Duration = meta.ok().flatten()?.retention?;
    deleted_at.checked_add_signed(TimeDelta::from_std(retention).ok()?)
}

pub fn link(kind: Kind, id: i64) -> String {
    format!("{}/{id}", kind.path())
}

pub fn self_link(kind: Kind, id: i64) -> SelfLink {
    SelfLink {
        itself: link(kind, id),
    }
}

pub fn undo_link(deletion: Uuid) -> String {
    format!("/api/v1/trash/{deletion}/undo")
}

pub fn time(time: &DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Every soft-deletable table of this program has its kind, which a test makes sure of.
fn kind(table: &str) -> Kind {
    Kind::of_table(table).unwrap_or(Kind::Workspace)
}

/// All keys are one `i64`.
fn id(key: &[Value]) -> i64 {
    match key.first() {
        Some(Value::BigInt(Some(id))) => *id,
        _ => 0,
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(Some(text)) => text.to_string(),
        Value::BigInt(Some(number)) => number.to_string(),
        value => value.to_string(),
    }
}
