//! Backups by the databases' own programs: what they hold, and that all works on in the database they are loaded into.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod dumps {
    mod clients;
    mod copies;
    mod state;
}
