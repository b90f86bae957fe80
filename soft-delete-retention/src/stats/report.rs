//! The figures of all tables, and how they print.

use std::fmt;

use chrono::{DateTime, Utc};

use super::{Figure, TableStats};
use soft_delete_core::{Error, TableName};

/// The figures of all tables. `Display` prints them as a table; with the feature `serde` they can be written and read.
///
/// In print `~` marks an estimate, `≥` what is at least so many, and `?` what the database doesn't know.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Stats {
    at: DateTime<Utc>,
    tables: Vec<TableStats>,
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Vec::is_empty")
    )]
    missing: Vec<MissingTable>,
}

/// A table of the registry that there are no figures of.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct MissingTable {
    /// The table, with its schema where the entity gives one.
    pub table: TableName,
    /// Why: the database does not have it, or not its `deleted_at`.
    pub problem: String,
}

impl MissingTable {
    pub(super) fn new(table: &TableName, problem: &Error) -> Self {
        Self {
            table: table.clone(),
            problem: problem.to_string(),
        }
    }
}

impl Stats {
    pub(super) fn new(
        at: DateTime<Utc>,
        tables: Vec<TableStats>,
        missing: Vec<MissingTable>,
    ) -> Self {
        Self {
            at,
            tables,
            missing,
        }
    }

    /// The tables of the registry that the database doesn't have, or without their `deleted_at`: there are no figures of them.
    pub fn missing(&self) -> &[MissingTable] {
        &self.missing
    }

    /// The time that "expired" and "in the future" refer to.
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// The tables, in the registry's order.
    pub fn tables(&self) -> &[TableStats] {
        &self.tables
    }

    /// The figures of one table.
    pub fn table(&self, table: &TableName) -> Option<&TableStats> {
        self.tables.iter().find(|stats| stats.table == *table)
    }
}

impl<'a> IntoIterator for &'a Stats {
    type Item = &'a TableStats;
    type IntoIter = std::slice::Iter<'a, TableStats>;

    fn into_iter(self) -> Self::IntoIter {
        self.tables.iter()
    }
}

/// A column of the print, and what it says of a table; `None` where it has nothing to say.
type Column = (&'static str, fn(&TableStats) -> Option<String>);

const COLUMNS: [Column; 13] = [
    // Where it can't be told from the next two.
    ("ROWS", |table| {
        (table.active == Figure::Unknown).then(|| count(table.rows))
    }),
    ("ACTIVE", |table| Some(count(table.active))),
    ("DELETED", |table| Some(count(table.deleted))),
    ("EXPIRED", |table| table.expired.map(count)),
    ("EXPIRED SINCE", |table| moment(table.expired_since)),
    ("IN FUTURE", |table| {
        (table.deleted_in_future.value() != Some(0)).then(|| count(table.deleted_in_future))
    }),
    ("OLDEST", |table| moment(table.oldest_deletion)),
    ("NEWEST", |table| moment(table.newest_deletion)),
    ("TABLE", |table| bytes(table.table_bytes)),
    ("INDEXES", |table| bytes(table.index_bytes)),
    ("FREE", |table| bytes(table.free_bytes)),
    ("DEAD ROWS", |table| {
        (table.dead_rows != Figure::Unknown).then(|| count(table.dead_rows))
    }),
    ("VACUUMED", |table| {
        table.last_vacuum.max(table.last_autovacuum).map(to_second)
    }),
];

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.tables.is_empty() {
            return f.write_str("no tables");
        }
        let names = self.tables.iter().map(|table| table.table.to_string());
        let names: Vec<_> = std::iter::once(String::new()).chain(names).collect();
        let mut lines = padded(names, Align::Left);
        for (title, cell) in COLUMNS {
            let cells: Vec<_> = self.tables.iter().map(cell).collect();
            if cells.iter().all(Option::is_none) {
                continue;
            }
            let cells = cells
                .into_iter()
                .map(|cell| cell.unwrap_or_else(|| "-".to_owned()));
            let cells = std::iter::once(title.to_owned()).chain(cells).collect();
            for (line, cell) in lines.iter_mut().zip(padded(cells, Align::Right)) {
                line.push_str("  ");
                line.push_str(&cell);
            }
        }
        f.write_str(&lines.join("\n"))?;
        for MissingTable { table, problem } in &self.missing {
            write!(f, "\nno figures of `{table}`: {problem}")?;
        }
        Ok(())
    }
}

/// The side that cells of a column stand on.
#[derive(Clone, Copy)]
enum Align {
    Left,
    Right,
}

fn padded(cells: Vec<String>, align: Align) -> Vec<String> {
    let longest = cells.iter().map(|cell| cell.chars().count()).max();
    let width = longest.unwrap_or(0);
    let cells = cells.into_iter().map(|cell| match align {
        Align::Right => format!("{cell:>width$}"),
        Align::Left => format!("{cell:width$}"),
    });
    cells.collect()
}

fn marked(figure: Figure<String>) -> String {
    match figure {
        Figure::Exact(text) => text,
        Figure::Estimate(text) => format!("~{text}"),
        Figure::AtLeast(text) => format!("≥{text}"),
        Figure::Unknown => "?".to_owned(),
    }
}

/// With commas between thousands.
fn count(figure: Figure<u64>) -> String {
    marked(figure.map(|rows| {
        let digits = rows.to_string();
        let mut text = String::new();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        text
    }))
}

/// In the largest unit that leaves at least one of it.
fn bytes(figure: Figure<u64>) -> Option<String> {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];

    if figure == Figure::Unknown {
        return None;
    }
    Some(marked(figure.map(|bytes| {
        if bytes < 1024 {
            return format!("{bytes} B");
        }
        let mut size = bytes as f64 / 1024.0;
        let mut units = UNITS.into_iter();
        let mut unit = units.next().unwrap_or_default();
        for larger in units {
            if size < 1024.0 {
                break;
            }
            size /= 1024.0;
            unit = larger;
        }
        format!("{size:.1} {unit}")
    })))
}

fn moment(figure: Figure<Option<DateTime<Utc>>>) -> Option<String> {
    match figure {
        Figure::Exact(None) | Figure::Estimate(None) | Figure::AtLeast(None) => None,
        figure => Some(marked(
            figure.map(|at| at.map_or_else(String::new, to_second)),
        )),
    }
}

fn to_second(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_commas_and_marks() {
        assert_eq!(count(Figure::Exact(0)), "0");
        assert_eq!(count(Figure::Exact(999)), "999");
        assert_eq!(count(Figure::Estimate(1_000)), "~1,000");
        assert_eq!(count(Figure::AtLeast(1_234_567)), "≥1,234,567");
        assert_eq!(count(Figure::Unknown), "?");
    }

    #[test]
    fn sizes_have_units() {
        let size = |number| bytes(Figure::Exact(number)).unwrap_or_default();
        assert_eq!(size(0), "0 B");
        assert_eq!(size(8_192), "8.0 KiB");
        assert_eq!(size(1_048_576), "1.0 MiB");
        assert_eq!(size(u64::MAX), "16384.0 PiB");
    }
}
