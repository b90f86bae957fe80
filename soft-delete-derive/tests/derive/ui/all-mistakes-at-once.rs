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
    #[soft_delete(retention = "30 dayz", group = "", unique(slugg))]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[soft_delete(uniqe)]
        pub slug: String,
        #[sea_orm(unique)]
        #[soft_delete(unique)]
        pub email: String,
        pub deleted_at: DateTimeUtc,
        pub author_id: i64,
        #[soft_delete(on_delete = "cascad")]
        #[sea_orm(belongs_to, from = "author_id", to = "id")]
        pub author: BelongsTo<super::user::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

// Each is told once, and nothing follows from them.
async fn uses(db: &sea_orm::DatabaseConnection, post: post::Model) -> Result<(), sea_orm::DbErr> {
    post::Entity::find().all(db).await?;
    post::Entity::find_by_id(1).one(db).await?;
    post::Entity::only_deleted().all(db).await?;
    post::Entity::delete_by_id(1).exec(db).await?;
    post::Entity::restore_many().all().exec(db).await?;
    post::Entity::load().with(user::Entity).all(db).await?;
    assert!(!post.is_deleted());
    post.delete(db).await?;
    Ok(())
}

fn main() {
    let _ = uses;
}
