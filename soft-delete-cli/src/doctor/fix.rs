//! `doctor --fix`: makes the changes that fix errors and warnings, and leaves advice to people.

use sea_orm::DatabaseConnection;
use serde::Serialize;
use soft_delete_schema::{
    Change,
    doctor::{Finding, Fix, Report, Severity, examine},
};

use super::document::Examined;
use crate::{
    failure::{Failure, Status},
    output::{clean_line, count},
    prompt::Consent,
    session::Session,
};

pub(super) async fn run(session: &Session, consent: &Consent) -> Result<Status, Failure> {
    let db = session.connect().await?;
    let report = examine(&session.registry, &db).await?;
    let planned: Vec<_> = report.into_iter().flat_map(changes).collect();
    if planned.is_empty() {
        session.output.show(&Examined::new(&report))?;
        return Ok(report.is_healthy().into());
    }
    consent.confirm(&question(&planned))?;
    let (applied, failed) = apply(&db, &report).await;
    let after = examine(&session.registry, &db).await?;
    session
        .output
        .show(&Examined::after_fix(&after, applied, failed))?;
    Ok(after.is_healthy().into())
}

/// The changes that are made for a finding: none for advice, and none if only people can do it.
pub(super) fn changes(finding: &Finding) -> &[Change] {
    match finding.fix() {
        Fix::Changes(changes) if finding.severity() > Severity::Advice => changes,
        _ => &[],
    }
}

fn question(planned: &[&Change]) -> String {
    let mut question = String::new();
    for change in planned {
        question += &format!("{}\n", clean_line(change.description()));
        for statement in statements(change) {
            question += &format!("    {}\n", clean_line(&statement));
        }
    }
    let changes = count(planned.len() as u64, "change", "changes");
    question + &format!("Make {changes} to the schema?")
}

/// Makes one change after the other: what can't be made doesn't keep the others from it.
async fn apply(db: &DatabaseConnection, report: &Report) -> (Vec<Made>, Vec<NotMade>) {
    let mut applied = Vec::new();
    let mut failed = Vec::new();
    for finding in report {
        let changes = changes(finding);
        if changes.is_empty() {
            continue;
        }
        match finding.apply(db).await {
            Ok(_) => applied.extend(changes.iter().map(Made::from)),
            Err(error) => failed.push(NotMade {
                table: finding.table().to_string(),
                problem: finding.problem().to_owned(),
                error: error.to_string(),
            }),
        }
    }
    (applied, failed)
}

/// With a semicolon each; comments as they are.
fn statements(change: &Change) -> Vec<String> {
    let ended = change.statements().into_iter();
    let ended = ended.map(|sql| match sql.starts_with("--") {
        true => sql,
        false => sql + ";",
    });
    ended.collect()
}

/// A change that was made.
#[derive(Serialize)]
pub(super) struct Made {
    table: String,
    pub(super) description: String,
    pub(super) statements: Vec<String>,
}

impl From<&Change> for Made {
    fn from(change: &Change) -> Self {
        Self {
            table: change.table().to_string(),
            description: change.description().to_owned(),
            statements: statements(change),
        }
    }
}

/// A finding whose changes could not be made.
#[derive(Serialize)]
pub(super) struct NotMade {
    table: String,
    problem: String,
    pub(super) error: String,
}
