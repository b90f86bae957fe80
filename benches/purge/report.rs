//! The tables for the guide, and the file of results.

use std::fmt;

use serde_json::{Map, Value, json};

use super::{
    figures::{Quartiles, Results, quantile, rounded, thousands},
    lookups::Times,
    speed::Speed,
    tables::Shape,
};
use support::Kind;

#[derive(Default)]
pub struct Speeds(Vec<Speed>);

impl Speeds {
    pub fn add(&mut self, version: &str, speed: Speed) {
        eprintln!("{}", Row(&speed));
        let results = Results::of("purge.json", &["database", "tables", "rows", "measured"]);
        results.add(speed.json(version));
        self.0.push(speed);
    }
}

impl fmt::Display for Speeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| | | rows | by hand, rows/s | time, by hand = 1 | with archive, without = 1 | the form by hand | a faster one that gives less |"
        )?;
        writeln!(f, "|---|---|---:|---:|---:|---:|---|---|")?;
        for speed in &self.0 {
            writeln!(f, "{}", Row(speed))?;
        }
        Ok(())
    }
}

impl Speed {
    /// Our time as a multiple of the floor's: the inverse of the rates.
    fn against_floor(&self) -> Quartiles {
        let [ours, _, floor, _] = &self.rates;
        Quartiles::of_ratios(floor, ours)
    }

    fn against_less(&self) -> Quartiles {
        let [ours, _, _, less] = &self.rates;
        Quartiles::of_ratios(less, ours)
    }

    fn with_archive(&self) -> Quartiles {
        let [ours, archive, ..] = &self.rates;
        Quartiles::of_ratios(ours, archive)
    }

    fn json(&self, version: &str) -> Map<String, Value> {
        let rate = |rates: &[f64]| rounded(quantile(rates, 0.5), 0);
        let [ours, archive, floor, less] = &self.rates;
        let gives_less = self.unsafe_form.map(|form| {
            json!({
                "form": form,
                "rows_per_second": rate(less),
                "ratio": self.against_less().json(),
            })
        });
        let entry = json!({
            "measured": "speed",
            "database": self.kind.to_string(),
            "version": version,
            "tables": self.shape.describe(),
            "rows": self.rows,
            "by_hand": { "form": self.floor, "rows_per_second": rate(floor) },
            "by_hand_giving_less": gives_less,
            "rows_per_second": rate(ours),
            "rows_per_second_with_archive": rate(archive),
            "ratio": self.against_floor().json(),
            "ratio_of_archive": self.with_archive().json(),
            "rounds": ours.len(),
        });
        match entry {
            Value::Object(entry) => entry,
            _ => Map::new(),
        }
    }
}

struct Row<'s>(&'s Speed);

impl fmt::Display for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(speed) = self;
        let [_, _, floor, _] = &speed.rates;
        write!(
            f,
            "| {} | {} | {} | {} | {} | {} | {} |",
            speed.kind,
            speed.shape.describe(),
            thousands(speed.rows),
            thousands(quantile(floor, 0.5) as u64),
            speed.against_floor(),
            speed.with_archive(),
            speed.floor,
        )?;
        match speed.unsafe_form {
            Some(form) => write!(f, " {form}: {} |", speed.against_less()),
            None => write!(f, " |"),
        }
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

    pub fn add(&mut self, kind: Kind, version: &str, rows: u64, times: [Times; 3]) {
        let results = Results::of("purge.json", &["database", "tables", "rows", "measured"]);
        let micros = |times: &Times| {
            let [p50, p99] = [0.5, 0.99].map(|at| rounded(quantile(times, at), 0));
            json!({ "p50": p50, "p99": p99 })
        };
        let [none, full, held_back] = &times;
        let entry = json!({
            "measured": "lookups, microseconds",
            "database": kind.to_string(),
            "version": version,
            "tables": Shape::Leaf.describe(),
            "rows": rows,
            "no_purge": micros(none),
            "purge": micros(full),
            "purge_held_back": micros(held_back),
            "rows_per_second_held_back": self.rate,
        });
        if let Value::Object(entry) = entry {
            results.add(entry);
        }
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
