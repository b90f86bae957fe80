//! Questions before what can't be taken back.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use super::{
    failure::Failure,
    output::{BOLD, clean},
};

/// The right to do what can't be taken back: had with `--yes`, or by asking somebody.
///
/// A question is asked on stderr and answered on stdin. Where either is no terminal nobody can be asked, whatever the reason: a
/// scheduler, `ssh host program purge`, `2>log`. Then it needs `--yes`.
#[derive(Debug)]
pub(super) struct Consent {
    yes: bool,
}

impl Consent {
    /// Refuses at once what could not be asked later, before the database is looked at.
    ///
    /// # Errors
    ///
    /// If nobody can be asked, and `--yes` was not passed.
    pub(super) fn of(yes: bool, what: &str) -> Result<Self, Failure> {
        if yes || can_ask() {
            return Ok(Self { yes });
        }
        Err(Failure::refused(format!(
            "{what}, so it asks first, and there is no terminal to ask on; nothing was changed"
        ))
        .tip("pass `--yes` to do it without asking, as a scheduler must"))
    }

    /// Whether a question will be asked.
    pub(super) fn asks(&self) -> bool {
        !self.yes
    }

    /// Asks, unless `--yes` was passed.
    ///
    /// # Errors
    ///
    /// If the answer is not yes.
    pub(super) fn confirm(&self, question: &str) -> Result<(), Failure> {
        if self.yes {
            return Ok(());
        }
        match ask(question) {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::refused("not confirmed, nothing was changed")),
            Err(error) => Err(Failure::refused(format!(
                "the answer can't be read, nothing was changed: {error}"
            ))),
        }
    }
}

fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

fn ask(question: &str) -> io::Result<bool> {
    let mut stderr = anstream::stderr().lock();
    write!(stderr, "{BOLD}{}{BOLD:#} [y/N] ", clean(question))?;
    stderr.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
