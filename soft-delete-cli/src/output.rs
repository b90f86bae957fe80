//! All that is printed, in one place.

use std::{
    fmt,
    io::{self, Write as _},
};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::failure::{Failure, Status};

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const GREEN: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Green)));
pub(super) const YELLOW: Style =
    Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Yellow)));
pub(super) const RED: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red)));

/// The version of the JSON documents: it counts up when a field changes its meaning or goes.
const JSON_VERSION: u8 = 1;

/// Where results go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
    pub(super) json: bool,
    /// The command that was given, such as `trash list`. `None` if none was understood.
    pub(super) command: Option<&'static str>,
}

/// What every JSON document has.
#[derive(Serialize)]
struct Envelope<'d, T> {
    version: u8,
    command: Option<&'static str>,
    #[serde(flatten)]
    document: &'d T,
}

impl Output {
    /// Prints what a command found: as JSON, or as text with a line's end.
    pub(super) fn show<T: Serialize + fmt::Display>(self, document: &T) -> Result<(), Failure> {
        if self.json {
            return self.json(document);
        }
        end(writeln!(anstream::stdout().lock(), "{document}"))
    }

    pub(super) fn json<T: Serialize>(self, document: &T) -> Result<(), Failure> {
        let document = Envelope {
            version: JSON_VERSION,
            command: self.command,
            document,
        };
        let text = serde_json::to_string_pretty(&document).map_err(|error| {
            Failure::database(format!("this can't be written as JSON: {error}"))
        })?;
        end(writeln!(io::stdout().lock(), "{text}"))
    }
}

/// Prints a script for another program.
pub(super) fn script(script: &[u8]) -> Result<Status, Failure> {
    end(io::stdout().lock().write_all(script))?;
    Ok(Status::Success)
}

/// A reader who has seen enough, as `head` has, is no failure.
fn end(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::refused(format!(
            "the output can't be written: {error}"
        ))),
        _ => Ok(()),
    }
}

/// Tells the user something that is not the result.
pub(super) fn say(line: &str) {
    // There is nobody left to tell that this failed.
    let _ = writeln!(anstream::stderr().lock(), "{line}");
}

/// Text from the database, so that it can't speak to the terminal: control characters are escaped, but for the end of a line.
pub(super) fn clean(text: &str) -> String {
    escape(text, |control| control == '\n')
}

/// The same for one cell of a table.
pub(super) fn clean_line(text: &str) -> String {
    escape(text, |_| false)
}

fn escape(text: &str, keep: impl Fn(char) -> bool) -> String {
    let mut clean = String::with_capacity(text.len());
    for character in text.chars() {
        if (character.is_control() || is_direction(character)) && !keep(character) {
            clean.extend(character.escape_default());
        } else {
            clean.push(character);
        }
    }
    clean
}

/// Characters that change the order in which others are shown.
fn is_direction(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Rows under headings, as wide as what is in them.
#[derive(Debug)]
pub struct Table {
    headings: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(headings: &[&'static str]) -> Self {
        Self {
            headings: headings.to_vec(),
            rows: Vec::new(),
        }
    }

    pub(super) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows
            .push(cells.iter().map(|cell| clean_line(cell)).collect());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths: Vec<usize> = (0..self.headings.len())
            .map(|column| {
                let cells = self.rows.iter().map(|row| row[column].chars().count());
                cells.fold(self.headings[column].len(), usize::max)
            })
            .collect();
        let line = |cells: Vec<&str>| {
            let cells = cells.iter().zip(&widths);
            let cells: Vec<_> = cells
                .map(|(cell, width)| format!("{cell:width$}"))
                .collect();
            cells.join("  ").trim_end().to_owned()
        };
        write!(f, "{BOLD}{}{BOLD:#}", line(self.headings.clone()))?;
        for row in &self.rows {
            let cells = row.iter().map(String::as_str).collect();
            write!(f, "\n{}", line(cells))?;
        }
        Ok(())
    }
}

/// `1 row`, `2 rows`.
pub(super) fn rows(number: u64) -> String {
    count(number, "row", "rows")
}

/// `1 change`, `2 changes`.
pub(super) fn count(number: u64, one: &str, several: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        number => format!("{number} {several}"),
    }
}

/// What JSON calls a value that has a name: `missing_unique`.
pub(super) fn name_of(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}

impl From<bool> for Status {
    fn from(is_fine: bool) -> Self {
        if is_fine {
            Self::Success
        } else {
            Self::Refused
        }
    }
}
