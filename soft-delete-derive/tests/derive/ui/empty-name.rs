use sea_orm::entity::prelude::*;
use soft_delete::SoftDelete;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel, SoftDelete)]
#[sea_orm(table_name = "project")]
#[soft_delete(group = "")]
#[soft_delete(retention = " ")]
#[soft_delete(deletion_id = "")]
#[soft_delete(unique())]
#[soft_delete(on_delete())]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[soft_delete(unique = "")]
    pub slug: String,
    pub deleted_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

fn main() {}
