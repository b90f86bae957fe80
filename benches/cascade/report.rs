//! The table for the README.

use std::fmt;

use super::{
    measure::{Measured, Operation},
    support::Kind,
};

#[derive(Default)]
pub struct Report {
    rows: Vec<(Kind, u64, Measured)>,
}

impl Report {
    pub fn add(&mut self, kind: Kind, comments: u64, measured: Vec<Measured>) {
        for one in measured {
            eprintln!("{}", Row(kind, comments, &one));
            self.rows.push((kind, comments, one));
        }
    }

    fn sizes(&self) -> Vec<u64> {
        let mut sizes = Vec::new();
        for (_, size, _) in &self.rows {
            if !sizes.contains(size) {
                sizes.push(*size);
            }
        }
        sizes
    }

    /// The measurements of one operation on one database, by size.
    fn groups(&self) -> Vec<Vec<&(Kind, u64, Measured)>> {
        let mut groups: Vec<Vec<&(Kind, u64, Measured)>> = Vec::new();
        for row in &self.rows {
            let same = |group: &&mut Vec<&(Kind, u64, Measured)>| {
                group[0].0 == row.0 && group[0].2.operation == row.2.operation
            };
            match groups.iter_mut().find(same) {
                Some(group) => group.push(row),
                None => groups.push(vec![row]),
            }
        }
        groups
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes = self.sizes();
        writeln!(
            f,
            "Time as a multiple of the best hand-written SQL's: median (quartiles).\n"
        )?;
        write!(f, "| | |")?;
        for size in &sizes {
            write!(f, " {} comments |", thousands(*size))?;
        }
        writeln!(f, " statements, by hand |")?;
        write!(f, "|---|---|")?;
        for _ in &sizes {
            write!(f, "---:|")?;
        }
        writeln!(f, "---:|")?;
        for group in self.groups() {
            write!(f, "| {} | {} |", group[0].0, group[0].2.operation)?;
            for size in &sizes {
                match group.iter().find(|row| row.1 == *size) {
                    Some((_, _, one)) => write!(f, " {} |", Ratio(&one.ratios()))?,
                    None => write!(f, " |")?,
                }
            }
            let (first, last) = (&group[0].2, &group[group.len() - 1].2);
            assert_eq!(
                first.statements, last.statements,
                "the number of statements depends on the number of rows"
            );
            writeln!(f, " {}, {} |", first.statements, last.floor_statements)?;
        }

        writeln!(
            f,
            "\nMilliseconds, ours and by hand, and by how much our process's memory (VmHWM) grew during an operation, at most:\n"
        )?;
        writeln!(
            f,
            "| | | comments | ours | by hand | form | memory | turns |"
        )?;
        writeln!(f, "|---|---|---:|---:|---:|---|---:|---:|")?;
        for (kind, size, one) in &self.rows {
            writeln!(
                f,
                "| {kind} | {} | {} | {:.1} | {:.1} | {} | {} | {} |",
                one.operation,
                thousands(*size),
                quantile(&one.ours, 0.5),
                quantile(&one.floor, 0.5),
                one.form,
                one.memory
                    .map_or_else(|| "unknown".to_owned(), |kib| format!("{kib} KiB")),
                one.ours.len(),
            )?;
        }
        Ok(())
    }
}

struct Row<'m>(Kind, u64, &'m Measured);

impl fmt::Display for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(kind, comments, one) = self;
        write!(
            f,
            "{kind}, {comments} comments, {}: {} of {:.1} ms",
            one.operation,
            Ratio(&one.ratios()),
            quantile(&one.floor, 0.5),
        )
    }
}

struct Ratio<'r>(&'r [f64]);

impl fmt::Display for Ratio<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [low, middle, high] = [0.25, 0.5, 0.75].map(|at| quantile(self.0, at));
        write!(f, "{middle:.2} ({low:.2} to {high:.2})")
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Delete => "delete",
            Self::Undo => "`Deletion::undo`",
            Self::RestoreById => "`restore_by_id`",
        })
    }
}

/// Between the two nearest values, as far as it is.
fn quantile(values: &[f64], at: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let Some(last) = values.len().checked_sub(1) else {
        return f64::NAN;
    };
    let place = at * last as f64;
    let below = values[place.floor() as usize];
    let above = values[place.ceil() as usize];
    below + (above - below) * place.fract()
}

/// `100,000`
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
