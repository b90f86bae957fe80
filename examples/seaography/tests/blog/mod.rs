//! A blog with deleted rows of every kind, on a database of its own.

use std::{env, path::PathBuf};

use async_graphql::{Request, Value};
use sea_orm::{
    ActiveModelTrait as _, ConnectionTrait as _, Database, DatabaseConnection, DbErr, Set,
    prelude::Uuid,
};
use seaography_server::{
    Api,
    database::Connections,
    entity::{comment, post, post_tag, tag, user},
};

mod leaks;
mod mutations;

/// Runs tests on the database of the binary that they are in.
macro_rules! tests {
    ($($test:ident),+ $(,)?) => {
        mod on_blog {
            $(#[tokio::test]
            async fn $test() {
                if let Some(blog) = crate::open().await {
                    super::$test(&blog).await;
                }
            })+
        }
    };
}
use tests;

#[allow(dead_code)] // Each binary uses what its database has.
pub struct Blog {
    pub api: Api,
    pub db: Connections,
    file: Option<PathBuf>,
}

impl Drop for Blog {
    fn drop(&mut self) {
        if let Some(file) = &self.file {
            let _ = std::fs::remove_file(file);
        }
    }
}

#[allow(dead_code)]
impl Blog {
    pub async fn on_sqlite() -> Self {
        let file = env::temp_dir().join(format!("seaography-{}.db", Uuid::new_v4()));
        let url = format!("sqlite://{}?mode=rwc", file.display());
        Self::fill(&url, Some(file)).await
    }

    pub async fn on_postgres() -> Option<Self> {
        let Ok(server) = env::var("POSTGRES_URL") else {
            let required = env::var("SOFT_DELETE_REQUIRE_BACKENDS").is_ok();
            assert!(!required, "POSTGRES_URL is not set");
            return None;
        };
        let name = format!("seaography_{}", Uuid::new_v4().simple());
        let admin = Database::connect(&server).await.unwrap();
        let create = format!("CREATE DATABASE {name}");
        admin.execute_unprepared(&create).await.unwrap();
        let (host, _) = server.rsplit_once('/').unwrap();
        Some(Self::fill(&format!("{host}/{name}"), None).await)
    }

    async fn fill(url: &str, file: Option<PathBuf>) -> Self {
        let db = Connections::open(url).await.unwrap();
        fill(&db.writes).await.unwrap();
        Self {
            api: Api::new(db.clone()).unwrap(),
            db,
            file,
        }
    }

    /// The data of an answer without errors.
    pub async fn ask(&self, document: &str) -> Value {
        let response = self.api.execute(Request::new(document)).await;
        assert!(
            response.errors.is_empty(),
            "{document}: {:?}",
            response.errors
        );
        response.data
    }

    /// The code of the one error of an answer.
    pub async fn fail(&self, document: &str) -> String {
        let response = self.api.execute(Request::new(document)).await;
        let [error] = &response.errors[..] else {
            panic!("{document}: {response:?}");
        };
        let code = error.extensions.as_ref().and_then(|it| it.get("code"));
        match code {
            Some(Value::String(code)) => code.clone(),
            _ => error.message.clone(),
        }
    }
}

/// Ada's post 1 is active, with comment 1, tag `sql` and a deleted link to tag `moved`. Deleted are her post 2, with its comment; comment
/// 3 of post 1; tag `gone`, which post 1 had; and Bob, with his post 3.
async fn fill(db: &DatabaseConnection) -> Result<(), DbErr> {
    for name in ["Ada", "Bob"] {
        let email = format!("{}@example.org", name.to_lowercase());
        let user = user::ActiveModel {
            name: Set(name.to_owned()),
            email: Set(email),
            ..Default::default()
        };
        user.insert(db).await?;
    }
    for (author, slug) in [(1, "kept"), (1, "gone"), (2, "bobs-gone")] {
        let post = post::ActiveModel {
            author_id: Set(author),
            slug: Set(slug.to_owned()),
            title: Set(slug.to_owned()),
            ..Default::default()
        };
        post.insert(db).await?;
    }
    for (post, text) in [(1, "kept"), (2, "gone-with-post"), (1, "gone")] {
        let comment = comment::ActiveModel {
            post_id: Set(post),
            text: Set(text.to_owned()),
            ..Default::default()
        };
        comment.insert(db).await?;
    }
    for (tag, name) in [(1, "sql"), (2, "moved"), (3, "gone")] {
        let model = tag::ActiveModel {
            name: Set(name.to_owned()),
            ..Default::default()
        };
        model.insert(db).await?;
        let link = post_tag::ActiveModel {
            post_id: Set(1),
            tag_id: Set(tag),
            ..Default::default()
        };
        link.insert(db).await?;
    }
    post::Entity::delete_by_id(2).exec(db).await?;
    comment::Entity::delete_by_id(3).exec(db).await?;
    post_tag::Entity::delete_by_id((1, 2)).exec(db).await?;
    tag::Entity::delete_by_id(3).exec(db).await?;
    user::Entity::delete_by_id(2).exec(db).await?;
    Ok(())
}
