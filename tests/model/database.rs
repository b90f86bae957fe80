//! The operations on a database, their results told as the oracle tells its own.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, DbErr, QueryFilter as _, QueryResult, TransactionTrait, Value,
    sea_query::{Alias, Expr, ExprTrait as _, Query, SelectStatement, UnionType},
};
use soft_delete::{Conflict, DeletePlan, Deletion, Error, Registry, Restoration};
use uuid::Uuid;

use super::{
    answer::{
        self, Answer, Blocker, Counts, Deleted, DeletedParent, DeletionNumber, Held, Outcome,
        Place, Restored, Row, Rows, Stamp, UNKNOWN,
    },
    operation::{OnConflict, Operation, Target},
    schema::{Node, PARENT_COLUMNS, TABLES, Table, meta, table_named, with_entity},
};

/// A database with the tables of the model.
pub struct Database<'d, C> {
    db: &'d C,
    registry: Registry,
    deletions: Vec<Deletion>,
}

impl<'d, C: ConnectionTrait + TransactionTrait> Database<'d, C> {
    pub fn new(db: &'d C, registry: Registry) -> Self {
        Self {
            db,
            registry,
            deletions: Vec::new(),
        }
    }

    /// What the engine says it would do. `None` of an operation that has no plan.
    pub async fn plan(&self, operation: &Operation) -> Option<Answer> {
        let planned = match operation {
            Operation::Delete { table, target, by } => {
                let delete =
                    with_entity!(*table, E => self.delete::<E>(target, *by).plan(self.db).await);
                delete.map(|plan| self.delete_plan(*table, &plan).map(Answer::DeletePlan))
            }
            Operation::Restore {
                table,
                target,
                with_parents,
                on_conflict,
            } => {
                let restore = with_entity!(*table, E => {
                    self.restore::<E>(target, *with_parents, *on_conflict).plan(self.db).await
                });
                restore.map(|plan| {
                    Ok(Answer::RestorePlan {
                        restored: self.restored(Some(*table), &plan.restoration)?,
                        parents: deleted_parents(&plan.parents),
                        conflict: conflict(&plan.conflict),
                    })
                })
            }
            _ => return None,
        };
        Some(match planned {
            Ok(told) => told.unwrap_or_else(Answer::Error),
            Err(error) => self.error(error),
        })
    }

    /// Does it. It must be possible.
    pub async fn exec(&mut self, operation: &Operation) -> Result<Answer, DbErr> {
        match operation {
            Operation::Insert {
                table,
                id,
                below,
                code,
            } => {
                let mut insert = Query::insert();
                let parents = below.iter().map(|(parent, _)| PARENT_COLUMNS[*parent]);
                let ids = below.iter().map(|(_, id)| Expr::val(*id));
                insert
                    .into_table(Alias::new(&meta(*table).table.name))
                    .columns(["id", "code"].into_iter().chain(parents))
                    .values_panic([Expr::val(*id), Expr::val(*code)].into_iter().chain(ids));
                self.db.execute(&insert).await?;
                Ok(Answer::Done)
            }
            Operation::Move {
                table,
                id,
                parent,
                to,
            } => {
                let mut update = Query::update();
                update
                    .table(Alias::new(&meta(*table).table.name))
                    .value(PARENT_COLUMNS[*parent], *to)
                    .and_where(Expr::col("id").eq(*id));
                self.db.execute(&update).await?;
                Ok(Answer::Done)
            }
            Operation::SetCode { table, id, code } => {
                let mut update = Query::update();
                update
                    .table(Alias::new(&meta(*table).table.name))
                    .value("code", *code)
                    .and_where(Expr::col("id").eq(*id));
                self.db.execute(&update).await?;
                Ok(Answer::Done)
            }
            Operation::ForceDelete { table, id } => {
                let removed =
                    with_entity!(*table, E => E::force_delete_by_id(*id).exec(self.db).await);
                Ok(removed.map_or_else(|error| self.error(error), |_| Answer::Done))
            }
            Operation::Delete { table, target, by } => {
                let result =
                    with_entity!(*table, E => self.delete::<E>(target, *by).exec(self.db).await);
                Ok(match result {
                    Ok(deletion) => {
                        let deleted = self.deleted(*table, &deletion);
                        self.deletions.push(deletion);
                        deleted.map_or_else(Answer::Error, Answer::Deleted)
                    }
                    Err(error) => self.error(error),
                })
            }
            Operation::Restore {
                table,
                target,
                with_parents,
                on_conflict,
            } => {
                let result = with_entity!(*table, E => {
                    self.restore::<E>(target, *with_parents, *on_conflict).exec(self.db).await
                });
                Ok(self.restoration(Some(*table), result))
            }
            Operation::Undo(number) => match self.deletions.get(*number) {
                Some(deletion) => {
                    let result = deletion.undo_in(&self.registry, self.db).await;
                    Ok(self.restoration(None, result))
                }
                None => Ok(Answer::Done),
            },
        }
    }

    fn delete<E: Node>(&self, target: &Target, by: Option<i64>) -> soft_delete::Delete<E> {
        let delete = match target {
            Target::Id(id) => soft_delete::Delete::by_id(*id),
            Target::Ids(ids) => soft_delete::Delete::many().filter(E::has_id(ids)),
            Target::Code(code) => soft_delete::Delete::many().filter(Expr::col("code").eq(*code)),
            Target::All => soft_delete::Delete::many().all(),
        };
        let delete = delete.registry(&self.registry);
        delete.apply_if(by, E::by)
    }

    fn restore<E: Node>(
        &self,
        target: &Target,
        with_parents: bool,
        on_conflict: OnConflict,
    ) -> soft_delete::Restore<E> {
        let restore = match target {
            Target::Id(id) => soft_delete::Restore::by_id(*id),
            Target::Ids(ids) => soft_delete::Restore::many().filter(E::has_id(ids)),
            Target::Code(code) => soft_delete::Restore::many().filter(Expr::col("code").eq(*code)),
            Target::All => soft_delete::Restore::many().all(),
        };
        let restore = restore
            .registry(&self.registry)
            .on_conflict(match on_conflict {
                OnConflict::Fail => soft_delete::OnConflict::Fail,
                OnConflict::Skip => soft_delete::OnConflict::Skip,
                OnConflict::Replace => soft_delete::OnConflict::Replace,
                OnConflict::RenameBy(_) | OnConflict::RenameToNull => {
                    soft_delete::OnConflict::rename(move |row| {
                        let codes = row
                            .values
                            .iter()
                            .map(|value| on_conflict.renamed(code(value)));
                        codes.map(Value::from).collect()
                    })
                }
            });
        if with_parents {
            restore.with_parents()
        } else {
            restore
        }
    }

    fn restoration(&mut self, table: Option<Table>, result: Result<Restoration, Error>) -> Answer {
        match result {
            Ok(restoration) => {
                let restored = self.restored(table, &restoration);
                self.deletions.extend(restoration.replaced);
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
                    Outcome::AlreadyDeleted(self.deletion_at(deleted_at))
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
                .map(|(child, relation, rows)| ((table_of(child), parent_of(relation)), rows))
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
                .first()
                .map(|(table, _)| table_of(table));
            self.deleted(first.unwrap_or_default(), deletion)
        });
        Ok(Restored {
            in_own_table: table.map(|_| restoration.rows_affected),
            rows: self.in_order(restoration.rows_by_table())?,
            kept: counts(restoration.kept()),
            skipped: counts(restoration.skipped()),
            replaced: replaced.collect::<Result<_, _>>()?,
        })
    }

    fn own_table_first(&self, table: Table, rows: Vec<(&str, u64)>) -> Result<Counts, String> {
        match rows.first() {
            Some((first, _)) if table_of(first) != table => {
                Err(format!("the own table is not the first: {rows:?}"))
            }
            _ => self.in_order(rows),
        }
    }

    /// Parents are told before children.
    fn in_order(&self, rows: Vec<(&str, u64)>) -> Result<Counts, String> {
        let tables: Vec<_> = rows.iter().map(|(table, _)| *table).collect();
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
            } => Answer::ParentDeleted {
                parents: deleted_parents(&parents),
                conflict: conflict(&found),
            },
            other => Answer::Error(other.to_string()),
        }
    }

    /// All rows, deleted or not.
    pub async fn rows(&self) -> Result<Rows, DbErr> {
        let mut select = select(0);
        for table in 1..TABLES {
            select.union(UnionType::All, self::select(table));
        }
        let rows = self.db.query_all(&select).await?;
        rows.iter().map(|row| self.row(row)).collect()
    }

    fn row(&self, row: &QueryResult) -> Result<(Place, Row), DbErr> {
        let table: i32 = row.try_get("", "node")?;
        let mut parents = std::collections::BTreeMap::new();
        for (parent, column) in PARENT_COLUMNS.into_iter().enumerate() {
            if let Some(id) = row.try_get::<Option<i64>>("", column)? {
                parents.insert(parent, id);
            }
        }
        let deleted_at: Option<DateTime<Utc>> = row.try_get("", "deleted_at")?;
        let deletion_id: Option<Uuid> = row.try_get("", "deletion_id")?;
        let by: Option<i64> = row.try_get("", "deleted_by")?;
        let stamp = match (deleted_at, deletion_id, by) {
            (None, None, None) => None,
            _ => Some(Stamp {
                deletion: deleted_at.map_or(UNKNOWN, |at| self.deletion_at(at)),
                id: deletion_id.map(|id| self.deletion_of(id)),
                by,
            }),
        };
        let place = (table.unsigned_abs() as Table, row.try_get("", "id")?);
        Ok((
            place,
            Row {
                parents,
                code: row.try_get("", "code")?,
                stamp,
            },
        ))
    }

    fn deletion_at(&self, deleted_at: DateTime<Utc>) -> DeletionNumber {
        let mut deletions = self.deletions.iter();
        deletions
            .position(|deletion| deletion.deleted_at() == deleted_at)
            .unwrap_or(UNKNOWN)
    }

    fn deletion_of(&self, id: Uuid) -> DeletionNumber {
        let mut deletions = self.deletions.iter();
        deletions
            .position(|deletion| deletion.id() == id)
            .unwrap_or(UNKNOWN)
    }
}

/// Removes all rows.
pub async fn clear<C: ConnectionTrait>(db: &C) -> Result<(), DbErr> {
    for table in 0..TABLES {
        db.execute(Query::delete().from_table(Alias::new(&meta(table).table.name)))
            .await?;
    }
    Ok(())
}

/// The rows of a table, with the same columns for each table. The first has them all.
fn select(table: Table) -> SelectStatement {
    let meta = meta(table);
    let mut select = Query::select();
    select
        .expr_as(Expr::cust(table.to_string()), "node")
        .columns(["id", "code", "deleted_at"])
        .columns(PARENT_COLUMNS)
        .from(Alias::new(&meta.table.name));
    for (has_column, name) in [
        (meta.stamp.deletion_id.is_some(), "deletion_id"),
        (meta.stamp.deleted_by.is_some(), "deleted_by"),
    ] {
        match has_column {
            true => select.column(name),
            false => select.expr_as(Expr::cust("NULL"), name),
        };
    }
    select
}

fn table_of(name: &str) -> Table {
    table_named(name).unwrap_or_else(|| panic!("there is no table `{name}`"))
}

/// Relations have the names of the tables' letters.
fn parent_of(relation: &str) -> Table {
    table_of(&format!("node_{}", relation.to_lowercase()))
}

fn counts(rows: Vec<(&str, u64)>) -> Counts {
    let counts: Counts = rows
        .iter()
        .map(|(table, rows)| (table_of(table), *rows))
        .collect();
    assert_eq!(counts.len(), rows.len(), "a table is told twice: {rows:?}");
    counts
}

fn blockers(blockers: &[soft_delete::Blocker]) -> BTreeSet<Blocker> {
    let told = blockers.iter().map(|blocker| Blocker {
        child: table_of(&blocker.table),
        parent: parent_of(&blocker.relation),
        rows: blocker.rows,
        first_ids: blocker.keys.iter().map(|key| id(key)).collect(),
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
        assert_eq!(parent_of(&found.relation), table_of(&found.parent_table));
        DeletedParent {
            row: (table_of(&found.table), id(&found.key)),
            parent: (table_of(&found.parent_table), id(&found.parent_key)),
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
        row: (table_of(&row.table), id(&row.key)),
        code: match (row.columns.as_slice(), row.values.as_slice()) {
            ([column], [value]) if column == "code" && row.unique == "code" => code(value),
            other => panic!("not of the unique key: {other:?}"),
        },
        holder: (table_of(&row.table), id(&row.holder)),
        holder_is_active: row.holder_is_active,
    });
    let mut held: Vec<_> = held.collect();
    held.sort_unstable();
    held
}

fn id(key: &[Value]) -> i64 {
    match key {
        [Value::BigInt(Some(id))] => *id,
        other => panic!("not a key: {other:?}"),
    }
}

fn code(value: &Value) -> i32 {
    match value {
        Value::Int(Some(code)) => *code,
        other => panic!("not a code: {other:?}"),
    }
}
