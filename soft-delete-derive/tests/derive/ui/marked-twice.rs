use sea_orm::entity::prelude::*;
use soft_delete::SoftDelete;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel, SoftDelete)]
#[sea_orm(table_name = "project")]
#[soft_delete(deleted_by = "trashed_by")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[soft_delete(deleted_at)]
    pub removed_on: Option<DateTimeUtc>,
    #[soft_delete(deleted_at)]
    pub deleted_on: Option<DateTimeUtc>,
    pub trashed_by: Option<i64>,
    #[soft_delete(deleted_by)]
    pub removed_by: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

fn main() {}
