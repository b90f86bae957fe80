//! A project tracker over HTTP, to copy: what soft deletion means for an API.
//!
//! Begin with [`policy`], which says who may do what, [`resource`], where deletes and restores are, and [`entity`], where it is
//! said what a delete takes along.

// An application's items are documented where their names don't tell.
#![allow(missing_docs)]

pub mod app;
pub mod auth;
pub mod config;
pub mod db;
pub mod entity;
pub mod extract;
pub mod kind;
pub mod migration;
pub mod page;
pub mod policy;
pub mod problem;
pub mod purge;
pub mod resource;
pub mod resources;
pub mod seed;
pub mod text;
pub mod trash;
pub mod view;
