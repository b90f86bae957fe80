use sea_orm::entity::prelude::*;
use soft_delete::SoftDelete;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel, SoftDelete)]
#[sea_orm(table_name = "project")]
#[soft_delete(unique(slug = tenant_id), unique(slug, tenant_id, slug))]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[soft_delete(unique = "by tenant")]
    pub tenant_id: i64,
    #[soft_delete(unique = "id")]
    pub number: i64,
    #[soft_delete(unique)]
    pub slug: String,
    pub deleted_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

fn main() {}
