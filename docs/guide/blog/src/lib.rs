//! The entities of the guide's examples, a small blog: users write posts, posts have comments and tags.
//!
//! `cargo test --doc -p soft-delete-guide` compiles every Rust block of the guide against them.

pub mod comment;
mod pages;
pub mod post;
pub mod post_tag;
pub mod tag;
pub mod user;

pub use {
    comment::Entity as Comment, post::Entity as Post, post_tag::Entity as PostTag,
    tag::Entity as Tag, user::Entity as User,
};
