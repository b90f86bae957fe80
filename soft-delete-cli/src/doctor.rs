//! `doctor`: what is wrong with the database.

mod document;
mod fix;
mod junit;
mod sarif;

use self::document::Examined;
use super::{
    args::{DoctorArgs, FailOn, ReportFormat},
    failure::{Failure, Status},
    output::script,
    prompt::Consent,
    session::Session,
};
use soft_delete_schema::doctor::{Report, Severity, examine};

pub(super) async fn run(session: &Session, args: DoctorArgs) -> Result<Status, Failure> {
    if args.fix {
        let consent = Consent::of(args.yes, "`doctor --fix` changes the schema")?;
        return fix::run(session, &consent).await;
    }
    let db = session.connect().await?;
    let report = examine(&session.registry, &db).await?;
    let fail_on = args.fail_on.unwrap_or(FailOn::Warning).into();
    let tables = session.trash.entities().iter();
    let tables: Vec<_> = tables.map(|meta| meta.table.to_string()).collect();
    match args.format {
        Some(ReportFormat::Junit) => {
            script(junit::write(&report, &tables, fail_on).as_bytes())?;
        }
        Some(ReportFormat::Sarif) => script(sarif::write(&report)?.as_bytes()).map(drop)?,
        None => session.output.show(&Examined::new(&report))?,
    }
    Ok(match args.check {
        true => by_severity(&report, fail_on),
        false => report.is_healthy().into(),
    })
}

/// The exit code of `--check`.
fn by_severity(report: &Report, fail_on: Severity) -> Status {
    match report.worst() {
        Some(worst) if worst >= fail_on => match worst {
            Severity::Advice => Status::FoundAdvice,
            Severity::Warning => Status::FoundWarnings,
            // An unknown severity is no less.
            _ => Status::FoundErrors,
        },
        _ => Status::Success,
    }
}

impl From<FailOn> for Severity {
    fn from(severity: FailOn) -> Self {
        match severity {
            FailOn::Advice => Self::Advice,
            FailOn::Warning => Self::Warning,
            FailOn::Error => Self::Error,
        }
    }
}
