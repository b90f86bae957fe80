pub mod _entities;
pub mod notebooks;
pub mod notes;
