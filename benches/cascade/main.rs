//! What a cascading delete and its restore cost: `tests/run.sh -- cargo bench --bench cascade`.
//!
//! An author with 100 posts and their comments is deleted and restored among ten times as much other data. The floor is
//! the best hand-written SQL: of several forms of three set-based UPDATEs in a transaction, the fastest on that database at
//! that size. Ours and the floor take turns on two authors alike, and trade authors each round; what is reported is the
//! median of the rounds' ratios, and the quarters on both sides of it.
//!
//! | variable | default | |
//! |---|---|---|
//! | `CASCADE_COMMENTS` | `1000,10000,100000` | how many comments the author has |
//! | `CASCADE_BACKENDS` | `postgres,mariadb,sqlite` | on which databases |
//! | `CASCADE_FORMS` | `all` | `keys` leaves out hand-written forms that read whole tables |
//! | `CASCADE_SECONDS` | `12` | how long to measure, for each database and number |

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod by_hand;
mod load;
mod measure;
mod memory;
mod report;

#[path = "../blog/mod.rs"]
mod blog;
#[path = "../../tests/support/mod.rs"]
mod support;

use std::{env, time::Duration};

use measure::Effort;
use report::Report;
use support::{Kind, Through};

fn main() {
    let sizes: Vec<u64> = variable("CASCADE_COMMENTS", "1000,10000,100000")
        .split(',')
        .map(|size| {
            size.trim()
                .parse()
                .expect("CASCADE_COMMENTS: numbers, with commas between them")
        })
        .collect();
    let kinds: Vec<Kind> = variable("CASCADE_BACKENDS", "postgres,mariadb,sqlite")
        .split(',')
        .map(|backend| match backend.trim() {
            "postgres" => Kind::Postgres,
            "mariadb" => Kind::MariaDb,
            "sqlite" => Kind::SqliteFile,
            other => panic!("CASCADE_BACKENDS: postgres, mariadb, sqlite, and not {other}"),
        })
        .collect();
    let seconds = variable("CASCADE_SECONDS", "12")
        .parse()
        .expect("CASCADE_SECONDS: a number");
    let by_key_only = match variable("CASCADE_FORMS", "all").as_str() {
        "all" => false,
        "keys" => true,
        other => panic!("CASCADE_FORMS: all, keys, and not {other}"),
    };
    let effort = Effort {
        time: Duration::from_secs(seconds),
        by_key_only,
        ..Effort::default()
    };

    let mut report = Report::default();
    for kind in kinds {
        for comments in &sizes {
            support::run(kind, Through::Pool, async |db| {
                load::tables(db).await?;
                load::rows(db, *comments).await?;
                let measured = measure::measure(db, *comments, effort).await?;
                report.add(kind, *comments, measured);
                Ok(())
            });
        }
    }
    println!("{report}");
}

fn variable(name: &str, default: &str) -> String {
    env::var(name).unwrap_or_else(|_| default.to_owned())
}
