//! `trash list`: what was deleted, by whom, and why.

use std::{cmp::Reverse, fmt};

use chrono::{DateTime, Utc};
use serde::Serialize;
use soft_delete_core::{EntityMeta, ListTrash, TrashItem};

use crate::{
    args::ListArgs,
    deletion_info::DeletionInfo,
    failure::{Failure, Status},
    key::Key,
    output::{DIM, Table, rows},
    session::Session,
    value::parse,
};

pub(crate) async fn run(session: &Session, args: ListArgs) -> Result<Status, Failure> {
    let searches = searches(session, &args)?;
    let db = session.connect().await?;
    let mut trash: Vec<Trashed> = Vec::new();
    let mut more = false;
    for search in searches {
        let page = search.limit(args.limit.into()).exec(&db).await?;
        more |= page.more;
        trash.extend(page.items.into_iter().map(Trashed::from));
    }
    // Stable: what was deleted at the same time stays in the order of tables and keys.
    trash.sort_by_key(|row| Reverse(row.stamp.deleted_at.unwrap_or(DateTime::<Utc>::MAX_UTC)));
    let limit = args.limit as usize;
    more |= trash.len() > limit;
    trash.truncate(limit);
    let is_filtered = args.by.is_some() || args.since.is_some() || args.until.is_some();
    let mut others = None;
    if trash.is_empty() && is_filtered {
        let mut all = session.trash.list();
        if let Some(table) = &args.table {
            all = all.table(table)?;
        }
        others = Some(all.count(&db).await?);
    }
    session.output.show(&Trash {
        rows: trash,
        more,
        others,
    })?;
    Ok(Status::Success)
}

/// What to look for: in all tables at once, or with `--by` in each that says who deleted, by the type it has there.
fn searches(session: &Session, args: &ListArgs) -> Result<Vec<ListTrash>, Failure> {
    let mut list = session.trash.list();
    if let Some(since) = args.since {
        list = list.since(since);
    }
    if let Some(until) = args.until {
        list = list.until(until);
    }
    if let Some(table) = &args.table {
        list = list.table(table)?;
    }
    let Some(by) = &args.by else {
        return Ok(vec![list]);
    };
    let entities: Vec<&EntityMeta> = match &args.table {
        Some(table) => vec![session.entity(table)?],
        None => session.trash.entities().iter().collect(),
    };
    let mut searches = Vec::new();
    let mut wrong = None;
    for meta in entities {
        let actor = meta.stamp.deleted_by.as_deref();
        match actor
            .and_then(|name| meta.column(name))
            .map(|column| parse(column, by))
        {
            Some(Ok(by)) => searches.push(list.clone().table(&meta.table.to_string())?.by(by)),
            Some(Err(form)) => wrong = Some(form),
            None => {}
        }
    }
    if !searches.is_empty() {
        return Ok(searches);
    }
    Err(match wrong {
        Some(form) => Failure::usage_error(format!("`{by}` is not a value of `deleted_by`"))
            .tip(format!("it is {form}")),
        None => Failure::usage_error("no table here says who deleted a row")
            .tip("leave `--by` out, or give the entity a column `deleted_by`"),
    })
}

#[derive(Serialize)]
struct Trash {
    rows: Vec<Trashed>,
    /// Whether there are more than the limit.
    more: bool,
    /// How many there are without the filters, if none matches them.
    #[serde(skip)]
    others: Option<u64>,
}

#[derive(Serialize)]
struct Trashed {
    table: String,
    key: Key,
    #[serde(flatten)]
    stamp: DeletionInfo,
}

impl From<TrashItem> for Trashed {
    fn from(item: TrashItem) -> Self {
        Self {
            table: item.table.to_string(),
            key: item.key.into(),
            stamp: item.stamp.into(),
        }
    }
}

impl fmt::Display for Trash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rows.is_empty() {
            return match self.others {
                None | Some(0) => f.write_str("nothing was deleted"),
                Some(1) => f.write_str("the filters match nothing; 1 deleted row does not match"),
                Some(others) => write!(
                    f,
                    "the filters match nothing; {others} deleted rows do not match"
                ),
            };
        }
        let mut table = Table::new(&["DELETED", "TABLE", "KEY", "BY", "REASON", "DELETION"]);
        for row in &self.rows {
            table.row([
                row.stamp.at(),
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
