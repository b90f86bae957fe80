//! One table for each database.

use std::fmt;

use super::{operation::Operation, tables::VARIANTS};
use support::Kind;

pub struct Report {
    kind: Kind,
    rows: usize,
    /// Milliseconds by operation and variant, one for each round.
    pub times: [[Vec<f64>; 4]; 5],
}

impl Report {
    pub fn new(kind: Kind, rows: usize) -> Self {
        Self {
            kind,
            rows,
            times: Default::default(),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "| {} |", self.kind)?;
        for variant in VARIANTS {
            write!(f, " {} |", variant.name)?;
        }
        writeln!(f, "\n|---|---:|---:|---:|---:|")?;
        for (operation, [plain, others @ ..]) in Operation::ALL.into_iter().zip(&self.times) {
            let operation = operation.describe(self.rows);
            write!(f, "| {operation} | {:.1} ms |", quantile(plain, 0.5))?;
            for other in others {
                let ratios: Vec<_> = other
                    .iter()
                    .zip(plain)
                    .map(|(other, plain)| other / plain)
                    .collect();
                let [low, middle, high] = [0.25, 0.5, 0.75].map(|at| quantile(&ratios, at));
                write!(f, " {middle:.2} ({low:.2} to {high:.2}) |")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// Between the two nearest values, as far as it is.
fn quantile(values: &[f64], at: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let place = at * (values.len() - 1) as f64;
    let below = values[place.floor() as usize];
    let above = values[place.ceil() as usize];
    below + (above - below) * place.fract()
}
