use sea_orm::entity::prelude::*;
use soft_delete::SoftDelete;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
#[sea_orm(table_name = "user")]
#[soft_delete(retention = "30 days")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[soft_delete(unique)]
    pub email: String,
    pub name: String,
    pub deleted_at: Option<DateTimeUtc>,
    pub deletion_id: Option<Uuid>,
    pub deleted_by: Option<i64>,
    pub delete_reason: Option<String>,
    #[sea_orm(has_many)]
    pub posts: HasMany<super::post::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
