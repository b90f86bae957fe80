//! Soft delete for a table that exists: `cargo run --example existing_table --features migration`.

mod migration;
mod post;

use post::Entity as Post;
use sea_orm::{ConnectionTrait, Database, PaginatorTrait};
use sea_orm_migration::MigratorTrait;

#[tokio::main]
async fn main() -> Result<(), soft_delete::Error> {
    let db = Database::connect("sqlite::memory:").await?;
    // The table as the application has it today, and its data.
    db.execute_unprepared("CREATE TABLE post (id INTEGER PRIMARY KEY, title TEXT NOT NULL)")
        .await?;
    db.execute_unprepared("INSERT INTO post (title) VALUES ('Looms'), ('Notes')")
        .await?;

    migration::Migrator::up(&db, None).await?;

    Post::delete_by_id(1).exec(&db).await?;
    assert_eq!(Post::find().count(&db).await?, 1);
    for post in Post::only_deleted().all(&db).await? {
        println!("in the trash: {} since {:?}", post.title, post.deleted_at);
    }
    Post::restore_by_id(1).exec(&db).await?;
    assert_eq!(Post::find().count(&db).await?, 2);
    Ok(())
}
