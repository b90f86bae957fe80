//! `doctor`: what is wrong with the database.

use std::fmt;

use sea_orm::DatabaseConnection;
use serde::Serialize;

use super::{
    args::DoctorArgs,
    failure::{Failure, Status},
    output::{BOLD, DIM, GREEN, RED, YELLOW, clean},
    prompt::Consent,
    session::Session,
};
use soft_delete_schema::{
    Change,
    doctor::{Finding, Fix, Report, examine},
};

pub(super) async fn run(session: &Session, args: DoctorArgs) -> Result<Status, Failure> {
    let consent = match args.fix {
        true => Some(Consent::of(args.yes, "`doctor --fix` changes the schema")?),
        false => None,
    };
    let db = session.connect().await?;
    let report = examine(&session.registry, &db).await?;
    let fixable = report.findings().iter().any(|finding| changes(finding) > 0);
    let Some(consent) = consent.filter(|_| fixable) else {
        session.output.show(&Examined::new(&report))?;
        return Ok(report.is_healthy().into());
    };
    if !session.output.json {
        session.output.show(&Examined::new(&report))?;
    }
    let planned: usize = report.findings().iter().map(changes).sum();
    let things = if planned == 1 { "change" } else { "changes" };
    consent.confirm(&format!("Make {planned} {things} of the schema?"))?;
    let (fixed, failed) = mend(&db, &report).await;
    let after = examine(&session.registry, &db).await?;
    session.output.show(&Mended {
        fixed,
        failed,
        left: Examined::new(&after),
    })?;
    Ok(after.is_healthy().into())
}

fn changes(finding: &Finding) -> usize {
    match finding.fix() {
        Fix::Changes(changes) => changes.len(),
        _ => 0,
    }
}

/// Makes one change after the other: what can't be made doesn't keep the others from it.
async fn mend(db: &DatabaseConnection, report: &Report) -> (Vec<String>, Vec<String>) {
    let mut fixed = Vec::new();
    let mut failed = Vec::new();
    for finding in report {
        let Fix::Changes(changes) = finding.fix() else {
            continue;
        };
        match finding.apply(db).await {
            Ok(_) => fixed.extend(changes.iter().map(Change::to_string)),
            Err(error) => failed.push(error.to_string()),
        }
    }
    (fixed, failed)
}

#[derive(Serialize)]
struct Examined<'r> {
    healthy: bool,
    findings: &'r [Finding],
    #[serde(skip)]
    report: &'r Report,
}

impl<'r> Examined<'r> {
    fn new(report: &'r Report) -> Self {
        Self {
            healthy: report.is_healthy(),
            findings: report.findings(),
            report,
        }
    }
}

impl fmt::Display for Examined<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = clean(&self.report.to_string());
        for (place, line) in text.lines().enumerate() {
            if place > 0 {
                f.write_str("\n")?;
            }
            let style = match line.split(' ').next() {
                Some("error") => RED,
                Some("warning") => YELLOW,
                Some("nothing") => GREEN,
                _ if line.trim_start().starts_with("TABLE") => BOLD,
                _ => {
                    f.write_str(line)?;
                    continue;
                }
            };
            let end = match line.find("  ") {
                Some(end) if end > 0 => end,
                _ => line.len(),
            };
            write!(f, "{style}{}{style:#}{}", &line[..end], &line[end..])?;
        }
        if self.findings.iter().any(|finding| changes(finding) > 0) {
            write!(f, "\n{DIM}`doctor --fix` makes the changes{DIM:#}")?;
        }
        Ok(())
    }
}

/// What was done about it, and what is left.
#[derive(Serialize)]
struct Mended<'r> {
    fixed: Vec<String>,
    failed: Vec<String>,
    #[serde(flatten)]
    left: Examined<'r>,
}

impl fmt::Display for Mended<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for change in &self.fixed {
            writeln!(f, "{GREEN}done{GREEN:#}    {}", clean(change))?;
        }
        for error in &self.failed {
            writeln!(f, "{RED}failed{RED:#}  {}", clean(error))?;
        }
        if self.left.findings.is_empty() {
            return f.write_str("nothing else was found");
        }
        write!(f, "left:\n{}", self.left)
    }
}
