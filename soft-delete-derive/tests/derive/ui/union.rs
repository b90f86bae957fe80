use soft_delete::SoftDelete;

#[derive(SoftDelete)]
pub union Model {
    id: i64,
    deleted_at: u64,
}

fn main() {}
