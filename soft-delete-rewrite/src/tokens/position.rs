//! Places as the parser's tokenizer counts them, and in bytes.

use sqlparser::tokenizer::Location;

use crate::{comments::EXECUTABLE_COMMENT, refused::Reason};

/// A place in the text: as the tokenizer counts, and in bytes.
pub(super) struct Position {
    pub(super) location: Location,
    pub(super) byte: usize,
}

impl Position {
    pub(super) fn start() -> Self {
        Self {
            location: Location::new(1, 1),
            byte: 0,
        }
    }

    /// Goes on to a byte.
    pub(super) fn at(&mut self, sql: &str, byte: usize) -> Location {
        let passed = sql.get(self.byte..byte).unwrap_or_default();
        self.byte = byte;
        let last_line = match passed.rfind('\n') {
            None => passed,
            Some(newline) => {
                let lines = passed.bytes().filter(|byte| *byte == b'\n').count();
                self.location = Location::new(self.location.line + lines as u64, 1);
                passed.get(newline + 1..).unwrap_or_default()
            }
        };
        self.location.column += last_line.chars().count() as u64;
        self.location
    }

    pub(super) fn advance(&mut self, sql: &str, to: Location) -> Result<(), Reason> {
        let rest = sql.get(self.byte..).unwrap_or_default();
        let mut chars = rest.chars();
        while self.location < to {
            let char = chars.next().ok_or(Reason::Unreliable(EXECUTABLE_COMMENT))?;
            self.byte += char.len_utf8();
            if char == '\n' {
                self.location = Location::new(self.location.line + 1, 1);
            } else {
                self.location.column += 1;
            }
        }
        Ok(())
    }
}
