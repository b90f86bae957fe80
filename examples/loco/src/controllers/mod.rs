pub mod deletions;
pub mod notebooks;
pub mod notes;
mod problem;
