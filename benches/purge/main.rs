//! What a purge costs: `tests/run.sh -- cargo bench -p soft-delete-benches --all-features --bench purge`.
//!
//! Expired rows among as many active ones are purged in batches of 1,000. The floor is the best hand-written batched DELETE:
//! of several forms, the fastest on that database that gives the same guarantees, through the same pool and driver. Each turn
//! finds tables that were loaded anew; who is first changes each round. What is reported is our time as a multiple of
//! the floor's, the median of the rounds' ratios and the quarters on both sides of it. Then: how long a lookup of an active
//! row takes while a purge runs, and while none does.
//!
//! | variable | default | |
//! |---|---|---|
//! | `PURGE_ROWS` | `100000` | how many rows are purged each time |
//! | `PURGE_ROUNDS` | twice as many as sides that take turns: 6, or 8 | how many rounds |
//! | `PURGE_RATE` | `5000` | rows a second of the purge that is held back while lookups are timed |
//! | `PURGE_ON` | `sqlite,postgres,mariadb,mysql` | the databases |
//! | `PURGE_PARTS` | `speed,lookups` | what is measured |
//! | `PURGE_TABLES` | `leaf,unindexed,referenced,two` | of which tables, see `Shape` |
//!
//! The results go into `benches/results/purge.json`, too.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod by_hand;
mod lookups;
mod report;
mod speed;
mod tables;

#[path = "../figures/mod.rs"]
mod figures;

use std::{env, fmt::Debug, str::FromStr};

use report::{Lookups, Speeds};
use support::{Kind, Through};
use tables::Shape;

fn main() {
    let rows = number("PURGE_ROWS", 100_000);
    let rounds = env::var("PURGE_ROUNDS")
        .is_ok()
        .then(|| number("PURGE_ROUNDS", 1));
    let rate = number("PURGE_RATE", 5_000);
    let parts = variable("PURGE_PARTS", "speed,lookups");

    let mut speeds = Speeds::default();
    let mut lookups = Lookups::new(rate);
    for kind in kinds() {
        for shape in shapes() {
            if parts.contains("speed") {
                support::run(kind, Through::Pool, async |db| {
                    let version = figures::server_version(db).await?;
                    speeds.add(&version, speed::measure(db, shape, rows, rounds).await?);
                    Ok(())
                });
            }
        }
        if parts.contains("lookups") {
            support::run(kind, Through::Pool, async |db| {
                let version = figures::server_version(db).await?;
                let times = lookups::measure(db, rows, rate).await?;
                lookups.add(kind, &version, rows, times);
                Ok(())
            });
        }
    }
    println!("{speeds}\n{lookups}");
}

fn kinds() -> Vec<Kind> {
    let names = variable("PURGE_ON", "sqlite,postgres,mariadb,mysql");
    let kind = |name| match name {
        "sqlite" => Kind::SqliteFile,
        "postgres" => Kind::Postgres,
        "mariadb" => Kind::MariaDb,
        "mysql" => Kind::MySql,
        other => panic!("PURGE_ON: sqlite, postgres, mariadb, mysql, and not {other}"),
    };
    names.split(',').map(|name| kind(name.trim())).collect()
}

fn shapes() -> Vec<Shape> {
    let names = variable("PURGE_TABLES", "leaf,unindexed,referenced,two");
    let shape = |name| match name {
        "leaf" => Shape::Leaf,
        "unindexed" => Shape::Unindexed,
        "referenced" => Shape::Referenced,
        "two" => Shape::TwoTables,
        other => panic!("PURGE_TABLES: leaf, unindexed, referenced, two, and not {other}"),
    };
    names.split(',').map(|name| shape(name.trim())).collect()
}

fn variable(name: &str, default: &str) -> String {
    env::var(name).unwrap_or_else(|_| default.to_owned())
}

fn number<N: FromStr + PartialOrd + Default + Debug>(name: &str, default: N) -> N {
    let number = env::var(name).map(|value| value.parse().ok());
    let number = number.unwrap_or(Some(default));
    let number = number.filter(|number| *number > N::default());
    number.unwrap_or_else(|| panic!("{name}: a number above 0"))
}
