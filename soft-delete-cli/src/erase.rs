//! `erase`: removes rows permanently, with all below them and all that the archive has of them.

use std::fmt;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseConnection, TransactionTrait};
use serde::Serialize;
use soft_delete_core::EntityMeta;
use soft_delete_retention::{EraseRow, ErasedTable, ErasureReport, KeySetNull, NotLookedAt};

use crate::{
    archive::archive_table,
    args::EraseArgs,
    failure::{Failure, Status},
    key::Key,
    output::{DIM, clean, rows as rows_of, say},
    prompt::Consent,
    rows,
    session::Session,
};

pub(super) async fn run(session: &Session, args: EraseArgs) -> Result<Status, Failure> {
    let meta = session.entity(&args.rows.table)?;
    let keys = rows::keys(meta, &args.rows)?;
    let consent = match args.removal.dry_run {
        true => None,
        false => Some(Consent::of(
            args.removal.yes,
            "`erase` removes rows permanently",
        )?),
    };
    let task = Task {
        session,
        meta,
        keys,
        args: &args,
    };
    let db = session.connect().await?;
    let Some(consent) = consent else {
        session.output.show(&task.try_out(&db).await?)?;
        return Ok(Status::Success);
    };
    if consent.asks() {
        let planned = task.try_out(&db).await?;
        if planned.rows + planned.archived == 0 {
            session.output.show(&planned)?;
            return Ok(Status::Success);
        }
        say(&planned.to_string());
        consent.confirm(&format!("Permanently erase {}?", planned.what()))?;
    }
    let transaction = rows::begin(&db).await?;
    let each = task.erase(&transaction).await;
    let reports = rows::end(transaction, each).await?;
    session.output.show(&Erased::new(&reports, false))?;
    Ok(Status::Success)
}

struct Task<'a> {
    session: &'a Session,
    meta: &'a EntityMeta,
    keys: Vec<Key>,
    args: &'a EraseArgs,
}

impl Task<'_> {
    /// Erases, and takes it back.
    async fn try_out(&self, db: &DatabaseConnection) -> Result<Erased, Failure> {
        let transaction = rows::begin(db).await?;
        let each = self.erase(&transaction).await;
        transaction.rollback().await?;
        Ok(Erased::new(&rows::all(each)?, true))
    }

    async fn erase<C>(&self, db: &C) -> Vec<(String, Result<ErasureReport, Failure>)>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let mut each = Vec::with_capacity(self.keys.len());
        for key in &self.keys {
            let mut erase = EraseRow::of(&self.session.registry, self.meta, key.values());
            if self.args.archive.archive_table.is_some() {
                erase = erase.archive(archive_table(&self.args.archive));
            }
            let erased = erase.exec(db).await.map_err(Failure::from);
            each.push((format!("{} {key}", self.meta.table), erased));
        }
        each
    }
}

#[derive(Serialize)]
struct Erased {
    dry_run: bool,
    rows: u64,
    archived: u64,
    reports: Vec<Document>,
}

#[derive(Serialize)]
struct Document {
    table: String,
    key: Vec<String>,
    erased_at: DateTime<Utc>,
    tables: Vec<ErasedTable>,
    set_null: Vec<KeySetNull>,
    not_followed: Vec<String>,
    archive: Option<String>,
    not_looked_at: Vec<NotLookedAt>,
    #[serde(skip)]
    text: String,
}

impl Erased {
    fn new(reports: &[ErasureReport], dry_run: bool) -> Self {
        Self {
            dry_run,
            rows: reports.iter().map(ErasureReport::rows_erased).sum(),
            archived: reports.iter().map(ErasureReport::archived_erased).sum(),
            reports: reports.iter().map(Document::from).collect(),
        }
    }

    /// `3 rows and 1 archived row`
    fn what(&self) -> String {
        let rows = rows_of(self.rows);
        match self.archived {
            0 => rows,
            1 => format!("{rows} and 1 archived row"),
            archived => format!("{rows} and {archived} archived rows"),
        }
    }
}

impl From<&ErasureReport> for Document {
    fn from(report: &ErasureReport) -> Self {
        Self {
            table: report.table.to_string(),
            key: report.key.clone(),
            erased_at: report.erased_at,
            tables: report.tables.clone(),
            set_null: report.set_null.clone(),
            not_followed: report
                .not_followed
                .iter()
                .map(ToString::to_string)
                .collect(),
            archive: report.archive.clone(),
            not_looked_at: report.not_looked_at.clone(),
            text: report.to_string(),
        }
    }
}

impl fmt::Display for Erased {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for report in &self.reports {
            writeln!(f, "{}", clean(&report.text))?;
        }
        match self.dry_run {
            true => write!(
                f,
                "{DIM}{} would be erased; nothing was{DIM:#}",
                self.what()
            ),
            false => write!(f, "{} erased", self.what()),
        }
    }
}
