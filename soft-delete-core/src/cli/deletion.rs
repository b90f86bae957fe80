//! `deletion show` and `deletion undo`: one delete and all that it took.

use std::fmt;

use sea_orm::{
    ConnectionTrait,
    sea_query::{Expr, Func, Query},
};
use serde::Serialize;
use uuid::Uuid;

use super::{
    args::{ShowDeletionArgs, UndoArgs},
    document::{Restored, TableRows},
    failure::{Failure, Status},
    output::{Table, rows},
    session::Session,
    stamped::Stamped,
};
use crate::{
    EntityMeta, Error,
    cascade::{
        graph::{Cascade, Group},
        rows::{Identity, column, in_scope},
    },
    restore::by_deletion,
};

pub(super) async fn show(session: &Session, args: ShowDeletionArgs) -> Result<Status, Failure> {
    let db = session.connect().await?;
    let stamped = find(&db, &session.group, args.id).await?;
    let tables = tables(&db, &session.group, stamped.identity()).await?;
    session.output.show(&Shown {
        stamp: stamped,
        tables,
    })?;
    Ok(Status::Fine)
}

pub(super) async fn undo(session: &Session, args: UndoArgs) -> Result<Status, Failure> {
    let db = session.connect().await?;
    let run = by_deletion(&db, session.group.clone(), args.id).await?;
    // A deletion comes back as a whole: there are no options to get past a conflict.
    let explain = |error: Error| match error {
        Error::Conflict(_) => Failure::from(error)
            .no_tip()
            .tip("change or delete the rows that have them"),
        error => error.into(),
    };
    let restored: Restored = if args.dry_run {
        run.plan(&db).await?.into()
    } else {
        run.exec(&db).await.map_err(explain)?.into()
    };
    session.output.show(&restored)?;
    Ok(restored.is_allowed().into())
}

/// The stamp of a deletion, from one of its rows that has most of it.
async fn find<C: ConnectionTrait>(db: &C, group: &Group, id: Uuid) -> Result<Stamped, Error> {
    let mut found: Option<Stamped> = None;
    for meta in group.entities() {
        let Some(name) = &meta.stamp.deletion_id else {
            continue;
        };
        let mut select = Query::select();
        Stamped::select(&mut select, meta, db.get_database_backend());
        select
            .from(meta.table.to_ref())
            .and_where(sea_orm::sea_query::ExprTrait::eq(column(meta, name), id))
            .and_where(in_scope(meta, crate::Scope::OnlyDeleted))
            .limit(1);
        let Some(row) = db.query_one(&select).await? else {
            continue;
        };
        if let Some(stamped) = Stamped::read(&row, meta)? {
            let merged = found.get_or_insert_with(|| stamped.clone());
            merged.deleted_by = merged.deleted_by.take().or(stamped.deleted_by);
            merged.delete_reason = merged.delete_reason.take().or(stamped.delete_reason);
        }
    }
    found.ok_or(Error::DeletionNotFound { id })
}

/// How many rows of each table a deletion took, parents before children.
pub(super) async fn tables<C: ConnectionTrait>(
    db: &C,
    group: &Group,
    identity: Identity,
) -> Result<Vec<TableRows>, Error> {
    let all: Vec<usize> = (0..group.entities().len()).collect();
    let mut tables = Vec::new();
    for entity in Cascade::from(group, &all).entities() {
        let meta = group.entity(entity);
        // The time alone would take rows of other deletions for its own.
        if meta.stamp.deletion_id.is_some() != identity.deletion_id.is_some()
            && !may_be_taken(group, entity)
        {
            continue;
        }
        let rows = count(db, meta, identity).await?;
        if rows > 0 {
            tables.push(TableRows {
                table: meta.table.to_string(),
                rows,
            });
        }
    }
    Ok(tables)
}

/// Whether an entity is below another by a key that cascades.
fn may_be_taken(group: &Group, entity: usize) -> bool {
    group.cascades_into(entity).next().is_some()
}

async fn count<C: ConnectionTrait>(
    db: &C,
    meta: &EntityMeta,
    identity: Identity,
) -> Result<u64, Error> {
    let backend = db.get_database_backend();
    let count = Query::select()
        .expr(Func::count(Expr::cust("*")))
        .from(meta.table.to_ref())
        .and_where(identity.of_deleted_row(meta, backend))
        .to_owned();
    let row = db.query_one(&count).await?;
    let count = row.map(|row| row.try_get_by_index::<i64>(0)).transpose()?;
    Ok(count.unwrap_or_default().unsigned_abs())
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    stamp: Stamped,
    tables: Vec<TableRows>,
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "deleted {}\n", self.stamp)?;
        let mut table = Table::new(&["TABLE", "ROWS"]);
        for of in &self.tables {
            table.row([of.table.clone(), of.rows.to_string()]);
        }
        let total = self.tables.iter().map(|of| of.rows).sum();
        write!(
            f,
            "{table}\n\n{} deleted; `deletion undo` brings them back",
            rows(total)
        )
    }
}
