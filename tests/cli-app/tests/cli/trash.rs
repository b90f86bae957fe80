//! `trash`.

mod delete;
mod list;
mod restore;
mod show;
