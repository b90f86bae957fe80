//! The API on PostgreSQL, where `POSTGRES_URL` names a server.

mod blog;

use blog::Blog;

async fn open() -> Option<Blog> {
    Blog::on_postgres().await
}
