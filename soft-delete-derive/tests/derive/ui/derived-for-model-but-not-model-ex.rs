use sea_orm::entity::prelude::*;
use soft_delete::SoftDelete;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "project", model_attrs(derive(SoftDelete)))]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub deleted_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

fn main() {}
