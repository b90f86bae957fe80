use sea_orm::entity::prelude::*;
use soft_delete::SoftDelete;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel, SoftDelete)]
#[sea_orm(table_name = "account")]
#[soft_delete(
    unique(email = "lower(email"),
    unique(by_name = (email = "lower(name)")),
    unique(name = "lower(name); DROP TABLE account"),
    unique(at = "date(created_at) || now()"),
    unique(id, where = "id IN (SELECT id FROM other)"),
    unique(name, by_email = (email)),
    unique(a = (name), b = (email), where = "name <> ''"),
)]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub email: String,
    pub name: String,
    pub deleted_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

fn main() {}
