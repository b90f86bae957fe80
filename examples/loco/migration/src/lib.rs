#![allow(elided_lifetimes_in_paths)]
#![allow(clippy::wildcard_imports)]
pub use sea_orm_migration::prelude::*;

mod m20261101_000001_notebooks;
mod m20261101_000002_notes;
mod m20261129_000003_soft_delete;

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261101_000001_notebooks::Migration),
            Box::new(m20261101_000002_notes::Migration),
            Box::new(m20261129_000003_soft_delete::Migration),
            // inject-above (do not remove this comment)
        ]
    }
}
