//! `trash delete`: removes a deleted row for good.

use std::fmt;

use sea_orm::{
    ConnectionTrait,
    sea_query::{Expr, Query},
};
use serde::Serialize;

use super::find;
use crate::{
    args::DeleteArgs,
    document::{TableRows, list},
    failure::{Failure, Status},
    key::Key,
    output::{BOLD, clean_line},
    prompt::confirm,
    session::Session,
    stamped::Stamped,
    value::second,
};
use soft_delete_core::{
    EntityMeta, Error, Scope,
    engine_api::{
        Group, count_rows,
        rows::{columns, in_scope, in_select},
    },
};

pub(crate) async fn run(session: &Session, args: DeleteArgs) -> Result<Status, Failure> {
    let entity = session.entity(&args.row.table)?;
    let meta = session.meta(entity);
    let key = Key::parse(meta, &args.row.key)?;
    let db = session.connect().await?;
    let stamp = require_deleted(&db, meta, &key).await?;
    let references = references(&db, &session.group, entity, &key).await?;
    let mut question = String::new();
    if !references.is_empty() {
        question = format!(
            "These rows refer to it, and what becomes of them is up to the database's foreign keys: {}.\n",
            list(&references)
        );
    }
    question += &format!(
        "Remove {} {key}, deleted {}, for good?",
        meta.table,
        second(stamp.deleted_at)
    );
    confirm(&question, args.yes)?;

    let delete = Query::delete()
        .from_table(meta.table.to_ref())
        .and_where(key.condition(meta, db.get_database_backend()))
        .and_where(in_scope(meta, Scope::OnlyDeleted))
        .to_owned();
    if db.execute(&delete).await?.rows_affected() == 0 {
        // Meanwhile somebody else was here.
        require_deleted(&db, meta, &key).await?;
    }
    session.output.show(&Removed {
        table: meta.table.to_string(),
        key,
        stamp,
        referred_to_by: references,
    })?;
    Ok(Status::Fine)
}

/// The stamp of the row, which must be deleted.
async fn require_deleted<C: ConnectionTrait>(
    db: &C,
    meta: &EntityMeta,
    key: &Key,
) -> Result<Stamped, Failure> {
    let mut select = find::row(meta, key, db.get_database_backend());
    Stamped::select(&mut select, meta, db.get_database_backend());
    let row = db
        .query_one(&select.expr(Expr::cust("1")).to_owned())
        .await?;
    let row = row.ok_or_else(|| Error::NotFound {
        table: meta.table.clone(),
    })?;
    Stamped::read(&row, meta)?.ok_or_else(|| {
        Failure::refused(format!(
            "{} {key} is active, and not in the trash",
            meta.table
        ))
        .tip("delete it in your application first")
    })
}

/// Rows that refer to this one, in whatever state.
async fn references<C: ConnectionTrait>(
    db: &C,
    group: &Group,
    parent: usize,
    key: &Key,
) -> Result<Vec<TableRows>, Error> {
    let mut references = Vec::new();
    for edge in group.edges_to(parent) {
        let foreign_key = group.foreign_key(edge);
        let child = group.entity(edge.child);
        let meta = group.entity(parent);
        let parent = find::row(meta, key, db.get_database_backend())
            .exprs(columns(meta, &foreign_key.parent_columns))
            .to_owned();
        let children = Query::select()
            .from(child.table.to_ref())
            .and_where(in_select(columns(child, &foreign_key.columns), parent))
            .and_where(in_scope(child, Scope::WithDeleted))
            .to_owned();
        let rows = count_rows(db, children).await?;
        if rows > 0 {
            references.push(TableRows {
                table: child.table.to_string(),
                rows,
            });
        }
    }
    Ok(references)
}

#[derive(Serialize)]
struct Removed {
    table: String,
    key: Key,
    #[serde(flatten)]
    stamp: Stamped,
    /// Rows that referred to it before.
    referred_to_by: Vec<TableRows>,
}

impl fmt::Display for Removed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = clean_line(&self.key.to_string());
        write!(f, "{BOLD}removed{BOLD:#} {} {key} for good", self.table)?;
        if !self.referred_to_by.is_empty() {
            write!(
                f,
                "; the database did as its foreign keys say with {}",
                list(&self.referred_to_by)
            )?;
        }
        Ok(())
    }
}
