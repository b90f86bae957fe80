//! Descriptions that no entity gives: of tables as a database has them. For the command line.

use sea_orm::{ColumnType, sea_query::ArrayType};

use super::{
    ColumnMeta, DEFAULT_GROUP, EntityMeta, ForeignKeyMeta, OnDelete, StampColumns,
    condition::KeyCondition,
};
use crate::model::{Marker, TableName, stamp::TimeKind};

#[doc(hidden)]
impl ColumnMeta {
    pub fn described(
        name: &str,
        column_type: ColumnType,
        value_type: ArrayType,
        nullable: bool,
    ) -> Self {
        Self {
            name: name.to_owned(),
            column_type,
            nullable,
            value_type,
            is_cast: false,
        }
    }
}

#[doc(hidden)]
impl StampColumns {
    /// Without companions.
    pub fn described(deleted_at: &str, deleted_at_kind: TimeKind) -> Self {
        Self {
            marker: Marker::Time,
            scheduled: false,
            as_of: None,
            deleted_at: deleted_at.to_owned(),
            deleted_at_kind,
            deletion_id: None,
            deleted_by: None,
            delete_reason: None,
        }
    }
}

#[doc(hidden)]
impl ForeignKeyMeta {
    pub fn described(
        relation: &str,
        columns: &[String],
        parent: TableName,
        parent_columns: &[String],
        on_delete: OnDelete,
    ) -> Self {
        Self {
            relation: relation.to_owned(),
            columns: columns.to_vec(),
            parent,
            parent_columns: parent_columns.to_vec(),
            on_delete,
            condition: KeyCondition::default(),
        }
    }
}

#[doc(hidden)]
impl EntityMeta {
    /// Without keys, retention and hooks.
    pub fn described(
        table: TableName,
        columns: Vec<ColumnMeta>,
        primary_key: Vec<String>,
        stamp: StampColumns,
    ) -> Self {
        Self {
            entity: "the database's catalog",
            table,
            group: DEFAULT_GROUP,
            columns,
            primary_key,
            stamp,
            touch: Vec::new(),
            version: None,
            unique: Vec::new(),
            retention: None,
            foreign_keys: Vec::new(),
            children: Vec::new(),
            hooks: None,
            may_lack_deletion_id: false,
        }
    }
}
