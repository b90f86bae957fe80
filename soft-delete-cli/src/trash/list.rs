//! `trash list`: what was deleted, by whom, and why.

use std::{cmp::Reverse, fmt};

use sea_orm::ConnectionTrait as _;
use serde::Serialize;

use super::find::{Wanted, deletion_roots};
use crate::{
    args::ListArgs,
    failure::{Failure, Status},
    key::Key,
    output::{DIM, Table, rows},
    session::Session,
    stamped::Stamped,
    value::{parse, second},
};
use soft_delete_core::{EntityMeta, Error, engine_api::value::read_all};

pub(crate) async fn run(session: &Session, args: ListArgs) -> Result<Status, Failure> {
    let entities = match &args.table {
        Some(table) => vec![session.meta(session.entity(table)?)],
        None => session.group.entities().iter().collect(),
    };
    let searches = searches(entities, &args)?;
    let db = session.connect().await?;
    let backend = db.get_database_backend();
    let mut trash = Vec::new();
    for (meta, wanted) in &searches {
        for row in db
            .query_all(&deletion_roots(&session.group, meta, wanted, backend))
            .await?
        {
            trash.extend(Trashed::read(&row, meta)?);
        }
    }
    // Stable: what was deleted at the same time stays in the order of tables and keys.
    trash.sort_by_key(|row| Reverse(row.stamp.deleted_at));
    let limit = args.limit as usize;
    let more = trash.len() > limit;
    trash.truncate(limit);
    session.output.show(&Trash { rows: trash, more })?;
    Ok(Status::Fine)
}

/// What to look for in each table. Those where that actor can't have deleted are left out.
fn searches<'e>(
    entities: Vec<&'e EntityMeta>,
    args: &ListArgs,
) -> Result<Vec<(&'e EntityMeta, Wanted)>, Failure> {
    let wanted = |by| Wanted {
        by,
        since: args.since,
        until: args.until,
        // One more, to know whether there are more.
        limit: u64::from(args.limit) + 1,
    };
    let Some(by) = &args.by else {
        return Ok(entities
            .into_iter()
            .map(|meta| (meta, wanted(None)))
            .collect());
    };
    let mut searches = Vec::new();
    let mut wrong = None;
    for meta in entities {
        let actor = meta
            .stamp
            .deleted_by
            .as_deref()
            .and_then(|name| meta.column(name));
        match actor.map(|column| parse(column, by)) {
            Some(Ok(by)) => searches.push((meta, wanted(Some(by)))),
            Some(Err(form)) => wrong = Some(form),
            None => {}
        }
    }
    if !searches.is_empty() {
        return Ok(searches);
    }
    Err(match wrong {
        Some(form) => Failure::not_understood(format!("`{by}` is no value of `deleted_by`"))
            .tip(format!("it is {form}")),
        None => Failure::not_understood("no table here says who deleted a row")
            .tip("leave `--by` out, or give the entity a column `deleted_by`"),
    })
}

#[derive(Serialize)]
struct Trash {
    rows: Vec<Trashed>,
    /// Whether there are more than the limit.
    more: bool,
}

#[derive(Serialize)]
struct Trashed {
    table: String,
    key: Key,
    #[serde(flatten)]
    stamp: Stamped,
}

impl Trashed {
    fn read(row: &sea_orm::QueryResult, meta: &EntityMeta) -> Result<Option<Self>, Error> {
        let key = Key::new(read_all(row, meta, &meta.primary_key, "")?);
        Ok(Stamped::read(row, meta)?.map(|stamp| Self {
            table: meta.table.to_string(),
            key,
            stamp,
        }))
    }
}

impl fmt::Display for Trash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rows.is_empty() {
            return f.write_str("nothing was deleted");
        }
        let mut table = Table::new(&["DELETED", "TABLE", "KEY", "BY", "REASON", "DELETION"]);
        for row in &self.rows {
            table.row([
                second(row.stamp.deleted_at),
                row.table.clone(),
                row.key.to_string(),
                row.stamp.by(),
                row.stamp.reason(),
                row.stamp.id(),
            ]);
        }
        table.fmt(f)?;
        if self.more {
            let shown = rows(self.rows.len() as u64);
            write!(f, "\n{DIM}{shown} shown; `--limit` shows more{DIM:#}")?;
        }
        Ok(())
    }
}
