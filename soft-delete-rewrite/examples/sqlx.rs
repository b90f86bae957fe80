//! Soft delete in a program with sqlx and without an ORM: `cargo run -p soft-delete-rewrite --example sqlx`.

use soft_delete_rewrite::{Dialect, Refused, Rows, Tables, rewrite};
use sqlx::{AssertSqlSafe, SqlitePool, sqlite::SqlitePoolOptions};

/// A pool whose statements see active rows.
struct Scoped {
    pool: SqlitePool,
    tables: Tables,
}

impl Scoped {
    /// The statement to be sent instead. What is added holds no data of anyone, so that the text is as safe as it was.
    fn sql(&self, sql: &str) -> Result<AssertSqlSafe<String>, Refused> {
        let scoped = rewrite(Dialect::Sqlite, sql, &self.tables, Rows::Active)?;
        Ok(AssertSqlSafe(scoped.into_owned()))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let db = Scoped {
        // Each connection to a database in memory has a database of its own.
        pool: SqlitePoolOptions::new()
            .max_connections(1)
            .connect("sqlite::memory:")
            .await?,
        tables: Tables::new()
            .with(None, "author", "deleted_at")
            .with(None, "post", "deleted_at"),
    };
    for sql in [
        "CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT NOT NULL, deleted_at TEXT)",
        "CREATE TABLE post (id INTEGER PRIMARY KEY, author_id INTEGER NOT NULL, title TEXT NOT NULL, deleted_at TEXT)",
        "INSERT INTO author VALUES (1, 'Ada', NULL), (2, 'Grace', NULL), (3, 'Kurt', NULL)",
        "INSERT INTO post VALUES (1, 1, 'Notes', NULL), (2, 1, 'Draft', NULL), (3, 3, 'Proof', NULL)",
    ] {
        sqlx::query(db.sql(sql)?).execute(&db.pool).await?;
    }

    // A soft delete is an UPDATE, which changes active rows only.
    for sql in [
        "UPDATE post SET deleted_at = '2026-11-28' WHERE id = ?",
        "UPDATE author SET deleted_at = '2026-11-28' WHERE id = ? + 1",
    ] {
        sqlx::query(db.sql(sql)?).bind(2).execute(&db.pool).await?;
    }

    // Kurt and Ada's draft are gone, and Grace is still there without a post.
    let posts = db.sql(
        "SELECT author.name, post.title FROM author LEFT JOIN post ON post.author_id = author.id ORDER BY author.id",
    )?;
    let posts: Vec<(String, Option<String>)> = sqlx::query_as(posts).fetch_all(&db.pool).await?;
    println!("{posts:?}");
    assert_eq!(
        posts,
        [
            ("Ada".to_owned(), Some("Notes".to_owned())),
            ("Grace".to_owned(), None)
        ]
    );

    // A statement that names `deleted_at` decides for itself.
    let trash = db.sql("SELECT title FROM post WHERE deleted_at IS NOT NULL")?;
    let trash: Vec<(String,)> = sqlx::query_as(trash).fetch_all(&db.pool).await?;
    assert_eq!(trash, [("Draft".to_owned(),)]);

    // What would remove rows is not sent.
    let refused = db.sql("DELETE FROM post WHERE id = 1").err();
    let refused = refused.ok_or("a physical DELETE of an active row went through")?;
    println!("{refused}");
    assert_eq!(refused.table(), "post");

    // The trash may be emptied.
    let emptied = db.sql("DELETE FROM post WHERE deleted_at IS NOT NULL")?;
    let emptied = sqlx::query(emptied).execute(&db.pool).await?;
    assert_eq!(emptied.rows_affected(), 1);
    Ok(())
}
