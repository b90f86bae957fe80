//! What was measured, as numbers, and the file that keeps them.

// Each benchmark that includes this module uses its own part of it.
#![allow(dead_code)]

use std::{fmt, fs, num::NonZero, path::PathBuf, thread};

use sea_orm::{ConnectionTrait as _, DbErr, Statement};
use serde_json::{Map, Value, json};

use support::{Kind, TestDb};

/// The median, and the quarters on both sides of it.
#[derive(Clone, Copy, Debug)]
pub struct Quartiles {
    pub lower: f64,
    pub median: f64,
    pub upper: f64,
}

impl Quartiles {
    pub fn of(values: &[f64]) -> Self {
        let [lower, median, upper] = [0.25, 0.5, 0.75].map(|at| quantile(values, at));
        Self {
            lower,
            median,
            upper,
        }
    }

    /// Of the ratios of pairs, each measured one after the other.
    pub fn of_ratios(ours: &[f64], others: &[f64]) -> Self {
        let pairs = ours.iter().zip(others);
        Self::of(&pairs.map(|(ours, other)| ours / other).collect::<Vec<_>>())
    }

    pub fn json(self) -> Value {
        let [lower, median, upper] =
            [self.lower, self.median, self.upper].map(|value| rounded(value, 3));
        json!({ "lower": lower, "median": median, "upper": upper })
    }
}

impl fmt::Display for Quartiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            lower,
            median,
            upper,
        } = self;
        write!(f, "{median:.2} ({lower:.2} to {upper:.2})")
    }
}

/// Between the two nearest values, as far as it is.
pub fn quantile(values: &[f64], at: f64) -> f64 {
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

pub fn rounded(value: f64, digits: i32) -> f64 {
    let unit = 10_f64.powi(digits);
    (value * unit).round() / unit
}

/// `100,000`
pub fn thousands(number: u64) -> String {
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

/// `15.18`
pub async fn server_version(db: &TestDb) -> Result<String, DbErr> {
    let query = match db.kind() {
        Kind::Postgres => "SELECT current_setting('server_version')",
        Kind::MariaDb | Kind::MySql => "SELECT VERSION()",
        Kind::SqliteMemory | Kind::SqliteFile => "SELECT sqlite_version()",
    };
    let query = Statement::from_string(db.backend(), query);
    let row = db.connection().query_one_raw(query).await?;
    let version: String = row.map_or(Ok(String::new()), |row| row.try_get_by_index(0))?;
    let number = version.split([' ', '-']).next();
    Ok(number.unwrap_or_default().to_owned())
}

/// A file of results: one entry for each thing that was measured, as it was measured last.
pub struct Results {
    path: PathBuf,
    /// Names of the fields that tell one thing from another.
    key: &'static [&'static str],
}

impl Results {
    /// The file of that name in `benches/results`.
    pub fn of(name: &str, key: &'static [&'static str]) -> Self {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        Self {
            path: root.join("results").join(name),
            key,
        }
    }

    /// Adds an entry, in place of an earlier one of the same thing.
    pub fn add(&self, mut entry: Map<String, Value>) {
        let date = chrono::Utc::now().format("%Y-%m-%d").to_string();
        entry.insert("date".to_owned(), date.into());
        let cores = thread::available_parallelism().map_or(0, NonZero::get);
        entry.insert("cores".to_owned(), cores.into());
        let entry = Value::Object(entry);
        let mut entries: Vec<Value> = match fs::read_to_string(&self.path) {
            Ok(text) => serde_json::from_str(&text).expect("earlier results"),
            Err(_) => Vec::new(),
        };
        let is_same = |other: &&mut Value| self.key.iter().all(|name| other[name] == entry[name]);
        match entries.iter_mut().find(is_same) {
            Some(known) => *known = entry,
            None => entries.push(entry),
        }
        let lines: Vec<_> = entries.iter().map(Value::to_string).collect();
        let text = format!("[\n{}\n]\n", lines.join(",\n"));
        fs::write(&self.path, text).expect("the file of results");
    }
}
