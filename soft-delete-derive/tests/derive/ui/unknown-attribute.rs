use sea_orm::entity::prelude::*;
use soft_delete::SoftDelete;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel, SoftDelete)]
#[sea_orm(table_name = "project")]
#[soft_delete(retension = "30 days")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[soft_delete(uniq)]
    pub slug: String,
    #[soft_delete(colour)]
    pub name: String,
    #[soft_delete(delete_at)]
    pub removed_on: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

fn main() {}
