//! The stamp: what a deletion writes into the rows it takes, and the types it is written in.

use chrono::{DateTime, FixedOffset, Local, NaiveDateTime, SubsecRound as _, Utc};
use sea_orm::{
    DbBackend, DbErr, QueryResult, Value,
    prelude::{ChronoUnixTimestamp, ChronoUnixTimestampMillis},
};
use uuid::Uuid;

use crate::{dialect, model::marker::IntegerKind};

/// The Rust type of a `deleted_at` column. All of them hold UTC, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TimeKind {
    /// `chrono::DateTime<Utc>`, SeaORM's `DateTimeUtc`.
    ChronoUtc,
    /// `chrono::DateTime<FixedOffset>`, SeaORM's `DateTimeWithTimeZone`.
    ChronoFixedOffset,
    /// `chrono::DateTime<Local>`, SeaORM's `DateTimeLocal`.
    ChronoLocal,
    /// `chrono::NaiveDateTime`, SeaORM's `DateTime`: no zone, the value is UTC.
    ChronoNaive,
    /// `time::OffsetDateTime`, SeaORM's `TimeDateTimeWithTimeZone`.
    #[cfg(feature = "time")]
    TimeOffset,
    /// `time::PrimitiveDateTime`, SeaORM's `TimeDateTime`: no zone, the value is UTC.
    #[cfg(feature = "time")]
    TimePrimitive,
    /// A whole number: seconds since 1970.
    UnixSeconds(IntegerKind),
    /// A whole number: milliseconds since 1970.
    UnixMillis(IntegerKind),
    /// There is no time: a flag alone tells a deleted row.
    None,
}

impl TimeKind {
    /// Whether it is a whole number.
    pub fn is_integer(self) -> bool {
        matches!(self, Self::UnixSeconds(_) | Self::UnixMillis(_))
    }

    /// Whether a column of this kind and one of the other can be compared.
    pub fn is_like(self, other: Self) -> bool {
        match (self, other) {
            (Self::UnixSeconds(_), Self::UnixSeconds(_))
            | (Self::UnixMillis(_), Self::UnixMillis(_)) => true,
            (Self::None, _) | (_, Self::None) => false,
            (one, other) => !one.is_integer() && !other.is_integer(),
        }
    }

    /// The digits of a second that a whole number keeps. `None` where the column's own type tells.
    pub(crate) fn digits(self) -> Option<u8> {
        match self {
            Self::UnixSeconds(_) => Some(0),
            Self::UnixMillis(_) => Some(3),
            _ => None,
        }
    }

    /// Whether a whole number of this type is large enough for the time. Of others the column's own type tells.
    pub(crate) fn holds(self, at: DateTime<Utc>) -> bool {
        let (kind, number) = match self {
            Self::UnixSeconds(kind) => (kind, at.timestamp()),
            Self::UnixMillis(kind) => (kind, at.timestamp_millis()),
            _ => return true,
        };
        let (least, greatest) = kind.range();
        (least..=greatest).contains(&number)
    }

    /// Whether it is an instant, which PostgreSQL keeps as `timestamptz`. The others are UTC by agreement.
    pub fn has_zone(self) -> bool {
        match self {
            Self::ChronoUtc | Self::ChronoFixedOffset | Self::ChronoLocal => true,
            Self::ChronoNaive => false,
            #[cfg(feature = "time")]
            Self::TimeOffset => true,
            #[cfg(feature = "time")]
            Self::TimePrimitive => false,
            Self::UnixSeconds(_) | Self::UnixMillis(_) | Self::None => false,
        }
    }

    #[doc(hidden)]
    pub fn value(self, at: DateTime<Utc>) -> Value {
        match self {
            Self::ChronoUtc => at.into(),
            Self::ChronoFixedOffset => at.fixed_offset().into(),
            Self::ChronoLocal => at.with_timezone(&Local).into(),
            Self::ChronoNaive => at.naive_utc().into(),
            #[cfg(feature = "time")]
            Self::TimeOffset => to_time(at).into(),
            #[cfg(feature = "time")]
            Self::TimePrimitive => {
                let at = to_time(at);
                time::PrimitiveDateTime::new(at.date(), at.time()).into()
            }
            Self::UnixSeconds(kind) => kind.value(at.timestamp()),
            Self::UnixMillis(kind) => kind.value(at.timestamp_millis()),
            // Nothing equals it.
            Self::None => Value::ChronoDateTimeUtc(None),
        }
    }

    /// A time as a text that the database compares with a column of this kind.
    pub(crate) fn text(self, backend: DbBackend, at: DateTime<Utc>) -> String {
        dialect::time_text(backend, at, self.has_zone(), self.ends_in_z())
    }

    /// The time that a value of this kind is.
    pub(crate) fn time_of(self, value: &Value) -> Option<DateTime<Utc>> {
        match value {
            Value::ChronoDateTimeUtc(at) => *at,
            Value::ChronoDateTimeWithTimeZone(at) => at.map(|at| at.to_utc()),
            Value::ChronoDateTimeLocal(at) => at.map(|at| at.to_utc()),
            Value::ChronoDateTime(at) => at.map(|at| at.and_utc()),
            #[cfg(feature = "time")]
            Value::TimeDateTimeWithTimeZone(at) => at.and_then(from_time),
            #[cfg(feature = "time")]
            Value::TimeDateTime(at) => at.and_then(|at| from_time(at.assume_utc())),
            _ => None,
        }
    }

    /// Whether a value of this kind is after that time.
    pub(crate) fn is_after(self, value: &Value, at: DateTime<Utc>) -> bool {
        if !self.is_integer() {
            return self.time_of(value).is_some_and(|time| time > at);
        }
        let number = match value {
            Value::Int(number) => number.map(i64::from),
            Value::BigInt(number) => *number,
            Value::Unsigned(number) => number.map(i64::from),
            Value::BigUnsigned(number) => number.and_then(|number| i64::try_from(number).ok()),
            _ => None,
        };
        let now = match self {
            Self::UnixSeconds(_) => at.timestamp(),
            _ => at.timestamp_millis(),
        };
        number.is_some_and(|number| number > now)
    }

    /// The present time as SQL that each backend compares with a column of this kind: PostgreSQL, MySQL and MariaDB, SQLite.
    #[cfg(feature = "scoped-connection")]
    pub(crate) fn now(self) -> [&'static str; 3] {
        match self {
            Self::UnixSeconds(_) => dialect::now::SECONDS,
            Self::UnixMillis(_) => dialect::now::MILLIS,
            _ if self.has_zone() => dialect::now::WITH_ZONE,
            _ => dialect::now::WITHOUT_ZONE,
        }
    }

    /// Whether SQLite's text of a value in UTC ends in `Z`, and not in `+00:00`.
    pub fn ends_in_z(self) -> bool {
        match self {
            Self::ChronoUtc | Self::ChronoFixedOffset | Self::ChronoLocal | Self::ChronoNaive => {
                false
            }
            Self::UnixSeconds(_) | Self::UnixMillis(_) | Self::None => false,
            #[cfg(feature = "time")]
            Self::TimeOffset | Self::TimePrimitive => true,
        }
    }

    /// Reads a stored value back as UTC.
    pub fn read(self, row: &QueryResult, column: &str) -> Result<Option<DateTime<Utc>>, DbErr> {
        Ok(match self {
            Self::ChronoUtc | Self::ChronoLocal => {
                row.try_get::<Option<DateTime<Utc>>>("", column)?
            }
            Self::ChronoFixedOffset => row
                .try_get::<Option<DateTime<FixedOffset>>>("", column)?
                .map(|at| at.to_utc()),
            Self::ChronoNaive => row
                .try_get::<Option<NaiveDateTime>>("", column)?
                .map(|at| at.and_utc()),
            #[cfg(feature = "time")]
            Self::TimeOffset => row
                .try_get::<Option<time::OffsetDateTime>>("", column)?
                .and_then(from_time),
            #[cfg(feature = "time")]
            Self::TimePrimitive => row
                .try_get::<Option<time::PrimitiveDateTime>>("", column)?
                .and_then(|at| from_time(at.assume_utc())),
            Self::UnixSeconds(kind) => read_integer(kind, row, column)?
                .and_then(|seconds| DateTime::from_timestamp(seconds, 0)),
            Self::UnixMillis(kind) => {
                read_integer(kind, row, column)?.and_then(DateTime::from_timestamp_millis)
            }
            Self::None => None,
        })
    }
}

fn read_integer(kind: IntegerKind, row: &QueryResult, column: &str) -> Result<Option<i64>, DbErr> {
    Ok(match kind {
        IntegerKind::I8 => row.try_get::<Option<i8>>("", column)?.map(i64::from),
        IntegerKind::I16 => row.try_get::<Option<i16>>("", column)?.map(i64::from),
        IntegerKind::I32 => row.try_get::<Option<i32>>("", column)?.map(i64::from),
        IntegerKind::I64 => row.try_get::<Option<i64>>("", column)?,
        IntegerKind::U8 => row.try_get::<Option<u8>>("", column)?.map(i64::from),
        IntegerKind::U16 => row.try_get::<Option<u16>>("", column)?.map(i64::from),
        IntegerKind::U32 => row.try_get::<Option<u32>>("", column)?.map(i64::from),
        IntegerKind::U64 => row
            .try_get::<Option<u64>>("", column)?
            .and_then(|number| i64::try_from(number).ok()),
    })
}

/// chrono's range lies within `time`'s where a database's does; outside of it, the epoch can't be mistaken for a
/// plausible deletion time.
#[cfg(feature = "time")]
fn to_time(at: DateTime<Utc>) -> time::OffsetDateTime {
    let nanoseconds = i128::from(at.timestamp_micros()) * 1_000;
    time::OffsetDateTime::from_unix_timestamp_nanos(nanoseconds)
        .unwrap_or(time::OffsetDateTime::UNIX_EPOCH)
}

#[cfg(feature = "time")]
fn from_time(at: time::OffsetDateTime) -> Option<DateTime<Utc>> {
    let microseconds = at.unix_timestamp_nanos().div_euclid(1_000);
    DateTime::from_timestamp_micros(i64::try_from(microseconds).ok()?)
}

/// A type that a `deleted_at` field may have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the type of `deleted_at`",
    label = "not a nullable date-time",
    note = "use `Option<DateTimeUtc>`: `None` is an active row",
    note = "`Option` of another of SeaORM's date-times does too: `DateTimeWithTimeZone`, `DateTimeLocal`, `DateTime`, \
            and with the feature `time`, `TimeDateTimeWithTimeZone` and `TimeDateTime`",
    note = "a whole number needs `unix = \"seconds\"` or `unix = \"millis\"`, and a `bool` is `#[soft_delete(flag)]`"
)]
pub trait DeletedAt {
    /// Which of the types it is.
    const KIND: TimeKind;
}

macro_rules! deleted_at {
    ($($type:ty => $kind:ident),+ $(,)?) => {$(
        #[diagnostic::do_not_recommend]
        impl DeletedAt for Option<$type> {
            const KIND: TimeKind = TimeKind::$kind;
        }
    )+};
}

deleted_at! {
    DateTime<Utc> => ChronoUtc,
    DateTime<FixedOffset> => ChronoFixedOffset,
    DateTime<Local> => ChronoLocal,
    NaiveDateTime => ChronoNaive,
}

#[diagnostic::do_not_recommend]
impl DeletedAt for Option<ChronoUnixTimestamp> {
    const KIND: TimeKind = TimeKind::UnixSeconds(IntegerKind::I64);
}

#[diagnostic::do_not_recommend]
impl DeletedAt for Option<ChronoUnixTimestampMillis> {
    const KIND: TimeKind = TimeKind::UnixMillis(IntegerKind::I64);
}

#[cfg(feature = "time")]
deleted_at! {
    time::OffsetDateTime => TimeOffset,
    time::PrimitiveDateTime => TimePrimitive,
}

/// A type that a `deletion_id` field may have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the type of `deletion_id`",
    label = "not `Option<Uuid>`",
    note = "use `Option<Uuid>`: a deletion's id is a UUIDv7, and an active row has none",
    note = "`Option<Vec<u8>>` is what sea-orm-cli makes of `binary(16)` on MySQL and MariaDB, and does there"
)]
pub trait DeletionId {}

#[diagnostic::do_not_recommend]
impl DeletionId for Option<Uuid> {}

/// What `sea-orm-cli` makes of `binary(16)`. Statements name the column and bind a UUID, which is these 16 bytes on MySQL,
/// MariaDB and SQLite.
#[diagnostic::do_not_recommend]
impl DeletionId for Option<Vec<u8>> {}

/// A type that a `deleted_by` field may have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the type of `deleted_by`",
    label = "not a nullable column type",
    note = "use `Option` of your user's key, such as `Option<i64>`: an active row has none"
)]
pub trait DeletedBy {
    /// What [`by`](crate::Delete::by) takes.
    type Actor: Into<Value>;
}

#[diagnostic::do_not_recommend]
impl<T: Into<Value>> DeletedBy for Option<T> {
    type Actor = T;
}

/// What [`by`](crate::Delete::by) takes for an entity of this [`Actor`](crate::SoftDelete::Actor): a value of it, or what becomes one.
#[diagnostic::on_unimplemented(
    message = "`by` can't take `{A}`: who deletes is `{Self}` for this entity",
    label = "not what its `deleted_by` holds",
    note = "give a value of the type of its `deleted_by`; an entity with `NoActor` has no such column: \
            add `pub deleted_by: Option<…>` to its `Model`, and the column to its table"
)]
pub trait ActorFrom<A> {
    /// The value that is written into `deleted_by`.
    fn value(actor: A) -> Value;
}

#[diagnostic::do_not_recommend]
impl<A: Into<T>, T: Into<Value>> ActorFrom<A> for T {
    fn value(actor: A) -> Value {
        actor.into().into()
    }
}

/// A type that a `delete_reason` field may have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the type of `delete_reason`",
    label = "not `Option<String>`",
    note = "use `Option<String>`: an active row has none"
)]
pub trait DeleteReason {}

#[diagnostic::do_not_recommend]
impl DeleteReason for Option<String> {}

/// The [`Actor`](crate::SoftDelete::Actor) of an entity without a `deleted_by` column: it has no values, so
/// [`by`](crate::Delete::by) can't be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoActor {}

impl From<NoActor> for Value {
    fn from(actor: NoActor) -> Self {
        match actor {}
    }
}

/// What one deletion writes into every row it takes.
#[derive(Clone, Debug)]
pub(crate) struct Stamp {
    pub(crate) deletion_id: Uuid,
    pub(crate) deleted_at: DateTime<Utc>,
    pub(crate) deleted_by: Option<Value>,
    pub(crate) delete_reason: Option<String>,
    /// When the call was made, whatever time the deletion is given: for the columns that are touched.
    pub(crate) touched_at: DateTime<Utc>,
}

impl Stamp {
    /// `deleted_at` is cut to microseconds, the finest that every backend stores.
    pub(crate) fn new(at: Option<DateTime<Utc>>) -> Self {
        let now = Utc::now().trunc_subsecs(6);
        Self {
            deletion_id: Uuid::now_v7(),
            deleted_at: at.map_or(now, |at| at.trunc_subsecs(6)),
            deleted_by: None,
            delete_reason: None,
            touched_at: now,
        }
    }
}
