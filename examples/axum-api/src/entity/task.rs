//! A task of a project.

use schemars::JsonSchema;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use soft_delete::SoftDelete;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
#[sea_orm(table_name = "task")]
#[soft_delete(retention = "30 days")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The project's, so that one condition tells whose a row is.
    pub workspace_id: i64,
    pub project_id: i64,
    pub title: String,
    pub status: Status,
    pub assignee_id: Option<i64>,
    pub created_by: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub deleted_at: Option<DateTimeUtc>,
    pub deletion_id: Option<Uuid>,
    pub deleted_by: Option<i64>,
    pub delete_reason: Option<String>,
    #[sea_orm(belongs_to, from = "project_id", to = "id", on_delete = "Cascade")]
    pub project: BelongsTo<super::project::Entity>,
    #[sea_orm(belongs_to, from = "assignee_id", to = "id", on_delete = "SetNull")]
    pub assignee: BelongsTo<Option<super::member::Entity>>,
    #[sea_orm(has_many)]
    pub comments: HasMany<super::comment::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

/// How far a task is.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    EnumIter,
    DeriveActiveEnum,
    Deserialize,
    Serialize,
    JsonSchema,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(8))")]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Status {
    #[default]
    #[sea_orm(string_value = "open")]
    Open,
    #[sea_orm(string_value = "doing")]
    Doing,
    #[sea_orm(string_value = "done")]
    Done,
}
