//! What was found, as text and as JSON.

use std::fmt;

use serde::Serialize;
use soft_delete_schema::{
    Change,
    doctor::{Check, Finding, Fix, Report, Severity},
};

use super::fix::{Made, NotMade, changes};
use crate::output::{BOLD, DIM, GREEN, RED, YELLOW, clean, clean_line};

#[derive(Serialize)]
pub(super) struct Examined<'r> {
    healthy: bool,
    /// Null if nothing was found.
    worst: Option<Severity>,
    pub(super) findings: Vec<Found<'r>>,
    /// Changes that `--fix` made.
    pub(super) applied: Vec<Made>,
    /// Findings whose changes could not be made.
    pub(super) failed: Vec<NotMade>,
    #[serde(skip)]
    report: &'r Report,
    #[serde(skip)]
    is_after_fix: bool,
}

#[derive(Serialize)]
pub(super) struct Found<'r> {
    severity: Severity,
    check: Check,
    table: String,
    problem: &'r str,
    consequence: &'r str,
    fix: Remedy<'r>,
}

/// Changes of the schema, or advice.
#[derive(Serialize)]
struct Remedy<'r> {
    kind: &'static str,
    /// Null if there are changes.
    advice: Option<&'r str>,
    changes: &'r [Change],
}

impl<'r> Examined<'r> {
    pub(super) fn new(report: &'r Report) -> Self {
        Self {
            healthy: report.is_healthy(),
            worst: report.worst(),
            findings: report.into_iter().map(Found::from).collect(),
            applied: Vec::new(),
            failed: Vec::new(),
            report,
            is_after_fix: false,
        }
    }

    /// What is left after the changes were made.
    pub(super) fn after_fix(report: &'r Report, applied: Vec<Made>, failed: Vec<NotMade>) -> Self {
        Self {
            applied,
            failed,
            is_after_fix: true,
            ..Self::new(report)
        }
    }
}

impl<'r> From<&'r Finding> for Found<'r> {
    fn from(finding: &'r Finding) -> Self {
        Self {
            severity: finding.severity(),
            check: finding.check(),
            table: finding.table().to_string(),
            problem: finding.problem(),
            consequence: finding.consequence(),
            fix: finding.fix().into(),
        }
    }
}

impl<'r> From<&'r Fix> for Remedy<'r> {
    fn from(fix: &'r Fix) -> Self {
        let (kind, advice, changes): (_, _, &[Change]) = match fix {
            Fix::Changes(changes) => ("changes", None, changes),
            Fix::Manual(advice) => ("manual", Some(advice.as_str()), &[]),
            _ => ("unknown", None, &[]),
        };
        Self {
            kind,
            advice,
            changes,
        }
    }
}

impl fmt::Display for Examined<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_after_fix {
            self.write_fixed(f)?;
            if self.findings.is_empty() {
                return f.write_str("nothing else was found");
            }
            f.write_str("left:\n")?;
        }
        self.write_findings(f)?;
        self.write_hint(f)
    }
}

impl Examined<'_> {
    fn write_fixed(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for change in &self.applied {
            writeln!(
                f,
                "{GREEN}done{GREEN:#}    {}",
                clean_line(&change.description)
            )?;
            for statement in &change.statements {
                let statement = clean(statement).replace('\n', "\n          ");
                writeln!(f, "        {DIM}{statement}{DIM:#}")?;
            }
        }
        for failed in &self.failed {
            writeln!(f, "{RED}failed{RED:#}  {}", clean(&failed.error))?;
        }
        Ok(())
    }

    fn write_findings(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
        Ok(())
    }

    /// What may be done next.
    fn write_hint(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let has_changes = |finding: &Finding| matches!(finding.fix(), Fix::Changes(_));
        let is_fixable = self.report.into_iter().any(|of| !changes(of).is_empty());
        let leaves_advice = self
            .report
            .into_iter()
            .any(|of| of.severity() == Severity::Advice && has_changes(of));
        match (is_fixable && !self.is_after_fix, leaves_advice) {
            (true, false) => write!(f, "\n{DIM}`doctor --fix` makes the changes{DIM:#}"),
            (true, true) => write!(
                f,
                "\n{DIM}`doctor --fix` makes the changes, but not what is advice{DIM:#}"
            ),
            (false, true) => write!(
                f,
                "\n{DIM}advice is left to you: `doctor --fix` does not follow it{DIM:#}"
            ),
            (false, false) => Ok(()),
        }
    }
}
