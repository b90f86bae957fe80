use soft_delete::SoftDelete;

#[derive(SoftDelete)]
pub enum Model {
    Active,
    Deleted,
}

fn main() {}
