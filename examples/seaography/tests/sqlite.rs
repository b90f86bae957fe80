//! The API on SQLite.
//!
//! Not in one binary with PostgreSQL's: attaching to a schema of active rows holds for the whole process.

mod blog;

use async_graphql::{Request, value};
use blog::Blog;
use seaography_server::{Api, database::Connections};

async fn open() -> Option<Blog> {
    Some(Blog::on_sqlite().await)
}

/// Why SQLite needs the views: what the hook alone leaves open.
#[tokio::test]
async fn without_views_having_and_junctions_leak() {
    let blog = Blog::on_sqlite().await;
    let tables = Connections {
        reads: blog.db.writes.clone(),
        writes: blog.db.writes.clone(),
    };
    let api = Api::new(tables).unwrap();
    let having = r#"{ post(having: { comment: { text: { eq: "gone" } } }) { nodes { id } } }"#;
    let leaked = api.execute(Request::new(having)).await.data;
    assert_eq!(leaked, value!({ "post": { "nodes": [{ "id": 1 }] } }));
    let junction = r#"{ post { nodes { tag { nodes { name } } } } }"#;
    let leaked = api.execute(Request::new(junction)).await.data;
    let tags = value!({ "nodes": [{ "name": "sql" }, { "name": "moved" }] });
    assert_eq!(leaked, value!({ "post": { "nodes": [{ "tag": tags }] } }));
}
