//! `trash`: rows that were deleted.

pub(super) mod delete;
pub(super) mod list;
pub(super) mod restore;
pub(super) mod show;
