//! `SeaORM` Entity, as `cargo loco db entities` writes it

pub mod prelude;

pub mod notebooks;
pub mod notes;
