//! `archive list` and `archive restore`: rows that were purged and kept.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{
    args::{ArchiveExpireArgs, ArchiveListArgs, ArchiveRestoreArgs, ArchiveTableArgs},
    failure::{Failure, Status, is_missing_table},
    key::Key,
    output::{DIM, GREEN, Table, YELLOW, clean_line, count, rows},
    prompt::Consent,
    session::Session,
    value::second,
    view::{TableRows, by_table, list},
};
use soft_delete_core::{ArchiveError, Error, TableName};
use soft_delete_retention::archive::{
    ArchiveTable, ArchivedRow, DefaultedColumn, DroppedValue, RestoredRows,
};
use soft_delete_schema::Change;

/// The archive that the options name.
pub(super) fn archive_table(args: &ArchiveTableArgs) -> ArchiveTable {
    let archive = ArchiveTable::new();
    match &args.archive_table {
        Some(name) => archive.name(table_name(name).to_named_ref()),
        None => archive,
    }
}

fn table_name(name: &str) -> TableName {
    match name.split_once('.') {
        Some((schema, name)) => TableName {
            schema: Some(schema.to_owned()),
            name: name.to_owned(),
        },
        None => TableName::new(name),
    }
}

pub(super) async fn show(session: &Session, args: ArchiveListArgs) -> Result<Status, Failure> {
    let archive = archive_table(&args.archive);
    let limit = u64::from(args.limit);
    // One more, to know whether there are more.
    let mut search = archive.list().limit(limit + 1);
    let mut unknown = None;
    if let Some(table) = &args.table {
        // The archive may have rows of entities that are no more.
        let name = match session.entity(table) {
            Ok(entity) => entity.table.clone(),
            Err(failure) => {
                unknown = Some(failure);
                table_name(table)
            }
        };
        search = search.table(name.to_named_ref());
    }
    if let Some(id) = args.deletion {
        search = search.deletion(id);
    }
    let db = session.connect().await?;
    let entries = search.all(&db).await;
    let mut entries = entries.map_err(|error| of_archive(error, &archive))?;
    if let (true, Some(failure)) = (entries.is_empty(), unknown) {
        return Err(failure);
    }
    let more = entries.len() as u64 > limit;
    entries.truncate(args.limit as usize);
    session.output.show(&Entries {
        entries,
        more,
        is_narrowed: args.table.is_some() || args.deletion.is_some(),
    })?;
    Ok(Status::Success)
}

pub(super) async fn restore(
    session: &Session,
    args: ArchiveRestoreArgs,
) -> Result<Status, Failure> {
    let archive = archive_table(&args.archive);
    let restore = match (args.entry, args.deletion, &args.table) {
        (Some(entry), ..) => archive.restore().entry(entry),
        (_, Some(id), _) => archive.restore().deletion(id),
        (.., Some(table)) => {
            let meta = session.entity(table)?;
            let key = Key::parse(meta, &args.key)?;
            archive
                .restore()
                .row(meta.table.to_named_ref(), key.texts())
        }
        _ => {
            return Err(Failure::usage_error("nothing says what to restore")
                .tip("give a table and a key, or `--entry N`, or `--deletion ID`"));
        }
    };
    let db = session.connect().await?;
    let restored = restore.exec(&db).await;
    let restored = restored.map_err(|error| of_archive(error, &archive))?;
    session.output.show(&PutBack::from(restored))?;
    Ok(Status::Success)
}

pub(super) async fn expire(session: &Session, args: ArchiveExpireArgs) -> Result<Status, Failure> {
    let archive = archive_table(&args.archive);
    let before = args.older_than;
    let consent = match args.removal.dry_run {
        true => None,
        false => Some(Consent::of(
            args.removal.yes,
            "`archive expire` removes entries permanently",
        )?),
    };
    let db = session.connect().await?;
    let entries = archive.list().archived_before(before).count(&db).await;
    let mut entries = entries.map_err(|error| of_archive(error, &archive))?;
    if let Some(consent) = &consent
        && entries > 0
    {
        let them = entries_of(entries);
        let question = format!(
            "Permanently remove {them} that went to the archive before {}?",
            second(before)
        );
        consent.confirm(&question)?;
        entries = archive.expire(before, &db).await?;
    }
    session.output.show(&Expired {
        dry_run: consent.is_none(),
        before,
        entries,
    })?;
    Ok(Status::Success)
}

pub(super) async fn create(session: &Session, args: &ArchiveTableArgs) -> Result<Status, Failure> {
    let archive = archive_table(args);
    let db = session.connect().await?;
    let changes = archive.create(&db).await?;
    session.output.show(&Created {
        table: archive.table().to_string(),
        changes,
    })?;
    Ok(Status::Success)
}

/// That the table is missing has a better name than the database's.
fn of_archive(error: Error, archive: &ArchiveTable) -> Failure {
    let table = archive.table();
    match error {
        Error::Db(error) if is_missing_table(&error, &table.name) => {
            let table = table.clone();
            Error::from(ArchiveError::missing(table)).into()
        }
        error => error.into(),
    }
}

fn entries_of(number: u64) -> String {
    count(number, "entry", "entries")
}

#[derive(Serialize)]
struct Expired {
    dry_run: bool,
    before: DateTime<Utc>,
    entries: u64,
}

impl fmt::Display for Expired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = entries_of(self.entries);
        match self.dry_run {
            true => write!(f, "{entries} would be removed; nothing was"),
            false => write!(f, "{entries} removed"),
        }
    }
}

#[derive(Serialize)]
struct Created {
    table: String,
    changes: Vec<Change>,
}

impl fmt::Display for Created {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.changes.is_empty() {
            return write!(f, "the archive table `{}` is there already", self.table);
        }
        for (place, change) in self.changes.iter().enumerate() {
            let end = if place > 0 { "\n" } else { "" };
            write!(
                f,
                "{end}{GREEN}done{GREEN:#}    {}",
                clean_line(change.description())
            )?;
        }
        Ok(())
    }
}

#[derive(Serialize)]
struct Entries {
    entries: Vec<ArchivedRow>,
    /// Whether there are more than the limit.
    more: bool,
    /// Whether a table or a deletion was named.
    #[serde(skip)]
    is_narrowed: bool,
}

impl fmt::Display for Entries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.entries.is_empty() {
            return f.write_str(match self.is_narrowed {
                true => "no entry matches",
                false => "nothing is archived",
            });
        }
        let mut table = Table::new(&["ENTRY", "TABLE", "KEY", "DELETED", "ARCHIVED", "DELETION"]);
        for entry in &self.entries {
            table.row([
                entry.id.to_string(),
                entry.table.clone(),
                entry.key.join(","),
                entry.deleted_at.map(second).unwrap_or_default(),
                second(entry.archived_at),
                entry
                    .deletion_id
                    .map(|id| id.to_string())
                    .unwrap_or_default(),
            ]);
        }
        table.fmt(f)?;
        if self.more {
            let shown = rows(self.entries.len() as u64);
            write!(f, "\n{DIM}{shown} shown; `--limit` shows more{DIM:#}")?;
        }
        Ok(())
    }
}

#[derive(Serialize)]
struct PutBack {
    restored: Vec<TableRows>,
    dropped: Vec<DroppedValue>,
    defaulted: Vec<DefaultedColumn>,
}

impl From<RestoredRows> for PutBack {
    fn from(rows: RestoredRows) -> Self {
        Self {
            restored: by_table(rows.rows_by_table()),
            dropped: rows.dropped,
            defaulted: rows.defaulted,
        }
    }
}

impl fmt::Display for PutBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{GREEN}back in the trash{GREEN:#}: {}",
            list(&self.restored)
        )?;
        for value in &self.dropped {
            let line = format!(
                "{} {} had {} = {}",
                value.table,
                value.key.join(","),
                value.column,
                value.value
            );
            write!(
                f,
                "\n{YELLOW}lost{YELLOW:#}, the column is gone: {}",
                clean_line(&line)
            )?;
        }
        for column in &self.defaulted {
            let default = rows(column.rows);
            write!(
                f,
                "\nnew column {}.{}: {default} with its default",
                column.table, column.column
            )?;
        }
        write!(f, "\n`trash restore` or `deletion undo` makes them active")
    }
}
