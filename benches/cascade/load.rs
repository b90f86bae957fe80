//! The rows: twelve authors, of whom two are deleted and restored, with 100 or 1,000 posts each.
//!
//! They lie in two blocks, half of the authors in each and their rows mixed as time would have mixed them, so that the two
//! have no page in common: what happens to one leaves the other's pages as they were.

use sea_orm::{ConnectionTrait, DbErr, Statement, TransactionTrait as _};
use soft_delete::schema::{PurgeIndex, UniqueActiveIndex};

use super::{
    blog,
    case::{Case, Statistics},
    magazine,
};
use support::{Kind, TestDb, TestResult};

/// The authors who are deleted and restored, one in each block.
pub const AUTHORS: [i64; 2] = [1, 1 + AUTHORS_PER_BLOCK];

const TABLES: [&str; 3] = ["author", "post", "comment"];
const BLOCKS: i64 = 2;
const AUTHORS_PER_BLOCK: i64 = 6;
/// How many rows one INSERT makes: a multiple of the posts in a block.
const CHUNK: i64 = 6_000;

/// Tables with indexes behind the foreign keys, and slugs that are unique among active rows.
pub async fn tables(db: &TestDb, case: Case) -> TestResult {
    if case.is_unique {
        db.create_table(magazine::author::Entity).await?;
        db.create_table(magazine::post::Entity).await?;
        db.create_table(magazine::comment::Entity).await?;
    } else {
        db.create_table(blog::author::Entity).await?;
        db.create_table(blog::post::Entity).await?;
        db.create_table(blog::comment::Entity).await?;
    }
    let kind = db.kind();
    if kind != Kind::MariaDb && kind != Kind::MySql {
        // The others make them with the foreign keys.
        run(db, "CREATE INDEX post_author ON post (author_id)").await?;
        run(db, "CREATE INDEX comment_post ON comment (post_id)").await?;
    }
    for table in TABLES {
        if table == "author" || case.is_unique {
            let index = UniqueActiveIndex::on(table).col("slug");
            index.create(&db.connection()).await?;
        }
        if case.has_purge_index {
            PurgeIndex::on(table).create(&db.connection()).await?;
        }
        match kind {
            // It is vacuumed between the measurements, and not while one runs.
            Kind::Postgres => {
                let off = format!("ALTER TABLE {table} SET (autovacuum_enabled = off)");
                run(db, &off).await?;
            }
            Kind::MariaDb | Kind::MySql if case.statistics != Statistics::Once => {
                run(db, &format!("ALTER TABLE {table} STATS_AUTO_RECALC = 0")).await?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Loads the rows. The second author of each block was deleted earlier, with all that is below, unless the database is to know of
/// no deleted row.
pub async fn rows(db: &TestDb, case: Case, comments: u64) -> TestResult {
    let posts_per_block = AUTHORS_PER_BLOCK * case.posts as i64;
    let comments_per_block = AUTHORS_PER_BLOCK * comments as i64;
    assert!(
        comments_per_block % posts_per_block == 0,
        "the number of comments must be a multiple of {}",
        case.posts
    );
    let rows = db.begin().await?;
    run(&rows, "CREATE TABLE number (n INTEGER PRIMARY KEY)").await?;
    let numbers: Vec<_> = (0..CHUNK).map(|n| format!("({n})")).collect();
    run(
        &rows,
        &format!("INSERT INTO number VALUES {}", numbers.join(",")),
    )
    .await?;

    let column = if case.is_unique { ", slug" } else { "" };
    let slug = |key: &str| match case.is_unique {
        true => format!(", CONCAT('a-slug-of-ordinary-length-', {key})"),
        false => String::new(),
    };
    for block in 0..BLOCKS {
        let authors = 1 + block * AUTHORS_PER_BLOCK;
        let posts = 1 + block * posts_per_block;
        let first = 1 + block * comments_per_block;
        let insert = format!(
            "INSERT INTO author (id, slug) SELECT {authors} + n, CONCAT('author-', {authors} + n) \
             FROM number WHERE n < {AUTHORS_PER_BLOCK} ORDER BY n"
        );
        run(&rows, &insert).await?;
        let key = format!("{posts} + n");
        let insert = format!(
            "INSERT INTO post (id, author_id, title{column}) \
             SELECT {key}, {authors} + n % {AUTHORS_PER_BLOCK}, 'A title of ordinary length'{} \
             FROM number WHERE n < {posts_per_block} ORDER BY n",
            slug(&key)
        );
        run(&rows, &insert).await?;
        for from in (0..comments_per_block).step_by(CHUNK as usize) {
            let count = CHUNK.min(comments_per_block - from);
            let key = format!("{first} + {from} + n");
            let insert = format!(
                "INSERT INTO comment (id, post_id, body{column}) \
                 SELECT {key}, {posts} + n % {posts_per_block}, 'What people write below a post'{} \
                 FROM number WHERE n < {count} ORDER BY n",
                slug(&key)
            );
            run(&rows, &insert).await?;
        }
    }
    run(&rows, "DROP TABLE number").await?;
    rows.commit().await?;

    if case.statistics == Statistics::Stale {
        settle(db).await?;
        analyze(db).await?;
        return Ok(());
    }
    for block in 0..BLOCKS {
        let author = 2 + block * AUTHORS_PER_BLOCK;
        let _ = case.delete(author, &db.connection()).await?;
    }
    settle(db).await?;
    if case.statistics != Statistics::Never {
        analyze(db).await?;
    }
    Ok(())
}

/// Cleans up what the last statements left behind, so that the next find the tables as these did.
pub async fn settle(db: &TestDb) -> Result<(), DbErr> {
    match db.kind() {
        Kind::Postgres => run(db, "VACUUM author, post, comment").await,
        Kind::MariaDb | Kind::MySql => purge_history(db).await,
        _ => run(db, "PRAGMA wal_checkpoint(TRUNCATE)").await,
    }
}

/// What is to be done after a delete, or after a restore.
pub async fn after(db: &TestDb, case: Case, is_delete: bool) -> Result<(), DbErr> {
    if case.statistics == Statistics::Stale && is_delete {
        return Ok(());
    }
    settle(db).await?;
    if case.statistics == Statistics::Fresh {
        analyze(db).await?;
    }
    Ok(())
}

/// InnoDB keeps old versions of rows and removes them in the background: waits until that is done.
async fn purge_history(db: &TestDb) -> Result<(), DbErr> {
    let history = match db.kind() {
        Kind::MySql => {
            "SELECT CAST(count AS SIGNED) AS length FROM information_schema.innodb_metrics \
             WHERE name = 'trx_rseg_history_len'"
        }
        _ => {
            "SELECT CAST(variable_value AS SIGNED) AS length FROM information_schema.global_status \
             WHERE variable_name = 'Innodb_history_list_length'"
        }
    };
    for _ in 0..50 {
        let history = Statement::from_string(db.backend(), history);
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
        Kind::Postgres => run(db, "ANALYZE author, post, comment").await,
        _ => run(db, "ANALYZE").await,
    }
}

async fn run(db: &impl ConnectionTrait, sql: &str) -> Result<(), DbErr> {
    db.execute_unprepared(sql).await.map(|_| ())
}
