//! The tables: posts of eleven columns with three indexes beside the purge index, and comments below them.

use std::time::Duration;

use chrono::{DateTime, TimeZone as _, Utc};
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbErr, Statement,
};
use soft_delete::{Purge, Registry, SoftDelete as _, archive::ArchiveTable, schema::PurgeIndex};

use support::{Kind, TestDb, TestResult, create_table};

pub const BATCH: u64 = 1_000;
const COMMENTS_PER_POST: u64 = 10;

pub mod post {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "post")]
    #[soft_delete(group = "purged")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub author_id: i64,
        pub slug: String,
        pub title: String,
        #[sea_orm(column_type = "Text")]
        pub body: String,
        pub status: i32,
        pub likes: i32,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(has_many)]
        pub comments: HasMany<super::comment::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod comment {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "comment")]
    #[soft_delete(group = "purged")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub post_id: i64,
        pub author_id: i64,
        #[sea_orm(column_type = "Text")]
        pub body: String,
        pub likes: i32,
        pub created_at: DateTimeUtc,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(belongs_to, from = "post_id", to = "id", on_delete = "Cascade")]
        pub post: BelongsTo<super::post::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Which tables there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Posts, to which nothing refers.
    Leaf,
    /// The same without the purge index.
    Unindexed,
    /// Posts with comments below the active ones: no post is kept, but each has to be looked at.
    Referenced,
    /// Posts with ten comments each, which go first.
    TwoTables,
}

impl Shape {
    pub fn is_leaf(self) -> bool {
        matches!(self, Self::Leaf | Self::Unindexed)
    }

    pub fn describe(self) -> &'static str {
        match self {
            Self::Leaf => "one table, no other refers to it",
            Self::Unindexed => "the same without the purge index",
            Self::Referenced => "a table that another refers to",
            Self::TwoTables => "ten comments, then their post",
        }
    }

    /// The tables, children before parents.
    pub fn tables(self) -> &'static [&'static str] {
        match self {
            Self::Leaf | Self::Unindexed => &["post"],
            _ => &["comment", "post"],
        }
    }

    /// How many posts and comments are purged, of `rows` asked for.
    fn expired(self, rows: u64) -> (u64, u64) {
        match self {
            Self::TwoTables => {
                // The rows are mixed in blocks of 50 posts.
                let posts = (rows / (1 + COMMENTS_PER_POST)).next_multiple_of(50);
                (posts, posts * COMMENTS_PER_POST)
            }
            _ => (rows.next_multiple_of(50), 0),
        }
    }

    pub fn rows(self, rows: u64) -> u64 {
        let (posts, comments) = self.expired(rows);
        posts + comments
    }

    fn registry(self) -> Registry {
        let registry = Registry::builder().meta(post::Entity::meta().clone());
        match self {
            Self::Leaf | Self::Unindexed => registry.build(),
            _ => registry.meta(comment::Entity::meta().clone()).build(),
        }
    }

    /// Of everything that was deleted before [`cutoff`].
    pub fn purge(self) -> Purge {
        Purge::new()
            .registry(&self.registry())
            .default_retention(RETENTION)
            .at(cutoff() + RETENTION)
            .batch(BATCH)
    }
}

const RETENTION: Duration = Duration::from_secs(30 * 24 * 60 * 60);

pub fn cutoff() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 5, 1, 0, 0, 0).unwrap()
}

/// Loads the tables anew: as many active rows as expired ones, mixed, and deleted in about the order in which they were made.
pub async fn load(db: &TestDb, shape: Shape, rows: u64) -> TestResult {
    let kind = db.kind();
    // On one connection: others of SQLite learn late which tables and indexes are gone.
    let mut options = ConnectOptions::new(db.url());
    options.max_connections(1).sqlx_logging(false);
    let db = &Database::connect(options).await?;
    for table in ["comment", "post", "soft_delete_archive"] {
        run(db, format!("DROP TABLE IF EXISTS {table}")).await?;
    }
    let (expired, expired_comments) = shape.expired(rows);
    let posts = 2 * expired;
    let deleted = |post: &str| {
        let at = time(
            kind,
            &format!("{post} - {post} % 4000 + ({post} * 7919) % 4000"),
        );
        let id = match kind {
            Kind::Postgres => format!("md5({post}::text)::uuid"),
            Kind::MariaDb | Kind::MySql => format!("UNHEX(LEFT(SHA2({post}, 256), 32))"),
            _ => "randomblob(16)".to_owned(),
        };
        [at, id]
            .map(|value| format!("CASE WHEN {post} % 2 = 0 THEN {value} END"))
            .join(", ")
    };

    if kind == Kind::MySql {
        run(db, "SET SESSION cte_max_recursion_depth = 4294967295").await?;
    }
    create_table(db, post::Entity).await?;
    let body = "What people write in a post, again and again. ".repeat(8);
    let made = time(kind, "n");
    let columns = format!(
        "n, 1 + n % 1000, CONCAT('a-slug-of-ordinary-length-', n), 'A title of ordinary length', '{body}', n % 3, n % 100, \
         {made}, {made}, {}",
        deleted("n")
    );
    run(db, insert(kind, "post", posts, &columns)).await?;
    for column in ["author_id", "slug", "created_at"] {
        run(db, format!("CREATE INDEX post_{column} ON post ({column})")).await?;
    }
    if shape != Shape::Unindexed {
        PurgeIndex::on("post").create(db).await?;
    }

    if !shape.is_leaf() {
        create_table(db, comment::Entity).await?;
        let body = "What people write below a post. ".repeat(3);
        // As many comments as there are posts, each below an active one; or ten below each post, those of 50 posts mixed.
        let (comments, post) = match shape {
            Shape::TwoTables => (
                2 * expired_comments,
                "(1 + ((n - 1) - (n - 1) % 500) / 10 + (n - 1) % 50)",
            ),
            _ => (posts, "(n - (n + 1) % 2)"),
        };
        let columns = format!(
            "n, {post}, 1 + n % 1000, '{body}', n % 100, {made}, {}",
            deleted(post)
        );
        run(db, insert(kind, "comment", comments, &columns)).await?;
        for column in ["post_id", "author_id"] {
            // MariaDB and MySQL make the one with the foreign key.
            if !matches!(kind, Kind::MariaDb | Kind::MySql) || column != "post_id" {
                run(
                    db,
                    format!("CREATE INDEX comment_{column} ON comment ({column})"),
                )
                .await?;
            }
        }
        PurgeIndex::on("comment").create(db).await?;
    }
    ArchiveTable::new().create(db).await?;
    settle(db, kind, shape).await?;
    db.clone().close().await?;
    Ok(())
}

fn insert(kind: Kind, table: &str, rows: u64, columns: &str) -> String {
    match kind {
        Kind::Postgres => format!(
            "INSERT INTO {table} SELECT {columns} FROM generate_series(1::bigint, {rows}) AS numbers (n)"
        ),
        Kind::MariaDb => format!(
            "INSERT INTO {table} SELECT {columns} FROM (SELECT seq AS n FROM seq_1_to_{rows}) AS numbers"
        ),
        _ => format!(
            "INSERT INTO {table} WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {rows}) \
             SELECT {columns} FROM numbers"
        ),
    }
}

/// A time that many seconds after the first.
fn time(kind: Kind, seconds: &str) -> String {
    match kind {
        Kind::Postgres => {
            format!("TIMESTAMPTZ '2026-01-01 00:00:00Z' + ({seconds}) * INTERVAL '1 second'")
        }
        Kind::MariaDb | Kind::MySql => {
            format!("TIMESTAMP '2026-01-01 00:00:00' + INTERVAL ({seconds}) SECOND")
        }
        _ => {
            format!("strftime('%Y-%m-%dT%H:%M:%S+00:00', '2026-01-01', ({seconds}) || ' seconds')")
        }
    }
}

/// No work is left that the database would do in the background, and it knows the tables.
async fn settle(db: &DatabaseConnection, kind: Kind, shape: Shape) -> Result<(), DbErr> {
    let tables = shape.tables().join(", ");
    match kind {
        Kind::Postgres => {
            for table in shape.tables() {
                run(
                    db,
                    format!("ALTER TABLE {table} SET (autovacuum_enabled = off)"),
                )
                .await?;
            }
            run(db, format!("VACUUM (ANALYZE) {tables}")).await?;
            run(db, "CHECKPOINT").await
        }
        Kind::MariaDb | Kind::MySql => {
            run(db, format!("ANALYZE TABLE {tables}")).await?;
            purge_history(db, kind).await
        }
        _ => {
            run(db, "ANALYZE").await?;
            run(db, "PRAGMA wal_checkpoint(TRUNCATE)").await
        }
    }
}

/// InnoDB keeps old versions of rows and removes them in the background: waits until that is done.
async fn purge_history(db: &DatabaseConnection, kind: Kind) -> Result<(), DbErr> {
    let history = match kind {
        Kind::MySql => {
            "SELECT CAST(count AS SIGNED) AS length FROM information_schema.innodb_metrics \
             WHERE name = 'trx_rseg_history_len'"
        }
        _ => {
            "SELECT CAST(variable_value AS SIGNED) AS length FROM information_schema.global_status \
             WHERE variable_name = 'Innodb_history_list_length'"
        }
    };
    for _ in 0..250 {
        let history = Statement::from_string(db.get_database_backend(), history);
        let Some(row) = db.query_one_raw(history).await? else {
            return Ok(());
        };
        if row.try_get::<i64>("", "length")? < 50 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// How many rows are left that should be gone.
pub async fn left(db: &TestDb, shape: Shape) -> TestResult<i64> {
    let mut left = 0;
    for table in shape.tables() {
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE deleted_at IS NOT NULL");
        let query = Statement::from_string(db.backend(), sql);
        let row = db.connection().query_one_raw(query).await?.unwrap();
        left += row.try_get_by_index::<i64>(0)?;
    }
    Ok(left)
}

async fn run(db: &DatabaseConnection, sql: impl AsRef<str>) -> Result<(), DbErr> {
    db.execute_unprepared(sql.as_ref()).await.map(|_| ())
}
