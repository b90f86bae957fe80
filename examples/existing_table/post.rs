use sea_orm::entity::prelude::*;
use soft_delete::SoftDelete;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, SoftDelete)]
#[sea_orm(table_name = "post")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub title: String,
    pub deleted_at: Option<DateTimeUtc>, // the derive finds it by name
    pub deletion_id: Option<Uuid>,       // optional, and recommended
}

impl ActiveModelBehavior for ActiveModel {}
