use sea_orm::entity::prelude::*;
use soft_delete::SoftDelete;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel, SoftDelete)]
#[sea_orm(table_name = "project")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub name: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

// What the derive would have given is there all the same.
fn main() {
    let _ = Entity::find();
    let _ = Entity::delete_by_id(1);
    let _ = Entity::only_deleted();
}
