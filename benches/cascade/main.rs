//! What a cascading delete and its restore cost: `tests/run.sh -- cargo bench -p soft-delete-benches --bench cascade`.
//!
//! An author with 100 posts and their comments is deleted and restored among ten times as much other data. The floor is
//! the best hand-written SQL: of several forms of three set-based UPDATEs in a transaction, the fastest on that database at
//! that size. Ours and the floor take turns on two authors alike, and trade authors each round; what is reported is the
//! median of the rounds' ratios, and the quarters on both sides of it.
//!
//! | variable | default | |
//! |---|---|---|
//! | `CASCADE_COMMENTS` | `1000,10000,100000` | how many comments the author has |
//! | `CASCADE_CASES` | all | what the tables are like: `plain,posts,unique,fresh,stale,never`, see `case.rs` |
//! | `CASCADE_BACKENDS` | `postgres,mariadb,mysql,sqlite` | on which databases |
//! | `CASCADE_FORMS` | `all` | `keys` leaves out hand-written forms that read whole tables |
//! | `CASCADE_SECONDS` | `12` | how long to measure, for each database, case and number |
//! | `CASCADE_CONTROL` | | if set, the floor is measured against itself |
//! | `CASCADE_SQL` | | if set, our statements are shown |
//!
//! The results go into `benches/results/cascade.json`, too.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod by_hand;
mod case;
mod load;
mod magazine;
mod measure;
mod memory;
mod report;

#[path = "../blog/mod.rs"]
mod blog;
#[path = "../figures/mod.rs"]
mod figures;

use std::{env, time::Duration};

use case::Case;
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
    let kinds: Vec<Kind> = variable("CASCADE_BACKENDS", "postgres,mariadb,mysql,sqlite")
        .split(',')
        .map(|backend| match backend.trim() {
            "postgres" => Kind::Postgres,
            "mariadb" => Kind::MariaDb,
            "mysql" => Kind::MySql,
            "sqlite" => Kind::SqliteFile,
            other => panic!("CASCADE_BACKENDS: postgres, mariadb, mysql, sqlite, and not {other}"),
        })
        .collect();
    let cases: Vec<Case> = variable("CASCADE_CASES", "plain,posts,unique,fresh,stale,never")
        .split(',')
        .map(|name| Case::named(name.trim()).unwrap_or_else(|| panic!("CASCADE_CASES: {name}?")))
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

    let is_control = env::var_os("CASCADE_CONTROL").is_some();
    let mut report = Report::default();
    for kind in kinds {
        for case in &cases {
            for comments in &sizes {
                support::run(kind, Through::Pool, async |db| {
                    load::tables(db, *case).await?;
                    load::rows(db, *case, *comments).await?;
                    let measured = match is_control {
                        true => measure::control(db, *case, *comments, effort).await?,
                        false => measure::measure(db, *case, *comments, effort).await?,
                    };
                    let version = figures::server_version(db).await?;
                    report.add(kind, &version, *case, *comments, measured);
                    Ok(())
                });
            }
        }
    }
    println!("{report}");
}

fn variable(name: &str, default: &str) -> String {
    env::var(name).unwrap_or_else(|_| default.to_owned())
}
