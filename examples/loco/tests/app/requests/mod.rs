pub mod notebooks;
mod notes;
