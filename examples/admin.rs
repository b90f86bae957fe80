//! The command line: `cargo run --example admin --features cli -- trash list`, and `-- --help` for all it can do.
//!
//! The database is a file with a blog in it, `soft-delete-admin.sqlite` in the directory for temporary files: remove it to
//! start anew. Set `DATABASE_URL` for another that has these tables.

use std::{env, process::ExitCode};

use chrono::{TimeDelta, Utc};
use sea_orm::{ConnectionTrait as _, Database, Set, entity::prelude::*};
use soft_delete::{Error, Registry};

#[tokio::main]
async fn main() -> Result<ExitCode, Error> {
    let file = env::temp_dir().join("soft-delete-admin.sqlite");
    let url = format!("sqlite://{}?mode=rwc", file.display());
    if env::var_os("DATABASE_URL").is_none() && !file.exists() {
        write_blog(&url).await?;
    }
    Ok(soft_delete::cli::run_on(Registry::global(), &url).await)
}

mod author {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "author")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[soft_delete(unique)]
        pub slug: String,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        pub deleted_by: Option<i64>,
        pub delete_reason: Option<String>,
        #[sea_orm(has_many)]
        pub posts: HasMany<super::post::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod post {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "post")]
    #[soft_delete(retention = "30 days")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub author_id: i64,
        pub title: String,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        pub deleted_by: Option<i64>,
        pub delete_reason: Option<String>,
        #[sea_orm(belongs_to, from = "author_id", to = "id", on_delete = "Cascade")]
        pub author: BelongsTo<super::author::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Three deletions: of a post long ago, of another, and of the author with the last, whose name somebody else has by now.
async fn write_blog(url: &str) -> Result<(), Error> {
    let db = Database::connect(url).await?;
    let schema = db.get_schema_builder();
    let schema = schema.register(author::Entity).register(post::Entity);
    schema.apply(&db).await?;
    db.execute_unprepared("PRAGMA journal_mode = WAL").await?;

    let ada = new_author("ada").insert(&db).await?;
    for title in ["Looms", "Notes", "Numbers"] {
        let post = post::ActiveModel {
            author_id: Set(ada.id),
            title: Set(title.to_owned()),
            ..Default::default()
        };
        post.insert(&db).await?;
    }
    let ago = |days| Utc::now() - TimeDelta::days(days);
    let looms = post::Entity::delete_by_id(1).by(42).at(ago(60));
    looms.exec(&db).await?;
    let notes = post::Entity::delete_by_id(2).by(7).at(ago(3));
    notes.reason("typo in the title").exec(&db).await?;
    let author = author::Entity::delete_by_id(ada.id).by(42).at(ago(1));
    author.reason("left the site").exec(&db).await?;
    new_author("ada").insert(&db).await?;
    Ok(db.close().await?)
}

fn new_author(slug: &str) -> author::ActiveModel {
    author::ActiveModel {
        slug: Set(slug.to_owned()),
        ..Default::default()
    }
}
