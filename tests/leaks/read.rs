//! One way to read, and what it shows.

use std::{fmt::Debug, pin::Pin};

use sea_orm::{DatabaseConnection, QueryResult};
use soft_delete::ScopedConnection;

use super::world::World;
use support::TestResult;

/// What was read, a line for each row.
pub type Lines = Vec<String>;

type Reading<'a> = Pin<Box<dyn Future<Output = TestResult<Lines>> + 'a>>;

/// A way to read. It runs on both connections, so that it is there twice.
pub struct Read {
    /// As in the guide.
    pub name: &'static str,
    /// What to write without a scoped connection, where that leaks.
    pub instead: &'static str,
    pub plain: for<'a> fn(&'a World, &'a DatabaseConnection) -> Reading<'a>,
    pub scoped: for<'a> fn(&'a World, &'a ScopedConnection<DatabaseConnection>) -> Reading<'a>,
}

/// A list of [`Read`]s: `name [, instead] => { what it reads }`, and `?` works in it.
macro_rules! reads {
    ($world:ident, $db:ident; $($name:literal $(, $instead:literal)? => $body:block)*) => {
        pub const READS: &[$crate::leaks::read::Read] = &[$($crate::leaks::read::Read {
            name: $name,
            instead: concat!($($instead)?),
            plain: |$world, $db| Box::pin(async move {
                let _ = $world;
                let lines: $crate::leaks::read::Lines = $body;
                Ok(lines)
            }),
            scoped: |$world, $db| Box::pin(async move {
                let _ = $world;
                let lines: $crate::leaks::read::Lines = $body;
                Ok(lines)
            }),
        }),*];
    };
}

pub(crate) use reads;

/// A line for each row.
pub fn lines<T: Debug>(rows: impl IntoIterator<Item = T>) -> Lines {
    rows.into_iter().map(|row| format!("{row:?}")).collect()
}

/// A line for each row and for each row that belongs to it, since these come in any order.
pub fn grouped<A: Debug, B: Debug>(rows: impl IntoIterator<Item = (A, Vec<B>)>) -> Lines {
    let of_one = |(row, others): (A, Vec<B>)| {
        let others: Vec<_> = others
            .iter()
            .map(|other| format!("{row:?} > {other:?}"))
            .collect();
        [vec![format!("{row:?}")], others].concat()
    };
    rows.into_iter().flat_map(of_one).collect()
}

/// What a loader found for each of a list of rows.
pub fn loaded<T: Debug>(rows: impl IntoIterator<Item = Vec<T>>) -> Lines {
    grouped(rows.into_iter().enumerate())
}

/// The first column, which is a text.
pub fn texts(rows: &[QueryResult]) -> TestResult<Lines> {
    let mut texts = Vec::new();
    for row in rows {
        texts.push(row.try_get_by_index(0)?);
    }
    Ok(texts)
}
