//! All that was found.

use std::fmt;

use super::{Finding, Severity};

/// All that was found, the worst first. `Display` prints it as a table; with the feature `serde` it is serialisable.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Report {
    findings: Vec<Finding>,
}

impl Report {
    pub(super) fn new(findings: Vec<Finding>) -> Self {
        Self { findings }
    }

    /// The findings, the worst first.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Whether nothing is wrong. [Advice](Severity::Advice) does not count.
    pub fn is_healthy(&self) -> bool {
        self.worst().is_none_or(|worst| worst < Severity::Warning)
    }

    /// The worst severity found.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(Finding::severity).max()
    }
}

impl<'a> IntoIterator for &'a Report {
    type Item = &'a Finding;
    type IntoIter = std::slice::Iter<'a, Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.findings.iter()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.findings.is_empty() {
            return f.write_str("nothing found");
        }
        let names: Vec<_> = self
            .findings
            .iter()
            .map(|finding| finding.table().to_string())
            .collect();
        let longest = names.iter().map(|name| name.chars().count()).max();
        let width = longest.unwrap_or(0).max("TABLE".len());
        let indent = " ".repeat("warning".len() + 2 + width + 2);
        write!(f, "{:7}  {:width$}  FINDING", "", "TABLE")?;
        for (finding, table) in self.findings.iter().zip(&names) {
            write!(
                f,
                "\n{:7}  {table:width$}  {}",
                finding.severity(),
                finding.problem()
            )?;
            write!(f, "\n{indent}why: {}", finding.consequence())?;
            let fix = finding.fix().to_string();
            let fix = fix.replace('\n', &format!("\n{indent}     "));
            write!(f, "\n{indent}fix: {fix}")?;
        }
        Ok(())
    }
}
