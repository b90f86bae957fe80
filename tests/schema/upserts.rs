//! `on_conflict_active`: the target of an upsert among active rows.

use sea_orm::{ActiveValue::Set, EntityTrait as _};
use soft_delete::{on_conflict_active, schema::SchemaSync};

use support::{TestDb, on_backends};

mod post {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
    #[sea_orm(table_name = "upserted")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[soft_delete(unique)]
        pub slug: String,
        pub title: String,
        pub deleted_at: Option<DateTimeUtc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

use post::Entity as Post;

fn titled(title: &str) -> post::ActiveModel {
    post::ActiveModel {
        slug: Set("hello".to_owned()),
        title: Set(title.to_owned()),
        ..Default::default()
    }
}

on_backends! {
    // Not on SQLite in a file: connections that are open already learn late of a new index.
    [sqlite SqliteMemory Pool, postgres Postgres Pool, mariadb MariaDb Pool,
     scoped_sqlite SqliteMemory Scoped, scoped_postgres Postgres Scoped, scoped_mariadb MariaDb Scoped]

    /// Pitfall: an upsert writes into a deleted row.
    async fn an_upsert_leaves_deleted_rows_alone(db: &TestDb) {
        db.create_table(Post).await?;
        SchemaSync::of::<Post>().exec(db).await?;
        let upsert = async |title: &str| {
            let conflict = on_conflict_active([post::Column::Slug])
                .update_column(post::Column::Title)
                .to_owned();
            Post::insert(titled(title)).on_conflict(conflict).exec_without_returning(db).await
        };
        upsert("first").await?;
        let titles = async || -> Result<Vec<(String, bool)>, sea_orm::DbErr> {
            use sea_orm::QueryOrder as _;
            let rows = Post::with_deleted().order_by_asc(post::Column::Id).all(db).await?;
            Ok(rows.into_iter().map(|row| (row.title.clone(), row.is_deleted())).collect())
        };
        Post::delete_many().all().exec(db).await?;
        upsert("second").await?;
        assert_eq!(titles().await?, [("first".to_owned(), true), ("second".to_owned(), false)]);
        upsert("third").await?;
        assert_eq!(titles().await?, [("first".to_owned(), true), ("third".to_owned(), false)]);
    }
}
