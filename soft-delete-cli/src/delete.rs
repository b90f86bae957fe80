//! `delete`: deletes rows, and what their foreign keys say.

use std::fmt;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, TransactionTrait, Value};
use serde::Serialize;
use soft_delete_core::{
    Blocker, DeletePlan, DeleteRow, EntityMeta, Error, Outcome, RelationRows, TableName,
};
use uuid::Uuid;

use crate::{
    args::DeleteArgs,
    failure::{Failure, Status},
    key::Key,
    output::{DIM, GREEN, YELLOW, clean_line, rows as rows_of},
    rows,
    session::Session,
    value::parse,
    view::{TableRows, by_table, list},
};

/// What is deleted, and what is written into it.
struct Task<'a> {
    session: &'a Session,
    meta: &'a EntityMeta,
    by: Option<Value>,
    reason: Option<String>,
    is_plan: bool,
}

pub(super) async fn run(session: &Session, args: DeleteArgs) -> Result<Status, Failure> {
    let meta = session.entity(&args.rows.table)?;
    let keys = rows::keys(meta, &args.rows)?;
    let task = Task {
        session,
        meta,
        by: args.by.as_deref().map(|by| actor(meta, by)).transpose()?,
        reason: args.reason,
        is_plan: args.plan,
    };
    let db = session.connect().await?;
    let mut each = Vec::with_capacity(keys.len());
    let deleted = if args.plan {
        for key in &keys {
            each.push((format!("{} {key}", meta.table), task.delete(key, &db).await));
        }
        rows::all(each)?
    } else {
        let transaction = rows::begin(&db).await?;
        for key in &keys {
            let name = format!("{} {key}", meta.table);
            each.push((name, task.delete(key, &transaction).await));
        }
        rows::end(transaction, each).await?
    };
    let is_allowed = deleted.iter().all(|row| row.blockers.is_empty());
    session.output.show(&Deleted {
        dry_run: args.plan,
        rows: deleted,
    })?;
    Ok(is_allowed.into())
}

fn actor(meta: &EntityMeta, by: &str) -> Result<Value, Failure> {
    let column = meta.stamp.deleted_by.as_deref();
    let column = column.and_then(|name| meta.column(name));
    let column = column.ok_or_else(|| {
        Failure::usage_error(format!(
            "`{}` does not record who deleted a row",
            meta.table
        ))
        .tip("leave `--by` out, or give the table a column `deleted_by`")
    })?;
    parse(column, by).map_err(|form| {
        Failure::usage_error(format!("`{by}` is not a value of `{}`", column.name))
            .tip(format!("it is {form}"))
    })
}

impl Task<'_> {
    async fn delete<C>(&self, key: &Key, db: &C) -> Result<DeletedRow, Failure>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let plan = self.statement(key)?.plan(db).await;
        let plan = plan.map_err(explain)?;
        let mut row = DeletedRow::planned(&self.meta.table, key, &plan);
        if plan.rows_affected == 0 {
            let table = self.meta.table.to_string();
            let found = self.session.trash.show(&table, key.values(), db).await?;
            row.outcome = "already_deleted";
            row.deleted_at = found.deletion.and_then(|of| of.stamp.deleted_at);
            return Ok(row);
        }
        if self.is_plan {
            return Ok(row);
        }
        let deletion = self.statement(key)?.exec(db).await.map_err(explain)?;
        row.outcome = match deletion.outcome() {
            Outcome::Deleted => "deleted",
            Outcome::AlreadyDeleted { .. } => "already_deleted",
            Outcome::NotFound => {
                let table = self.meta.table.clone();
                return Err(Error::not_found(table).into());
            }
        };
        row.deletion_id = self.meta.stamp.deletion_id.as_ref().map(|_| deletion.id());
        row.deleted_at = Some(deletion.deleted_at());
        row.tables = by_table(deletion.rows_by_table());
        Ok(row)
    }

    fn statement(&self, key: &Key) -> Result<DeleteRow, Failure> {
        let table = self.meta.table.to_string();
        let mut delete = self.session.trash.delete(&table, key.values())?;
        if let Some(by) = &self.by {
            delete = delete.by(by.clone());
        }
        if let Some(reason) = &self.reason {
            delete = delete.reason(reason);
        }
        Ok(delete)
    }
}

fn explain(error: Error) -> Failure {
    match error {
        Error::MissingColumn { table, column, .. } => {
            let column = column.split(':').next().unwrap_or(column);
            Failure::usage_error(format!("`{table}` has no column `{column}`"))
                .tip("leave the option out, or add the column")
        }
        error => error.into(),
    }
}

#[derive(Serialize)]
struct Deleted {
    dry_run: bool,
    rows: Vec<DeletedRow>,
}

/// One row, and what its deletion took.
#[derive(Serialize)]
struct DeletedRow {
    table: String,
    key: Key,
    outcome: &'static str,
    deletion_id: Option<Uuid>,
    deleted_at: Option<DateTime<Utc>>,
    tables: Vec<TableRows>,
    set_null: Vec<SetNull>,
    /// Tables that refer to it and are left as they are.
    not_followed: Vec<String>,
    /// Active rows that forbid it.
    blockers: Vec<BlockedBy>,
}

#[derive(Serialize)]
struct SetNull {
    table: String,
    relation: String,
    rows: u64,
}

#[derive(Serialize)]
struct BlockedBy {
    table: String,
    relation: String,
    rows: u64,
    /// Of the first of them.
    keys: Vec<Key>,
    #[serde(skip)]
    text: String,
}

impl DeletedRow {
    fn planned(table: &TableName, key: &Key, plan: &DeletePlan) -> Self {
        Self {
            table: table.to_string(),
            key: key.clone(),
            outcome: match plan.is_allowed() {
                true => "deleted",
                false => "refused",
            },
            deletion_id: None,
            deleted_at: None,
            tables: by_table(plan.rows_by_table()),
            set_null: plan.set_null().iter().map(SetNull::from).collect(),
            not_followed: plan.not_followed.iter().map(ToString::to_string).collect(),
            blockers: plan.blockers.iter().map(BlockedBy::from).collect(),
        }
    }
}

impl From<&RelationRows> for SetNull {
    fn from(of: &RelationRows) -> Self {
        Self {
            table: of.table.to_string(),
            relation: of.relation.clone(),
            rows: of.rows,
        }
    }
}

impl From<&Blocker> for BlockedBy {
    fn from(blocker: &Blocker) -> Self {
        Self {
            table: blocker.table.to_string(),
            relation: blocker.relation.clone(),
            rows: blocker.rows,
            keys: blocker.keys.iter().cloned().map(Key::new).collect(),
            text: blocker.to_string(),
        }
    }
}

impl fmt::Display for Deleted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, row) in self.rows.iter().enumerate() {
            if place > 0 {
                f.write_str("\n")?;
            }
            row.write(f, self.dry_run)?;
        }
        Ok(())
    }
}

impl DeletedRow {
    fn write(&self, f: &mut fmt::Formatter<'_>, dry_run: bool) -> fmt::Result {
        let name = format!("{} {}", self.table, clean_line(&self.key.to_string()));
        if self.outcome == "already_deleted" {
            return write!(f, "{name} is deleted already, nothing was changed");
        }
        let [delete, set, leave] = match dry_run {
            true => [
                "would delete",
                "would set to NULL",
                "would leave as they are",
            ],
            false => ["deleted", "set to NULL", "left as they are"],
        };
        let style = if self.blockers.is_empty() { GREEN } else { DIM };
        write!(f, "{style}{delete}{style:#} {name}: {}", list(&self.tables))?;
        if self.tables.len() > 1 {
            let total = self.tables.iter().map(|of| of.rows).sum();
            write!(f, " ({})", rows_of(total))?;
        }
        for of in &self.set_null {
            let rows = rows_of(of.rows);
            write!(f, "\n{set}: {} in {rows} of {}", of.relation, of.table)?;
        }
        if !self.not_followed.is_empty() {
            write!(f, "\n{leave}: rows of {}", self.not_followed.join(", "))?;
        }
        for blocker in &self.blockers {
            write!(
                f,
                "\n{YELLOW}refused{YELLOW:#}, it is referenced by {}",
                clean_line(&blocker.text)
            )?;
        }
        match self.deletion_id {
            Some(id) => write!(f, "\n{DIM}`deletion undo {id}` brings it back{DIM:#}"),
            None => Ok(()),
        }
    }
}
