use sea_orm::entity::prelude::*;
use soft_delete::SoftDelete;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "project")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
}

impl ActiveModelBehavior for ActiveModel {}

fn trash<E: SoftDelete>() -> sea_orm::Select<E> {
    E::only_deleted()
}

fn main() {
    let _ = trash::<Entity>();
}
