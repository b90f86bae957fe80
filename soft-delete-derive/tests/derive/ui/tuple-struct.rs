use sea_orm::entity::prelude::*;
use soft_delete::SoftDelete;

#[derive(SoftDelete)]
pub struct Model(pub i64, pub Option<DateTimeUtc>);

fn main() {}
