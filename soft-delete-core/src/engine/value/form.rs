//! In which form values of a column come and go.

use sea_orm::{ColumnType, sea_query::ArrayType};

use crate::{
    engine::cascade::rows::is_integer,
    model::{ColumnMeta, EntityMeta},
};

/// How values of a column are read and bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As the driver has them.
    Plain,
    /// As texts that PostgreSQL pads with blanks: `char(n)`.
    Padded,
    /// As texts of numbers: decimals.
    Decimal,
    /// As texts of JSON.
    Json,
    /// As the names of an enum's values.
    Enum,
    /// As the texts that the database writes and reads.
    Text,
}

impl Form {
    /// A column that the entity doesn't have is plain: reading it is an error.
    pub(super) fn of(meta: &EntityMeta, name: &str) -> Self {
        meta.column(name).map_or(Self::Plain, Self::of_column)
    }

    fn of_column(column: &ColumnMeta) -> Self {
        match &column.column_type {
            ColumnType::Enum { .. } => Self::Enum,
            ColumnType::Json | ColumnType::JsonBinary => Self::Json,
            ColumnType::Decimal(_) => Self::Decimal,
            _ if column.is_cast || !is_known(&column.value_type) => Self::Text,
            ColumnType::Char(_) => Self::Padded,
            ColumnType::String(_)
            | ColumnType::Text
            | ColumnType::Blob
            | ColumnType::Float
            | ColumnType::Double
            | ColumnType::DateTime
            | ColumnType::Timestamp
            | ColumnType::TimestampWithTimeZone
            | ColumnType::Time
            | ColumnType::Date
            | ColumnType::Year
            | ColumnType::Binary(_)
            | ColumnType::VarBinary(_)
            | ColumnType::Boolean
            | ColumnType::Uuid => Self::Plain,
            other if is_integer(other) => Self::Plain,
            // SeaORM binds texts as such whatever the name of the type, and the others as what they are.
            ColumnType::Custom(_) if column.value_type != ArrayType::String => Self::Plain,
            _ => Self::Text,
        }
    }
}

/// Whether drivers read values of this type as what they are. Others are read as text.
pub fn is_known(value_type: &ArrayType) -> bool {
    use ArrayType as T;

    let is_times = {
        #[cfg(feature = "time")]
        {
            matches!(
                value_type,
                T::TimeDate | T::TimeTime | T::TimeDateTime | T::TimeDateTimeWithTimeZone
            )
        }
        #[cfg(not(feature = "time"))]
        {
            false
        }
    };
    is_times
        || matches!(
            value_type,
            T::Bool
                | T::TinyInt
                | T::SmallInt
                | T::Int
                | T::BigInt
                | T::TinyUnsigned
                | T::SmallUnsigned
                | T::Unsigned
                | T::BigUnsigned
                | T::Float
                | T::Double
                | T::String
                | T::Char
                | T::Bytes
                | T::Uuid
                | T::ChronoDate
                | T::ChronoTime
                | T::ChronoDateTime
                | T::ChronoDateTimeUtc
                | T::ChronoDateTimeLocal
                | T::ChronoDateTimeWithTimeZone
        )
}

/// Whether values of the column are shown as what the driver reads. Others are shown as the database's text.
pub(crate) fn is_plain(of: &ColumnMeta) -> bool {
    let has_plain_type = is_integer(&of.column_type)
        || matches!(
            of.column_type,
            ColumnType::Char(_)
                | ColumnType::String(_)
                | ColumnType::Text
                | ColumnType::Blob
                | ColumnType::Float
                | ColumnType::Double
                | ColumnType::DateTime
                | ColumnType::Timestamp
                | ColumnType::TimestampWithTimeZone
                | ColumnType::Time
                | ColumnType::Date
                | ColumnType::Binary(_)
                | ColumnType::VarBinary(_)
                | ColumnType::Boolean
                | ColumnType::Uuid
        );
    has_plain_type && is_known(&of.value_type)
}
