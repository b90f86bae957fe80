//! Recipes over entities of their own.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)] // In a test, what is not there fails it.

mod audit_log;
mod deleted_user;
mod tenants;
