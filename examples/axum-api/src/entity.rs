//! The tables. Each has the four columns of a soft deletion; what a delete takes along is said by the relations.

pub mod comment;
pub mod member;
pub mod project;
pub mod task;
pub mod workspace;
