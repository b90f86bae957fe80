//! A small blog: users write posts, posts have comments and tags.

pub mod comment;
pub mod post;
pub mod post_tag;
pub mod tag;
pub mod user;
