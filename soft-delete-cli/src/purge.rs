//! `purge`: removes what was deleted long enough ago.

use std::fmt;

use chrono::Utc;
use serde::{Serialize, Serializer};

use super::{
    archive::archive_table,
    args::PurgeArgs,
    failure::{Failure, Status},
    output::{BOLD, DIM, clean, rows, say},
    progress::Progress,
    prompt::Consent,
    session::Session,
};
use soft_delete_retention::{Purge, PurgeReport, PurgedTable};

pub(super) async fn run(session: &Session, args: PurgeArgs) -> Result<Status, Failure> {
    let mut only = Vec::with_capacity(args.only.len());
    for table in &args.only {
        only.push(session.entity(table)?.table.clone());
    }
    // What is removed is what was asked about: rows that expire meanwhile are the next run's.
    let now = Utc::now();
    let purge = || {
        let purge = Purge::new().registry(&session.registry).at(now);
        let mut purge = only
            .iter()
            .fold(purge, |purge, table| purge.only_table(table.clone()));
        if let Some(rows) = args.batch {
            purge = purge.batch(rows);
        }
        if let Some(rows) = args.rows_per_second {
            purge = purge.rows_per_second(rows);
        }
        if let Some(after) = args.deadline {
            purge = purge.deadline(after);
        }
        if args.archive || args.table.archive_table.is_some() {
            purge = purge.archive(archive_table(&args.table));
        }
        purge
    };
    if args.removal.dry_run {
        let db = session.connect().await?;
        session.output.show(&Purged(purge().plan(&db).await?))?;
        return Ok(Status::Success);
    }
    let consent = Consent::of(args.removal.yes, "`purge` removes rows permanently")?;
    let db = session.connect().await?;
    if consent.asks() {
        let expected = Purged(purge().plan(&db).await?);
        if expected.0.rows_purged() == 0 {
            session.output.show(&expected)?;
            return Ok(Status::Success);
        }
        say(&expected.to_string());
        let question = format!("Permanently remove {}?", rows(expected.0.rows_purged()));
        consent.confirm(&question)?;
    }
    let progress = Progress::new();
    let report = purge().on_progress(progress.callback()).exec(&db).await;
    progress.end();
    session.output.show(&Purged(report?))?;
    Ok(Status::Success)
}

struct Purged(PurgeReport);

impl Serialize for Purged {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let report = &self.0;
        PurgedDocument {
            dry_run: report.is_dry_run(),
            rows: report.rows_purged(),
            complete: report.is_complete(),
            took_seconds: report.took().as_secs_f64(),
            tables: report.tables(),
        }
        .serialize(serializer)
    }
}

#[derive(Serialize)]
struct PurgedDocument<'r> {
    dry_run: bool,
    /// Removed from all tables, or to be removed.
    rows: u64,
    /// Whether no expired row is left but those that are held or referenced.
    complete: bool,
    took_seconds: f64,
    tables: &'r [PurgedTable],
}

impl fmt::Display for Purged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = &self.0;
        if report.tables().is_empty() {
            return f.write_str(
                "nothing is purged: no entity has a retention, `#[soft_delete(retention = \"30 days\")]`",
            );
        }
        let text = clean(&report.to_string());
        let (headings, tables) = text.split_once('\n').unwrap_or((&text, ""));
        writeln!(f, "{BOLD}{headings}{BOLD:#}\n{tables}")?;
        let count = rows(report.rows_purged());
        if report.is_dry_run() {
            return write!(f, "{count} would be removed; nothing was");
        }
        write!(f, "{count} removed in {:.1} s", report.took().as_secs_f64())?;
        if !report.is_complete() {
            write!(f, "\n{DIM}what remains is the next run's{DIM:#}")?;
        }
        Ok(())
    }
}
