//! Which types a field may have that tells deleted rows.

use chrono::{DateTime, Utc};

use super::{FlagKind, IntegerKind};
use crate::model::stamp::TimeKind;

/// A type that a flag may have: `#[soft_delete(flag)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the type of a flag",
    label = "neither `bool` nor a whole number",
    note = "use `bool`, or a whole number that is 0 for an active row; `Option` of one does too, where NULL is active"
)]
pub trait Flag {
    /// Which of the types it is.
    const KIND: FlagKind;
    /// Whether it may be NULL.
    const NULLABLE: bool = false;
}

/// A type that a time may have which counts from 1970: `#[soft_delete(deleted_at, unix = "seconds")]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the type of a time that counts from 1970",
    label = "not a whole number",
    note = "use `i32`, `i64`, `u32` or `u64`, or `Option` of one: in a `deleted_at` with `active = 0`, 0 is an active row, and NULL without it"
)]
pub trait UnixTime {
    /// Which of the types it is.
    const KIND: IntegerKind;
    /// Whether it may be NULL.
    const NULLABLE: bool = false;
}

/// A type of date-time that a `deleted_at` with a value for active rows may have: `#[soft_delete(deleted_at, active = "9999-12-31")]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the type of a `deleted_at` with a value for active rows",
    label = "not a date-time",
    note = "use `DateTimeUtc`, or another of SeaORM's date-times; a whole number also needs `unix = \"seconds\"`, or `\"millis\"`"
)]
pub trait SentinelTime {
    /// Which of the types it is.
    const KIND: TimeKind;
    /// Whether it may be NULL.
    const NULLABLE: bool = false;
}

macro_rules! may_be_null {
    ($($of:ident: $kind:ty),+) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: $of> $of for Option<T> {
            const KIND: $kind = T::KIND;
            const NULLABLE: bool = true;
        }
    )+};
}

may_be_null!(Flag: FlagKind, UnixTime: IntegerKind, SentinelTime: TimeKind);

impl Flag for bool {
    const KIND: FlagKind = FlagKind::Bool;
}

macro_rules! integers {
    ($of:ident: $($type:ty => $kind:expr),+ $(,)?) => {$(
        #[diagnostic::do_not_recommend]
        impl $of for $type {
            const KIND: integers!(@ $of) = $kind;
        }
    )+};
    (@ Flag) => { FlagKind };
    (@ UnixTime) => { IntegerKind };
    (@ SentinelTime) => { TimeKind };
}

integers! { Flag:
    i8 => FlagKind::Integer(IntegerKind::I8),
    i16 => FlagKind::Integer(IntegerKind::I16),
    i32 => FlagKind::Integer(IntegerKind::I32),
    i64 => FlagKind::Integer(IntegerKind::I64),
    u8 => FlagKind::Integer(IntegerKind::U8),
    u16 => FlagKind::Integer(IntegerKind::U16),
    u32 => FlagKind::Integer(IntegerKind::U32),
    u64 => FlagKind::Integer(IntegerKind::U64),
}

integers! { UnixTime:
    i32 => IntegerKind::I32,
    i64 => IntegerKind::I64,
    u32 => IntegerKind::U32,
    u64 => IntegerKind::U64,
}

integers! { SentinelTime:
    DateTime<Utc> => TimeKind::ChronoUtc,
    DateTime<chrono::FixedOffset> => TimeKind::ChronoFixedOffset,
    DateTime<chrono::Local> => TimeKind::ChronoLocal,
    chrono::NaiveDateTime => TimeKind::ChronoNaive,
}

#[cfg(feature = "time")]
integers! { SentinelTime:
    time::OffsetDateTime => TimeKind::TimeOffset,
    time::PrimitiveDateTime => TimeKind::TimePrimitive,
}

/// A type of `deleted_at` whose rows may be scheduled: `#[soft_delete(scheduled)]`.
#[diagnostic::on_unimplemented(
    message = "rows can't be scheduled by a `deleted_at` of the type `{Self}`",
    label = "its values don't compare as times on every database",
    note = "use `Option<DateTimeUtc>`, or `Option` of `DateTimeWithTimeZone`, `DateTime`, `ChronoUnixTimestamp` or `…Millis`; or a whole \
            number with `unix`"
)]
pub trait Scheduled {}

macro_rules! scheduled {
    ($($type:ty),+ $(,)?) => {$(
        #[diagnostic::do_not_recommend]
        impl Scheduled for Option<$type> {}
    )+};
}

scheduled!(
    DateTime<Utc>,
    DateTime<chrono::FixedOffset>,
    chrono::NaiveDateTime,
    sea_orm::prelude::ChronoUnixTimestamp,
    sea_orm::prelude::ChronoUnixTimestampMillis,
    i32,
    i64,
    u32,
    u64,
);
