//! The rows: twelve authors, of whom two are deleted and restored, with 100 posts each.
//!
//! They lie in two blocks, half of the authors in each and their rows mixed as time would have mixed them, so that the two
//! have no page in common: what happens to one leaves the other's pages as they were.

use sea_orm::{ConnectionTrait, DbErr, TransactionTrait as _};

use super::{
    blog::{author, comment, post},
    support::{Kind, TestDb},
};

/// The authors who are deleted and restored, one in each block.
pub const AUTHORS: [i64; 2] = [1, 1 + AUTHORS_PER_BLOCK];
pub const POSTS: u64 = 100;

const BLOCKS: i64 = 2;
const AUTHORS_PER_BLOCK: i64 = 6;
const POSTS_PER_BLOCK: i64 = AUTHORS_PER_BLOCK * 100;
/// How many rows one INSERT makes: a multiple of `POSTS_PER_BLOCK`.
const CHUNK: i64 = 6_000;

/// Tables with indexes behind the foreign keys, and slugs that are unique among active authors.
pub async fn tables(db: &TestDb) -> Result<(), DbErr> {
    db.create_table(author::Entity).await?;
    db.create_table(post::Entity).await?;
    db.create_table(comment::Entity).await?;
    let kind = db.kind();
    if kind.supports_partial_index() {
        run(
            db,
            "CREATE UNIQUE INDEX author_slug ON author (slug) WHERE deleted_at IS NULL",
        )
        .await?;
    } else {
        run(
            db,
            "ALTER TABLE author ADD COLUMN active TINYINT AS (IF(deleted_at IS NULL, 1, NULL)), \
             ADD UNIQUE INDEX author_slug (slug, active)",
        )
        .await?;
    }
    if kind != Kind::MariaDb {
        // MariaDB makes them with the foreign keys.
        run(db, "CREATE INDEX post_author ON post (author_id)").await?;
        run(db, "CREATE INDEX comment_post ON comment (post_id)").await?;
    }
    if kind == Kind::Postgres {
        // It is vacuumed between the measurements, and not while one runs.
        for table in ["author", "post", "comment"] {
            run(
                db,
                &format!("ALTER TABLE {table} SET (autovacuum_enabled = off)"),
            )
            .await?;
        }
    }
    Ok(())
}

/// Loads the rows. The second author of each block was deleted earlier, with all that is below.
pub async fn rows(db: &TestDb, comments: u64) -> Result<(), DbErr> {
    let comments_per_block = i64::try_from(comments).unwrap_or(i64::MAX) * AUTHORS_PER_BLOCK;
    assert!(
        comments_per_block % POSTS_PER_BLOCK == 0,
        "the number of comments must be a multiple of {POSTS}"
    );
    let rows = db.begin().await?;
    run(&rows, "CREATE TABLE number (n INTEGER PRIMARY KEY)").await?;
    let numbers: Vec<_> = (0..CHUNK).map(|n| format!("({n})")).collect();
    run(
        &rows,
        &format!("INSERT INTO number VALUES {}", numbers.join(",")),
    )
    .await?;

    for block in 0..BLOCKS {
        let authors = 1 + block * AUTHORS_PER_BLOCK;
        let posts = 1 + block * POSTS_PER_BLOCK;
        let first = 1 + block * comments_per_block;
        run(
            &rows,
            &format!(
                "INSERT INTO author (id, slug) SELECT {authors} + n, CONCAT('author-', {authors} + n) \
                 FROM number WHERE n < {AUTHORS_PER_BLOCK} ORDER BY n"
            ),
        )
        .await?;
        run(
            &rows,
            &format!(
                "INSERT INTO post (id, author_id, title) \
                 SELECT {posts} + n, {authors} + n % {AUTHORS_PER_BLOCK}, 'A title of ordinary length' \
                 FROM number WHERE n < {POSTS_PER_BLOCK} ORDER BY n"
            ),
        )
        .await?;
        for from in (0..comments_per_block).step_by(CHUNK as usize) {
            let count = CHUNK.min(comments_per_block - from);
            run(
                &rows,
                &format!(
                    "INSERT INTO comment (id, post_id, body) \
                     SELECT {first} + {from} + n, {posts} + n % {POSTS_PER_BLOCK}, \
                     'What people write below a post' \
                     FROM number WHERE n < {count} ORDER BY n"
                ),
            )
            .await?;
        }
    }
    run(&rows, "DROP TABLE number").await?;
    rows.commit().await?;

    for block in 0..BLOCKS {
        let author = 2 + block * AUTHORS_PER_BLOCK;
        let _ = author::Entity::delete_by_id(author)
            .exec(&db.connection())
            .await?;
    }
    settle(db).await?;
    analyze(db).await
}

/// Cleans up what the last statements left behind, so that the next find the tables as these did.
pub async fn settle(db: &TestDb) -> Result<(), DbErr> {
    match db.kind() {
        Kind::Postgres => run(db, "VACUUM author, post, comment").await,
        Kind::MariaDb | Kind::MySql => purge_history(db).await,
        _ => run(db, "PRAGMA wal_checkpoint(TRUNCATE)").await,
    }
}

/// InnoDB keeps old versions of rows and removes them in the background: waits until that is done.
async fn purge_history(db: &TestDb) -> Result<(), DbErr> {
    for _ in 0..50 {
        let history = "SELECT CAST(variable_value AS SIGNED) AS length FROM information_schema.global_status \
                       WHERE variable_name = 'Innodb_history_list_length'";
        let history = sea_orm::Statement::from_string(db.backend(), history);
        let Some(row) = db.query_one_raw(history).await? else {
            return Ok(());
        };
        if row.try_get::<i64>("", "length")? < 50 {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    Ok(())
}

async fn analyze(db: &TestDb) -> Result<(), DbErr> {
    match db.kind() {
        Kind::MariaDb | Kind::MySql => run(db, "ANALYZE TABLE author, post, comment").await,
        _ => run(db, "ANALYZE").await,
    }
}

async fn run(db: &impl ConnectionTrait, sql: &str) -> Result<(), DbErr> {
    db.execute_unprepared(sql).await.map(|_| ())
}
