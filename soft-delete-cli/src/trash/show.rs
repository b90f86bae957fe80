//! `trash show`: a row, its deletion, and what a restore would bring back.

use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeMap as _};
use soft_delete_core::{RowDeletion, RowValue};

use crate::{
    args::RowArgs,
    deletion_info::DeletionInfo,
    failure::{Failure, Status},
    key::Key,
    output::{BOLD, clean_line},
    session::Session,
    view::{Restored, TableRows, by_table, list},
};

pub(crate) async fn run(session: &Session, args: RowArgs) -> Result<Status, Failure> {
    let key = Key::parse(session.entity(&args.table)?, &args.key)?;
    let db = session.connect().await?;
    let row = session.trash.show(&args.table, key.values(), &db).await?;
    session.output.show(&ShownRow {
        table: row.table.to_string(),
        key,
        columns: Columns(row.columns),
        deletion: row.deletion.map(Deleted::from),
    })?;
    Ok(Status::Success)
}

#[derive(Serialize)]
struct ShownRow {
    table: String,
    key: Key,
    columns: Columns,
    /// Null for an active row.
    deletion: Option<Deleted>,
}

struct Columns(Vec<(String, RowValue)>);

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
    stamp: DeletionInfo,
    /// Whether it was not deleted itself.
    with_parent: bool,
    /// What the deletion took.
    tables: Vec<TableRows>,
    restore: Restored,
}

impl From<RowDeletion> for Deleted {
    fn from(deletion: RowDeletion) -> Self {
        Self {
            stamp: deletion.stamp.into(),
            with_parent: deletion.with_parent,
            tables: by_table(&deletion.tables),
            restore: deletion.restore.into(),
        }
    }
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
