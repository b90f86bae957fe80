//! `ScopedConnection`, beyond what the whole suite runs through it.

mod connections;
mod pitfalls;
mod plans;
mod refusals;
mod transactions;
