//! A program that uses nothing of what the derive gives, and forbids itself every warning.
#![deny(missing_docs, warnings)]
#![forbid(unsafe_code)]

mod project {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "project")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[soft_delete(unique)]
        pub slug: String,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        pub deleted_by: Option<i64>,
        pub delete_reason: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

fn main() {
    let _ = project::Entity;
}
