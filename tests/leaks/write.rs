//! One way to write, and what it does.

use std::pin::Pin;

use sea_orm::DatabaseTransaction;
use soft_delete::ScopedConnection;

use super::world::World;
use support::TestResult;

type Writing<'a> = Pin<Box<dyn Future<Output = TestResult> + 'a>>;

/// A way to write. It runs in transactions that are rolled back.
pub struct Write {
    /// As in the guide.
    pub name: &'static str,
    /// What to write without a scoped connection.
    pub instead: &'static str,
    pub plain: for<'a> fn(&'a World, &'a DatabaseTransaction) -> Writing<'a>,
    pub scoped: for<'a> fn(&'a World, &'a ScopedConnection<DatabaseTransaction>) -> Writing<'a>,
}

/// A list of [`Write`]s, as [`reads!`](super::read::reads) makes one of reads.
macro_rules! writes {
    ($world:ident, $db:ident; $($name:literal $(, $instead:literal)? => $body:block)*) => {
        pub const WRITES: &[$crate::leaks::write::Write] = &[$($crate::leaks::write::Write {
            name: $name,
            instead: concat!($($instead)?),
            plain: |$world, $db| Box::pin(async move {
                let _ = $world;
                $body
                Ok(())
            }),
            scoped: |$world, $db| Box::pin(async move {
                let _ = $world;
                $body
                Ok(())
            }),
        }),*];
    };
}

pub(crate) use writes;
