//! What the schema helpers cost when rows are written: `tests/run.sh -- cargo bench -p soft-delete-benches --all-features --bench schema`.
//!
//! Comments below posts are inserted, edited, deleted and restored in four pairs of tables, which differ in two things: whether
//! slugs are unique among all comments or among active ones, and whether triggers refuse an active comment below a deleted
//! post. The four take turns within each round; what is reported is the median time with a plain UNIQUE, and as multiples of
//! it the median of the rounds' ratios, with the quarters on both sides of it.
//!
//! | variable | default | |
//! |---|---|---|
//! | `SCHEMA_ROUNDS` | `8` | how many rounds; in each four of them every variant has each place in the order once |
//! | `SCHEMA_TABLES` | `500` | how many tables the doctor examines at the end |
//! | `SCHEMA_ROWS` | `10000` | how many comments an operation writes; a tenth of it where each has a statement of its own |

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod doctor;
mod operation;
mod report;
mod tables;

use std::env;

use operation::Operation;
use report::Report;
use support::{Kind, Through};
use tables::{VARIANTS, settle};

/// Each variant has each place once, and follows each other once.
const ORDERS: [[usize; 4]; 4] = [[0, 1, 3, 2], [1, 2, 0, 3], [2, 3, 1, 0], [3, 0, 2, 1]];

fn main() {
    let rounds = number("SCHEMA_ROUNDS", 8);
    let rows = number("SCHEMA_ROWS", 10_000);
    let tables = number("SCHEMA_TABLES", 500);
    for kind in [Kind::SqliteFile, Kind::Postgres, Kind::MariaDb] {
        support::run(kind, Through::Pool, async |db| {
            for variant in VARIANTS {
                variant.create(db).await?;
            }
            let mut report = Report::new(kind, rows);
            // The first round warms up.
            for round in 0..=rounds {
                for variant in VARIANTS {
                    variant.remove_comments(db).await?;
                }
                for (place, operation) in Operation::ALL.into_iter().enumerate() {
                    settle(db).await?;
                    for variant in ORDERS[(round + place) % ORDERS.len()] {
                        let time = operation.time(db, &VARIANTS[variant], rows).await?;
                        if round > 0 {
                            report.times[place][variant].push(time);
                        }
                    }
                }
                settle(db).await?;
            }
            println!("{report}");
            Ok(())
        });
        support::run(kind, Through::Pool, async |db| {
            let time = doctor::time(db, tables).await?;
            println!("The doctor takes {time:.2?} for {tables} tables on {kind}.\n");
            Ok(())
        });
    }
}

fn number(name: &str, default: usize) -> usize {
    let number = env::var(name).map(|value| value.parse().ok());
    let number = number.unwrap_or(Some(default)).filter(|number| *number > 0);
    number.unwrap_or_else(|| panic!("{name}: a number above 0"))
}
