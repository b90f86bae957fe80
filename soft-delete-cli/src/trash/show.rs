//! `trash show`: a row, its deletion, and what a restore would bring back.

use std::fmt;

use sea_orm::{ConnectionTrait as _, sea_query::Expr};
use serde::{Serialize, Serializer, ser::SerializeMap as _};

use super::find;
use crate::{
    args::RowArgs,
    deletion,
    document::{Restored, TableRows, list},
    failure::{Failure, Status},
    key::Key,
    output::{BOLD, clean_line},
    session::Session,
    stamped::Stamped,
    value::{Shown, read_readable, readable},
};
use soft_delete_core::{
    Error,
    engine_api::{
        Options, by_key,
        rows::{all, any, iden},
        taken_with_parent,
    },
};

/// Goes before the names of columns in the result, where the stamp has names of its own.
const PREFIX: &str = "soft_delete_shown_";

pub(crate) async fn run(session: &Session, args: RowArgs) -> Result<Status, Failure> {
    let entity = session.entity(&args.table)?;
    let meta = session.meta(entity);
    let key = Key::parse(meta, &args.key)?;
    let db = session.connect().await?;

    let backend = db.get_database_backend();
    let mut select = find::row(meta, &key, backend);
    for column in &meta.columns {
        select.expr_as(
            readable(meta, column, backend),
            iden(&format!("{PREFIX}{}", column.name)),
        );
    }
    Stamped::select(&mut select, meta, backend);
    let row = db
        .query_one(&select)
        .await?
        .ok_or_else(|| Error::NotFound {
            table: meta.table.clone(),
        })?;
    let mut columns = Vec::with_capacity(meta.columns.len());
    for column in &meta.columns {
        let value = read_readable(&row, meta, column, &format!("{PREFIX}{}", column.name))?;
        columns.push((column.name.clone(), value));
    }
    let deletion = match Stamped::read(&row, meta)? {
        Some(stamp) => {
            let taken = any(taken_with_parent(
                meta,
                session.group.entities(),
                Some(db.get_database_backend()),
            ));
            let mut with_parent = find::row(meta, &key, backend);
            with_parent.expr(Expr::cust("1")).and_where(all([taken]));
            let run = by_key(
                session.group.clone(),
                entity,
                key.of_row(meta, backend),
                Options::default(),
            );
            Some(Deleted {
                with_parent: db.query_one(&with_parent).await?.is_some(),
                tables: deletion::tables_of_row(&db, &session.group, entity, stamp.identity())
                    .await?,
                stamp,
                restore: run.plan(&db).await?.into(),
            })
        }
        None => None,
    };
    session.output.show(&ShownRow {
        table: meta.table.to_string(),
        key,
        columns: Columns(columns),
        deletion,
    })?;
    Ok(Status::Fine)
}

#[derive(Serialize)]
struct ShownRow {
    table: String,
    key: Key,
    columns: Columns,
    /// Null for an active row.
    deletion: Option<Deleted>,
}

struct Columns(Vec<(String, Shown)>);

impl Serialize for Columns {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

#[derive(Serialize)]
struct Deleted {
    #[serde(flatten)]
    stamp: Stamped,
    /// Whether it was not deleted itself.
    with_parent: bool,
    /// What the deletion took.
    tables: Vec<TableRows>,
    restore: Restored,
}

impl fmt::Display for ShownRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{BOLD}{} {}{BOLD:#}",
            self.table,
            clean_line(&self.key.to_string())
        )?;
        let names = self.columns.0.iter().map(|(name, _)| name.chars().count());
        let width = names.max().unwrap_or_default();
        for (name, value) in &self.columns.0 {
            write!(f, "\n  {name:width$}  {}", clean_line(&value.text()))?;
        }
        let Some(deletion) = &self.deletion else {
            return f.write_str("\n\nactive: it is not in the trash");
        };
        write!(f, "\n\ndeleted {}", deletion.stamp)?;
        let how = if deletion.with_parent {
            "along with a parent"
        } else {
            "itself"
        };
        write!(f, "\n{how}; the deletion took {}", list(&deletion.tables))?;
        write!(f, "\n\n{}", deletion.restore)
    }
}
