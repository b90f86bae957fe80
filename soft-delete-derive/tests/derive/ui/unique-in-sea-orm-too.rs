use sea_orm::entity::prelude::*;
use soft_delete::SoftDelete;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel, SoftDelete)]
#[sea_orm(table_name = "project")]
#[soft_delete(unique(by_email = email))]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(unique)]
    #[soft_delete(unique)]
    pub slug: String,
    #[sea_orm(unique_key = "by_number")]
    #[soft_delete(unique = "by_number")]
    pub tenant_id: i64,
    #[sea_orm(unique_key = "by_number")]
    #[soft_delete(unique = "by_number")]
    pub number: i64,
    #[sea_orm(unique)]
    pub email: String,
    pub deleted_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

fn main() {}
