use sea_orm::entity::prelude::*;
use soft_delete::SoftDelete;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
#[sea_orm(table_name = "post")]
#[soft_delete(retention = "30 days")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub author_id: i64,
    #[soft_delete(unique)]
    pub slug: String,
    pub title: String,
    pub deleted_at: Option<DateTimeUtc>,
    pub deletion_id: Option<Uuid>,
    pub deleted_by: Option<i64>,
    pub delete_reason: Option<String>,
    #[sea_orm(belongs_to, from = "author_id", to = "id", on_delete = "Cascade")]
    pub author: BelongsTo<super::user::Entity>,
    #[sea_orm(has_many)]
    pub comments: HasMany<super::comment::Entity>,
    #[sea_orm(has_many, via = "post_tag")]
    pub tags: HasMany<super::tag::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
