//! The derive needs none of our names in scope, nor SeaORM's.
#![deny(missing_docs, warnings)]
#![forbid(unsafe_code)]

mod project {
    // What SeaORM's own derives need.
    use sea_orm::entity::prelude::{
        ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
        EnumIter, PrimaryKeyTrait,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
    #[sea_orm(table_name = "project")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[soft_delete(unique)]
        pub slug: String,
        pub deleted_at: Option<sea_orm::prelude::DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

fn main() {
    let _ = project::Entity::find_by_slug("a");
}
