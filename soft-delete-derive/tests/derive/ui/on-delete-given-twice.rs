use sea_orm::entity::prelude::*;
use soft_delete::SoftDelete;

mod user {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "user")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[sea_orm(has_many)]
        pub posts: HasMany<super::post::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod post {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "post")]
    #[soft_delete(on_delete(Author = "restrict"))]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub author_id: i64,
        #[soft_delete(on_delete = "cascade")]
        #[sea_orm(belongs_to, from = "author_id", to = "id", relation_enum = "Author")]
        pub author: BelongsTo<super::user::Entity>,
        pub deleted_at: Option<DateTimeUtc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

fn main() {}
