//! Questions before what can't be taken back.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use super::{
    failure::Failure,
    output::{BOLD, clean},
};

/// Whether somebody is there to answer.
pub(super) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks, unless it was said that nobody need be asked.
///
/// # Errors
///
/// If the answer is not yes, or there is nobody to ask.
pub(super) fn confirm(question: &str, yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !can_ask() {
        return Err(
            Failure::usage_error("this asks first, and there is no terminal to ask on")
                .tip("say `--yes` to have it done without asking"),
        );
    }
    match ask(question) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::refused("not confirmed, nothing was changed")),
        Err(error) => Err(Failure::refused(format!(
            "the answer can't be read: {error}"
        ))),
    }
}

fn ask(question: &str) -> io::Result<bool> {
    let mut stderr = anstream::stderr().lock();
    write!(stderr, "{BOLD}{}{BOLD:#} [y/N] ", clean(question))?;
    stderr.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
