//! Recipes over the guide's blog.

#![allow(clippy::unwrap_used, unreachable_pub)] // In a test, what is not there fails it.

mod actor;
mod factories;
mod handlers;
mod into_json;
mod own_connection;
mod signatures;
mod support;
mod trash_page;
