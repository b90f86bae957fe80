//! `ScopedConnection`, beyond what the whole suite runs through it.

mod conditions;
mod connections;
mod meanings;
mod pitfalls;
mod plans;
mod refusals;
mod transactions;
mod upserts;
