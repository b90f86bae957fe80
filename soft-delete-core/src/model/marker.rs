//! The marker: what tells a deleted row from an active one, and what a delete and a restore write into it.
//!
//! Nothing else says `IS NULL` of a marker, or sets one.

mod field;

use chrono::{DateTime, SubsecRound as _, Utc};
use sea_orm::{
    DbBackend, DbErr, QueryResult, Value,
    sea_query::{Expr, ExprTrait as _},
};

pub use field::{Flag, Scheduled, SentinelTime, UnixTime};

use crate::model::{Error, Scope, StampColumns, TableName, stamp::TimeKind};

/// What tells a deleted row from an active one.
///
/// | marker | active row | deleted row |
/// |---|---|---|
/// | `Time` | `deleted_at IS NULL` | `deleted_at IS NOT NULL` |
/// | `TimeOr` a value, such as 0 or `9999-12-31` | `deleted_at = 0` | `deleted_at <> 0` |
/// | `Flag` | `is_deleted = FALSE` | `is_deleted <> FALSE` |
///
/// Where the column of the last two may be NULL, such a row is active: `is_deleted = FALSE OR is_deleted IS NULL`.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Marker {
    /// `deleted_at`: NULL in an active row.
    #[default]
    Time,
    /// `deleted_at`: this value in an active row.
    TimeOr {
        /// What an active row has, and a restore writes.
        active: Value,
        /// Whether the column may be NULL, which is active too.
        nullable: bool,
    },
    /// A column of its own, beside a time or alone.
    Flag {
        /// The column.
        column: String,
        /// The type of its values.
        kind: FlagKind,
        /// Whether the column may be NULL, which is active too.
        nullable: bool,
        /// What `deleted_at` beside it has in an active row, where that is not NULL.
        time: Option<Value>,
    },
}

/// The type of a flag: its values are false and true, or 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FlagKind {
    /// `bool`.
    Bool,
    /// A whole number: 0 is active, any other deleted, 1 what a delete writes.
    Integer(IntegerKind),
}

impl FlagKind {
    fn value(self, is_set: bool) -> Value {
        match self {
            Self::Bool => is_set.into(),
            Self::Integer(kind) => kind.value(is_set.into()),
        }
    }
}

/// The type of a whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum IntegerKind {
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
}

impl IntegerKind {
    /// The least and the greatest.
    pub(crate) fn range(self) -> (i64, i64) {
        match self {
            Self::I8 => (i8::MIN.into(), i8::MAX.into()),
            Self::I16 => (i16::MIN.into(), i16::MAX.into()),
            Self::I32 => (i32::MIN.into(), i32::MAX.into()),
            Self::I64 => (i64::MIN, i64::MAX),
            Self::U8 => (0, u8::MAX.into()),
            Self::U16 => (0, u16::MAX.into()),
            Self::U32 => (0, u32::MAX.into()),
            Self::U64 => (0, i64::MAX),
        }
    }

    /// As a value of this type: NULL if it is out of range, which equals nothing.
    pub(crate) fn value(self, number: i64) -> Value {
        match self {
            Self::I8 => Value::TinyInt(number.try_into().ok()),
            Self::I16 => Value::SmallInt(number.try_into().ok()),
            Self::I32 => Value::Int(number.try_into().ok()),
            Self::I64 => Value::BigInt(Some(number)),
            Self::U8 => Value::TinyUnsigned(number.try_into().ok()),
            Self::U16 => Value::SmallUnsigned(number.try_into().ok()),
            Self::U32 => Value::Unsigned(number.try_into().ok()),
            Self::U64 => Value::BigUnsigned(number.try_into().ok()),
        }
    }
}

impl StampColumns {
    /// The column that tells a deleted row: the flag, or else `deleted_at`.
    pub fn marker_column(&self) -> &str {
        match &self.marker {
            Marker::Flag { column, .. } => column,
            Marker::Time | Marker::TimeOr { .. } => &self.deleted_at,
        }
    }

    /// That a part of the library can't do with this marker.
    pub fn unsupported(&self, table: &TableName, by: &'static str) -> Error {
        Error::UnsupportedMarker {
            table: table.clone(),
            column: self.marker_column().to_owned(),
            by,
        }
    }

    /// The marker's condition for an upsert's target: the database compares it with an index as a text.
    pub(crate) fn active_of_index(&self, marker: Expr) -> Expr {
        match &self.marker {
            Marker::TimeOr { active, nullable } => {
                let is_active = marker.clone().eq(Expr::Constant(active.clone()));
                match nullable {
                    true => is_active.or(marker.is_null()),
                    false => is_active,
                }
            }
            _ => self.predicate(Scope::Active, marker),
        }
    }

    /// Refuses a marker that a part of the library doesn't know: all but a time that is NULL in active rows.
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedMarker`].
    pub fn require_time(&self, table: &TableName, by: &'static str) -> Result<(), Error> {
        match self.marker {
            Marker::Time if !self.deleted_at_kind.is_integer() => Ok(()),
            _ => Err(self.unsupported(table, by)),
        }
    }

    /// Refuses rows that are scheduled.
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedSchedule`].
    pub fn require_no_schedule(&self, table: &TableName, by: &'static str) -> Result<(), Error> {
        match self.scheduled {
            false => Ok(()),
            true => Err(Error::UnsupportedSchedule {
                table: table.clone(),
                by,
            }),
        }
    }

    /// Refuses a table that keeps no time of deletion.
    ///
    /// # Errors
    ///
    /// [`Error::NoTime`].
    pub fn require_any_time(&self, table: &TableName) -> Result<(), Error> {
        match self.has_time() {
            true => Ok(()),
            false => Err(Error::NoTime {
                table: table.clone(),
                column: self.marker_column().to_owned(),
            }),
        }
    }

    /// Without what entities of one table may leave out.
    pub(crate) fn without_companions(&self) -> Self {
        Self {
            deletion_id: None,
            deleted_by: None,
            delete_reason: None,
            ..self.clone()
        }
    }

    /// Whether the rows' time of deletion is kept. A flag alone keeps none.
    pub fn has_time(&self) -> bool {
        self.deleted_at_kind != TimeKind::None
    }

    /// Whether anything tells which deletion took a row: `deletion_id`, or the time.
    pub fn has_identity(&self) -> bool {
        self.deletion_id.is_some() || self.has_time()
    }

    /// The condition that a row is in a scope, over its marker: the column of [`marker_column`](Self::marker_column), under whatever
    /// name of its table.
    ///
    /// What is true of every row names the marker all the same: see [`Scope::predicate`].
    ///
    /// Where rows are [scheduled](Self::scheduled), those that have a time count as deleted, however far away it is:
    /// [`predicate_now`](Self::predicate_now) is what a reader sees.
    pub fn predicate(&self, scope: Scope, marker: impl Into<Expr>) -> Expr {
        let marker = marker.into();
        if let (true, Some(at)) = (self.scheduled, self.as_of) {
            let at = Expr::val(self.deleted_at_kind.value(at));
            return match scope {
                Scope::Active => marker.clone().is_null().or(marker.gt(at)),
                Scope::OnlyDeleted => marker.lte(at),
                Scope::WithDeleted => Scope::WithDeleted.predicate(marker),
            };
        }
        let Some((active, nullable)) = self.active_constant() else {
            return scope.predicate(marker);
        };
        match scope {
            Scope::Active if nullable => marker.clone().eq(active).or(marker.is_null()),
            Scope::Active => marker.eq(active),
            Scope::OnlyDeleted => marker.ne(active),
            Scope::WithDeleted => Scope::WithDeleted.predicate(marker),
        }
    }

    /// The condition that a row is in a scope now, by the program's clock: where rows are [scheduled](Self::scheduled), a row is active
    /// until its time.
    ///
    /// ```sql
    /// deleted_at IS NULL OR deleted_at > $1
    /// ```
    pub fn predicate_now(&self, scope: Scope, marker: impl Into<Expr>) -> Expr {
        match self.scheduled {
            true => self
                .as_of(Utc::now().trunc_subsecs(6))
                .predicate(scope, marker),
            false => self.predicate(scope, marker),
        }
    }

    /// The same, for a row that is active or deleted as of that time.
    pub(crate) fn as_of(&self, at: DateTime<Utc>) -> Self {
        Self {
            as_of: Some(at),
            ..self.clone()
        }
    }

    /// [`predicate`](Self::predicate) as text, over a marker that is written so.
    #[doc(hidden)]
    pub fn sql(&self, scope: Scope, marker: &str, backend: DbBackend) -> String {
        let Some((active, nullable)) = self.active_text(backend) else {
            return match scope {
                Scope::Active => format!("{marker} IS NULL"),
                Scope::OnlyDeleted => format!("{marker} IS NOT NULL"),
                Scope::WithDeleted => format!("({marker} IS NULL OR TRUE)"),
            };
        };
        match scope {
            Scope::Active if nullable => format!("({marker} = {active} OR {marker} IS NULL)"),
            Scope::Active => format!("{marker} = {active}"),
            Scope::OnlyDeleted => format!("{marker} <> {active}"),
            Scope::WithDeleted => format!("({marker} IS NULL OR TRUE)"),
        }
    }

    /// The value of the marker in an active row as a literal, and whether NULL is one too. `None` if it is NULL alone.
    #[doc(hidden)]
    pub fn active_text(&self, backend: DbBackend) -> Option<(String, bool)> {
        match &self.marker {
            Marker::Time => None,
            Marker::TimeOr { active, nullable } => {
                let kind = self.deleted_at_kind;
                let text = match kind.time_of(active) {
                    Some(at) => format!("'{}'", kind.text(backend, at)),
                    None => "0".to_owned(),
                };
                Some((text, *nullable))
            }
            Marker::Flag { kind, nullable, .. } => {
                let text = match kind {
                    FlagKind::Bool => "FALSE",
                    FlagKind::Integer(_) => "0",
                };
                Some((text.to_owned(), *nullable))
            }
        }
    }

    /// The value of the marker in an active row, and whether NULL is one too. `None` if it is NULL alone.
    fn active_constant(&self) -> Option<(Expr, bool)> {
        match &self.marker {
            Marker::Time => None,
            Marker::TimeOr { active, nullable } => {
                // A number may stand in the text, so that the planner knows which partial index it is. How a time is written depends on
                // the backend.
                let active = match self.deleted_at_kind.is_integer() {
                    true => Expr::Constant(active.clone()),
                    false => Expr::val(active.clone()),
                };
                Some((active, *nullable))
            }
            Marker::Flag { kind, nullable, .. } => {
                Some((Expr::Constant(kind.value(false)), *nullable))
            }
        }
    }

    /// Whether a value of the marker is that of an active row.
    pub(crate) fn is_active_value(&self, value: &Value) -> bool {
        let is_null = *value == value.as_null();
        match &self.marker {
            Marker::Time if self.scheduled => {
                is_null || self.deleted_at_kind.is_after(value, Utc::now())
            }
            Marker::Time => is_null,
            Marker::TimeOr { active, .. } => is_null || value == active,
            Marker::Flag { kind, .. } => is_null || *value == kind.value(false),
        }
    }

    /// Reads the time of a deleted row. `None` if it holds none, or that of an active row.
    pub(crate) fn read_stored_time(
        &self,
        row: &QueryResult,
        selected_as: &str,
    ) -> Result<Option<DateTime<Utc>>, DbErr> {
        let at = self.deleted_at_kind.read(row, selected_as)?;
        Ok(at.filter(|at| self.time_of_active() != Some(&self.deleted_at_kind.value(*at))))
    }

    /// What `deleted_at` beside a flag has in an active row, where that is not NULL.
    pub fn time_of_active(&self) -> Option<&Value> {
        match &self.marker {
            Marker::Flag { time, .. } => time.as_ref(),
            Marker::Time | Marker::TimeOr { .. } => None,
        }
    }

    /// What a delete writes into the marker and the time.
    pub(crate) fn deleted_values(&self, at: DateTime<Utc>) -> Vec<(&str, Value)> {
        let mut values = Vec::with_capacity(2);
        if self.has_time() {
            values.push((self.deleted_at.as_str(), self.deleted_at_kind.value(at)));
        }
        if let Marker::Flag { column, kind, .. } = &self.marker {
            values.push((column.as_str(), kind.value(true)));
        }
        values
    }

    /// What a restore writes into the columns of the stamp.
    pub(crate) fn active_values(&self) -> Vec<(&str, Expr)> {
        let marker = self.marker_column();
        let values = self.names().map(|name| match &self.marker {
            Marker::TimeOr { active, .. } if name == marker => (name, Expr::val(active.clone())),
            Marker::Flag { kind, .. } if name == marker => (name, Expr::val(kind.value(false))),
            Marker::Flag {
                time: Some(time), ..
            } if name == self.deleted_at => (name, Expr::val(time.clone())),
            _ => (name, Expr::cust("NULL")),
        });
        values.collect()
    }
}

/// Whether a model's row was deleted when it was loaded, by the value of its marker.
#[doc(hidden)]
pub fn is_deleted_value(stamp: &StampColumns, value: impl Into<Value>) -> bool {
    !stamp.is_active_value(&value.into())
}
