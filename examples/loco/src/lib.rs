//! Notebooks with notes, in Loco.

pub mod app;
pub mod controllers;
pub mod models;
pub mod tasks;
