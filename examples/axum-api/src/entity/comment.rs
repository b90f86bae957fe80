//! What someone wrote about a task.

use sea_orm::entity::prelude::*;
use soft_delete::SoftDelete;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
#[sea_orm(table_name = "comment")]
#[soft_delete(retention = "30 days")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The task's, so that one condition tells whose a row is.
    pub workspace_id: i64,
    pub task_id: i64,
    pub author_id: i64,
    pub body: String,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub deleted_at: Option<DateTimeUtc>,
    pub deletion_id: Option<Uuid>,
    pub deleted_by: Option<i64>,
    pub delete_reason: Option<String>,
    #[sea_orm(belongs_to, from = "task_id", to = "id", on_delete = "Cascade")]
    pub task: BelongsTo<super::task::Entity>,
    #[sea_orm(belongs_to, from = "author_id", to = "id", on_delete = "Restrict")]
    pub author: BelongsTo<super::member::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
