use sea_orm::entity::prelude::*;
use soft_delete::SoftDelete;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel, SoftDelete)]
#[sea_orm(table_name = "project")]
#[soft_delete]
#[soft_delete(group)]
#[soft_delete(group = billing)]
#[soft_delete(group = 7)]
#[soft_delete(group "billing")]
#[soft_delete(crate = "not a path")]
#[soft_delete(unique(name = ))]
#[soft_delete(unique(by_name = ()))]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub deleted_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

fn main() {}
