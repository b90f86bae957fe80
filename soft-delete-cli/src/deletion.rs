//! `deletion show` and `deletion undo`: one delete and all that it took.

use std::fmt;

use sea_orm::{
    ConnectionTrait,
    sea_query::{ExprTrait as _, Query},
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
use soft_delete_core::{
    Error, Scope,
    engine_api::{
        Cascade, Group, Identity, by_deletion, count_rows,
        rows::{column, in_scope},
    },
};

pub(super) async fn show(session: &Session, args: ShowDeletionArgs) -> Result<Status, Failure> {
    let db = session.connect().await?;
    let (stamped, roots) = find(&db, &session.group, args.id).await?;
    let tables = tables(&db, &session.group, &roots, stamped.identity()).await?;
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
        Error::Conflict(_) => Failure::from(error).tip("change or delete the rows that have them"),
        Error::ParentDeleted { .. } => {
            Failure::from(error).tip("restore the parent first: `trash restore`")
        }
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

/// The stamp of a deletion, and the entities that have its id on a row.
async fn find<C: ConnectionTrait>(
    db: &C,
    group: &Group,
    id: Uuid,
) -> Result<(Stamped, Vec<usize>), Error> {
    let mut found: Option<Stamped> = None;
    let mut entities = Vec::new();
    for (entity, meta) in group.entities().iter().enumerate() {
        let Some(name) = &meta.stamp.deletion_id else {
            continue;
        };
        let mut select = Query::select();
        Stamped::select(&mut select, meta, db.get_database_backend());
        select
            .from(meta.table.to_ref())
            .and_where(column(meta, name).eq(id))
            .and_where(in_scope(meta, Scope::OnlyDeleted))
            .limit(1);
        let Some(row) = db.query_one(&select).await? else {
            continue;
        };
        if let Some(stamped) = Stamped::read(&row, meta)? {
            entities.push(entity);
            // Not every table has all of it.
            let merged = found.get_or_insert_with(|| stamped.clone());
            merged.deleted_by = merged.deleted_by.take().or(stamped.deleted_by);
            merged.delete_reason = merged.delete_reason.take().or(stamped.delete_reason);
        }
    }
    let found = found.ok_or(Error::DeletionNotFound { id })?;
    Ok((found, entities))
}

/// How many rows of each table the deletion of one of an entity's rows took.
pub(super) async fn tables_of_row<C: ConnectionTrait>(
    db: &C,
    group: &Group,
    entity: usize,
    identity: Identity,
) -> Result<Vec<TableRows>, Error> {
    let roots = match identity.deletion_id {
        Some(id) => find(db, group, id).await?.1,
        None => group.above(entity).into_iter().collect(),
    };
    tables(db, group, &roots, identity).await
}

/// How many rows of each table a deletion took that began at one of the roots, parents before children.
async fn tables<C: ConnectionTrait>(
    db: &C,
    group: &Group,
    roots: &[usize],
    identity: Identity,
) -> Result<Vec<TableRows>, Error> {
    let backend = db.get_database_backend();
    let mut tables = Vec::new();
    for entity in Cascade::from(group, roots).entities() {
        let meta = group.entity(entity);
        let taken = Query::select()
            .from(meta.table.to_ref())
            .and_where(identity.of_deleted_row(meta, backend))
            .to_owned();
        let rows = count_rows(db, taken).await?;
        if rows > 0 {
            tables.push(TableRows {
                table: meta.table.to_string(),
                rows,
            });
        }
    }
    Ok(tables)
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
