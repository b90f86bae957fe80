//! How far a purge is: a bar on a terminal, and a line now and then elsewhere.

use std::{
    io::{self, IsTerminal as _},
    time::{Duration, Instant},
};

use indicatif::{HumanDuration, ProgressBar, ProgressStyle};

use super::output::say;
use soft_delete_retention::purge;

/// How long no line is printed for.
const LOG_INTERVAL: Duration = Duration::from_secs(10);

/// A progress display on stderr.
pub(super) struct Progress {
    /// Not there if stderr is no terminal.
    bar: Option<ProgressBar>,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self {
            bar: io::stderr().is_terminal().then(bar),
        }
    }

    /// What the purge calls after each batch.
    pub(super) fn callback(&self) -> impl FnMut(&purge::Progress<'_>) + Send + 'static {
        let bar = self.bar.clone();
        let mut last_line = None::<(String, Instant)>;
        move |progress| {
            if let Some(bar) = &bar {
                // Other workers' rows, and those that expire meanwhile, make the estimate wrong.
                bar.set_length(progress.total_expected.max(progress.total_purged));
                bar.set_message(progress.table.to_string());
                bar.set_position(progress.total_purged);
                return;
            }
            let table = progress.table.to_string();
            let is_due = last_line
                .as_ref()
                .is_none_or(|(of, at)| *of != table || at.elapsed() >= LOG_INTERVAL);
            if is_due {
                say(&line(progress));
                last_line = Some((table, Instant::now()));
            }
        }
    }

    /// Leaves the terminal to what comes next.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.abandon();
        }
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    let template = "{msg:16} [{bar:30}] {pos}/{len} rows, {per_sec}, {eta} left";
    // The template is checked by every run on a terminal; without it the bar is plain.
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style.progress_chars("=> ")),
        Err(_) => bar,
    }
}

fn line(progress: &purge::Progress<'_>) -> String {
    let mut line = format!(
        "purging {}: {} of about {} rows removed",
        progress.table, progress.total_purged, progress.total_expected
    );
    if let Some(left) = progress.eta().filter(|left| left.as_secs() > 0) {
        line += &format!(", about {} left", HumanDuration(left));
    }
    line
}
