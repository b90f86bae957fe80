//! What a delete and a restore write into a row beside the stamp: when that was, and a count of changes.

use chrono::{DateTime, Utc};
use sea_orm::{
    Value,
    prelude::{ChronoUnixTimestamp, ChronoUnixTimestampMillis},
};

use crate::model::{
    EntityMeta, Error,
    marker::{IntegerKind, SentinelTime},
    stamp::TimeKind,
};

/// A column that a delete and a restore set to the time of the call: `#[soft_delete(touch = "updated_at")]`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TouchColumn {
    /// The column's name in the database.
    pub name: String,
    /// Which type it has, hence how the time is written.
    pub kind: TimeKind,
}

impl EntityMeta {
    /// Refuses a time that a column which is to have it can't hold.
    ///
    /// # Errors
    ///
    /// [`Error::UnstorableTime`].
    pub(crate) fn require_touch(&self, at: DateTime<Utc>) -> Result<(), Error> {
        match self.touch.iter().find(|touch| !touch.kind.holds(at)) {
            None => Ok(()),
            Some(touch) => Err(Error::UnstorableTime {
                table: self.table.clone(),
                column: touch.name.clone(),
                column_type: format!("{:?}", touch.kind),
                at,
            }),
        }
    }
}

/// A type that a column may have which is set to the time of a delete or restore: `#[soft_delete(touch)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the type of a column that is set to the time of a delete",
    label = "not a date-time",
    note = "use `DateTimeUtc`, or another of SeaORM's date-times, or `Option` of one",
    note = "a whole number needs its unit: `touch = \"seconds\"` or `touch = \"millis\"` on the field, `touch(updated_at = \"millis\")` \
            on the struct"
)]
pub trait Touch {
    /// Which of the types it is.
    const KIND: TimeKind;
}

#[diagnostic::do_not_recommend]
impl<T: SentinelTime> Touch for T {
    const KIND: TimeKind = T::KIND;
}

macro_rules! unix_timestamps {
    ($($type:ty => $kind:ident),+ $(,)?) => {$(
        #[diagnostic::do_not_recommend]
        impl Touch for $type {
            const KIND: TimeKind = TimeKind::$kind(IntegerKind::I64);
        }
    )+};
}

unix_timestamps! {
    ChronoUnixTimestamp => UnixSeconds,
    Option<ChronoUnixTimestamp> => UnixSeconds,
    ChronoUnixTimestampMillis => UnixMillis,
    Option<ChronoUnixTimestampMillis> => UnixMillis,
}

/// A type that a version may have: `#[soft_delete(version)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the type of a version",
    label = "not a whole number",
    note = "use `i16`, `i32`, `i64`, `u16`, `u32` or `u64`, which is never NULL: a delete and a restore add 1 to it"
)]
pub trait RowVersion {
    /// What [`expecting`](crate::Delete::expecting) takes.
    type Version: Into<Value>;
}

macro_rules! versions {
    ($($type:ty),+) => {$(
        #[diagnostic::do_not_recommend]
        impl RowVersion for $type {
            type Version = Self;
        }
    )+};
}

versions!(i16, i32, i64, u16, u32, u64);

/// The [`Version`](crate::SoftDelete::Version) of an entity without a version column: it has no values, so
/// [`expecting`](crate::Delete::expecting) can't be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoVersion {}

impl From<NoVersion> for Value {
    fn from(version: NoVersion) -> Self {
        match version {}
    }
}
