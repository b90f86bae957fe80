//! What a delete did.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnType, Value, sea_query::ArrayType};
use uuid::Uuid;

use crate::{
    engine::value::{parse_value, text_of},
    model::{ColumnMeta, EntityMeta, TableCounts},
};

/// One top-level delete and everything it took by cascade. All its rows carry the same stamp.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Deletion {
    /// The rows deleted in the entity's own table by the delete itself, as in [`DeleteResult`](sea_orm::DeleteResult). What
    /// the cascade took is in [`rows_by_table`](Self::rows_by_table).
    pub rows_affected: u64,
    pub(crate) id: Uuid,
    pub(crate) deleted_at: DateTime<Utc>,
    pub(crate) outcome: Outcome,
    pub(crate) group: String,
    pub(crate) roots: Option<RootKeys>,
    pub(crate) tables: TableCounts,
}

impl Deletion {
    /// The deletion's id, a UUIDv7: what its rows have in `deletion_id`, where the entity has that column.
    ///
    /// ```
    /// # async fn example(deletion: soft_delete::Deletion) {
    /// let audit = format!("deletion {} took {} rows", deletion.id(), deletion.rows_affected);
    /// # let _ = audit; }
    /// ```
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// What its rows have in `deleted_at`: UTC, in microseconds. Where rows of one of its tables can be told by their time only, it is
    /// cut to what the coarsest column of them all keeps; and it is a little later than now if rows below had the same time already.
    pub fn deleted_at(&self) -> DateTime<Utc> {
        self.deleted_at
    }

    /// What became of the rows that were to be deleted.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// How many rows it took in each table, the entity's own first and parents before children; tables where it took none
    /// are left out.
    ///
    /// ```
    /// # fn example(deletion: soft_delete::Deletion) {
    /// for (table, rows) in deletion.rows_by_table() {
    ///     println!("{rows} rows in {table}");
    /// }
    /// # }
    /// ```
    pub fn rows_by_table(&self) -> &TableCounts {
        &self.tables
    }
}

/// What became of the rows that were to be deleted. None of the three is an error: deleting is idempotent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Outcome {
    /// At least one active row was deleted.
    Deleted,
    /// No row was active. The stamp of a deleted row is left as it was.
    AlreadyDeleted {
        /// When it was deleted, as stored: of several rows, the last. 1970 where a flag alone tells that it is.
        deleted_at: DateTime<Utc>,
    },
    /// There is no such row.
    NotFound,
}

/// The keys of the rows that a deletion started from, where their table has no `deletion_id` to find them by.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct RootKeys(Vec<Vec<KeyPart>>);

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
enum KeyPart {
    Integer(i64),
    Unsigned(u64),
    Text(String),
    Uuid(Uuid),
    Bytes(Vec<u8>),
    /// As a text, which says it to the last bit.
    Float(String),
    /// Of any other type, as its text: a date, a decimal.
    Other(String),
}

impl RootKeys {
    /// How many are remembered. A larger deletion can't be undone as a whole.
    pub(crate) const MOST: u64 = 10_000;

    /// `None` if one has a part of a type that is not remembered.
    pub(crate) fn of<'v>(
        meta: &EntityMeta,
        keys: impl IntoIterator<Item = &'v [Value]>,
    ) -> Option<Self> {
        let columns = columns(meta);
        let keys = keys.into_iter().map(|key| {
            let parts = key.iter().zip(&columns);
            parts.map(|(value, of)| KeyPart::of(value, *of)).collect()
        });
        keys.collect::<Option<_>>().map(Self)
    }

    /// The keys as values of the columns of a table's primary key.
    pub(crate) fn values(&self, meta: &EntityMeta) -> Vec<Vec<Value>> {
        let columns = columns(meta);
        let key = |parts: &Vec<KeyPart>| {
            let parts = parts.iter().zip(&columns);
            parts.map(|(part, of)| part.value(*of)).collect()
        };
        self.0.iter().map(key).collect()
    }
}

impl KeyPart {
    fn of(value: &Value, column: Option<&ColumnMeta>) -> Option<Self> {
        Some(match value {
            Value::TinyInt(Some(number)) => Self::Integer((*number).into()),
            Value::SmallInt(Some(number)) => Self::Integer((*number).into()),
            Value::Int(Some(number)) => Self::Integer((*number).into()),
            Value::BigInt(Some(number)) => Self::Integer(*number),
            Value::TinyUnsigned(Some(number)) => Self::Unsigned((*number).into()),
            Value::SmallUnsigned(Some(number)) => Self::Unsigned((*number).into()),
            Value::Unsigned(Some(number)) => Self::Unsigned((*number).into()),
            Value::BigUnsigned(Some(number)) => Self::Unsigned(*number),
            Value::String(Some(text)) => Self::Text(text.clone()),
            Value::Uuid(Some(id)) => Self::Uuid(*id),
            Value::Bytes(Some(bytes)) => Self::Bytes(bytes.clone()),
            Value::Float(Some(number)) => Self::Float(number.to_string()),
            Value::Double(Some(number)) => Self::Float(number.to_string()),
            value if is_remembered(value, column) => Self::Other(text_of(value)),
            _ => return None,
        })
    }

    /// The value of a column of this type: PostgreSQL binds an `i32` and an `i64` differently.
    fn value(&self, of: Option<&ColumnMeta>) -> Value {
        match (self, of.map(|column| &column.value_type)) {
            (Self::Integer(number), Some(ArrayType::TinyInt)) => i8::try_from(*number).ok().into(),
            (Self::Integer(number), Some(ArrayType::SmallInt)) => {
                i16::try_from(*number).ok().into()
            }
            (Self::Integer(number), Some(ArrayType::Int)) => i32::try_from(*number).ok().into(),
            (Self::Integer(number), _) => (*number).into(),
            (Self::Unsigned(number), Some(ArrayType::TinyUnsigned)) => {
                u8::try_from(*number).ok().into()
            }
            (Self::Unsigned(number), Some(ArrayType::SmallUnsigned)) => {
                u16::try_from(*number).ok().into()
            }
            (Self::Unsigned(number), Some(ArrayType::Unsigned)) => {
                u32::try_from(*number).ok().into()
            }
            (Self::Unsigned(number), _) => (*number).into(),
            (Self::Text(text), _) => text.clone().into(),
            (Self::Uuid(id), _) => (*id).into(),
            (Self::Bytes(bytes), _) => bytes.clone().into(),
            (Self::Float(text), Some(ArrayType::Float)) => text.parse::<f32>().ok().into(),
            (Self::Float(text), _) => text.parse::<f64>().ok().into(),
            (Self::Other(text), _) => {
                let value = of.and_then(|column| parse_value(column, text).ok());
                value.unwrap_or_else(|| text.clone().into())
            }
        }
    }
}

fn columns(meta: &EntityMeta) -> Vec<Option<&ColumnMeta>> {
    let names = meta.primary_key.iter();
    names.map(|name| meta.column(name)).collect()
}

/// Whether a text of the value says all of it, and is bound as a value of its column again.
fn is_remembered(value: &Value, column: Option<&ColumnMeta>) -> bool {
    let is_decimal =
        column.is_some_and(|column| matches!(column.column_type, ColumnType::Decimal(_)));
    let is_read = matches!(
        value.array_type(),
        ArrayType::Bool
            | ArrayType::Char
            | ArrayType::ChronoDate
            | ArrayType::ChronoTime
            | ArrayType::ChronoDateTime
            | ArrayType::ChronoDateTimeUtc
            | ArrayType::ChronoDateTimeLocal
            | ArrayType::ChronoDateTimeWithTimeZone
    );
    *value != value.as_null() && (is_decimal || is_read)
}
