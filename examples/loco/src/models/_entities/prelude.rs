//! `SeaORM` Entity, as `cargo loco db entities` writes it

pub use super::notebooks::Entity as Notebooks;
pub use super::notes::Entity as Notes;
