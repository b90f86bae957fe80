//! What a deletion reaches through the foreign keys, and the SQL that says so.

pub(crate) mod identity;
pub(crate) mod keeps;
pub(crate) mod marking;
pub(crate) mod nullable;
pub(crate) mod reach;
pub(crate) mod roots;
pub(crate) mod rows;
pub(crate) mod verify;
pub(crate) mod walk;
pub(crate) mod watch;
