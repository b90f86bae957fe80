//! The table for the guide, and the file of results.

use std::fmt;

use serde_json::{Map, Value, json};

use super::{
    case::Case,
    figures::{Results, quantile, rounded, thousands},
    measure::{Measured, Operation},
};
use support::Kind;

/// All that was measured in this run.
#[derive(Default)]
pub struct Report {
    all: Vec<Entry>,
}

struct Entry {
    kind: Kind,
    case: Case,
    comments: u64,
    measured: Measured,
}

impl Report {
    pub fn add(
        &mut self,
        kind: Kind,
        version: &str,
        case: Case,
        comments: u64,
        measured: Vec<Measured>,
    ) {
        let results = Results::of(
            "cascade.json",
            &["database", "case", "comments", "operation", "forms_by_keys"],
        );
        for measured in measured {
            let entry = Entry {
                kind,
                case,
                comments,
                measured,
            };
            eprintln!("{entry}");
            results.add(entry.json(version));
            self.all.push(entry);
        }
    }

    fn sizes(&self) -> Vec<u64> {
        let mut sizes: Vec<_> = self.all.iter().map(|entry| entry.comments).collect();
        sizes.sort_unstable();
        sizes.dedup();
        sizes
    }

    /// The measurements of one operation in one case on one database, by size.
    fn groups(&self) -> Vec<Vec<&Entry>> {
        let mut groups: Vec<Vec<&Entry>> = Vec::new();
        for entry in &self.all {
            let same = |group: &&mut Vec<&Entry>| group[0].is_like(entry);
            match groups.iter_mut().find(same) {
                Some(group) => group.push(entry),
                None => groups.push(vec![entry]),
            }
        }
        groups
    }

    fn ratios(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes = self.sizes();
        writeln!(
            f,
            "Time as a multiple of the best hand-written SQL's: median (quartiles).\n"
        )?;
        write!(f, "| | | |")?;
        for size in &sizes {
            write!(f, " {} comments |", thousands(*size))?;
        }
        writeln!(f, " statements, by hand |")?;
        write!(f, "|---|---|---|")?;
        for _ in &sizes {
            write!(f, "---:|")?;
        }
        writeln!(f, "---:|")?;
        for group in self.groups() {
            let (first, last) = (group[0], group[group.len() - 1]);
            let (kind, case) = (first.kind, first.case.description);
            write!(f, "| {kind} | {case} | {} |", first.measured.operation)?;
            for size in &sizes {
                match group.iter().find(|entry| entry.comments == *size) {
                    Some(entry) => write!(f, " {} |", entry.measured.ratio())?,
                    None => write!(f, " |")?,
                }
            }
            let (first, last) = (&first.measured, &last.measured);
            assert_eq!(
                first.statements, last.statements,
                "the number of statements depends on the number of rows"
            );
            writeln!(f, " {}, {} |", first.statements, last.floor_statements)?;
        }
        Ok(())
    }

    fn times(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\nMilliseconds, ours and by hand, and by how much our process's memory (VmHWM) grew during an operation, at most:\n"
        )?;
        writeln!(
            f,
            "| | | | comments | ours | by hand | shortest | form | memory | turns |"
        )?;
        writeln!(f, "|---|---|---|---:|---:|---:|---:|---|---:|---:|")?;
        for entry in &self.all {
            let one = &entry.measured;
            writeln!(
                f,
                "| {} | {} | {} | {} | {:.1} | {:.1} | {:.1}, {:.1} | {} | {} | {} |",
                entry.kind,
                entry.case.description,
                one.operation,
                thousands(entry.comments),
                quantile(&one.ours, 0.5),
                quantile(&one.floor, 0.5),
                quantile(&one.ours, 0.0),
                quantile(&one.floor, 0.0),
                one.form,
                one.memory
                    .map_or_else(|| "unknown".to_owned(), |kib| format!("{kib} KiB")),
                one.ours.len(),
            )?;
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ratios(f)?;
        self.times(f)
    }
}

impl Entry {
    fn is_like(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.case == other.case
            && self.measured.operation == other.measured.operation
    }

    fn json(&self, version: &str) -> Map<String, Value> {
        let one = &self.measured;
        let times = |times: &[f64]| {
            json!({
                "median": rounded(quantile(times, 0.5), 3),
                "shortest": rounded(quantile(times, 0.0), 3),
            })
        };
        let entry = json!({
            "database": self.kind.to_string(),
            "version": version,
            "case": self.case.name,
            "posts": self.case.posts,
            "comments": self.comments,
            "operation": one.operation.to_string().replace('`', ""),
            "statements": one.statements,
            "by_hand": { "form": one.form, "statements": one.floor_statements },
            "forms_by_keys": one.by_key_only,
            "ratio": one.ratio().json(),
            "milliseconds": { "ours": times(&one.ours), "by_hand": times(&one.floor) },
            "rounds": one.ours.len(),
            "memory_kib": one.memory,
        });
        match entry {
            Value::Object(entry) => entry,
            _ => Map::new(),
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one = &self.measured;
        write!(
            f,
            "{}, {} comments, {}, {}: {} of {:.1} ms; shortest {:.2} of {:.1} ms; {} rounds",
            self.kind,
            self.comments,
            self.case.name,
            one.operation,
            one.ratio(),
            quantile(&one.floor, 0.5),
            quantile(&one.ours, 0.0) / quantile(&one.floor, 0.0),
            quantile(&one.floor, 0.0),
            one.ours.len(),
        )
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Delete => "delete",
            Self::Undo => "`Deletion::undo`",
            Self::RestoreById => "`restore_by_id`",
            Self::DeleteByHand => "delete by hand, twice",
            Self::RestoreByHand => "restore by hand, twice",
        })
    }
}
