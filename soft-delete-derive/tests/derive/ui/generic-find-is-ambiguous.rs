use sea_orm::EntityTrait as _;
use soft_delete::SoftDelete;

fn rows<E: SoftDelete>() -> sea_orm::Select<E> {
    E::find()
}

fn main() {}
