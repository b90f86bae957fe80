//! What `doctor` may be given.

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Make the changes that fix errors and warnings; advice is left to you
    #[arg(long)]
    pub(crate) fix: bool,
    /// Don't ask
    #[arg(long, requires = "fix")]
    pub(crate) yes: bool,
    /// Tell the worst severity by the exit code: 10 advice, 11 warnings, 12 errors
    #[arg(long, conflicts_with = "fix")]
    pub(crate) check: bool,
    /// With --check: what is less severe exits with 0, and passes in JUnit's report [default: warning]
    #[arg(long, value_enum, value_name = "SEVERITY", conflicts_with = "fix")]
    pub(crate) fail_on: Option<FailOn>,
    /// Print a report for other tools
    #[arg(long, value_enum, value_name = "FORMAT", conflicts_with_all = ["fix", "json"])]
    pub(crate) format: Option<ReportFormat>,
}

/// The least severe finding that fails a check.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum FailOn {
    Advice,
    Warning,
    Error,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ReportFormat {
    /// JUnit's XML: a test for each finding
    Junit,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}
