use sea_orm::entity::prelude::*;
use soft_delete::SoftDelete;

#[derive(SoftDelete)]
pub struct Project {
    pub id: i64,
    pub deleted_at: Option<DateTimeUtc>,
}

fn main() {}
