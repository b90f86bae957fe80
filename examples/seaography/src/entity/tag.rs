use sea_orm::entity::prelude::*;
use soft_delete::SoftDelete;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
#[sea_orm(table_name = "tag")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[soft_delete(unique)]
    pub name: String,
    pub deleted_at: Option<DateTimeUtc>,
    pub deletion_id: Option<Uuid>,
    #[sea_orm(has_many, via = "post_tag")]
    pub posts: HasMany<super::post::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
