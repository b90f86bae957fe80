//! The derive on every way to write an entity: dense, compact, and the unedited output of `sea-orm-cli`.

#![allow(clippy::unwrap_used)]

mod generated;
mod handwritten;
mod keys;
mod names;
mod registry;
mod times;
mod unique;

// As they came from generate.sh.
#[rustfmt::skip]
#[allow(unreachable_pub, unused_imports)]
mod generated_compact;
#[rustfmt::skip]
#[allow(unreachable_pub, unused_imports)]
mod generated_dense;
#[rustfmt::skip]
#[allow(unreachable_pub, unused_imports)]
mod generated_expanded;

use sea_orm::{DbBackend, QueryTrait};

/// The statement on MySQL, PostgreSQL and SQLite.
fn sql(query: &impl QueryTrait) -> [String; 3] {
    [DbBackend::MySql, DbBackend::Postgres, DbBackend::Sqlite]
        .map(|backend| query.build(backend).to_string())
}
