//! The tables for the README.

use std::fmt;

use super::{lookups::Times, speed::Speed, support::Kind};

#[derive(Default)]
pub struct Speeds(Vec<Speed>);

impl Speeds {
    pub fn add(&mut self, speed: Speed) {
        eprintln!("{}", Row(&speed));
        self.0.push(speed);
    }
}

impl fmt::Display for Speeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| | | rows | by hand, rows/s | purge / by hand | with archive / without | the form by hand | a faster one that gives less |"
        )?;
        writeln!(f, "|---|---|---:|---:|---:|---:|---|---|")?;
        for speed in &self.0 {
            writeln!(f, "{}", Row(speed))?;
        }
        Ok(())
    }
}

struct Row<'s>(&'s Speed);

impl fmt::Display for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(speed) = self;
        let [ours, archive, floor, less] = &speed.rates;
        write!(
            f,
            "| {} | {} | {} | {} | {} | {} | {} |",
            speed.kind,
            speed.shape.describe(),
            thousands(speed.rows),
            thousands(quantile(floor, 0.5) as u64),
            Ratio(ours, floor),
            Ratio(archive, ours),
            speed.floor,
        )?;
        match speed.unsafe_form {
            Some(form) => write!(f, " {form}: purge / it {} |", Ratio(ours, less)),
            None => write!(f, " |"),
        }
    }
}

/// The median of the rounds' ratios, and the quarters on both sides of it.
struct Ratio<'r>(&'r [f64], &'r [f64]);

impl fmt::Display for Ratio<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs = self.0.iter().zip(self.1);
        let ratios: Vec<_> = pairs.map(|(one, other)| one / other).collect();
        let [low, middle, high] = [0.25, 0.5, 0.75].map(|at| quantile(&ratios, at));
        write!(f, "{middle:.2} ({low:.2} to {high:.2})")
    }
}

pub struct Lookups {
    rate: u32,
    rows: Vec<(Kind, [Times; 3])>,
}

impl Lookups {
    pub fn new(rate: u32) -> Self {
        Self {
            rate,
            rows: Vec::new(),
        }
    }

    pub fn add(&mut self, kind: Kind, times: [Times; 3]) {
        self.rows.push((kind, times));
    }
}

impl fmt::Display for Lookups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate = thousands(self.rate.into());
        writeln!(
            f,
            "| a lookup by primary key, p50 and p99 | no purge | a purge at full speed | a purge of {rate} rows/s |"
        )?;
        writeln!(f, "|---|---:|---:|---:|")?;
        for (kind, times) in &self.rows {
            write!(f, "| {kind} |")?;
            for times in times {
                let [p50, p99] = [0.5, 0.99].map(|at| quantile(times, at));
                write!(f, " {p50:.0} µs, {p99:.0} µs |")?;
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
