use sea_orm::entity::prelude::*;
use soft_delete::SoftDelete;

#[derive(SoftDelete)]
pub struct Model<T> {
    pub id: T,
    pub deleted_at: Option<DateTimeUtc>,
}

fn main() {}
