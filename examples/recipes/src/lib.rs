//! A database for the recipes, which are the files in `tests`: SQLite in memory, with the tables of the guide's blog.

pub use blog::{Comment, Post, PostTag, Tag, User, comment, post, post_tag, tag, user};

use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use soft_delete::{Error, schema::SchemaSync};

/// An empty blog.
pub async fn database() -> Result<DatabaseConnection, Error> {
    let mut options = ConnectOptions::new("sqlite::memory:");
    // Another connection would have another memory.
    options.max_connections(1);
    let db = Database::connect(options).await?;
    let tables = db.get_schema_builder();
    let tables = tables.register(User).register(Post).register(Comment);
    tables.register(Tag).register(PostTag).apply(&db).await?;
    SchemaSync::of::<User>().exec(&db).await?;
    SchemaSync::of::<Post>().exec(&db).await?;
    Ok(db)
}
