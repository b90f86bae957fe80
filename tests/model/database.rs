//! The operations on a database, their results told as the oracle tells its own.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ConnectionTrait, DbErr, QueryFilter as _, TransactionTrait, Value,
    sea_query::{Expr, ExprTrait as _},
};
use soft_delete::{
    Conflict, DeletePlan, Deletion, Error, Registry, Restoration, RestorePlan, ScopedConnection,
    TableCounts,
};
use uuid::Uuid;

use super::{
    answer::{
        self, Answer, Blocker, Counts, Deleted, DeletedParent, DeletionNumber, Held, Outcome,
        Place, Restored, Row, Rows, Stamp, UNKNOWN,
    },
    key::{self, number},
    layout::{Clock, Layout},
    operation::{OnConflict, Operation, Target},
    raw::{self, StoredRow},
    schema::{Node, TABLES, Table, parent_of, table_named, with_entity},
};

/// A database with the tables of the model.
pub struct Database {
    registry: Registry,
    deletions: Vec<Deletion>,
    pub clock: Clock,
}

impl Database {
    pub fn new(registry: Registry, layout: &Layout) -> Self {
        Self {
            registry,
            deletions: Vec::new(),
            clock: Clock::new(layout),
        }
    }

    /// Forgets all but the first deletions.
    pub fn forget_after(&mut self, deletions: usize) {
        self.deletions.truncate(deletions);
        self.clock.times.truncate(deletions);
    }

    fn remember(&mut self, deletion: Deletion) {
        self.clock.times.push(deletion.deleted_at());
        self.deletions.push(deletion);
    }

    /// What the engine says it would do. `None` of an operation that has no plan.
    pub async fn plan<C>(&self, db: &C, operation: &Operation) -> Option<Answer>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let planned = match operation {
            Operation::Delete { table, target, by } => {
                let delete =
                    with_entity!(*table, E => self.delete::<E>(*table, target, *by).plan(db).await);
                delete.map(|plan| self.delete_plan(*table, &plan).map(Answer::DeletePlan))
            }
            Operation::Restore {
                table,
                target,
                with_parents,
                on_conflict,
            } => {
                let restore = with_entity!(*table, E => {
                    self.restore::<E>(*table, target, *with_parents, *on_conflict).plan(db).await
                });
                restore.map(|plan| self.restore_plan(Some(*table), &plan))
            }
            Operation::Undo {
                deletion,
                with_parents,
                on_conflict,
            } => {
                let undo = self.undo(*deletion, *with_parents, *on_conflict)?;
                let planned = undo.plan(db).await;
                planned.map(|plan| self.restore_plan(None, &plan))
            }
            _ => return None,
        };
        Some(match planned {
            Ok(told) => told.unwrap_or_else(Answer::Error),
            Err(error) => self.error(error),
        })
    }

    /// Does it. It must be possible.
    pub async fn exec<C>(
        &mut self,
        connection: &ScopedConnection<C>,
        operation: &Operation,
    ) -> Result<Answer, DbErr>
    where
        C: ConnectionTrait + TransactionTrait,
        C::Transaction: ConnectionTrait + TransactionTrait,
    {
        // What other programs do is not scoped.
        if raw::exec(connection.unscoped(), operation).await? {
            return Ok(Answer::Done);
        }
        let db = connection;
        match operation {
            Operation::ForceDelete { table, id } => {
                let removed =
                    with_entity!(*table, E => <E as Node>::force_delete(*id).exec(db).await);
                Ok(removed.map_or_else(|error| self.error(error), |_| Answer::Done))
            }
            Operation::Delete { table, target, by } => {
                let result =
                    with_entity!(*table, E => self.delete::<E>(*table, target, *by).exec(db).await);
                Ok(match result {
                    Ok(deletion) => {
                        let deleted = self.deleted(*table, &deletion);
                        self.remember(deletion);
                        deleted.map_or_else(Answer::Error, Answer::Deleted)
                    }
                    Err(error) => self.error(error.into()),
                })
            }
            Operation::Restore {
                table,
                target,
                with_parents,
                on_conflict,
            } => {
                let result = with_entity!(*table, E => {
                    self.restore::<E>(*table, target, *with_parents, *on_conflict).exec(db).await
                });
                Ok(self.restoration(Some(*table), result))
            }
            Operation::Undo {
                deletion,
                with_parents,
                on_conflict,
            } => match self.undo(*deletion, *with_parents, *on_conflict) {
                Some(undo) => {
                    let result = undo.exec(db).await;
                    Ok(self.restoration(None, result))
                }
                None => Ok(Answer::Done),
            },
            _ => Ok(Answer::Done),
        }
    }

    fn delete<E: Node>(
        &self,
        table: Table,
        target: &Target,
        by: Option<i64>,
    ) -> soft_delete::Delete<E> {
        let delete = match target {
            Target::Id(id) => <E as Node>::delete(*id),
            Target::Ids(ids) => {
                soft_delete::Delete::many().filter(key::is_one_of(table, ids.iter().copied()))
            }
            Target::Code(code) => soft_delete::Delete::many().filter(Expr::col("code").eq(*code)),
            Target::All => soft_delete::Delete::many().all(),
        };
        let delete = delete.registry(&self.registry);
        delete.apply_if(by, E::by)
    }

    fn restore<E: Node>(
        &self,
        table: Table,
        target: &Target,
        with_parents: bool,
        on_conflict: OnConflict,
    ) -> soft_delete::Restore<E> {
        let restore = match target {
            Target::Id(id) => <E as Node>::restore(*id),
            Target::Ids(ids) => {
                soft_delete::Restore::many().filter(key::is_one_of(table, ids.iter().copied()))
            }
            Target::Code(code) => soft_delete::Restore::many().filter(Expr::col("code").eq(*code)),
            Target::All => soft_delete::Restore::many().all(),
        };
        let restore = restore
            .registry(&self.registry)
            .on_conflict(policy(on_conflict));
        match with_parents {
            true => restore.with_parents(),
            false => restore,
        }
    }

    /// `None` if there was no such deletion.
    fn undo(
        &self,
        deletion: DeletionNumber,
        with_parents: bool,
        on_conflict: OnConflict,
    ) -> Option<soft_delete::Undo> {
        let undo = self.deletions.get(deletion)?.undo();
        let undo = undo
            .registry(&self.registry)
            .on_conflict(policy(on_conflict));
        Some(match with_parents {
            true => undo.with_parents(),
            false => undo,
        })
    }

    fn restore_plan(&self, table: Option<Table>, plan: &RestorePlan) -> Result<Answer, String> {
        Ok(Answer::RestorePlan {
            restored: self.restored(table, &plan.restoration)?,
            parents: deleted_parents(&plan.parents),
            conflict: conflict(&plan.conflict),
        })
    }

    fn restoration(&mut self, table: Option<Table>, result: Result<Restoration, Error>) -> Answer {
        match result {
            Ok(restoration) => {
                let restored = self.restored(table, &restoration);
                restoration
                    .replaced
                    .into_iter()
                    .for_each(|deletion| self.remember(deletion));
                restored.map_or_else(Answer::Error, Answer::Restored)
            }
            Err(error) => self.error(error),
        }
    }

    fn deleted(&self, table: Table, deletion: &Deletion) -> Result<Deleted, String> {
        Ok(Deleted {
            outcome: match deletion.outcome() {
                soft_delete::Outcome::Deleted => Outcome::Deleted,
                soft_delete::Outcome::AlreadyDeleted { deleted_at } => {
                    let first = self.clock.deletion_at(table, deleted_at);
                    Outcome::AlreadyDeleted(first.unwrap_or(UNKNOWN))
                }
                soft_delete::Outcome::NotFound => Outcome::NotFound,
            },
            roots: deletion.rows_affected,
            rows: self.own_table_first(table, deletion.rows_by_table())?,
        })
    }

    fn delete_plan(&self, table: Table, plan: &DeletePlan) -> Result<answer::DeletePlan, String> {
        let set_null = plan.set_null();
        Ok(answer::DeletePlan {
            roots: plan.rows_affected,
            rows: self.own_table_first(table, plan.rows_by_table())?,
            blockers: blockers(&plan.blockers),
            set_null: set_null
                .iter()
                .map(|of| ((table_of(&of.table.name), parent_of(&of.relation)), of.rows))
                .collect(),
        })
    }

    fn restored(
        &self,
        table: Option<Table>,
        restoration: &Restoration,
    ) -> Result<Restored, String> {
        let replaced = restoration.replaced.iter().map(|deletion| {
            let first = deletion
                .rows_by_table()
                .iter()
                .next()
                .map(|(table, _)| table_of(&table.name));
            self.deleted(first.unwrap_or_default(), deletion)
        });
        Ok(Restored {
            in_own_table: table.map(|_| restoration.rows_affected),
            rows: self.in_order(restoration.rows_by_table())?,
            kept: counts(restoration.kept()),
            skipped: counts(restoration.skipped()),
            not_found: counts(restoration.not_found()),
            replaced: replaced.collect::<Result<_, _>>()?,
        })
    }

    fn own_table_first(&self, table: Table, rows: &TableCounts) -> Result<Counts, String> {
        match rows.iter().next() {
            Some((first, _)) if table_of(&first.name) != table => {
                Err(format!("the own table is not the first: {rows:?}"))
            }
            _ => self.in_order(rows),
        }
    }

    /// Parents are told before children.
    fn in_order(&self, rows: &TableCounts) -> Result<Counts, String> {
        let tables: Vec<_> = rows.iter().map(|(table, _)| table.name.as_str()).collect();
        for (place, table) in tables.iter().enumerate() {
            for before in &tables[..place] {
                if self.is_below(before, table) && !self.is_below(table, before) {
                    return Err(format!(
                        "{before} is below {table} but told before it: {tables:?}"
                    ));
                }
            }
        }
        Ok(counts(rows))
    }

    /// Whether the rows of a table may be below those of another through cascading keys.
    fn is_below(&self, table: &str, above: &str) -> bool {
        let mut found = BTreeSet::new();
        let mut next = vec![table];
        while let Some(table) = next.pop() {
            for meta in self
                .registry
                .entities()
                .filter(|meta| meta.table.name == table)
            {
                let keys = meta.foreign_keys.iter();
                let cascading = keys.filter(|key| key.on_delete == soft_delete::OnDelete::Cascade);
                for parent in cascading.map(|key| key.parent.name.as_str()) {
                    if found.insert(parent) {
                        next.push(parent);
                    }
                }
            }
        }
        found.contains(above)
    }

    fn error(&self, error: Error) -> Answer {
        match error {
            Error::NotFound { .. } => Answer::NotFound,
            Error::Restricted {
                blockers: found, ..
            } => Answer::Restricted(blockers(&found)),
            Error::Conflict(found) => Answer::Conflict(conflict(&found)),
            Error::ParentDeleted {
                parents,
                conflict: found,
                ..
            } => Answer::ParentDeleted {
                parents: deleted_parents(&parents),
                conflict: conflict(&found),
            },
            error @ (Error::OldSnapshot { .. } | Error::Contention(_)) => {
                Answer::Retry(error.to_string())
            }
            other => Answer::Error(other.to_string()),
        }
    }

    /// All rows, deleted or not.
    pub async fn rows(&self, db: &impl ConnectionTrait) -> Result<Rows, DbErr> {
        let mut all = Rows::new();
        for table in 0..TABLES {
            let rows = raw::rows(db, table).await?;
            all.extend(rows.into_iter().map(|row| self.row(table, row)));
        }
        Ok(all)
    }

    fn row(&self, table: Table, row: StoredRow) -> (Place, Row) {
        let stamp = match (row.deleted_at, row.deletion_id, row.deleted_by) {
            (None, None, None) => None,
            (at, id, by) => Some(self.stamp(table, at, id, by)),
        };
        let parents = row.parents.into_iter().collect();
        let (kind, code) = (row.kind, row.code);
        let row_told = Row {
            parents,
            kind,
            code,
            stamp,
        };
        ((table, row.id), row_told)
    }

    fn stamp(
        &self,
        table: Table,
        deleted_at: Option<DateTime<Utc>>,
        deletion_id: Option<Uuid>,
        by: Option<i64>,
    ) -> Stamp {
        let id = deletion_id.map(|id| self.deletion_of(id));
        let deletion = match (id, deleted_at) {
            // A table with coarse times may have copied them from one with other digits.
            (Some(id), Some(at)) => {
                let time = self.clock.times.get(id);
                let is_near = time.is_some_and(|time| (*time - at).abs() <= TimeDelta::seconds(1));
                if is_near { id } else { UNKNOWN }
            }
            (None, Some(at)) => self.clock.deletion_at(table, at).unwrap_or(UNKNOWN),
            (_, None) => UNKNOWN,
        };
        Stamp { deletion, id, by }
    }

    fn deletion_of(&self, id: Uuid) -> DeletionNumber {
        let mut deletions = self.deletions.iter();
        deletions
            .position(|deletion| deletion.id() == id)
            .unwrap_or(UNKNOWN)
    }
}

fn place(table: &str, key: &[Value]) -> Place {
    let table = table_of(table);
    (table, number(table, key))
}

fn table_of(name: &str) -> Table {
    table_named(name).unwrap_or_else(|| panic!("there is no table `{name}`"))
}

fn counts(rows: &TableCounts) -> Counts {
    let counts: Counts = rows
        .iter()
        .map(|(table, rows)| (table_of(&table.name), rows))
        .collect();
    assert_eq!(counts.len(), rows.len(), "a table is told twice: {rows:?}");
    counts
}

fn blockers(blockers: &[soft_delete::Blocker]) -> BTreeSet<Blocker> {
    let told = blockers.iter().map(|blocker| Blocker {
        child: table_of(&blocker.table.name),
        parent: parent_of(&blocker.relation),
        rows: blocker.rows,
        first_ids: blocker
            .keys
            .iter()
            .map(|key| number(table_of(&blocker.table.name), key))
            .collect(),
    });
    let set: BTreeSet<_> = told.collect();
    assert_eq!(
        set.len(),
        blockers.len(),
        "a blocker is told twice: {blockers:?}"
    );
    set
}

fn deleted_parents(found: &[soft_delete::DeletedParent]) -> Vec<DeletedParent> {
    let told = found.iter().map(|found| {
        assert_eq!(
            parent_of(&found.relation),
            table_of(&found.parent_table.name)
        );
        DeletedParent {
            row: place(&found.table.name, &found.key),
            parent: place(&found.parent_table.name, &found.parent_key),
        }
    });
    let mut told: Vec<_> = told.collect();
    told.sort_unstable();
    told
}

/// In the oracle's order.
fn conflict(found: &Conflict) -> Vec<Held> {
    assert_eq!(found.len(), found.iter().count());
    let held = found.iter().map(|row| Held {
        row: place(&row.table.name, &row.key),
        code: match (row.columns.as_slice(), row.values.as_slice()) {
            ([column], [value]) if column == "code" && row.unique == "code" => code(value),
            other => panic!("not of the unique key: {other:?}"),
        },
        holder: place(&row.table.name, &row.holder),
        holder_is_active: row.holder_is_active,
    });
    let mut held: Vec<_> = held.collect();
    held.sort_unstable();
    held
}

fn policy(on_conflict: OnConflict) -> soft_delete::ConflictPolicy {
    match on_conflict {
        OnConflict::Fail => soft_delete::ConflictPolicy::Fail,
        OnConflict::Skip => soft_delete::ConflictPolicy::Skip,
        OnConflict::Replace => soft_delete::ConflictPolicy::Replace,
        OnConflict::RenameBy(_) | OnConflict::RenameToNull => {
            soft_delete::ConflictPolicy::rename(move |row| {
                let values = row.values.iter();
                let codes = values.map(|value| on_conflict.renamed(code(value)));
                codes.map(Value::from).collect()
            })
        }
    }
}

fn code(value: &Value) -> i32 {
    match value {
        Value::Int(Some(code)) => *code,
        other => panic!("not a code: {other:?}"),
    }
}
